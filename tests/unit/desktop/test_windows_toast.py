"""The adapter for Windows, against a stand-in for the library windows-toasts (version 1.3)."""

import asyncio
import threading
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest

from armguard_tray.desktop.toast import Toast, ToastAdapterFailed, ToastKey, Urgency
from armguard_tray.desktop.toast.windows import APP_ID, APP_ID_KEY, WindowsAdapter
from tests.fakes.user_registry import FakeUserRegistry


class FakeToast:
    """windows_toasts.Toast, as far as it is used."""

    def __init__(
        self,
        text_fields: list[str],
        actions: list[tuple[str, str]],
        on_activated: Callable[[Any], None],
        on_failed: Callable[[Any], None],
    ) -> None:
        self.text_fields = text_fields
        self.actions = actions
        self.on_activated = on_activated
        self.on_failed = on_failed
        self.scenario = ""
        self.tag = str(uuid4())


class FakeLibrary:
    """The module windows_toasts."""

    Toast = FakeToast
    ToastScenario = SimpleNamespace(Reminder="reminder")

    def __init__(self, *, setting: int = 0, error: OSError | None = None) -> None:
        self.toastNotifier = SimpleNamespace(setting=setting)
        self.shown: list[FakeToast] = []
        self.removed: list[FakeToast] = []
        self.made_for: tuple[str, str] | None = None
        self.is_empty = False
        self._error = error

    def ToastButton(self, content: str, arguments: str) -> tuple[str, str]:  # noqa: N802 - the library's name
        return content, arguments

    def InteractableWindowsToaster(self, text: str, app_id: str) -> "FakeLibrary":  # noqa: N802 - as above
        self.made_for = (text, app_id)
        return self

    def show_toast(self, toast: FakeToast) -> None:
        if self._error:
            raise self._error
        self.shown.append(toast)

    def remove_toast(self, toast: FakeToast) -> None:
        self.removed.append(toast)
        if self.is_empty:
            raise OSError("Element not found.")


class Listener:
    """Keeps the clicks."""

    def __init__(self) -> None:
        self.clicks: asyncio.Queue[tuple[ToastKey, int]] = asyncio.Queue()

    def toast_activated(self, key: ToastKey) -> None:
        self.clicks.put_nowait((key, threading.get_ident()))

    def adapter_available(self, name: str) -> None:
        raise AssertionError(name)


HELP = Toast("trouble", "ArmGuard needs you", "Login refused", Urgency.CRITICAL)
ISSUED = Toast(77, "M4 - 00077 issued", "José <B>X</B> Peña", Urgency.CRITICAL)


async def test_the_application_is_registered_and_the_text_handed_over_as_it_is() -> None:
    library, registry = FakeLibrary(), FakeUserRegistry()
    adapter = WindowsAdapter(registry, app_icon=r"C:\icon.ico", load_library=lambda: library)
    await adapter.open(Listener())
    await adapter.show(ISSUED)
    assert registry.values == {
        (APP_ID_KEY, "DisplayName"): "ArmGuard Tray",
        (APP_ID_KEY, "IconUri"): r"C:\icon.ico",
    }
    assert library.made_for == ("ArmGuard Tray", APP_ID)
    (native,) = library.shown
    assert native.text_fields == ["M4 - 00077 issued", "José <B>X</B> Peña"]
    assert native.actions == [("Show", "77")]
    assert native.scenario == "reminder"


async def test_a_click_on_a_thread_of_windows_arrives_on_the_loop() -> None:
    library, listener = FakeLibrary(), Listener()
    adapter = WindowsAdapter(FakeUserRegistry(), load_library=lambda: library)
    await adapter.open(listener)
    await adapter.show(ISSUED)
    thread = threading.Thread(target=library.shown[0].on_activated, args=(SimpleNamespace(arguments="77"),))
    thread.start()
    assert await listener.clicks.get() == (77, threading.get_ident())
    thread.join()


async def test_notifications_switched_off_in_the_settings_are_a_reason_to_go_elsewhere() -> None:
    adapter = WindowsAdapter(FakeUserRegistry(), load_library=lambda: FakeLibrary(setting=2))
    with pytest.raises(ToastAdapterFailed, match="switched off"):
        await adapter.open(Listener())


async def test_an_error_of_windows_drops_the_adapter() -> None:
    adapter = WindowsAdapter(
        FakeUserRegistry(), load_library=lambda: FakeLibrary(error=OSError("0x803e0115"))
    )
    await adapter.open(Listener())
    with pytest.raises(ToastAdapterFailed, match="0x803e0115"):
        await adapter.show(ISSUED)


async def test_a_missing_library_drops_the_adapter() -> None:
    def load() -> Any:
        raise ModuleNotFoundError("windows_toasts")

    with pytest.raises(ToastAdapterFailed, match="windows_toasts"):
        await WindowsAdapter(FakeUserRegistry(), load_library=load).open(Listener())


async def opened(library: FakeLibrary) -> WindowsAdapter:
    adapter = WindowsAdapter(FakeUserRegistry(), load_library=lambda: library)
    await adapter.open(Listener())
    return adapter


async def test_a_call_for_help_is_withdrawn_by_its_key_and_once() -> None:
    library = FakeLibrary()
    adapter = await opened(library)
    await adapter.show(HELP)
    await adapter.show(ISSUED)
    await adapter.withdraw("trouble")
    await adapter.withdraw("trouble")
    assert library.removed == [library.shown[0]]


async def test_a_newer_call_for_help_replaces_the_older_and_events_stand_apart() -> None:
    library = FakeLibrary()
    adapter = await opened(library)
    for toast in (HELP, HELP, ISSUED, ISSUED):
        await adapter.show(toast)
    first, second, *events = (toast.tag for toast in library.shown)
    assert first == second
    assert len({first, *events}) == 3
    await adapter.withdraw("trouble")
    assert [toast.tag for toast in library.removed] == [first]


async def test_a_toast_that_the_user_has_closed_is_withdrawn_in_silence(
    caplog: pytest.LogCaptureFixture,
) -> None:
    library = FakeLibrary()
    adapter = await opened(library)
    await adapter.show(HELP)
    library.is_empty = True
    caplog.set_level("INFO")
    await adapter.withdraw("trouble")
    assert len(library.removed) == 1
    assert caplog.records == []


async def test_before_it_is_open_there_is_nothing_to_withdraw() -> None:
    library = FakeLibrary()
    await WindowsAdapter(FakeUserRegistry(), load_library=lambda: library).withdraw("trouble")
    assert library.removed == []
