"""From the text of a frame to a typed message. Never raises: the server's text is hostile."""

from dataclasses import dataclass
from typing import Any

import msgspec

from armguard_tray.messages import wire
from armguard_tray.messages.position import MAX_EPOCH, Position

MAX_FRAME_BYTES = 1 << 20
UNDECODABLE = "undecodable"


@dataclass(frozen=True, slots=True)
class Undecodable:
    """A frame that is not a message we can read.

    Attributes:
        reason: what is wrong with it, for people.

    """

    reason: str


@dataclass(frozen=True, slots=True)
class Decoded:
    """A frame that was understood.

    Attributes:
        kind: the message's `type` on the wire.
        frame: its content.
        stream: the stream that the live app names in it.
        position: its place in the live app's event log.

    """

    kind: str
    frame: wire.Frame
    stream: str | None = None
    position: Position | None = None


class _Envelope(msgspec.Struct):
    type: str
    # Of any type: to the stock server these are unknown fields, which are tolerated whatever they hold.
    stream: Any = None
    epoch: Any = None
    seq: Any = None


_envelope = msgspec.json.Decoder(_Envelope)
_decoders: dict[str, msgspec.json.Decoder[Any]] = {
    kind: msgspec.json.Decoder(frame_type) for kind, frame_type in wire.TYPES.items()
}


def decode(data: str | bytes) -> Decoded | Undecodable:
    """Return the message in `data`, the text of one WebSocket frame (or the content of a binary one)."""
    if isinstance(data, bytes):
        return Undecodable("binary frame")
    if len(data) > MAX_FRAME_BYTES:
        return Undecodable("longer than 1 MiB")
    try:
        envelope = _envelope.decode(data)
        kind = envelope.type
        decoder = _decoders.get(kind)
        frame = wire.Unknown(kind) if decoder is None else decoder.decode(data)
    except RecursionError:
        return Undecodable("nested too deeply")
    except (msgspec.MsgspecError, UnicodeError) as error:
        return Undecodable(str(error))
    if envelope.seq is None and envelope.stream is None:
        return Decoded(kind, frame)
    stream = envelope.stream if isinstance(envelope.stream, str) else None
    return Decoded(kind, frame, stream, _position(envelope.epoch, envelope.seq))


def _position(epoch: Any, seq: Any) -> Position | None:
    named = isinstance(epoch, str) and 0 < len(epoch) <= MAX_EPOCH
    numbered = isinstance(seq, int) and not isinstance(seq, bool) and 0 <= seq < 1 << 63
    return Position(epoch, seq) if named and numbered else None
