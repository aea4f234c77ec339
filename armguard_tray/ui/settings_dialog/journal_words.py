"""PURE: what the page Journal says of the log's file, its backups and its chain."""

from datetime import datetime, tzinfo

from armguard_tray.counting import counted
from armguard_tray.storage.upkeep import MUCH_FREE, Checked, Facts
from armguard_tray.ui.chain_words import break_words, headline
from armguard_tray.ui.tone_label import Tone
from armguard_tray.ui.wording import NOTHING, since, stamp

NOT_CHECKED = "Not checked yet."
_UNITS = ("bytes", "KiB", "MiB", "GiB", "TiB")
_STEP = 1024


def size_words(size: float) -> str:
    """Return a size of so many bytes in its largest unit: 992 MiB."""
    unit = 0
    while size >= _STEP and unit < len(_UNITS) - 1:
        size, unit = size / _STEP, unit + 1
    return f"{size:.0f} {_UNITS[unit]}" if unit < 2 or size >= 100 else f"{size:.1f} {_UNITS[unit]}"  # noqa: PLR2004 - of MiB on


def file_words(facts: Facts) -> str:
    """Return how large the file is, and whether much of it is free, or it is larger than it may be."""
    said = [size_words(facts.size)]
    if facts.free >= MUCH_FREE:
        said.append(f"{facts.free:.0%} of it are free: Compact now gives that back")
    if facts.over_size:
        said.append("more than it may have, but what is left is younger than 30 days and is kept")
    return f"{'; '.join(said)}."


def event_words(facts: Facts, zone: tzinfo | None) -> str:
    """Return how many events it has, since when, and what was removed."""
    if facts.since is None:
        return "None yet."
    events = f"{counted(facts.rows, 'event')}, since {stamp(facts.since, zone)}."
    if facts.trimmed_to is None:
        return events
    row, at = facts.trimmed_to
    when = NOTHING if at is None else stamp(at, zone)
    return f"{events} Rows up to {row:,} were removed for their age or number, the last ones {when}."


def backup_words(facts: Facts, zone: tzinfo | None) -> str:
    """Return which backup is the newest."""
    newest = facts.backup
    if newest is None:
        return "None yet."
    return f"{stamp(newest.at, zone)}, {size_words(newest.size)}: {newest.file}"


def check_words(checked: Checked | None, now: datetime, zone: tzinfo | None) -> tuple[str, Tone]:
    """Return whether the file is sound, as far as that was seen."""
    if checked is None:
        return NOT_CHECKED, Tone.HELP
    return f"{since(checked.at, now, zone)}: the file is sound.", Tone.GOOD


def chain_state(checked: Checked | None, now: datetime, zone: tzinfo | None) -> tuple[str, Tone]:
    """Return whether the chain holds, and of what, as far as that was seen."""
    if checked is None:
        return NOT_CHECKED, Tone.HELP
    verified, at = checked.verified, since(checked.at, now, zone)
    if verified.broken:
        first = break_words(verified.breaks[0], zone)
        return f"{headline(verified)} {first} Checked {at}.", Tone.PROBLEM
    if verified.since is None or verified.until is None:
        return f"Holds; there are no events yet. Checked {at}.", Tone.GOOD
    span = f"from {stamp(verified.since, zone)} to {stamp(verified.until, zone)}"
    return f"Holds {span}, checked {at}.", Tone.GOOD


def head_words(checked: Checked | None) -> str:
    """Return the chain's head, to be copied and kept elsewhere."""
    head = checked.verified.head if checked is not None else None
    return NOTHING if head is None else str(head)
