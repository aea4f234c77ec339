"""PURE: whether two descriptions of one number mean the same transaction.

A number alone proves nothing: when a server's database is put back to an older copy, its numbers come again
for other transactions. Frames and the server's pages differ in how they write: a page joins blanks, and it
shows people and items as they are called today.
"""

from datetime import datetime, timedelta

from armguard_tray.storage.ledger import KnownTransaction

CLOSE = timedelta(seconds=10)
"""How far apart the times of a transaction and of its announcement may be."""
AT_ONCE = timedelta(seconds=2)
"""How far apart they mostly are, the page's whole seconds included."""
_ZONE_STEP = timedelta(minutes=15)
_WIDEST_SHIFT = timedelta(hours=26)
"""Zones are whole quarters of an hour from UTC, between -12 and +14 hours."""
_COMPARED = 500
"""Characters of a text that are compared: frames and pages are not cut at the same one."""


def is_same(
    known: KnownTransaction,
    time: datetime | None,
    person: str | None,
    item: str | None,
    action: str | None,
) -> bool:
    """Tell whether `known` and a description of the same number are one transaction; None agrees with all.

    Two of one number at one moment are one, even if the person or the item has been renamed since. Else all
    must agree, and the times may only be a change of time zone apart, of the server or of the settings. A few
    seconds are no moment: a copy of the database can be put back, and be gone on from, as fast.
    """
    if not _agree(known.action, action):
        return False
    alike = (_agree(known.person, person), _agree(known.item, item))
    if known.time is None or time is None:
        return all(alike)
    shift = zone_shift(known.time, time)
    if shift is None:
        return False
    return any(alike) if abs(time - known.time) <= AT_ONCE else all(alike)


def zone_shift(one: datetime, other: datetime) -> timedelta | None:
    """Return by what change of time zone `other` is later than `one`: zero if there was none.

    None: no change of time zone explains how far they are apart.
    """
    apart = other - one
    shift = round(apart / _ZONE_STEP) * _ZONE_STEP
    return shift if abs(shift) <= _WIDEST_SHIFT and abs(apart - shift) <= CLOSE else None


def _agree(one: str | None, other: str | None) -> bool:
    return one is None or other is None or _compared(one) == _compared(other)


def _compared(text: str) -> str:
    # What is a control in a frame, and thus U+FFFD here, may be a blank on a page.
    return " ".join(text.replace("\ufffd", " ").split()).casefold()[:_COMPARED]
