"""From the text of a frame to a typed message. Never raises: the server's text is hostile."""

from dataclasses import dataclass
from typing import Any

import msgspec

from armguard_tray.messages import wire

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

    """

    kind: str
    frame: wire.Frame


class _Envelope(msgspec.Struct):
    type: str


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
        kind = _envelope.decode(data).type
        decoder = _decoders.get(kind)
        frame = wire.Unknown(kind) if decoder is None else decoder.decode(data)
    except RecursionError:
        return Undecodable("nested too deeply")
    except (msgspec.MsgspecError, UnicodeError) as error:
        return Undecodable(str(error))
    return Decoded(kind, frame)
