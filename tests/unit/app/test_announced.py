"""What the audit is told of the journal: what is known, and what was heard in the running subscription."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from armguard_tray.app.announced import Announcements
from armguard_tray.catchup.audit import Announced
from armguard_tray.connection.phase import Phase, StreamFacts
from armguard_tray.messages.streams import Stream
from armguard_tray.storage.journal import Journal
from armguard_tray.tasks import TaskKeeper
from tests.unit.storage.events import SERVER, takes

SINCE = datetime(2026, 11, 24, 4, tzinfo=UTC)
LIVE = StreamFacts(stream=Stream.TRANSACTIONS, phase=Phase.LIVE, since=SINCE)


async def test_what_was_heard_before_this_subscription_is_known_and_not_heard_in_it(
    tmp_path: Path,
) -> None:
    journal = await Journal.open(tmp_path / "journal.db")
    keeper = TaskKeeper("test")
    announcements = Announcements(journal, keeper)
    events = [replace(each, time=SINCE, received=SINCE + timedelta(minutes=1)) for each in takes(7, 9)]
    await journal.append(SERVER, events[:1])
    announcements.streams_changed((replace(LIVE, phase=Phase.CONNECTING),))
    announcements.streams_changed((LIVE,))
    await keeper.close(patience=5)
    await journal.append(SERVER, events[1:])
    announcements.streams_changed((replace(LIVE, events=2),))
    await keeper.close()

    assert await announcements.told(SERVER, SINCE, SINCE) == Announced(
        known=frozenset({7, 8, 9}), heard=frozenset({8, 9})
    )
    of_another = await announcements.told(SERVER, SINCE, SINCE - timedelta(hours=1))
    assert of_another == Announced(known=frozenset({7, 8, 9}))
    await journal.close()
