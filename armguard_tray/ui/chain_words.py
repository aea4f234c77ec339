"""PURE: what is said of a journal's chain, in the terminal and on the page Journal."""

from collections.abc import Iterator, Sequence
from datetime import datetime, tzinfo

from armguard_tray.counting import counted
from armguard_tray.messages.plain_text import plain
from armguard_tray.storage.chain import Anchor, Reason
from armguard_tray.storage.verification import Break, Change, HeadFound, Verified
from armguard_tray.ui.wording import stamp

_BREAKS_TOLD = 20
_HEAD_WORDS = {
    HeadFound.HOLDS: "The head that was written down is in it: up to there nothing was changed since.",
    HeadFound.DIFFERS: "The head that was written down is not in it: the journal is another, or was changed.",
    HeadFound.CUT_OFF: "The chain ends before the head that was written down: its newest rows are gone.",
    HeadFound.TRIMMED: "The head that was written down is older than what is kept: it proves nothing now.",
}


def headline(verified: Verified) -> str:
    """Return whether it holds, in one sentence."""
    if verified.broken:
        return f"The chain is broken in {counted(verified.broken, 'place')}."
    return "The chain holds."


def chain_lines(verified: Verified, zone: tzinfo | None = None) -> Iterator[str]:
    """Yield what it holds of, where it begins, and where it breaks."""
    yield _extent(verified, zone)
    yield from _beginnings(verified.anchors, zone)
    if verified.changed:
        yield f"{counted(verified.changed, 'row')} completed later by the program itself."
    if verified.head_found in _HEAD_WORDS:
        yield _HEAD_WORDS[verified.head_found]
    for each in verified.breaks[:_BREAKS_TOLD]:
        yield break_words(each, zone)
    if verified.broken > _BREAKS_TOLD:
        yield f"… and {verified.broken - _BREAKS_TOLD:,} more."
    if verified.head is not None:
        yield f"Head: {verified.head}"


def break_words(found: Break, zone: tzinfo | None = None) -> str:
    """Return where it breaks: what, row, entry, and when the row came."""
    where = [
        f"row {found.row:,}" if found.row is not None else "",
        f"entry {found.number:,}" if found.number is not None else "",
        f"received {stamp(found.received, zone)}" if found.received is not None else "",
    ]
    words = found.fault.value
    return f"{words[0].upper()}{words[1:]}: {', '.join(filter(None, where)) or 'the journal as a whole'}."


def change_words(change: Change) -> str:
    """Return what reads differently in a row since it was completed; the texts are the server's."""
    fields = "; ".join(f"{name}: {_value(before)} → {_value(after)}" for name, before, after in change.fields)
    return f"Row {change.row:,} (entry {change.number:,}): {fields}"


def _extent(verified: Verified, zone: tzinfo | None) -> str:
    rows = counted(verified.rows, "row")
    if verified.since is None or verified.until is None:
        return f"{rows}."
    return f"{rows}, received from {stamp(verified.since, zone)} to {stamp(verified.until, zone)}."


def _beginnings(anchors: Sequence[Anchor], zone: tzinfo | None) -> Iterator[str]:
    """Yield how it was begun, and what was removed since: of many small steps only the first and the last."""
    trimmed = [each for each in anchors if each.reason == Reason.RETENTION]
    yield from (_beginning(each, zone) for each in anchors if each.reason != Reason.RETENTION)
    if trimmed:
        first, last = _stamp(trimmed[0].at, zone), _stamp(trimmed[-1].at, zone)
        when = last if first == last else f"from {first} to {last}"
        yield f"Rows up to {trimmed[-1].up_to_row:,} were removed because of their age or number, {when}."


def _beginning(anchor: Anchor, zone: tzinfo | None) -> str:
    at = _stamp(anchor.at, zone)
    up_to = f"{anchor.up_to_row:,}"
    if anchor.reason == Reason.REBUILT:
        return f"The journal was rebuilt and its chain begun anew, {at}; it says nothing of the time before."
    if anchor.up_to_row:
        return f"The chain was begun {at}; of rows up to {up_to} it says how they were then."
    return f"The chain was begun {at}, with the journal."


def _stamp(time: datetime | None, zone: tzinfo | None) -> str:
    return "at a time that cannot be read" if time is None else stamp(time, zone)


def _value(value: object) -> str:
    return "—" if value is None else plain(str(value))
