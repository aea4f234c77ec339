"""Opening sockets as a browser or a tray does, and reading what comes.

Uses the library `websockets`, which a server need not have: it is imported when the first socket is opened.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode
from uuid import uuid4

from armguard_tray.server.management.checkup.findings import Bad
from armguard_tray.server.management.checkup.site import Site
from armguard_tray.server.management.checkup.visitors import Visitor

if TYPE_CHECKING:
    from websockets.asyncio.client import ClientConnection

LIVE: Final = "/ws/live/"
PATIENCE: Final = 20.0  # seconds until a frame must have come; longer than two looks at the log
NEWER_LIBRARY: Final = "the library websockets is missing here, or older than 15: `pip install websockets`"


class Refused(Bad):
    """The handshake was answered with something other than 101.

    Attributes:
        status: the HTTP status.

    """

    def __init__(self, status: int) -> None:
        """Refused with `status`."""
        super().__init__(f"the handshake was refused with HTTP {status}")
        self.status = status


@dataclass(frozen=True)
class End:
    """How a connection ended.

    Attributes:
        code: the close code; None if it just broke.
        reason: the reason's JSON object; empty if it was none.
        last: the last frame before.

    """

    code: int | None
    reason: Mapping[str, Any]
    last: Mapping[str, Any]

    def must_be(self, code: int) -> None:
        """Raise Bad unless it ended with `code`, and said so in frame and reason."""
        if self.code != code:
            raise Bad(f"it should have been closed with {code}, and was with {self.code}")
        if self.reason.get("code") != code:
            raise Bad(f"it was closed with {code}, but the reason does not say so: {dict(self.reason)}")
        if self.last.get("type") != "error" or self.last.get("code") != code:
            raise Bad(f"before closing with {code} it sent no error frame that says why")


@dataclass
class Line:
    """An open connection.

    Attributes:
        first: the first frame, if it has been read already.

    """

    socket: "ClientConnection"
    first: dict[str, Any] = field(default_factory=dict)

    async def next(self) -> dict[str, Any]:
        """Return the next frame. Raises Bad if none comes in time, or if the connection ends."""
        from websockets.exceptions import ConnectionClosed  # noqa: PLC0415 - as the module says

        try:
            return await self._receive()
        except TimeoutError:
            raise Bad(f"nothing came within {PATIENCE:.0f} s") from None
        except ConnectionClosed as closed:
            raise Bad(f"it was closed: {_said(closed)}") from None

    async def next_of(self, kind: str) -> dict[str, Any]:
        """Return the next frame of a kind. Raises Bad if an error or the end comes first."""
        while (frame := await self.next()).get("type") != kind:
            if frame.get("type") == "error":
                raise Bad(f"{frame.get('code', 'an error')}: {frame.get('message')}")
        return frame

    async def note(self, token: str) -> dict[str, Any]:
        """Return the notification that the check has published with `token`."""
        while True:
            frame = await self.next_of("notification")
            data = frame.get("data")
            if isinstance(data, dict) and data.get("check") == token:
                return frame

    async def send(self, text: str) -> None:
        """Send text; a connection that has ended is noticed when it is read."""
        from websockets.exceptions import ConnectionClosed  # noqa: PLC0415 - as the module says

        try:
            await self.socket.send(text)
        except ConnectionClosed:
            return

    async def end(self) -> End:
        """Read up to the end. Raises Bad if it does not come."""
        from websockets.exceptions import ConnectionClosed  # noqa: PLC0415 - as the module says

        last: dict[str, Any] = self.first
        try:
            while True:
                last = await self._receive()
        except TimeoutError:
            raise Bad("it stayed open") from None
        except ConnectionClosed as closed:
            if closed.rcvd is None:
                return End(None, {}, last)
            return End(closed.rcvd.code, _object(closed.rcvd.reason), last)

    async def _receive(self) -> dict[str, Any]:
        async with asyncio.timeout(PATIENCE):
            return _object(await self.socket.recv())


@asynccontextmanager
async def open_socket(
    site: Site, path: str, visitor: Visitor | None, *, origin: bool = True, **query: Any
) -> AsyncIterator[Line]:
    """Open a socket. Raises Refused, or Bad if the library is missing or the server cannot be reached."""
    try:
        from websockets.asyncio.client import connect  # noqa: PLC0415 - as the module says
        from websockets.exceptions import InvalidStatus  # noqa: PLC0415
    except ImportError:
        raise Bad(NEWER_LIBRARY) from None
    headers = {**site.headers, **({"Cookie": visitor.cookie} if visitor else {})}
    host, port = site.connect_to
    connecting = connect(
        f"{site.socket_url}{path}" + (f"?{urlencode(query)}" if query else ""),
        origin=site.url if origin else None,  # type: ignore[arg-type] # a NewType over str
        additional_headers=headers,
        host=host,
        port=port,
        ssl=site.tls,
        proxy=None,
        open_timeout=PATIENCE,
        max_queue=None,  # a full queue would hold up the server's answer to our close
    )
    try:
        socket = await connecting
    except InvalidStatus as refused:
        raise Refused(refused.response.status_code) from None
    try:
        yield Line(socket)
    finally:
        await socket.close()


@asynccontextmanager
async def open_live(site: Site, visitor: Visitor, **query: Any) -> AsyncIterator[Line]:
    """Open the live socket and take its hello in. Raises Bad if there is none."""
    said = {"streams": "notifications", "resume": 1, "client": uuid4().hex, **query}
    async with open_socket(site, LIVE, visitor, **said) as line:
        line.first = await line.next_of("hello")
        yield line


def _object(text: str | bytes) -> dict[str, Any]:
    """Return a JSON object; an empty one for anything else."""
    try:
        decoded = json.loads(text)
    except ValueError:
        return {}
    return decoded if isinstance(decoded, dict) else {}


def _said(closed: Any) -> str:
    if closed.rcvd is None:
        return "the connection broke"
    return f"{closed.rcvd.code} {closed.rcvd.reason}".rstrip()
