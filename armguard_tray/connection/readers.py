"""PURE: what the frames of a socket mean, to the machine and to whoever takes them. One reader a socket."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Protocol
from urllib.parse import urlencode

import msgspec

from armguard_tray.connection import lifecycle as life
from armguard_tray.connection.failures import Closure
from armguard_tray.connection.live_app import SOCKET_PATH
from armguard_tray.connection.resume import Resumption, follow
from armguard_tray.messages import wire
from armguard_tray.messages.decoding import Decoded
from armguard_tray.messages.event import Received
from armguard_tray.messages.plain_text import plain
from armguard_tray.messages.position import ResumePoint
from armguard_tray.messages.streams import DEFAULT_STREAMS, Stream

HEARTBEAT = 40.0
"""Seconds within which the live app says something, whatever happens; it promises 15."""
ACK_EVERY = 100
"""Events after which the live app is told at once how far this desk is; it lets 512 be on their way."""
MOST_SAID = 120
"""Characters of the server's words for an end: they stand in one line with ours."""
ACK_WITHIN = 1.0
"""Seconds after which it is told in any case."""


class Reader(Protocol):
    """Understands what one socket brings.

    Attributes:
        path: the socket's path, with its query.

    """

    path: str

    def read(self, data: str | bytes, at: datetime) -> tuple[Received | None, life.Event | None]:
        """Return what is to be handed on of a frame, and what the machine is to be told; None: nothing."""
        ...

    def ended(self, closure: Closure) -> Closure:
        """Return how the socket ended, with the words that the server gave for it."""
        ...


class StockReader:
    """One stream of the stock server.

    Attributes:
        path: the socket's.
        user_id: who the server says we are, once it has.

    """

    def __init__(self, stream: Stream) -> None:
        """Read `stream`."""
        self.path = stream.path
        self.user_id: int | None = None
        self._stream = stream

    def read(self, data: str | bytes, at: datetime) -> tuple[Received | None, life.Event | None]:
        """Return what is to be handed on of a frame, and what the machine is to be told."""
        received = Received.of(self._stream, data, at)
        proof = life.Proven() if received.is_welcome else None
        self.user_id = received.user_id or self.user_id
        return None if received.is_control else received, proof

    def ended(self, closure: Closure) -> Closure:
        """Return how the socket ended."""
        return closure


class LiveReader:
    """The live app's socket, gone on with from a point of its event log.

    Attributes:
        path: the socket's path, with its query.
        resumes: whether it goes on from a position, and not from wherever the server is.
        layer: what the server said last of its channel layer; None before the hello.

    """

    layer: wire.Layer | None

    def __init__(self, point: ResumePoint) -> None:
        """Go on from `point`."""
        self.path = f"{SOCKET_PATH}?{_query(point)}"
        self.resumes = point.position is not None
        self._resumption = Resumption(point.position, point.at)
        self.layer = None
        self._refusal: tuple[int, str] | None = None

    def read(self, data: str | bytes, at: datetime) -> tuple[Received | None, life.Event | None]:
        """Return what is to be handed on of a frame, and what the machine is to be told."""
        received = Received.of(DEFAULT_STREAMS[0], data, at)
        self._resumption, received = follow(self._resumption, received)
        frame = received.content.frame if isinstance(received.content, Decoded) else None
        match frame:
            case wire.ServerError(message=message, code=int(code)):
                # It goes with a close code, which is told; as an event it would fill the log at each attempt.
                self._refusal = code, message
                return None, None
            case wire.Hello(layer=layer):
                self.layer = layer or wire.Layer()
                return _if_it_moves(received), life.Proven(HEARTBEAT)
            case wire.Position(layer=wire.Layer() as layer):
                self.layer = layer
                return _if_it_moves(received), None
            case _:
                return _if_it_moves(received), None

    def ended(self, closure: Closure) -> Closure:
        """Return how the socket ended, with the words of the error frame before it, or else of the reason."""
        code, message = self._refusal or (closure.code, _message_in(closure.reason))
        return replace(closure, said=plain(message)[:MOST_SAID]) if code == closure.code else closure


class _Reason(msgspec.Struct):
    message: str


def _message_in(reason: str) -> str:
    """Return the message in the reason of the live app's close frame, which is JSON."""
    try:
        return msgspec.json.decode(reason, type=_Reason).message
    except (msgspec.MsgspecError, UnicodeError):
        return ""


def _if_it_moves(received: Received) -> Received | None:
    """Return what somebody must take: an event, or what says how far this desk is."""
    return None if received.is_control and received.position is None else received


def streams_query(streams: Iterable[Stream]) -> str:
    """Return the streams as the live app wants them named."""
    return ",".join(stream.value for stream in streams)


def _query(point: ResumePoint) -> str:
    asked = {"streams": streams_query(DEFAULT_STREAMS), "resume": 1, "client": point.client, "acks": 1}
    if point.position is not None:
        asked |= {"epoch": point.position.epoch, "since": point.position.seq}
    return urlencode(asked, safe=",")


def acknowledgement(seq: int) -> str:
    """Return the frame that says: everything up to `seq` has been taken."""
    return msgspec.json.encode({"type": "ack", "seq": seq}).decode()


class Acknowledgements:
    """When the live app is told how far this desk is."""

    def __init__(self) -> None:
        """Nothing was taken yet."""
        self._taken: int | None = None
        self._count = 0

    def took(self, received: Received) -> bool:
        """Note what was taken; tell whether the app is to be told at once."""
        if received.position is None or received.is_control:
            return False
        self._taken = received.position.seq
        self._count += 1
        return self._count >= ACK_EVERY

    def due(self) -> str | None:
        """Return the frame to send, if there is anything new to tell."""
        taken, self._taken, self._count = self._taken, None, 0
        return None if taken is None else acknowledgement(taken)
