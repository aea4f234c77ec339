"""PURE: whether the pages of the history that were read go down far enough."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from armguard_tray.catchup.era import LAST_NUMBER
from armguard_tray.catchup.history_page import HistoryRow
from armguard_tray.catchup.sameness import others, same, shift_of
from armguard_tray.storage.ledger import KnownTransaction, Ledger


@dataclass(frozen=True, slots=True)
class Reach:
    """How far a page goes down.

    Attributes:
        far_enough: whether no older page need be read.
        differs_from: the lowest of its numbers of which the journal has another transaction; None: none.
        shift: by what change of time zone it differs from the journal; zero: by none.

    """

    far_enough: bool
    differs_from: int | None
    shift: timedelta


def reach_of(
    rows: Sequence[HistoryRow],
    ledger: Ledger,
    known: Mapping[int, KnownTransaction],
    *,
    claimed: int | None = None,
    stood: int | None = None,
) -> Reach:
    """Return how far a page goes down: it must show something that was claimed, as the journal has it.

    To come to the number after it would not do: the server's record may be another one below.

    Args:
        rows: the page's transactions; not empty but at the end of the history.
        ledger: what is answered for.
        known: what the journal has of the rows' numbers.
        claimed: up to which number a walk had settled last, or all was live since: nothing above it need be
            of the same record; None: all that is answered for.
        stood: the journal's newest row then. What came later proves nothing of what is older: it may be from
            a walk that was interrupted, or announced of another record. None: all rows stood there.

    """
    judged = [row for row in rows if row.id >= ledger.begins]
    differs_from = min((each.number for each in others(judged, known)), default=None)
    highest = ledger.complete_to if claimed is None else min(ledger.complete_to, claimed)
    if differs_from is not None:
        highest = min(highest, differs_from - 1)
    last_row = LAST_NUMBER if stood is None else stood
    agree = any(
        row.id in known and known[row.id].row <= last_row and same(known[row.id], row)
        for row in judged
        if row.id <= highest
    )
    to_the_beginning = any(row.id <= ledger.begins for row in rows)
    return Reach(agree or to_the_beginning, differs_from, shift_of(judged, known))
