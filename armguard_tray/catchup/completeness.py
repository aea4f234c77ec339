"""PURE: what can be said of how complete the log is, and what is being fetched."""

from dataclasses import dataclass
from datetime import datetime

from armguard_tray.storage.ledger import Backlog


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """A fetching that is under way.

    Attributes:
        backlog: whether it is of the time before this desk followed the server.
        fetched: transactions that it has brought up to now.
        back_to: up to when it has come, going backwards, aware; None at first.
        wants_back_to: up to when it is to go, aware; None: where the journal's own begin.

    """

    backlog: bool
    fetched: int = 0
    back_to: datetime | None = None
    wants_back_to: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Completeness:
    """What is known, and since when; the default is that nothing is.

    Attributes:
        begins, complete_to: all transactions of these numbers are in the log or in its gaps; None: unknown.
        as_of: when that was last seen to be so, aware.
        is_current: whether it was seen since the transactions are live, and nothing newer is known to be
            missing.
        checked: when the server's history was last read and understood, aware; None: not since the start.
        failure: why it could not be read last, in words that go on after "history not checked"; may be empty.
        gaps_today: how many gaps that are still open began or ended today.
        unannounced_today: how many transactions of today the server has announced to nobody.
        progress: what is being fetched; None: nothing.
        backlog: whether the time before this desk followed the server has been fetched; None: unknown.
        brought: what there is of it, once the fetching has ended well since the start; None: it has not.

    """

    begins: int | None = None
    complete_to: int | None = None
    as_of: datetime | None = None
    is_current: bool = False
    checked: datetime | None = None
    failure: str = ""
    gaps_today: int = 0
    unannounced_today: int = 0
    progress: Progress | None = None
    backlog: Backlog | None = None
    brought: Progress | None = None

    @property
    def lacks_the_time_before(self) -> bool:
        """Whether somebody did not want what there is of the time before."""
        return self.backlog is Backlog.CANCELLED and self.begins is not None and self.begins > 1


UNKNOWN = Completeness()
