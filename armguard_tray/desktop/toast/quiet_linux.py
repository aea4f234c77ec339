"""“Do not disturb” on Linux, where each desktop keeps it elsewhere.

The specification has no word for it, so whoever is the notification service is asked in its own way. What
does not run is not started for the question: calls go to the owner of a name, never to the name.
"""

import asyncio
import logging
import os
import shutil
import subprocess
from typing import TYPE_CHECKING, Any, Final

from dbus_fast import Variant

from armguard_tray.desktop.session_bus import SessionBus, SessionBusError
from armguard_tray.desktop.toast.linux_dbus import PATH, SERVICE
from armguard_tray.desktop.toast.quiet import WITHIN

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

log = logging.getLogger(__name__)

_XFCONF: Final = "org.xfce.Xfconf"
_XFCONF_PATH: Final = "/org/xfce/Xfconf"


class LinuxQuiet:
    """Asks the notification service of the session bus."""

    def __init__(self, bus: SessionBus) -> None:
        """Use `bus`, which stays the caller's to close."""
        self._bus = bus
        self._ways: dict[str, Callable[[str], Awaitable[str]]] = {
            "dunst": self._dunst,
            "Xfce Notify Daemon": self._xfce,
            "gnome-shell": _gnome,
        }

    async def why_quiet(self) -> str:
        """Return why no toast is shown now, in plain words; empty: one would be, or nobody can tell."""
        try:
            async with asyncio.timeout(WITHIN):
                return await self._ask()
        except (SessionBusError, TimeoutError) as error:
            log.debug("nobody tells whether toasts are held back: %s", error)
            return ""

    async def _ask(self) -> str:
        service = await self._bus.name_owner(SERVICE)
        if service is None:
            return ""
        information = await self._bus.call(service, PATH, SERVICE, "GetServerInformation")
        program = str(information[0]) if information else ""
        return await self._ways.get(program, self._others)(service)

    async def _others(self, service: str) -> str:
        # KDE Plasma, and who follows it: libnotificationmanager/dbus/org.freedesktop.Notifications.xml in
        # https://invent.kde.org/plasma/plasma-workspace
        inhibited = await self._has(service, SERVICE, "Inhibited")
        return "“Do not disturb” is on at the desktop's notification service" if inhibited else ""

    async def _dunst(self, service: str) -> str:
        # https://dunst-project.org/documentation/dunstctl/
        paused = await self._has(service, "org.dunstproject.cmd0", "paused")
        return "dunst is paused; “dunstctl set-paused false” ends that" if paused else ""

    async def _xfce(self, _: str) -> str:
        # https://docs.xfce.org/apps/xfce4-notifyd/start; what was never set is answered by an error.
        settings = await self._bus.name_owner(_XFCONF)
        if settings is None:
            return ""
        wanted = ["xfce4-notifyd", "/do-not-disturb"]
        answer = await self._bus.call(settings, _XFCONF_PATH, _XFCONF, "GetProperty", "ss", wanted)
        return "“Do not disturb” is on in Xfce's notification settings" if _is_true(answer) else ""

    async def _has(self, service: str, interface: str, name: str) -> bool:
        properties = "org.freedesktop.DBus.Properties"
        return _is_true(await self._bus.call(service, PATH, properties, "Get", "ss", [interface, name]))


def _is_true(answer: list[Any]) -> bool:
    # Any program can take the service's name, and answer in any shape.
    return bool(answer) and isinstance(answer[0], Variant) and answer[0].value is True


async def _gnome(_: str) -> str:
    # The settings portal has only what toolkits need, and this is not among it (src/settings.c of
    # xdg-desktop-portal-gnome and xdg-desktop-portal-gtk); dconf's own service only writes.
    banners = await asyncio.to_thread(_gsetting, "org.gnome.desktop.notifications", "show-banners")
    return "“Do not disturb” is on in GNOME" if banners == "false" else ""


def _gsetting(schema: str, key: str) -> str:
    """Return a GNOME setting as text; empty: it cannot be read."""
    program = shutil.which("gsettings")
    if program is None:
        return ""
    # A frozen program has its own libraries there, which the system's programs cannot use
    # (https://pyinstaller.org/en/stable/common-issues-and-pitfalls.html).
    environment = {name: value for name, value in os.environ.items() if name != "LD_LIBRARY_PATH"}
    try:
        done = subprocess.run(
            [program, "get", schema, key],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            # Well before nobody waits any more: a thread cannot be called off.
            timeout=WITHIN / 2,
            check=True,
            text=True,
        )
    except (OSError, subprocess.SubprocessError) as error:
        log.debug("gsettings does not tell %s: %s", key, error)
        return ""
    return done.stdout.strip()
