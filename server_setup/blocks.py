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


class DamagedError(BlockError):
    """The markers make no sense, so that a block can be neither replaced nor taken out."""


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
    """Return the block in `text`, if there is one. Raises DamagedError where the markers make no sense."""
    found = list(_BLOCK.finditer(text))
    if len(found) != text.count(MARKER) or len(found) != text.count(_END) or len(found) > 1:
        raise DamagedError("has markers of the block armguard-live that were changed or doubled by hand")
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


def remains(text: str) -> str:
    """Say which lines a person has to remove where the markers make no sense: `lines 12 to 20, line 31`."""
    lines = text.replace("\r\n", "\n").split("\n")
    said = []
    last = 0
    for number, line in enumerate(lines, 1):
        if number <= last:
            continue
        if line.startswith(MARKER):
            last = _last_line(lines, number)
            said.append(f"lines {number} to {last}" if last > number else f"line {number}, the block's begin")
        elif line.startswith(_END):
            said.append(f"line {number}, the block's end")
    return ", ".join(said) or "what is left of the block"


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


def _last_line(lines: list[str], begin: int) -> int:
    """Return the number of the last line of the block that begins in line `begin`; that one if unknown."""
    digest = lines[begin - 1].removeprefix(f"{MARKER} ")[:DIGEST_LENGTH]
    for number in range(begin + 1, len(lines) + 1):
        line = lines[number - 1]
        if line.startswith(_END):
            return number
        if line.startswith(MARKER):
            break
        # Without its last line, the digest still tells where the block ends.
        after = lines[number] if number < len(lines) else ""
        if _digest("\n".join(lines[begin:number]) + "\n") == digest and not after.startswith(_END):
            return number
    return begin


def _digest(body: str) -> str:
    return sha256(body.encode()).hexdigest()[:DIGEST_LENGTH]
