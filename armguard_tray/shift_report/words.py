"""PURE: the report on a shift in sentences for people. Server text in them is plain already.

All times are told in one zone, the server's: a paper with two clocks would be read wrongly.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Final

from armguard_tray.clock import in_zone
from armguard_tray.counting import counted
from armguard_tray.durations import rounded_length
from armguard_tray.holdings.words import Zones, notes
from armguard_tray.messages.streams import Stream
from armguard_tray.shift_report.report import ShiftReport, hides, length_of
from armguard_tray.shift_report.shift import Shift
from armguard_tray.storage.shift import FoundGap

_NONE: Final = "0"
_ALL_THERE: Final = "Nothing is known to be missing: all transactions of the shift are in the log."


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure.

    Attributes:
        name: of what.
        value: how many; where that is not certain it says so.
        is_certain: whether it is.

    """

    name: str
    value: str
    is_certain: bool = True


def shift_words(shift: Shift, zone: tzinfo) -> str:
    """Return from when to when: `24/11/26 06:00 to 14:00`."""
    since, until = (in_zone(each, zone) for each in (shift.since, shift.until))
    is_one_day = since.date() == until.date()
    return f"{since:%d/%m/%y %H:%M} to {until:{'%H:%M' if is_one_day else '%d/%m/%y %H:%M'}}"


def figures(report: ShiftReport) -> list[Figure]:
    """Return the figures, in the order in which they are asked for."""
    lacks, sure = report.may_lack_transactions, _is_board_certain(report)
    return [
        _at_least("Issued", len(report.issued), is_certain=not lacks),
        _at_least("Returned", len(report.returned), is_certain=not lacks),
        _of_board("Still out", [each.is_certain for each in report.out], is_certain=sure),
        _of_board("Overdue", [each.is_certain for each in report.overdue], is_certain=sure),
        _at_least("Status changes", len(report.statuses), is_certain=not report.may_lack_statuses),
        _found("Gaps", _gap_figure(report), report),
        _found("Outages", _outage_figure(report), report),
    ]


def _is_board_certain(report: ShiftReport) -> bool:
    board = report.board
    is_older_unknown = board.knows_since is not None and board.listed_at is None
    may_be_out = board.returned_before_gap or is_older_unknown or board.ledger is None
    # A gap before the shift may hide what is still out as well; the board knows.
    return report.is_covered and not may_be_out and not report.may_lack_transactions


def _at_least(name: str, count: int, *, is_certain: bool) -> Figure:
    return Figure(name, f"{count:,}" if is_certain else f"{count:,}, perhaps more", is_certain)


def _of_board(name: str, certain: list[bool], *, is_certain: bool) -> Figure:
    uncertain = certain.count(False)
    said = f"{len(certain):,}" + (f" ({uncertain:,} uncertain)" if uncertain else "")
    return Figure(name, said if is_certain else f"{said}, perhaps more", is_certain and not uncertain)


def _found(name: str, found: str, report: ShiftReport) -> Figure:
    """Return the figure of what only looking finds; an outage that lasts still is not found yet."""
    return Figure(name, found if report.is_covered else f"{found}, perhaps more", report.is_covered)


def _gap_figure(report: ShiftReport) -> str:
    if not report.gaps:
        return _NONE
    missing = f" · {counted(report.missing, 'transaction')} missing" if report.missing else ""
    return f"{len(report.gaps):,}{missing}"


def _outage_figure(report: ShiftReport) -> str:
    if not report.outages:
        return _NONE
    return f"{len(report.outages):,} · {rounded_length(_time_out(report))} in all"


def _time_out(report: ShiftReport) -> timedelta:
    """Return how long the outages were together; what overlaps counts once."""
    whole, reached = timedelta(), report.shift.since
    for outage in sorted(report.outages, key=lambda each: each.since or report.shift.since):
        since = max(outage.since or report.shift.since, reached)
        until = min(outage.until, report.end)
        whole += max(timedelta(), until - since)
        reached = max(reached, until)
    return whole


def certainty(report: ShiftReport, zone: tzinfo) -> list[str]:
    """Return sentences on how far the figures can be relied on, what matters most first."""
    doubts = [*_shortness(report), *_coverage(report, zone), *_statuses(report, zone)]
    said = doubts if report.may_lack_transactions else [_ALL_THERE, *doubts]
    board = list(notes(report.board, Zones(zone, zone), is_past=report.is_over))
    # That nobody has looked yet is the board's first sentence, and goes for everything.
    first = 1 if report.board.ledger is None else 0
    return [*board[:first], *said, *_remarks(report, zone), *board[first:]]


def _shortness(report: ShiftReport) -> Iterator[str]:
    if report.gaps:
        gaps = counted(len(report.gaps), "gap")
        if report.missing:
            missing = _are(report.missing, "transaction")
            yield (
                f"{gaps} in this shift: {missing} missing. Issued and returned may be short by that, "
                "and what is still out may be wrong by as much."
            )
        else:
            yield f"{gaps} in this shift: nobody knows how much is missing; each figure may be short."
    told = [each for each in report.outages if hides(each, Stream.TRANSACTIONS)]
    if told:
        yield (
            f"{counted(len(told), 'outage')} in which transactions may have been missed; "
            "nobody knows how many."
        )
    if report.unreadable:
        yield (
            f"{counted(report.unreadable, 'message')} from the server could not be read; "
            "they may have been transactions or changes of status."
        )


def _coverage(report: ShiftReport, zone: tzinfo) -> Iterator[str]:
    ledger = report.board.ledger
    if ledger is None:
        return  # the board's own sentence says it
    if report.covers_from is not None:
        number, time = report.covers_from
        yield (
            f"The log goes back to #{number} of {_stamp(time, zone)}; "
            "what happened before in this shift is not known here."
        )
    if report.covered is None:
        yield "Newer transactions have arrived, but not yet all before them: update the report in a minute."
    elif report.covered < report.end:
        yield (
            f"Complete to #{ledger.complete_to} as of {_stamp(report.covered, zone)}; "
            "what happened after that may be missing."
        )
    elif ledger.complete_to >= ledger.begins:
        yield (
            f"Complete to #{ledger.complete_to} as of {_stamp(report.covered, zone)}: each transaction up to "
            "it is in the log, or in a gap that it shows."
        )


def _statuses(report: ShiftReport, zone: tzinfo) -> Iterator[str]:
    if report.statuses_since is None or report.statuses_until is None:
        yield "This desk has not heard changes of status, so their number is not known."
        return
    if report.statuses_began_late:
        since = _stamp(report.statuses_since, zone)
        yield f"This desk hears changes of status since {since}; what came before in this shift is not known."
    if report.statuses_ended_early:
        yield f"This desk has not heard changes of status since {_stamp(report.statuses_until, zone)}."
    told = [each for each in report.outages if hides(each, Stream.INVENTORY)]
    if told:
        yield f"{counted(len(told), 'outage')} in which changes of status may have been missed."


def _remarks(report: ShiftReport, zone: tzinfo) -> Iterator[str]:
    for event in report.record_changes:
        yield f"{event.title}: {event.detail}."
    if report.gone:
        gone = _are(report.gone, "transaction")
        yield f"{gone} of a record that the server has no more; counted all the same, and marked."
    if report.late:
        yield f"{counted(report.late, 'transaction')} reached this desk later than made, by catching up."
    if not report.is_over:
        yield f"The shift is not over: this is how it stood at {_stamp(report.made, zone)}."


def gap_times(found: FoundGap, zone: tzinfo) -> str:
    """Return from when to when something was missing; what is not known is left out."""
    until = _stamp(found.until, zone)
    if found.since is None:
        return f"until {until}"
    return f"{_stamp(found.since, zone)} to {until}"


def outage_length(outage: FoundGap, report: ShiftReport) -> str:
    """Return how long an outage was within the shift."""
    return rounded_length(length_of(outage, report))


def _are(count: int, what: str) -> str:
    return f"{counted(count, what)} {'is' if count == 1 else 'are'}"


def _stamp(time: datetime, zone: tzinfo) -> str:
    return f"{in_zone(time, zone):%d/%m/%y %H:%M}"
