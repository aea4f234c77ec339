"""What goes wrong on this desk itself: its keyring, and its toasts."""

import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dbus_fast import Variant

from armguard_tray.desktop.session_bus import SessionBus
from armguard_tray.diagnosis.codes import Code
from armguard_tray.diagnosis.ladder import Status
from tests.causes.scene import Scene, Stage, cause
from tests.fakes.desktop_session import DesktopSession
from tests.fakes.notification_service import NOTIFICATIONS

SECRETS = "org.freedesktop.secrets"
NOTIFICATIONS_PATH = "/org/freedesktop/Notifications"
OPENED_BY = "login password"


@contextmanager
def _desktop() -> Iterator[DesktopSession]:
    # Sockets lie in it, whose names may not be long (unix(7)).
    with tempfile.TemporaryDirectory(prefix="desk-") as folder, DesktopSession(Path(folder)) as session:
        yield session


def _variables(session: DesktopSession) -> dict[str, str]:
    """Return what a program needs to be on that desktop; without its screen, which `check` does not need."""
    return {name: session.env[name] for name in ("DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR")}


@cause(
    Code.KEYRING_LOCKED,
    "password",
    "A real gnome-keyring whose collection is locked, and nobody there who could unlock it.",
)
async def a_keyring_that_is_locked(stage: Stage) -> AsyncIterator[Scene]:
    with _desktop() as session:
        session.start_keyring(OPENED_BY)
        locked = await _call(
            session,
            SECRETS,
            "/org/freedesktop/secrets",
            "org.freedesktop.Secret.Service",
            "Lock",
            "ao",
            [["/org/freedesktop/secrets/aliases/default"]],
        )
        assert locked[0], "it did not lock"
        yield Scene(url=stage.demo.url, password=None, environment=_variables(session))


@cause(
    Code.PASSWORD_MISSING, "password", "A real gnome-keyring that is open, and holds nothing of that server."
)
async def a_keyring_that_has_no_password(stage: Stage) -> AsyncIterator[Scene]:
    with _desktop() as session:
        session.start_keyring(OPENED_BY)
        yield Scene(url=stage.demo.url, password=None, environment=_variables(session))


@cause(Code.TOASTS_OFF, "toasts", "A real dunst that was paused.", status=Status.WARNING)
async def toasts_that_are_paused(stage: Stage) -> AsyncIterator[Scene]:
    with _desktop() as session:
        session.spawn(["dunst"])
        session.wait_for_name(NOTIFICATIONS)
        pause = ["org.dunstproject.cmd0", "paused", Variant("b", True)]
        await _call(
            session, NOTIFICATIONS, NOTIFICATIONS_PATH, "org.freedesktop.DBus.Properties", "Set", "ssv", pause
        )
        yield Scene(url=stage.demo.url, environment=_variables(session))


async def _call(  # noqa: PLR0917 - the parts of a D-Bus call
    session: DesktopSession,
    name: str,
    path: str,
    interface: str,
    member: str,
    signature: str,
    body: list[Any],
) -> list[Any]:
    bus = SessionBus(session.bus_address)
    try:
        return list(await bus.call(name, path, interface, member, signature, body))
    finally:
        await bus.close()
