"""PURE: what makes the board uncertain, in sentences for people. Server text in them is plain already."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Final

from armguard_tray.clock import in_zone
from armguard_tray.counting import counted
from armguard_tray.holdings.board import Board, Holding
from armguard_tray.holdings.doubt import Doubt, Why


@dataclass(frozen=True, slots=True)
class Zones:
    """In which zones times are told: what the server says in its own, what this desk saw in this desk's."""

    server: tzinfo
    desk: tzinfo | None = None


def doubt_words(doubt: Doubt, zones: Zones) -> str:
    """Return one sentence on why a weapon's row is uncertain."""
    by_desk = doubt.why in _LISTED
    return _WORDS[doubt.why].format(
        what=doubt.what,
        at=_stamp(doubt.at, zones.desk if by_desk else zones.server),
        since=_stamp(doubt.listed, zones.server),
        gaps=_gaps(doubt, zones) if doubt.why is Why.GAP else "",
        number=doubt.count,
    )


_LISTED: Final = frozenset({Why.NOT_LISTED, Why.OTHER_HOLDER, Why.OTHER_TIME, Why.ONLY_LISTED})
"""What the server's list says, which this desk has read."""
_WORDS: Final = {
    Why.UNCHECKED: "It has not been checked yet whether transactions are missing.",
    Why.BEFORE: "It went out before #{number}, from where on the log is complete: it may have come back.",
    Why.GAP: "{gaps}: it may have come back, or gone to somebody else.",
    Why.PUT_BACK: "The log has a later transaction with it, #{number}, which the server's record has no "
    "more: an older copy of its database was put in place.",
    Why.TAKEN_BEFORE_PUT_BACK: "It went out with #{number}, which the server's record has no more: an older "
    "copy of its database was put in place.",
    Why.ON_ITS_WAY: "Newer transactions have arrived, but not yet all before them.",
    Why.STATUS: "Its status was set to {what} by hand on {at}, but no return is in the log.",
    Why.SET_ISSUED: "Its status was set to Issued by hand on {at}; no transaction says who took it.",
    Why.NOT_LISTED: "The server does not list it as issued (its list of {at}).",
    Why.OTHER_HOLDER: "The server lists it as issued to {what} since {since} (its list of {at}).",
    Why.OTHER_TIME: "The server lists it as issued to the same person since {since} (its list of {at}).",
    Why.ONLY_LISTED: "Issued according to the server (its list of {at}); this desk has no transaction of it, "
    "and does not know for what duty and by whom it was issued.",
}


def _gaps(doubt: Doubt, zones: Zones) -> str:
    what = doubt.what or ("" if doubt.at is None else f"from {_stamp(doubt.at, zones.desk)} on")
    if doubt.count == 1:
        return f"A gap in the log since then ({what})" if what else "A gap in the log since then"
    return f"{doubt.count:,} gaps in the log since then" + (f" (the last: {what})" if what else "")


def confirmed_words(holding: Holding, zones: Zones) -> str:
    """Return one sentence on what speaks for a row that is certain."""
    number = "" if holding.number is None else f" #{holding.number}"
    if holding.confirmed is None:
        return f"By the log: nothing was done with it since transaction{number}."
    return f"By transaction{number}, and by the server's list of {_stamp(holding.confirmed, zones.desk)}."


def notes(board: Board, zones: Zones, *, is_past: bool = False) -> Iterator[str]:
    """Yield a sentence on each thing that goes for the board as a whole; `is_past`: of a past time."""
    if board.ledger is None:
        yield "It has not been checked yet whether transactions are missing, so nothing here is certain."
    if board.knows_since is not None:
        how = "is not known" if board.listed_at is None else "is known only where the server lists it"
        when = in_zone(board.knows_since, zones.server)
        yield f"What was issued before {when:%d/%m/%y %H:%M} and not touched since {how}."
    if board.returned_before_gap:
        weapons, came = counted(board.returned_before_gap, "weapon"), "it" if board.gaps == 1 else "them"
        yield (
            f"The log has {counted(board.gaps, 'open gap')}: {weapons} came back before {came} "
            "and may be out again."
        )
    if board.ahead is None and not is_past and any(each.due is not None for each in board.holdings):
        yield "What is overdue is judged by this desk's clock: the server's is not known yet."
    if is_past:
        yield "What was out then is worked out from the log alone: the server lists only what is out now."
    elif board.listed_at is None:
        yield "Worked out from the log alone: the server's list of what is issued has not been read."
    else:
        yield f"Compared with the server's list of what is issued, of {_stamp(board.listed_at, zones.desk)}."


def _stamp(time: datetime | None, zone: tzinfo | None) -> str:
    return "an unknown time" if time is None else f"{in_zone(time, zone):%d/%m/%y %H:%M}"
