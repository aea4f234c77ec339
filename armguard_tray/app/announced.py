"""What the journal knows of the transactions that were announced, and in which subscription."""

import logging
from datetime import datetime
from typing import TYPE_CHECKING

from armguard_tray.connection.phase import Phase, StreamFacts
from armguard_tray.errors import JournalError
from armguard_tray.messages.streams import Stream
from armguard_tray.storage.journal import Journal
from armguard_tray.storage.queries import Subscription
from armguard_tray.tasks import TaskKeeper

if TYPE_CHECKING:
    from armguard_tray.catchup.audit import Announced

log = logging.getLogger(__name__)


class Announcements:
    """Remembers where in the journal the running subscription to the transactions began.

    That a row stands behind this place says that it was heard since, whatever the clocks said meanwhile.
    """

    def __init__(self, journal: Journal, keeper: TaskKeeper) -> None:
        """Know of no subscription yet."""
        self._journal = journal
        self._keeper = keeper
        self._since: datetime | None = None
        self._began: Subscription | None = None

    def streams_changed(self, streams: tuple[StreamFacts, ...]) -> None:
        """Take what the streams do now; called whenever that changes."""
        for each in streams:
            if each.stream is Stream.TRANSACTIONS and each.phase is Phase.LIVE and each.since != self._since:
                self._since = each.since
                self._keeper.start(self._mark(each.since), name="subscription")

    async def _mark(self, since: datetime) -> None:
        try:
            row = await self._journal.last_row()
        except JournalError as error:
            log.warning("where the journal stood is not known: %s", error.message)
            return
        if since == self._since:
            self._began = Subscription(since, row)

    async def told(self, server: str, made_since: datetime, subscribed: datetime) -> "Announced":
        """Return what the server at that URL announced of what was made since then. Raises JournalError."""
        from armguard_tray.catchup.audit import Announced  # noqa: PLC0415 - only who audits pays for it

        known = await self._journal.transaction_ids(server, since=made_since)
        began = self._began
        if began is None or began.since != subscribed:
            return Announced(known=known)
        heard = await self._journal.transaction_ids(server, since=made_since, heard_in=began)
        return Announced(known=known, heard=heard)
