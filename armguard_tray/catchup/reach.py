"""PURE: whether the pages of the history that were read go down far enough."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

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
    declared: Sequence[range] = (),
) -> Reach:
    """Return how far a page goes down: it must show something that was claimed, as the journal has it.

    To come to the number after it would not do: the server's record may be another one below.

    Args:
        rows: the page's transactions; not empty but at the end of the history.
        ledger: what is answered for.
        known: what the journal has of the rows' numbers.
        declared: numbers that it has declared missing. If they have come since, they prove nothing of what is
            older: they may be from a walk that was interrupted, or announced, of another record than the
            one of the claim.

    """
    judged = [row for row in rows if row.id >= ledger.begins]
    differs_from = min((each.number for each in others(judged, known)), default=None)
    highest = ledger.complete_to if differs_from is None else min(ledger.complete_to, differs_from - 1)
    agree = any(
        row.id in known and not any(row.id in each for each in declared) and same(known[row.id], row)
        for row in judged
        if row.id <= highest
    )
    to_the_beginning = any(row.id <= ledger.begins for row in rows)
    return Reach(agree or to_the_beginning, differs_from, shift_of(judged, known))
