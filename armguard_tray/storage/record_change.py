"""PURE: what is told when a server's record turns out to be another than the one that the journal has."""

from datetime import datetime

from armguard_tray.messages.event import Category, Event, Level, Source
from armguard_tray.messages.streams import Stream
from armguard_tray.storage.ledger import KnownTransaction

KIND = "record_changed"


def other_record(number: int, known: KnownTransaction, at: datetime) -> Event:
    """Return the event that says: from `number` on the server's record is not the one in the journal."""
    before = known.item or "another transaction"
    return Event(
        stream=Stream.TRANSACTIONS,
        kind=KIND,
        category=Category.OTHER,
        received=at,
        source=Source.MISSING,
        raw=f'{{"record_changed": {{"from": {number}}}}}',
        level=Level.WARNING,
        title=f"The server's record begins anew at #{number}",
        detail=f"here #{number} was {before}; an older copy of its database may have been put back, or it is "
        "another server; what this desk has stays in the log",
        ref=str(number),
    )
