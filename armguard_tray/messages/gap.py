"""A gap: a time, or numbers of transactions, of which this desk has nothing; and how it reads."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from armguard_tray.messages.streams import Stream


class Reason(StrEnum):
    """Why something is missing."""

    AWAY = "away"
    """The program did not run, or the desk slept."""
    NOT_CONNECTED = "not connected"
    """The streams were not open, and the server repeats nothing."""
    NOT_ANNOUNCED = "not announced"
    """The streams were open, but the server announced nothing to this desk, and it repeats nothing."""
    NOT_IN_HISTORY = "not in history"
    """The numbers were not announced, and the server's history does not have them either."""
    TOO_OLD = "too old"
    """The server's history does not go back that far."""
    UNREADABLE = "unreadable"
    """The server's history cannot be read, so nobody knows what happened."""
    JOURNAL_LOST = "journal lost"
    """The journal was damaged, and what stood in it could not be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """What is missing, and what has turned up of it since.

    Attributes:
        reason: why it is missing.
        streams: the streams that it concerns.
        since, until: from when to when it happened, aware; None where that is not known.
        first, last: the numbers of the transactions that it concerns; None if it is a time only.
        cause: what ended the connection, plain text; may be empty.
        missing: how many of the numbers have not turned up; None of a time only.
        closed_at: when the last of them did, or when it was found that nothing had happened, aware.

    """

    reason: Reason
    streams: tuple[Stream, ...]
    since: datetime | None = None
    until: datetime | None = None
    first: int | None = None
    last: int | None = None
    cause: str = ""
    missing: int | None = None
    closed_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether something of it is still missing."""
        return self.closed_at is None

    @property
    def numbers(self) -> str:
        """The numbers that it concerns, such as `#48195` or the first and the last; empty of a time only."""
        if self.first is None or self.last is None:
            return ""
        return f"#{self.first}" if self.first == self.last else f"#{self.first}\N{EN DASH}{self.last}"


def title_of(gap: Gap) -> str:
    """Return what is missing as far as is known now; without times, which read otherwise in each zone."""
    if gap.first is None or gap.last is None:
        return _title_of_time(gap)
    count = gap.last - gap.first + 1
    missing = count if gap.missing is None else gap.missing
    what = f"Transaction {gap.numbers}" if count == 1 else f"{count:,} transactions ({gap.numbers})"
    if not gap.is_open:
        return f"{what} received later"
    if missing < count:
        return f"{missing:,} of {what} not received"
    return f"{what} not received"


def detail_of(gap: Gap) -> str:
    """Return why it is missing."""
    return f"{_WHY[gap.reason]} · {gap.cause}" if gap.cause else _WHY[gap.reason]


_WHAT = {
    Stream.TRANSACTIONS: "transactions",
    Stream.NOTIFICATIONS: "notices",
    Stream.INVENTORY: "status changes",
    Stream.PRESENCE: "comings and goings",
}
_WHY = {
    Reason.AWAY: "this program did not run, or the computer slept",
    Reason.NOT_CONNECTED: "not connected, and the server repeats nothing",
    Reason.NOT_ANNOUNCED: "connected, but the server did not announce to this desk, and it repeats nothing",
    Reason.NOT_IN_HISTORY: "not announced, and not in the server's history: perhaps cancelled or deleted",
    Reason.TOO_OLD: "the server's history does not go back that far",
    Reason.UNREADABLE: "the server's history cannot be read",
    Reason.JOURNAL_LOST: "the log on this desk was damaged",
}


def _title_of_time(gap: Gap) -> str:
    what = _listed([words for stream, words in _WHAT.items() if stream in gap.streams]) or "events"
    return f"{what[0].upper()}{what[1:]} may have been missed" if gap.is_open else f"No {what} were missed"


def _listed(words: list[str]) -> str:
    *others, last = words or [""]
    return f"{', '.join(others)} and {last}" if others else last
