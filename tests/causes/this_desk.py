"""What goes wrong on this desk itself: its keyring, its toasts, and its journal."""

import asyncio
import sys
import tempfile
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

from dbus_fast import Variant

from armguard_tray.desktop.session_bus import SessionBus
from armguard_tray.diagnosis.codes import Code
from armguard_tray.diagnosis.ladder import Status
from armguard_tray.messages.streams import Stream
from armguard_tray.tasks import TaskKeeper
from tests.causes.scene import Scene, Seen, Stage, cause
from tests.fakes.desktop_session import DesktopSession
from tests.fakes.mortal import mortal
from tests.fakes.notification_service import NOTIFICATIONS
from tests.fakes.scripted_server import Peer, ScriptedServer

SECRETS = "org.freedesktop.secrets"
NOTIFICATIONS_PATH = "/org/freedesktop/Notifications"
OPENED_BY = "login password"
MORE_THAN_MAY_WAIT = 4000  # frames
_HOLDER = """
import sqlite3, sys
journal = sqlite3.connect(sys.argv[1], isolation_level=None)
journal.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.read()
"""


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


@cause(
    Code.DESK_HELD_UP,
    f"subscribed:{Stream.TRANSACTIONS}",
    "A desk whose real journal another process holds locked, while more arrives than may wait.",
    seen=(Seen.BY_DESK,),
)
async def a_journal_that_is_locked(stage: Stage) -> AsyncIterator[Scene]:
    file = stage.folder / "journal.sqlite3"
    keeper = TaskKeeper("traffic")
    async with ScriptedServer().running() as server, _holder(file) as holder:

        async def hold_and_send() -> None:
            await holder.hold()
            peer = await server.peer(Stream.TRANSACTIONS)
            keeper.start(_send(peer), name="send")

        try:
            yield Scene(url=server.url, journal=file, happens=hold_and_send, passes=holder.let_go)
        finally:
            await keeper.close()


async def _send(peer: Peer) -> None:
    for number in range(MORE_THAN_MAY_WAIT):
        await peer.send(f'{{"type": "transaction_created", "transaction": {{"id": {number}}}}}')


class _Holder:
    """Another process that holds the journal's write lock."""

    def __init__(self, journal: Path) -> None:
        """Hold nothing yet."""
        self._journal = journal
        self._process: asyncio.subprocess.Process | None = None

    async def hold(self) -> None:
        """Take the lock."""
        self._process = await asyncio.create_subprocess_exec(
            *mortal([sys.executable, "-c", _HOLDER, str(self._journal)]), stdin=PIPE, stdout=PIPE
        )
        assert self._process.stdout is not None
        assert await self._process.stdout.readline() == b"held\n"

    async def let_go(self) -> None:
        """End the process, and the lock with it."""
        process, self._process = self._process, None
        if process is not None:
            await process.communicate(b"")  # with the end of its input it ends


@asynccontextmanager
async def _holder(journal: Path) -> AsyncIterator[_Holder]:
    holder = _Holder(journal)
    try:
        yield holder
    finally:
        await holder.let_go()


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
