"""Whether Windows holds toasts back, against a stand-in for winrt-Windows.UI.Notifications 3.2."""

import enum
from typing import Any

import pytest

from armguard_tray.desktop.toast.quiet_windows import WindowsQuiet

APP_ID = "ArmGuard.Tray"


class Setting(enum.IntEnum):
    """NotificationSetting."""

    ENABLED = 0
    DISABLED_FOR_APPLICATION = 1
    DISABLED_FOR_USER = 2
    DISABLED_BY_GROUP_POLICY = 3
    DISABLED_BY_MANIFEST = 4


class Mode(enum.IntEnum):
    """ToastNotificationMode."""

    UNRESTRICTED = 0
    PRIORITY_ONLY = 1
    ALARMS_ONLY = 2


class Told:
    """A property of WinRT: a value, or the error that reading it is."""

    def __init__(self, value: int | Exception) -> None:
        self._value = value

    def __get__(self, instance: object, owner: type) -> int:
        if isinstance(self._value, Exception):
            raise self._value
        return self._value


def bindings(setting: int | Exception = Setting.ENABLED, mode: int | Exception = Mode.UNRESTRICTED) -> Any:
    """Return the module winrt.windows.ui.notifications."""

    class Notifier:
        pass

    class ManagerForUser:
        pass

    # Set here: in the bodies the names would be those of the bodies.
    Notifier.setting = Told(setting)  # type: ignore[attr-defined]
    ManagerForUser.notification_mode = Told(mode)  # type: ignore[attr-defined]

    class ToastNotificationManager:
        @staticmethod
        def create_toast_notifier_with_id(application_id: str) -> Notifier:
            assert application_id == APP_ID
            return Notifier()

        @staticmethod
        def get_default() -> ManagerForUser:
            return ManagerForUser()

    class Module:
        pass

    Module.ToastNotificationManager = ToastNotificationManager  # type: ignore[attr-defined]
    return Module


async def why(module: Any) -> str:
    return await WindowsQuiet(APP_ID, lambda: module).why_quiet()


async def test_nothing_is_held_back() -> None:
    assert not await why(bindings())


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        (Setting.DISABLED_FOR_APPLICATION, "notifications of ArmGuard Tray are switched off"),
        (Setting.DISABLED_FOR_USER, "all notifications are switched off"),
        (Setting.DISABLED_BY_GROUP_POLICY, "group policy"),
        (Setting.DISABLED_BY_MANIFEST, "switched off by Windows"),
    ],
)
async def test_who_has_switched_them_off(setting: Setting, words: str) -> None:
    assert words in await why(bindings(setting))


@pytest.mark.parametrize("mode", [Mode.PRIORITY_ONLY, Mode.ALARMS_ONLY])
async def test_do_not_disturb(mode: Mode) -> None:
    assert await why(bindings(mode=mode)) == "“Do not disturb” is on in Windows"


async def test_what_windows_does_not_tell_is_unknown() -> None:
    not_yet_known = OSError("Element not found")
    older = AttributeError("property is not available in this version of Windows")
    assert not await why(bindings(not_yet_known))
    assert not await why(bindings(mode=older))
    assert not await why(bindings(mode=OSError("RPC server is unavailable")))


async def test_without_the_bindings_it_is_unknown() -> None:
    def load() -> Any:
        raise ModuleNotFoundError("winrt")

    assert not await WindowsQuiet(APP_ID, load).why_quiet()
