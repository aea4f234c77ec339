"""The frames that are no events: what a client is told about the log and its place in it."""

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import msgspec
from django.utils import timezone

if TYPE_CHECKING:
    from armguard_tray.server.layers import LayerStatus
    from armguard_tray.server.resume import HeadState

RETRY_MS: Final = 2000
"""How long a client should wait before it comes back, if nothing better is known."""


def hello(head: "HeadState", position: int, limit: int, layer: "LayerStatus") -> dict[str, Any]:
    """Return the first frame: where the log stands, and the position after which delivery goes on."""
    return {
        "type": "hello",
        "resume": 1,
        "epoch": head.epoch,
        "head": head.seq,
        "oldest": head.oldest,
        "limit": limit,
        "retry_ms": RETRY_MS,
        "server_time": server_time(),
        "position": position,
        "layer": _layer(layer),
    }


def position_frame(epoch: str, seq: int, layer: "LayerStatus | None" = None) -> dict[str, Any]:
    """Return the frame that says: you were sent everything that is for you up to `seq`.

    Over a socket it also says what carries messages now, which may change while a client is connected.
    """
    frame = {"type": "position", "epoch": epoch, "seq": seq, "server_time": server_time()}
    return frame if layer is None else {**frame, "layer": _layer(layer)}


def _layer(layer: "LayerStatus") -> dict[str, Any]:
    return {"in_use": layer.in_use, "why": layer.why, "warning": layer.warning}


def server_time() -> str:
    """Return the time in the server's zone, with its offset."""
    return datetime.now(timezone.get_current_timezone()).isoformat()


def text_of(frame: dict[str, Any]) -> str:
    """Return a frame's JSON."""
    return msgspec.json.encode(frame).decode()
