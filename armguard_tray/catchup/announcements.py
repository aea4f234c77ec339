"""What was announced in the running subscription to the transactions, beside what the history shows."""

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from armguard_tray.catchup.audit import MARGIN, Announced, Comparison, Doubtful, Reading, Span, compare
from armguard_tray.catchup.history_page import HistoryRow
from armguard_tray.errors import JournalError
from armguard_tray.storage.ledger import KnownTransaction
from armguard_tray.storage.queries import Subscription
from armguard_tray.tasks import TaskKeeper

log = logging.getLogger(__name__)


class Heard(Protocol):
    """What the journal knows of transactions, as `storage.journal.Journal`."""

    async def last_row(self) -> int:
        """Return the newest row."""
        ...

    async def transaction_ids(
        self, server: str, *, since: datetime, heard_in: Subscription | None = None
    ) -> frozenset[int]:
        """Return the transactions made since a time; with `heard_in` those surely heard live in it."""
        ...


class Announcements:
    """Remembers where in the journal the running subscription began, and what has been fetched since.

    That a row stands behind this place says that it was heard since, whatever the clocks said meanwhile. What
    was fetched from the history is known, but nobody announced it.
    """

    def __init__(self, journal: Heard, server: str, tasks: TaskKeeper) -> None:
        """Know of no subscription to the server at URL `server` yet."""
        self._journal = journal
        self._server = server
        self._tasks = tasks
        self._since: datetime | None = None
        self._ended_at: datetime | None = None
        self._began: Subscription | None = None
        self._first: Reading | None = None
        self._fetched: set[int] = set()

    @property
    def subscribed(self) -> datetime | None:
        """Since when this desk is subscribed, aware; None: it is not."""
        return self._since

    def begin(self, since: datetime) -> None:
        """Take that a subscription began then."""
        self._forget()
        self._since = since
        self._tasks.start(self._mark(since), name="subscription")

    def end(self, at: datetime) -> None:
        """Take that this desk is not subscribed any more, as was found `at` that time."""
        self._forget()
        self._ended_at = at

    def _forget(self) -> None:
        self._since = self._began = self._first = None
        self._fetched.clear()

    def fetched(self, numbers: Iterable[int]) -> None:
        """Take that these transactions came from the history and not by an announcement."""
        self._fetched.update(numbers)

    def was_told(self, known: KnownTransaction) -> bool:
        """Tell whether the running subscription surely told of a transaction, late or as it happened.

        What an earlier one told may be stored only now. Of this one, the first may come before it is known.
        """
        return (
            self._began is not None
            and known.row > self._began.row
            and (self._ended_at is None or known.received >= self._ended_at)
            and known.number not in self._fetched
        )

    def first_seen(self, newest: int, at: datetime) -> None:
        """Take what the history showed `at` that time, by the server's clock; the first of it counts."""
        if self._first is None and self._since is not None:
            self._first = Reading(newest=newest, at=at)

    async def compare(
        self,
        rows: Sequence[HistoryRow],
        until: datetime,
        ahead: timedelta,
        *,
        reaches_back: bool,
        unsure: timedelta | None = timedelta(0),
    ) -> Comparison | Doubtful | None:
        """Return what the history shows that was not announced; None: this desk is not subscribed.

        Args:
            rows: the newest transactions, the newest first.
            until: when they were read, by the server's clock.
            ahead: by how much that is ahead of this desk's.
            reaches_back: whether there are no others since the subscription began.
            unsure: by how much `ahead` may be off; None: nobody knows.

        Raises:
            JournalError: what was announced is not known.

        """
        since = self._since
        if since is None:
            return None
        announced = await self._told(min((row.time for row in rows), default=since) - MARGIN)
        if since != self._since:
            return None  # it ended meanwhile
        span = Span(since=since + ahead, until=until, unsure=unsure)
        return compare(rows, announced, span, reaches_back=reaches_back, first=self._first)

    async def _told(self, made_since: datetime) -> Announced:
        # Asked for after the page: what was announced while it came is known then.
        known = await self._journal.transaction_ids(self._server, since=made_since)
        began = self._began
        heard: frozenset[int] = frozenset()
        if began is not None:
            heard = await self._journal.transaction_ids(self._server, since=made_since, heard_in=began)
        return Announced(known=(known - self._fetched) | heard, heard=heard)

    async def _mark(self, since: datetime) -> None:
        try:
            row = await self._journal.last_row()
        except JournalError as error:
            log.warning("where the journal stood is not known: %s", error.message)
            return
        if since == self._since:
            self._began = Subscription(since, row)
