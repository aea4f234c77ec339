"""One client's socket: what it was answered, how it is doing, how it ends."""

import asyncio
import contextlib
import hashlib
import logging
import time
from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING, Final

from django.utils import timezone

from armguard_tray.server.sockets.codes import BROKEN
from armguard_tray.server.sockets.leases import new_lease
from armguard_tray.server.sockets.wire import Message, Scope, Send, path_of, wire_of

if TYPE_CHECKING:
    from datetime import datetime

    from armguard_tray.server.sockets.codes import Ending
    from armguard_tray.server.sockets.leases import Claim
    from armguard_tray.server.sockets.sessions import Identity

log = logging.getLogger(__name__)

_NAME_LIMIT: Final = 60  # characters that a lease has for it


class Socket:
    """A client's socket.

    Attributes:
        endpoint: its path; under it connections are counted.
        identity: whose it is, once that is known.
        claim: its slot among the connections of that user, once it has one.
        streams: what it is sent, as far as that is known.
        since: when it came.
        accepted: whether the handshake was answered with yes.
        closed: whether the last word has been said to the client.
        verdict: why the server ends it, once it does.

    """

    def __init__(self, scope: Scope, send: Send) -> None:
        self.endpoint = _endpoint(path_of(scope))
        self.id = new_lease()
        self.identity: Identity | None = None
        self.claim: Claim | None = None
        self.streams: tuple[str, ...] = ()
        self.since: datetime = timezone.now()
        self.accepted = False
        self.closed = False
        self._waits: dict[object, float] = {}
        self.verdict: Ending | None = None
        self._wire = wire_of(send)
        self._interrupt: asyncio.Timeout | None = None
        self._cause: BaseException | None = None

    @property
    def stalled_since(self) -> float | None:
        """Since when (monotonic) it waits for the client to take what was sent; None while it does not."""
        return min(self._waits.values(), default=None)

    @contextlib.contextmanager
    def waiting(self) -> Iterator[None]:
        """Return the context in which it waits for the client."""
        wait = object()
        self._waits[wait] = time.monotonic()
        try:
            yield
        finally:
            del self._waits[wait]

    @contextlib.asynccontextmanager
    async def interruptible(self, seconds: float | None = None) -> AsyncIterator[None]:
        """Return the context that the socket's reading belongs into: `end`, or its time running out, ends it.

        Raises:
            TimeoutError: on leaving, if it was ended so; `verdict` is set if it was `end`.

        """
        async with asyncio.timeout(0 if self.verdict else seconds) as interrupt:
            self._interrupt = interrupt
            try:
                yield
            finally:
                self._interrupt = None

    def take_time(self) -> None:
        """Let the context of `interruptible` last, without a limit."""
        if self._interrupt is not None and self.verdict is None:
            self._interrupt.reschedule(None)

    def end(self, ending: "Ending", cause: BaseException | None = None) -> None:
        """Let the socket be closed; call it in the loop that serves it. The first verdict is what is told.

        `cause` is for the log alone.
        """
        if self.verdict is not None or self.closed:
            return
        self.verdict = ending
        self._cause = cause
        if self._interrupt is not None:
            self._interrupt.reschedule(asyncio.get_running_loop().time())

    async def send(self, message: Message) -> None:
        """Send an ASGI message, waiting while the client does not take what it was sent."""
        if self.closed:
            return
        self.accepted = self.accepted or message["type"] == "websocket.accept"
        self.closed = message["type"] in {"websocket.close", "websocket.http.response.start"}
        with self.waiting():
            await self._wire.send(message)
            if self._wire.full:
                await self._wire.drained()

    async def send_text(self, text: str) -> None:
        """Send a text frame."""
        await self.send({"type": "websocket.send", "text": text})

    async def finish(self, seconds: float) -> None:
        """Tell the client the verdict, and close, within `seconds`; then nothing more reaches it.

        Accepts first if need be, so that the client can know why.
        """
        if self.closed or self.verdict is None:
            return
        self.closed = True
        self._log(self.verdict)
        try:
            async with asyncio.timeout(seconds):
                if not self.accepted:
                    self.accepted = True
                    await self._wire.send({"type": "websocket.accept"})
                await self._wire.send({"type": "websocket.send", "text": self.verdict.frame})
                await self._wire.close(int(self.verdict.code), self.verdict.reason)
        except TimeoutError:
            self._wire.hang_up()
        except OSError as gone:  # uvicorn's ClientDisconnected
            log.debug("%r: gone before it was told: %r", self.endpoint, gone)
        except Exception:  # a server with other ideas; the client must not be left hanging
            log.exception("%r: could not be closed properly", self.endpoint)
            self._wire.hang_up()

    def let_go(self) -> None:
        """Leave the connection to the server again."""
        self._wire.let_go()

    def _log(self, ending: "Ending") -> None:
        """Write the one line that an ending gets; with a traceback where code is at fault."""
        log.warning(
            "%r: closed %s with %d: %s%s",
            self.endpoint,  # a client's text: quoted, so that it cannot look like lines of the log
            repr(self.identity.username) if self.identity else "a client",
            ending.code,
            ending.message,
            f" ({self._cause!r})" if self._cause else "",
            exc_info=self._cause if ending is BROKEN else None,
        )


def is_cancelled() -> bool:
    """Whether the running task is being cancelled from outside, as the server does when it ends."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def _endpoint(path: str) -> str:
    if len(path) <= _NAME_LIMIT:
        return path
    return f"{path[: _NAME_LIMIT - 17]}~{hashlib.sha256(path.encode()).hexdigest()[:16]}"
