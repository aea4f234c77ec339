"""Toasts through a notification service on a real D-Bus, from within Qt's event loop."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from armguard_tray.desktop.session_bus import SessionBus
from armguard_tray.desktop.toast import (
    Picture,
    PresenterState,
    Toast,
    ToastAdapterFailed,
    ToastKey,
    ToastPresenter,
    Urgency,
)
from armguard_tray.desktop.toast.linux_dbus import PATH, REMEMBERED, LinuxDBusAdapter
from tests.fakes.desktop_session import DesktopSession
from tests.fakes.notification_service import EXPIRED, NOTIFICATIONS
from tests.fakes.private_desktop import PrivateDesktop

HELP = Toast("trouble", "ArmGuard needs you", "Login refused", Urgency.CRITICAL)
ISSUED = Toast("row 7", "M4 - 00077 issued", "José <B>X</B> Peña · Guard Duty & more")


class Listener:
    """Keeps what the adapter reports."""

    def __init__(self) -> None:
        self.clicked: asyncio.Queue[ToastKey] = asyncio.Queue()
        self.available = asyncio.Event()

    def toast_activated(self, key: ToastKey) -> None:
        self.clicked.put_nowait(key)

    def adapter_available(self, name: str) -> None:
        assert name == LinuxDBusAdapter.name
        self.available.set()


@pytest.fixture
def listener() -> Listener:
    return Listener()


async def caught_up(bus: SessionBus) -> None:
    """Return when every signal sent so far has been handled: the service's answer comes behind them."""
    await bus.call(NOTIFICATIONS, PATH, NOTIFICATIONS, "GetServerInformation")


@pytest_asyncio.fixture
async def adapter(
    desktop: PrivateDesktop, bus: SessionBus, listener: Listener
) -> AsyncIterator[LinuxDBusAdapter]:
    """Open an adapter on the private desktop."""
    assert desktop
    opened = LinuxDBusAdapter(bus, app_icon="file:///icon.svg")
    await opened.open(listener)
    yield opened
    await opened.close()


async def test_everything_that_a_toast_says_arrives(
    desktop: PrivateDesktop, adapter: LinuxDBusAdapter
) -> None:
    await adapter.show(ISSUED)
    toast = await desktop.wait_for_notification()
    assert toast.app_name == "ArmGuard Tray"
    assert toast.app_icon == "file:///icon.svg"
    assert toast.title == "M4 - 00077 issued"
    assert toast.body == "José &lt;B&gt;X&lt;/B&gt; Peña · Guard Duty &amp; more"
    assert toast.actions == {"default": "", "show": "Show"}
    assert toast.hints == {"urgency": 1, "desktop-entry": "armguard-tray"}


async def test_bad_news_has_a_picture_of_its_own(
    desktop: PrivateDesktop, bus: SessionBus, listener: Listener
) -> None:
    pictures = {Picture.PROGRAM: "file:///shield.svg", Picture.OFFLINE: "file:///broken.svg"}
    adapter = LinuxDBusAdapter(bus, app_icon="file:///icon.svg", pictures=pictures)
    await adapter.open(listener)
    for picture in (Picture.PROGRAM, Picture.OFFLINE, Picture.NEEDS_YOU):
        await adapter.show(Toast(picture, "M4", "", picture=picture))
    await desktop.wait_for_notification(lambda toast: toast.number == len(Picture))
    shown = desktop.notifications
    await adapter.close()
    assert [toast.app_icon for toast in shown] == [*pictures.values(), "file:///icon.svg"]


async def test_a_title_is_never_markup(desktop: PrivateDesktop, adapter: LinuxDBusAdapter) -> None:
    await adapter.show(Toast(1, "<i>M4</i> & co", ""))
    assert (await desktop.wait_for_notification()).title == "<i>M4</i> & co"


@pytest.mark.parametrize("urgency", list(Urgency))
async def test_urgency_and_staying_on_the_screen(
    desktop: PrivateDesktop, adapter: LinuxDBusAdapter, urgency: Urgency
) -> None:
    await adapter.show(Toast(1, "M4", "", urgency))
    toast = await desktop.wait_for_notification()
    assert toast.hints["urgency"] == urgency.value
    assert toast.expire_timeout == (0 if urgency is Urgency.CRITICAL else -1)


async def test_a_service_without_markup_and_buttons_gets_neither(
    desktop: PrivateDesktop, bus: SessionBus, listener: Listener
) -> None:
    await desktop.set_capabilities("body")
    adapter = LinuxDBusAdapter(bus)
    await adapter.open(listener)
    await adapter.show(ISSUED)
    toast = await desktop.wait_for_notification()
    assert toast.body == ISSUED.body
    assert toast.actions == {}


@pytest.mark.parametrize("button", ["default", "show"])
async def test_a_click_on_the_toast_or_its_button_names_its_key(
    desktop: PrivateDesktop, bus: SessionBus, adapter: LinuxDBusAdapter, listener: Listener, button: str
) -> None:
    await adapter.show(Toast("row 6", "M4 - 00076 issued", ""))
    await adapter.show(ISSUED)
    toast = await desktop.wait_for_notification(lambda toast: "00077" in toast.title)
    await desktop.click(toast, button)
    assert await listener.clicked.get() == "row 7"
    await desktop.click(await desktop.wait_for_notification())
    assert await listener.clicked.get() == "row 6"
    await caught_up(bus)
    assert adapter.remembered == 0


async def test_a_click_that_comes_before_the_toast_has_an_id_counts(
    desktop: PrivateDesktop, adapter: LinuxDBusAdapter, listener: Listener
) -> None:
    await desktop.click_at_once()
    await adapter.show(ISSUED)
    assert await listener.clicked.get() == "row 7"


async def test_hostile_text_neither_breaks_the_connection_nor_the_toast(
    desktop: PrivateDesktop, adapter: LinuxDBusAdapter
) -> None:
    await adapter.show(Toast(1, "M4\0\n\ud800", "\x1b[31m\0" + "x" * 1_000_000, action_label="<b>\0"))
    await adapter.show(ISSUED)
    await desktop.wait_for_notification(lambda toast: toast.title == ISSUED.title)
    assert desktop.notifications[0].title == "M4 \ufffd"
    assert len(desktop.notifications[0].body) == 1000


async def test_a_toast_with_the_same_key_replaces_the_one_on_the_screen(
    desktop: PrivateDesktop, adapter: LinuxDBusAdapter
) -> None:
    await adapter.show(Toast("storm", "12 more transactions", ""))
    first = await desktop.wait_for_notification()
    await adapter.show(Toast("storm", "30 more transactions", ""))
    second = await desktop.wait_for_notification(lambda toast: toast.title.startswith("30"))
    assert second.replaces == second.number == first.number
    assert adapter.remembered == 1


async def test_closed_toasts_are_forgotten_and_expired_ones_may_still_be_clicked(
    desktop: PrivateDesktop, bus: SessionBus, adapter: LinuxDBusAdapter, listener: Listener
) -> None:
    await adapter.show(ISSUED)
    await adapter.show(Toast("row 8", "M4 - 00078 issued", ""))
    last = await desktop.wait_for_notification(lambda toast: "00078" in toast.title)
    await desktop.dismiss(desktop.notifications[0])
    await desktop.dismiss(last, reason=1)
    await desktop.click(last)
    assert await listener.clicked.get() == "row 8"
    await caught_up(bus)
    assert adapter.remembered == 0


async def test_memory_is_bounded(adapter: LinuxDBusAdapter) -> None:
    for number in range(REMEMBERED + 5):
        await adapter.show(Toast(number, "M4", ""))
    assert adapter.remembered == REMEMBERED


async def test_a_service_that_was_restarted_is_noticed(
    desktop: PrivateDesktop, adapter: LinuxDBusAdapter, listener: Listener
) -> None:
    await adapter.show(ISSUED)
    await desktop.disown(NOTIFICATIONS)
    await desktop.set_capabilities("body")
    with pytest.raises(ToastAdapterFailed):
        await adapter.show(ISSUED)
    assert adapter.remembered == 0, "the new service will count from 1 again"
    await desktop.own(NOTIFICATIONS)
    await listener.available.wait()
    await adapter.show(Toast("row 9", "M4 - 00079 issued", ""))
    toast = await desktop.wait_for_notification(lambda toast: "00079" in toast.title)
    assert toast.actions == {}, "it was asked again what it can do"


async def test_a_refusal_is_a_failure(desktop: PrivateDesktop, adapter: LinuxDBusAdapter) -> None:
    await desktop.refuse_notifications("too many toasts")
    with pytest.raises(ToastAdapterFailed, match="too many toasts"):
        await adapter.show(ISSUED)


async def test_a_service_that_does_not_answer_fails_in_time_and_the_loop_runs_on(
    desktop: PrivateDesktop, session: DesktopSession, listener: Listener
) -> None:
    bus = SessionBus(session.bus_address)
    adapter = LinuxDBusAdapter(bus)
    await adapter.open(listener)
    await desktop.hold_answers(hold=True)
    bus._call_timeout = 0.3  # not before: what answers may take its time
    with pytest.raises(ToastAdapterFailed, match="did not answer Notify"):
        await adapter.show(ISSUED)
    await bus.close()


@pytest.mark.parametrize("address", ["unix:path=/nowhere/bus", "nonsense", "unix:abstract=gone"])
async def test_no_session_bus_is_a_failure_in_words(listener: Listener, address: str) -> None:
    with pytest.raises(ToastAdapterFailed, match="no D-Bus session bus"):
        await LinuxDBusAdapter(SessionBus(address)).open(listener)


async def test_no_notification_service_is_a_failure(bus: SessionBus, listener: Listener) -> None:
    with pytest.raises(ToastAdapterFailed):
        await LinuxDBusAdapter(bus).open(listener)


async def test_a_session_bus_that_crashes_is_a_failure_and_a_new_one_is_used(
    own_session: DesktopSession, listener: Listener
) -> None:
    bus = SessionBus(own_session.bus_address)
    adapter = LinuxDBusAdapter(bus)
    async with PrivateDesktop(own_session):
        await adapter.open(listener)
    own_session.stop_bus()
    assert bus._bus
    with contextlib.suppress(EOFError, OSError):
        await bus._bus.wait_for_disconnect()  # type: ignore[no-untyped-call]  # dbus-fast leaves it bare
    with pytest.raises(ToastAdapterFailed):
        await adapter.show(ISSUED)
    own_session.start_bus()
    async with PrivateDesktop(own_session) as desktop:
        await adapter.open(listener)
        await adapter.show(ISSUED)
        await desktop.click(await desktop.wait_for_notification())
        assert await listener.clicked.get() == ISSUED.key
    await bus.close()


async def test_a_slow_service_never_blocks_the_presenter(desktop: PrivateDesktop, bus: SessionBus) -> None:
    presenter = ToastPresenter([LinuxDBusAdapter(bus)], on_activated=print)
    await desktop.hold_answers(hold=True)
    presenter.start()
    presenter.present(ISSUED)
    # Had the call blocked this thread, this could not be seen.
    await desktop.wait_until_asked(ISSUED.title)
    assert presenter.state is PresenterState.CHOSEN
    await desktop.hold_answers(hold=False)
    await desktop.wait_for_notification()
    await presenter.close()


async def test_the_presenter_returns_to_the_service_when_it_is_back(
    desktop: PrivateDesktop, bus: SessionBus
) -> None:
    clicked: asyncio.Queue[ToastKey] = asyncio.Queue()
    changed = asyncio.Event()
    presenter = ToastPresenter(
        [LinuxDBusAdapter(bus)], on_activated=clicked.put_nowait, on_changed=changed.set
    )
    await desktop.disown(NOTIFICATIONS)
    presenter.start()
    presenter.present(Toast("row 6", "M4 - 00076 issued", ""))
    while presenter.state is not PresenterState.ACTIVE:
        await changed.wait()
        changed.clear()
    assert presenter.adapter_name == "none"
    back = asyncio.Event()
    await bus.watch_owner(NOTIFICATIONS, lambda owner: back.set() if owner else None)
    await desktop.own(NOTIFICATIONS)
    await back.wait()
    presenter.present(ISSUED)
    await desktop.click(await desktop.wait_for_notification())
    assert await clicked.get() == "row 7"
    assert presenter.adapter_name == LinuxDBusAdapter.name
    await presenter.close()


async def test_a_call_for_help_is_closed_by_its_key_and_the_others_stay(
    desktop: PrivateDesktop, bus: SessionBus, adapter: LinuxDBusAdapter
) -> None:
    await adapter.show(HELP)
    await adapter.show(Toast(7, "M4 - 00077 issued", ""))
    await adapter.withdraw("trouble")
    await adapter.withdraw("trouble")
    await caught_up(bus)
    await desktop.wait_until_withdrawn(await desktop.wait_for_notification())
    assert await desktop.asked_to_close() == [1]
    assert adapter.remembered == 1


async def test_a_newer_call_for_help_replaces_the_older_and_both_are_gone_with_it(
    desktop: PrivateDesktop, adapter: LinuxDBusAdapter
) -> None:
    await adapter.show(HELP)
    await adapter.show(Toast("trouble", "ArmGuard needs you", "The certificate is not trusted"))
    newer = await desktop.wait_for_notification(lambda toast: "certificate" in toast.body)
    await adapter.withdraw("trouble")
    await desktop.wait_until_withdrawn(newer)
    assert newer.replaces == newer.number
    assert adapter.remembered == 0


async def test_a_call_for_help_is_still_found_after_many_events(
    desktop: PrivateDesktop, adapter: LinuxDBusAdapter
) -> None:
    await adapter.show(HELP)
    for row in range(REMEMBERED + 5):
        await adapter.show(Toast(row, "M4", ""))
    assert adapter.remembered == REMEMBERED
    await adapter.withdraw("trouble")
    await desktop.wait_until_withdrawn(desktop.notifications[0])


async def test_one_that_expired_into_the_list_is_taken_out_of_it(
    desktop: PrivateDesktop, adapter: LinuxDBusAdapter
) -> None:
    await adapter.show(HELP)
    toast = await desktop.wait_for_notification()
    await desktop.dismiss(toast, reason=EXPIRED)
    await adapter.withdraw("trouble")
    await desktop.wait_until_withdrawn(toast)


async def test_one_that_the_user_closed_is_not_asked_for(
    desktop: PrivateDesktop, bus: SessionBus, adapter: LinuxDBusAdapter
) -> None:
    await adapter.show(HELP)
    await desktop.dismiss(await desktop.wait_for_notification())
    await caught_up(bus)
    await adapter.withdraw("trouble")
    assert await desktop.asked_to_close() == []


async def test_one_that_the_service_does_not_know_is_withdrawn_in_silence(
    desktop: PrivateDesktop, adapter: LinuxDBusAdapter, caplog: pytest.LogCaptureFixture
) -> None:
    await adapter.show(HELP)
    await desktop.be("a service that has forgotten everything")
    caplog.set_level("INFO")
    await adapter.withdraw("trouble")
    assert await desktop.asked_to_close() == [1]
    assert desktop.withdrawn == []
    assert caplog.records == []


async def test_a_service_that_was_restarted_is_asked_for_nothing_of_before(
    desktop: PrivateDesktop, adapter: LinuxDBusAdapter, listener: Listener
) -> None:
    await adapter.show(ISSUED)
    await adapter.show(HELP)
    await desktop.disown(NOTIFICATIONS)
    await desktop.own(NOTIFICATIONS)
    await listener.available.wait()
    await adapter.show(Toast(7, "M4 - 00077 issued", ""))
    await adapter.withdraw("trouble")
    assert await desktop.asked_to_close() == [], "its number may be any program's now"


async def test_a_service_that_is_gone_is_no_error(
    desktop: PrivateDesktop, bus: SessionBus, adapter: LinuxDBusAdapter
) -> None:
    await adapter.show(HELP)
    gone = asyncio.Event()
    await bus.watch_owner(NOTIFICATIONS, lambda owner: None if owner else gone.set())
    await desktop.disown(NOTIFICATIONS)
    await gone.wait()
    await adapter.withdraw("trouble")


async def test_before_it_is_open_there_is_nothing_to_withdraw(
    desktop: PrivateDesktop, bus: SessionBus
) -> None:
    await LinuxDBusAdapter(bus).withdraw("trouble")
    assert await desktop.asked_to_close() == []


async def test_a_toast_withdrawn_before_it_has_an_id_is_closed_when_it_gets_one(
    desktop: PrivateDesktop, bus: SessionBus
) -> None:
    presenter = ToastPresenter([LinuxDBusAdapter(bus)], on_activated=print)
    await desktop.hold_answers(hold=True)
    presenter.start()
    presenter.present(HELP)
    await desktop.wait_until_asked(HELP.title)
    presenter.withdraw("trouble")
    await desktop.hold_answers(hold=False)
    await desktop.wait_until_withdrawn(await desktop.wait_for_notification())
    await presenter.close()
