"""The command `verify`: whether the journal's chain holds, in a terminal or as JSON."""

import sys
from collections.abc import Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec

from armguard_tray.exit_codes import ExitCode
from armguard_tray.storage.chain import ChainHead
from armguard_tray.storage.verification import HeadFound, Progress, Verified, verify
from armguard_tray.ui.chain_words import chain_lines, change_words, headline

_LINK_DIGITS: Final = 64
_GREATEST: Final = 1 << 62


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyOptions:
    """What to verify and how to say it.

    Attributes:
        file: the journal, or a backup of it.
        head: one that was written down; None: none.
        as_json: one JSON object instead of sentences.
        changes: say of each row that was completed later what reads differently.

    """

    file: Path
    head: ChainHead | None = None
    as_json: bool = False
    changes: bool = False


def parse_head(text: str) -> ChainHead:
    """Return the head that `NUMBER:LINK` names. Raises ValueError."""
    # What was copied from a window or a letter may bring invisible places to break, and line ends.
    bare = "".join(each for each in text if each.isprintable() and not each.isspace())
    number, _, link = bare.partition(":")
    link = link.lower()
    if not (number.isascii() and number.isdecimal() and int(number) < _GREATEST):
        raise ValueError("no number")
    if len(link) != _LINK_DIGITS or not set(link) <= set("0123456789abcdef"):
        raise ValueError("no link")
    return ChainHead(int(number), link)


def run_verify(options: VerifyOptions) -> ExitCode:
    """Look and say what came of it.

    Returns:
        OK if the chain holds; BROKEN if it does not; WARNINGS if the head that was given is too old to prove
        anything; INTERRUPTED after Ctrl+C.

    Raises:
        JournalError: there is nothing to look at.

    """
    try:
        with _progress() as progress:
            verified = verify(options.file, options.head, progress=progress)
    except (KeyboardInterrupt, CancelledError):
        # The latter where Ctrl+C came while SQLite asked whether to go on.
        print("armguard-tray: not verified: interrupted.", file=sys.stderr)  # noqa: T201 - to the person
        return ExitCode.INTERRUPTED
    if options.as_json:
        print(msgspec.json.encode(_as_json(verified)).decode())  # noqa: T201 - the answer
    else:
        for line in _lines(verified, changes=options.changes):
            print(line)  # noqa: T201 - the answer
    if not verified.holds:
        return ExitCode.BROKEN
    return ExitCode.WARNINGS if verified.head_found is HeadFound.TRIMMED else ExitCode.OK


def _lines(verified: Verified, *, changes: bool) -> Iterator[str]:
    yield headline(verified)
    yield from chain_lines(verified)
    if changes:
        yield from map(change_words, verified.changes)
        if verified.changed > len(verified.changes):
            yield f"… and {verified.changed - len(verified.changes):,} more."
    # An inspector may look at it far from the armory, where the window told the server's time.
    yield "Times by this computer's clock."


def _as_json(verified: Verified) -> dict[str, Any]:
    return {
        "holds": verified.holds,
        "rows": verified.rows,
        "since": verified.since,
        "until": verified.until,
        "head": None if verified.head is None else str(verified.head),
        "head_found": verified.head_found,
        "anchors": [
            {"reason": each.reason, "at": each.at, "up_to_row": each.up_to_row, "number": each.n}
            for each in verified.anchors
        ],
        "changed": verified.changed,
        "changes": [
            {"row": each.row, "number": each.number, "fields": {name: pair for name, *pair in each.fields}}
            for each in verified.changes
        ],
        "broken": verified.broken,
        "breaks": [
            {"fault": each.fault, "number": each.number, "row": each.row, "received": each.received}
            for each in verified.breaks
        ],
    }


@contextmanager
def _progress() -> Iterator[Progress]:
    """Lend what shows on a terminal how far it is; in a pipe nothing is shown."""
    shown = ""

    def show(done: int, of: int) -> None:
        nonlocal shown
        words = f"\r{done / max(of, 1):5.0%} of {of:,} entries"
        if words != shown:
            shown = words
            print(words, end="", file=sys.stderr, flush=True)  # noqa: T201 - to the person

    if sys.stderr is None or not sys.stderr.isatty():
        yield lambda _done, _of: None
        return
    try:
        yield show
    finally:
        if shown:
            print("\r" + " " * len(shown) + "\r", end="", file=sys.stderr, flush=True)  # noqa: T201 - as above
