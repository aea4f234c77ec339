"""A marked block at the end of a text: put in, replaced, and taken out again to the last byte. Pure.

Works for everything in which `#` begins a comment. A digest in the first line tells whether somebody has
changed the block by hand; a `+` there, that the text did not end with a line end before.
"""

import re
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

DIGEST_LENGTH: Final = 12
NOTE: Final = (
    "# Written by setup_websockets.py, which replaces it when run again and takes it out with --undo.\n"
    "# Change nothing in here: what you write below it counts.\n"
)
MARKER: Final = "# >>> armguard-live"
_END: Final = "# <<< armguard-live <<<"
_BLOCK: Final = re.compile(
    rf"^{MARKER} (?P<digest>[0-9a-f]{{{DIGEST_LENGTH}}})(?P<joined> \+)? >>>\r?\n"
    rf"(?P<body>.*?)^{_END}(?:\r?\n|\Z)",
    re.DOTALL | re.MULTILINE,
)


class BlockError(ValueError):
    """The block in a text is not as it was written; the text is the rest of a sentence about the file."""


@dataclass(frozen=True, slots=True)
class Block:
    """A block that stands in a text.

    Attributes:
        start, end: where it stands, with the empty line before it.
        body: what is between the markers, with plain line ends.
        intact: whether it is as it was written.
        joined: whether a line end had to be added before it.

    """

    start: int
    end: int
    body: str
    intact: bool
    joined: bool


def find(text: str) -> Block | None:
    """Return the block in `text`, if there is one. Raises BlockError where the markers make no sense."""
    found = list(_BLOCK.finditer(text))
    if len(found) != text.count(MARKER) or len(found) != text.count(_END) or len(found) > 1:
        raise BlockError("has markers of the block armguard-live that were changed or doubled by hand")
    if not found:
        return None
    match = found[0]
    body = match["body"].replace("\r\n", "\n")
    start = match.start()
    end_of_line = line_end(match[0])
    for _ in range(2 if match["joined"] else 1):
        if text.endswith(end_of_line, 0, start):
            start -= len(end_of_line)
    intact = _digest(body) == match["digest"]
    return Block(start, match.end(), body, intact=intact, joined=match["joined"] is not None)


def put(text: str, body: str) -> str:
    """Return `text` with a block that holds `body`, at its end or where it stands already.

    Raises BlockError if a block is there that was changed by hand.
    """
    body = NOTE + body
    there = find(text)
    if there is None:
        return text + _block(body, joined=bool(text) and not text.endswith("\n"), after=text)
    if not there.intact:
        raise BlockError("has a block armguard-live that was changed by hand")
    if there.body == body:
        return text
    new = _block(body, joined=there.joined, after=text[: there.start])
    return text[: there.start] + new + text[there.end :]


def cut(text: str) -> str:
    """Return `text` without its block: what it was before, and what was added since. Raises BlockError."""
    there = find(text)
    if there is None:
        return text
    before, after = text[: there.start], text[there.end :]
    # Else the line before and a line that was added since would become one.
    return before + (line_end(text) if there.joined and after else "") + after


def line_end(text: str) -> str:
    """Return how the lines of `text` end."""
    first, end, _ = text.partition("\n")
    return "\r\n" if end and first.endswith("\r") else "\n"


def _block(body: str, *, joined: bool, after: str) -> str:
    lines = f"{MARKER} {_digest(body)}{' +' if joined else ''} >>>\n{body}{_END}\n"
    before = ("\n" if after else "") + ("\n" if joined else "")
    return (before + lines).replace("\n", line_end(after))


def _digest(body: str) -> str:
    return sha256(body.encode()).hexdigest()[:DIGEST_LENGTH]
