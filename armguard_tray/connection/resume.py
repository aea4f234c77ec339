"""PURE: what the live app's frames say of how far this desk has come, and of how each event came to it.

Each frame is given the position that is reached once it is stored. So a position is never ahead of what is
on disk, whatever happens in between, and a gap is told before it is stepped over.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from armguard_tray.messages import wire
from armguard_tray.messages.decoding import Decoded
from armguard_tray.messages.event import Received, Source
from armguard_tray.messages.position import Position
from armguard_tray.messages.streams import DEFAULT_STREAMS, Stream

_STREAMS = {stream.value: stream for stream in DEFAULT_STREAMS}


@dataclass(frozen=True, slots=True)
class Resumption:
    """One delivery, from the hello on.

    Attributes:
        since: up to where the desk had all when it asked; None if it never asked before.
        at: when it had that, aware.
        attended: whether it has been there since, so that nothing happened while it was away.
        hello: how the server began; None before that.

    """

    since: Position | None = None
    at: datetime | None = None
    attended: bool = False
    hello: wire.Hello | None = None


def follow(resumption: Resumption, received: Received) -> tuple[Resumption, Received]:
    """Return how the delivery stands after a frame, and the frame with all that is known of it."""
    if not isinstance(received.content, Decoded):
        return resumption, received
    match received.content.frame:
        case wire.Hello() as hello:
            # Whoever asked to go on from somewhere has the gap's word, or the next event's, for where it is.
            begins = Position(hello.epoch, hello.position) if resumption.since is None else None
            return replace(resumption, hello=hello), replace(received, position=begins)
        case wire.Gap() as gap:
            reached = _beyond(gap, resumption.hello)
            return resumption, replace(received, position=reached, silent_since=resumption.at)
        case wire.Position(epoch=epoch, seq=seq):
            # From here on it knows of no loss: a later gap begins now.
            return replace(resumption, at=received.at), replace(received, position=Position(epoch, seq))
        case _:
            return resumption, _event(resumption, received, received.content)


def _event(resumption: Resumption, received: Received, content: Decoded) -> Received:
    return replace(
        received,
        # A stream that this version does not know is still worth listing.
        stream=_STREAMS.get(content.stream or "", received.stream),
        source=Source.CATCHUP if _was_missed(resumption, content.position) else Source.LIVE,
        position=content.position,
    )


def _was_missed(resumption: Resumption, position: Position | None) -> bool:
    """Tell whether an event had happened before the desk came back."""
    hello = resumption.hello
    if resumption.since is None or resumption.attended or hello is None or position is None:
        return False
    return position.epoch == hello.epoch and position.seq <= hello.head


def _beyond(gap: wire.Gap, hello: wire.Hello | None) -> Position | None:
    """Return from where delivery goes on after a gap, as the server's own rule has it."""
    match gap:
        case wire.Gap(reason="ahead", first=int(first)):
            return Position(gap.epoch, max(0, first - 1))
        case wire.Gap(last=int(last)):
            return Position(gap.epoch, last)
    if hello is not None and hello.epoch == gap.epoch:
        return Position(hello.epoch, hello.position)
    return None  # the next event or position frame says it


def stream_of(received: Received) -> Stream | None:
    """Return the stream that an event belongs to; None of what belongs to the connection as a whole."""
    content = received.content
    is_gap = isinstance(content, Decoded) and isinstance(content.frame, wire.Gap)
    return None if received.is_control or is_gap else received.stream
