"""Keeps a frame small enough to be taken by every client, whatever somebody has put into it. Pure."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

LONGEST: Final = 128 * 1024
"""Bytes of a frame's JSON in UTF-8. A client that refuses a frame comes back and is sent it again, for ever:
the tray, like most WebSocket libraries, takes 1 MiB. It spares memory, too: a process reads 512 at once."""

KEPT: Final = frozenset({"type", "stream", "id", "epoch", "seq", "timestamp"})
"""What tells a frame from others is never touched."""

MARK: Final = "… [shortened]"
"""How a text ends that was shortened."""

_LEAST: Final = 256
"""No text is made shorter than the limit's 256th part (512 characters): before that, other things go."""


def bounded(frame: Mapping[str, Any], limit: int = LONGEST) -> dict[str, Any]:
    """Return `frame` so that its JSON (compact, not escaped to ASCII) is at most `limit` bytes of UTF-8.

    A small one is returned as it is. Else its longest texts are shortened, at any depth; what is still too
    large, as a list of very many things, becomes null; and the frame says `"shortened": true`. Where nothing
    else helps, only the fields of `KEPT` are left.

    Raises:
        ValueError: if these are too large by themselves.
        TypeError: if the frame is none that JSON can hold.

    """
    if size(frame) <= limit:
        return dict(frame)
    room = limit - size({"shortened": True})
    least = limit // _LEAST
    kept = {name: value for name, value in frame.items() if name in KEPT}
    others = {name: value for name, value in frame.items() if name not in KEPT}
    others = _emptied(others, room - size(kept), least) or {}
    for longest in _halves(limit // 2, least):
        shortened = {**kept, **_cut(others, longest), "shortened": True}
        if size(shortened) <= limit:
            return shortened
    raise ValueError(f"a frame whose {', '.join(kept)} take more than {limit} bytes")


def size(value: object) -> int:
    """Return the bytes of a value's JSON."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return len(text.encode("utf-8", "replace"))


def _halves(longest: int, least: int) -> Iterator[int]:
    while longest > least:
        yield longest
        longest //= 2
    yield least


def _cut(value: Any, longest: int) -> Any:
    """Shorten each text that has more characters than `longest`."""
    match value:
        case str() if len(value) > longest:
            return value[: max(0, longest - len(MARK))] + MARK
        case Mapping():
            return {key: _cut(each, longest) for key, each in value.items()}
        case list() | tuple():
            return [_cut(each, longest) for each in value]
        case _:
            return value


def _emptied(fields: Mapping[str, Any], room: int, least: int) -> dict[str, Any] | None:
    """Set the largest fields to null, until their JSON is within `room` once texts are cut to `least`.

    Return None if that cannot be: what is as small as a text may be is left alone.
    """
    left = _cut(fields, least)
    sizes = {name: size(value) for name, value in left.items()}
    total = size(left)
    found = dict(fields)
    for name in sorted(sizes, key=sizes.__getitem__, reverse=True):
        if total <= room or sizes[name] <= least:
            break
        others = total - sizes[name]
        value = fields[name]
        found[name] = _emptied(value, room - others, least) if isinstance(value, Mapping) else None
        total = others + size(_cut(found[name], least))
    return found if total <= room else None
