"""The presenter: the best adapter that works, no toast lost to one that fails, nobody ever kept waiting."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from armguard_tray.desktop.toast import (
    HelpKey,
    PresenterState,
    Toast,
    ToastAdapterFailed,
    ToastKey,
    ToastListener,
    ToastPresenter,
)
from armguard_tray.desktop.toast import presenter as presenter_module
from armguard_tray.desktop.toast.null import NullAdapter
from armguard_tray.desktop.toast.presenter import QUEUE_LIMIT, RETRY_AFTER
from tests.fakes.clock import FakeClock


class FakeAdapter:
    """Fails when it is told to, and else keeps what it is shown."""

    def __init__(self, name: str, *, opens: bool = True) -> None:
        self.name = name
        self.opens = opens
        self.works = True
        self.may_show = asyncio.Event()
        self.may_show.set()
        self.asked = asyncio.Event()
        self.shown: asyncio.Queue[ToastKey] = asyncio.Queue()
        self.withdrawn: asyncio.Queue[HelpKey] = asyncio.Queue()
        self.steps: list[str] = []
        self.listener: ToastListener | None = None
        self.closed = False

    async def open(self, listener: ToastListener) -> None:
        self.listener = listener
        if not self.opens:
            raise ToastAdapterFailed(f"{self.name} is not here")

    async def show(self, toast: Toast) -> None:
        self.asked.set()
        await self.may_show.wait()
        if not self.works:
            raise ToastAdapterFailed(f"{self.name} broke")
        self.steps.append(f"show {toast.key}")
        self.shown.put_nowait(toast.key)

    async def withdraw(self, key: HelpKey) -> None:
        self.steps.append(f"withdraw {key}")
        self.withdrawn.put_nowait(key)

    async def close(self) -> None:
        self.closed = True


class BuggyAdapter(FakeAdapter):
    """Raises what no adapter should."""

    async def show(self, toast: Toast) -> None:
        raise ZeroDivisionError(toast.title)

    async def withdraw(self, key: HelpKey) -> None:
        raise ZeroDivisionError(key)


@asynccontextmanager
async def presenting(
    *adapters: FakeAdapter, clock: FakeClock | None = None, on_activated: Callable[[ToastKey], None] = print
) -> AsyncIterator[ToastPresenter]:
    presenter = ToastPresenter(adapters, on_activated=on_activated, clock=clock or FakeClock())
    presenter.start()
    try:
        yield presenter
    finally:
        await presenter.close()


def toast(key: ToastKey) -> Toast:
    return Toast(key, "M4 - 00077 issued", "Juan Dela Cruz · Guard Duty")


async def test_the_first_adapter_that_opens_shows_the_toasts_in_order() -> None:
    absent, native, spare = FakeAdapter("absent", opens=False), FakeAdapter("native"), FakeAdapter("spare")
    async with presenting(absent, native, spare) as presenter:
        presenter.present(toast(1))
        presenter.present(toast(2))
        assert [await native.shown.get(), await native.shown.get()] == [1, 2]
        assert presenter.adapter_name == "native"
        assert presenter.failures == {"absent": "absent is not here"}
        assert spare.shown.empty()


async def test_the_states_of_a_walk() -> None:
    states: list[PresenterState] = []
    absent, native = FakeAdapter("absent", opens=False), FakeAdapter("native")
    presenter = ToastPresenter([absent, native], on_activated=print, clock=FakeClock())
    presenter.on_changed = lambda: states.append(presenter.state)
    presenter.present(toast(1))
    assert presenter.state is PresenterState.IDLE
    presenter.start()
    await native.shown.get()
    await presenter.close()
    assert states == [
        PresenterState.CHOOSING,
        PresenterState.DROPPED,
        PresenterState.CHOOSING,
        PresenterState.CHOSEN,
        PresenterState.ACTIVE,
        PresenterState.CLOSED,
    ]


async def test_the_toast_in_hand_when_an_adapter_fails_is_shown_by_the_next() -> None:
    native, spare = FakeAdapter("native"), FakeAdapter("spare")
    async with presenting(native, spare) as presenter:
        presenter.present(toast(1))
        await native.shown.get()
        native.works = False
        presenter.present(toast(2))
        assert await spare.shown.get() == 2
        assert presenter.failures == {"native": "native broke"}


async def test_an_adapter_with_a_bug_costs_only_itself(caplog: pytest.LogCaptureFixture) -> None:
    buggy, spare = BuggyAdapter("buggy"), FakeAdapter("spare")
    async with presenting(buggy, spare) as presenter:
        presenter.present(toast(1))
        assert await spare.shown.get() == 1
    assert "ZeroDivisionError" in caplog.text


async def test_a_dropped_adapter_is_used_again_once_its_service_is_back() -> None:
    native, spare = FakeAdapter("native"), FakeAdapter("spare")
    async with presenting(native, spare) as presenter:
        native.works = False
        presenter.present(toast(1))
        await spare.shown.get()
        native.works = True
        presenter.present(toast(2))
        assert await spare.shown.get() == 2, "nobody said that it works again"
        presenter.adapter_available("native")
        presenter.present(toast(3))
        assert await native.shown.get() == 3
        assert presenter.failures == {}


async def test_a_dropped_adapter_is_tried_again_after_a_while() -> None:
    clock = FakeClock()
    native, spare = FakeAdapter("native"), FakeAdapter("spare")
    async with presenting(native, spare, clock=clock) as presenter:
        native.works = False
        presenter.present(toast(1))
        await spare.shown.get()
        native.works = True
        clock.advance(RETRY_AFTER)
        presenter.present(toast(2))
        assert await native.shown.get() == 2


async def test_a_better_adapter_that_fails_again_costs_no_toast() -> None:
    native, middle, spare = FakeAdapter("native"), FakeAdapter("middle", opens=False), FakeAdapter("spare")
    async with presenting(native, middle, spare) as presenter:
        native.works = False
        presenter.present(toast(1))
        await spare.shown.get()
        presenter.adapter_available("native")
        presenter.present(toast(2))
        assert await spare.shown.get() == 2
        assert presenter.adapter_name == "spare"


async def test_where_nothing_works_the_log_says_so(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    logged = asyncio.Event()
    async with presenting(FakeAdapter("absent", opens=False)) as presenter:
        presenter.on_changed = logged.set
        presenter.present(toast("row 7"))
        while presenter.state is not PresenterState.ACTIVE:
            await logged.wait()
            logged.clear()
        assert presenter.adapter_name == "none"
    assert "toast 'row 7' not shown" in caplog.text


async def test_a_desktop_that_does_not_answer_holds_nobody_up() -> None:
    stuck = FakeAdapter("stuck")
    stuck.may_show.clear()
    async with presenting(stuck) as presenter:
        presenter.present(toast("in hand"))
        await stuck.asked.wait()
        for number in range(QUEUE_LIMIT + 3):
            presenter.present(toast(number))
        stuck.may_show.set()
        shown = [await stuck.shown.get() for _ in range(QUEUE_LIMIT + 1)]
        assert shown == ["in hand", *range(3, QUEUE_LIMIT + 3)]
        assert presenter.unshown == 3


async def test_clicks_count_even_on_toasts_of_an_adapter_that_was_dropped() -> None:
    clicked: list[ToastKey] = []
    native, spare = FakeAdapter("native"), FakeAdapter("spare")
    async with presenting(native, spare, on_activated=clicked.append) as presenter:
        presenter.present(toast("row 1"))
        await native.shown.get()
        native.works = False
        presenter.present(toast("row 2"))
        await spare.shown.get()
        assert native.listener
        native.listener.toast_activated("row 1")
    assert clicked == ["row 1"]


async def test_close_closes_every_adapter_and_takes_no_more() -> None:
    native, spare = FakeAdapter("native"), FakeAdapter("spare")
    async with presenting(native, spare) as presenter:
        pass
    assert native.closed
    assert spare.closed
    presenter.present(toast(1))
    assert presenter.state is PresenterState.CLOSED
    assert native.shown.empty()


async def test_a_call_for_help_is_withdrawn_once_it_is_over() -> None:
    native = FakeAdapter("native")
    async with presenting(native) as presenter:
        presenter.present(toast("trouble"))
        assert await native.shown.get() == "trouble"
        presenter.withdraw("trouble")
        assert await native.withdrawn.get() == "trouble"


async def test_a_toast_that_is_being_shown_is_withdrawn_right_afterwards() -> None:
    native = FakeAdapter("native")
    native.may_show.clear()
    async with presenting(native) as presenter:
        presenter.present(toast("trouble"))
        await native.asked.wait()
        presenter.present(toast(1))
        presenter.withdraw("trouble")
        native.may_show.set()
        assert [await native.shown.get(), await native.shown.get()] == ["trouble", 1]
        assert native.steps == ["show trouble", "withdraw trouble", "show 1"]


async def test_a_toast_that_still_waits_is_not_even_shown() -> None:
    native = FakeAdapter("native")
    native.may_show.clear()
    async with presenting(native) as presenter:
        presenter.present(toast(1))
        await native.asked.wait()
        presenter.present(toast("trouble"))
        presenter.present(toast(2))
        presenter.withdraw("trouble")
        native.may_show.set()
        assert [await native.shown.get(), await native.shown.get()] == [1, 2]


async def test_help_that_is_needed_again_is_asked_for_again() -> None:
    native = FakeAdapter("native")
    native.may_show.clear()
    async with presenting(native) as presenter:
        presenter.present(toast("trouble"))
        await native.asked.wait()
        presenter.withdraw("trouble")
        presenter.present(toast("trouble"))
        native.may_show.set()
        presenter.present(toast("last"))
        while await native.shown.get() != "last":
            pass
        assert native.steps == ["show trouble", "withdraw trouble", "show trouble", "show last"]


async def test_an_adapter_that_was_dropped_withdraws_what_it_has_shown() -> None:
    native, spare = FakeAdapter("native"), FakeAdapter("spare")
    async with presenting(native, spare) as presenter:
        presenter.present(toast("trouble"))
        await native.shown.get()
        native.works = False
        presenter.present(toast(1))
        await spare.shown.get()
        presenter.withdraw("trouble")
        assert await native.withdrawn.get() == "trouble"


async def test_a_bug_in_withdrawing_costs_neither_the_adapter_nor_the_others(
    caplog: pytest.LogCaptureFixture,
) -> None:
    buggy, spare = BuggyAdapter("buggy"), FakeAdapter("spare")
    async with presenting(buggy, spare) as presenter:
        presenter.withdraw("trouble")
        assert await spare.withdrawn.get() == "trouble"
        assert presenter.adapter_name == "buggy"
    assert "toast adapter buggy did not withdraw 'trouble'" in caplog.text


async def test_nothing_is_withdrawn_after_the_end() -> None:
    native = FakeAdapter("native")
    async with presenting(native) as presenter:
        pass
    presenter.withdraw("trouble")
    assert native.withdrawn.empty()


async def test_where_no_toast_can_be_shown_none_is_withdrawn(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    await NullAdapter().withdraw("trouble")
    assert caplog.messages == ["no toast 'trouble' to withdraw: this desktop offers no notifications"]
    assert caplog.records[0].levelname == "DEBUG"


async def test_what_is_taken_back_right_before_the_end_is_gone_after_it() -> None:
    native = FakeAdapter("native")
    async with presenting(native) as presenter:
        presenter.present(toast("trouble"))
        await native.shown.get()
        presenter.withdraw("trouble")
    assert native.steps == ["show trouble", "withdraw trouble"]


async def test_a_desktop_that_does_not_answer_keeps_no_program_alive(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(presenter_module, "FAREWELL", 0)

    class Silent(FakeAdapter):
        async def withdraw(self, key: HelpKey) -> None:
            await super().withdraw(key)
            await asyncio.Event().wait()

    native = Silent("native")
    async with presenting(native) as presenter:
        presenter.present(toast("trouble"))
        await native.shown.get()
        presenter.withdraw("trouble")
    assert native.closed
    assert "the desktop does not answer" in caplog.text
