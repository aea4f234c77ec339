"""PURE: rows of the server's history beside what the journal has of the same numbers."""

from collections.abc import Iterable, Mapping
from datetime import timedelta

from armguard_tray.catchup.history_page import HistoryRow
from armguard_tray.storage.ledger import KnownTransaction
from armguard_tray.storage.sameness import is_same, zone_shift


def same(known: KnownTransaction, row: HistoryRow) -> bool:
    """Tell whether `row` is the transaction that the journal has of its number."""
    return is_same(known, row.time, row.personnel, row.item, row.action)


def others(rows: Iterable[HistoryRow], known: Mapping[int, KnownTransaction]) -> list[KnownTransaction]:
    """Return what the journal has of the rows' numbers and is another transaction."""
    return [known[row.id] for row in rows if row.id in known and not same(known[row.id], row)]


def shift_of(rows: Iterable[HistoryRow], known: Mapping[int, KnownTransaction]) -> timedelta:
    """Return by what change of time zone the newest row that the journal has is later there; zero: none.

    A shift says that the server's zone or that of the settings was changed, or is wrong.
    """
    for row in sorted(rows, key=lambda each: each.id, reverse=True):
        before = known.get(row.id)
        if before is not None and before.time is not None and same(before, row):
            return zone_shift(before.time, row.time) or timedelta()
    return timedelta()
