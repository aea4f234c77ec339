"""What ASGI leaves to each server: back-pressure, a close frame's reason, hanging up on who is stuck.

- daphne 4.2 passes no `reason` on (`WebSocketProtocol.serverClose`), and its `send` returns at once, however
  much waits for the client (`handle_reply` writes into Twisted's unbounded buffer). Both can be had from the
  protocol behind `send`: autobahn's `sendClose` takes a reason, and Twisted tells a registered producer when
  the buffer is full (https://docs.twisted.org/en/stable/core/howto/producers.html).
- uvicorn passes the reason on and lets `send` wait. It closes its transport politely, which takes for ever
  with a client that reads nothing.
- Any other server is taken at the word of the ASGI specification.
"""

import asyncio
import contextlib
import functools
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

_DAPHNE: Final = "daphne.ws_protocol"


class Wire:
    """The way to a client.

    Attributes:
        send: sends an ASGI message.

    """

    def __init__(self, send: Send) -> None:
        self.send = send

    @property
    def full(self) -> bool:
        """Whether the server holds more for this client than it should, and `drained` is to be awaited."""
        return False

    async def drained(self) -> None:
        """Wait until the client has taken what the server holds for it."""

    async def close(self, code: int, reason: str) -> None:
        """Close with a code and a reason."""
        await self.send({"type": "websocket.close", "code": code, "reason": reason})

    def let_go(self) -> None:
        """Give back what was taken from the server."""

    def hang_up(self) -> None:
        """Drop the connection at once, with whatever is still to be sent."""
        transport = getattr(getattr(self.send, "__self__", None), "transport", None)
        if isinstance(transport, asyncio.WriteTransport):
            transport.abort()


class DaphneWire(Wire):
    """The way to a client of daphne. To Twisted it is the producer of what is sent to that client."""

    def __init__(self, send: Send, protocol: Any) -> None:
        super().__init__(send)
        self._protocol = protocol
        self._room = asyncio.Event()
        self._room.set()
        # Until now that is Twisted's HTTP channel, which has no part in the connection since the upgrade.
        protocol.transport.unregisterProducer()
        protocol.transport.registerProducer(self, True)  # it pushes, and pauses when told

    @property
    def full(self) -> bool:
        """Whether Twisted's buffer is full."""
        return not self._room.is_set()

    async def drained(self) -> None:
        """Wait until Twisted's buffer is empty."""
        await self._room.wait()

    async def close(self, code: int, reason: str) -> None:
        """Close with a code and a reason."""
        self.let_go()
        if self._protocol.state == self._protocol.STATE_OPEN:
            self._protocol.sendClose(code=code, reason=reason)

    def let_go(self) -> None:
        """Stop being the producer; with one, Twisted does not finish closing."""
        self._room.set()
        transport = self._protocol.transport
        if transport is not None and getattr(transport, "producer", None) is self:
            transport.unregisterProducer()

    def hang_up(self) -> None:
        """Drop the connection at once, with whatever is still to be sent."""
        self.let_go()
        # Twisted's transports of other kinds (TLS) may be gone already.
        with contextlib.suppress(AttributeError):
            self._protocol.transport.abortConnection()

    def pauseProducing(self) -> None:  # noqa: N802 - Twisted's name
        """Hear that the buffer is full."""
        self._room.clear()

    def resumeProducing(self) -> None:  # noqa: N802 - Twisted's name
        """Hear that the buffer is empty."""
        self._room.set()

    def stopProducing(self) -> None:  # noqa: N802 - Twisted's name
        """Hear that the connection is gone."""
        self._room.set()


def path_of(scope: Scope) -> str:
    """Return the path below the application's root; uvicorn's holds the root, daphne's does not."""
    path: str = scope["path"]
    root: str = scope.get("root_path") or ""
    return path.removeprefix(root) if root and path.startswith(root + "/") else path


def wire_of(send: Send) -> Wire:
    """Return the way to the client behind an ASGI `send`, which must be the server's own."""
    if isinstance(send, functools.partial) and send.args:
        protocol = send.args[0]
        if type(protocol).__module__ == _DAPHNE and getattr(protocol, "transport", None) is not None:
            return DaphneWire(send, protocol)
    return Wire(send)
