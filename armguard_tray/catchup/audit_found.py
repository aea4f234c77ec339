"""What a look at the server's history has found, as the health page is shown it."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFound:
    """The server's history beside what was announced.

    Attributes:
        at: when it was looked, aware.
        ms: milliseconds that it took.
        complete_to: every transaction up to this one is in the log or in a gap; None: nothing can be said.
        unannounced: transactions made while this desk was subscribed, and not announced, ascending.
        since: from when on the two were compared, aware; None: they were not.
        compared: how many transactions fell into that time; 0: nothing happened, so nothing is shown.
        unannounced_today: how many transactions of today the server has announced to nobody, by the log.
        gaps: how many gaps that are still open began or ended today.
        warning: how the server's record is not what it was, in words; empty: it is.
        failure: why nothing can be said for certain, in words; empty if it can.

    """

    at: datetime
    ms: float = 0.0
    complete_to: int | None = None
    unannounced: tuple[int, ...] = ()
    since: datetime | None = None
    compared: int = 0
    unannounced_today: int = 0
    gaps: int = 0
    warning: str = ""
    failure: str = ""
