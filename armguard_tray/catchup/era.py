"""PURE: the server's record turns out to be another than the journal's: a new era of numbers begins.

Then the journal has two transactions of one number. What stood in the journal before stays in the log and
counts for the numbers below; from the lowest number that differs on, only newer rows count::

    row      1 ... 90   91 ... 100 │ 101 ...
    number   1 ... 90   91 ... 100 │  91' ...     the database was put back to where it had 90 transactions
                                era_row
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from armguard_tray.catchup.history_page import HistoryRow
from armguard_tray.catchup.sameness import others
from armguard_tray.storage.ledger import KnownTransaction, Ledger, View

LAST_NUMBER = 2**63 - 1
"""The greatest number that the journal can hold."""


@dataclass(frozen=True, slots=True)
class Record:
    """The server's present record, as rows of its history show it.

    Attributes:
        ledger: the ledger, of the new era if one has begun; what it claims is still to be judged.
        differs_from: the lowest of the rows' numbers of which the journal had another transaction.
        dropped: numbers of which the journal had something until then, and has nothing now.
        had: the newest number of the record before, if it is news that there was one; else None.

    """

    ledger: Ledger
    differs_from: int | None = None
    dropped: frozenset[int] = frozenset()
    had: int | None = None


def record_of(
    view: View,
    ledger: Ledger,
    rows: Sequence[HistoryRow],
    *,
    asked_row: int,
    shown: Collection[int] = (),
) -> Record:
    """Return the server's present record; it is another than before if any of `rows` is.

    Args:
        view: the journal.
        ledger: its ledger.
        rows: transactions of the history.
        asked_row: the journal's newest row when they were asked for: what stands there, and that they do not
            have, was of the record before.
        shown: numbers that other pages have, and that were held against the journal with them.

    """
    if not rows:
        return Record(ledger)
    numbers = {row.id for row in rows}
    differ = others(rows, view.known(min(numbers), max(numbers)))
    if not differ:
        return Record(ledger)
    first = min(each.number for each in differ)
    known = view.known(first, LAST_NUMBER)
    had = None
    # Else it is the same change as was found before, and only reaches further down.
    if any(each.row >= ledger.era_row for each in differ):
        before = _before(known, differ, {row.id for row in rows} | {*shown}, asked_row)
        had = max(each.number for each in before)
        ledger = replace(ledger, era_row=max(each.row for each in before) + 1)
    ledger = replace(ledger, era_first=first)
    return Record(ledger, first, frozenset(known.keys() - in_era(known, ledger).keys()), had)


def _before(
    known: Mapping[int, KnownTransaction],
    differ: Sequence[KnownTransaction],
    shown: Collection[int],
    asked_row: int,
) -> list[KnownTransaction]:
    """Return what of `known` is of the record before: what differs, and what is gone with it.

    What is gone, but came after something that the present record has, was deleted there.
    """
    differing = {each.number for each in differ}
    agreed = {number for number in known if number in shown and number not in differing}
    present = min((each.row for each in known.values() if each.number in agreed), default=LAST_NUMBER)
    gone = [
        each for each in known.values() if each.number not in shown and each.row < min(present, asked_row + 1)
    ]
    return [*differ, *gone]


def down_to_both(view: View, ledger: Ledger, shown: Collection[int]) -> Ledger:
    """Return the ledger with the change of the record reaching down to the last number that both have.

    What the journal has between that and the first number that differs is of the record before: the present
    one does not have it. It may get it yet, and differently, from who began earlier and takes longer.

    Args:
        view: the journal.
        ledger: its ledger; once it claims something of the new era, that has been done.
        shown: numbers that the present record has, without a hole between them.

    """
    both = max((each for each in shown if each < ledger.era_first), default=None)
    if both is None or ledger.complete_to >= ledger.era_first:
        return ledger
    between = view.known(both + 1, ledger.era_first - 1).values()
    if not any(each.row < ledger.era_row for each in between):
        return ledger
    return replace(ledger, era_first=both + 1, complete_to=min(ledger.complete_to, both))


def in_era(known: Mapping[int, KnownTransaction], ledger: Ledger) -> dict[int, KnownTransaction]:
    """Return what of `known` is of the server's present record by `ledger`, newer than the view's."""
    return {
        number: each
        for number, each in known.items()
        if each.row >= ledger.era_row or number < ledger.era_first
    }
