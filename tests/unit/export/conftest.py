"""A journal with a bit of everything, to be exported."""

from pathlib import Path

import pytest

from armguard_tray.messages.gap import Gap, Reason
from armguard_tray.messages.streams import Stream
from armguard_tray.storage.journal import Journal
from armguard_tray.storage.ledger import Ledger, Plan, Roll
from tests.unit.export.exports import AN_HOUR, AT, gap_event
from tests.unit.messages import frames
from tests.unit.storage.events import SERVER, event, takes


@pytest.fixture
def journal_file(tmp_path: Path) -> Path:
    return tmp_path / "data" / "journal.sqlite3"


@pytest.fixture
async def filled(journal_file: Path) -> Path:
    """Return a journal with transactions, a status, a notice, an open gap, a closed one, and one in time."""
    journal = await Journal.open(journal_file)
    told = (event(frames.STATUS, Stream.INVENTORY), event(frames.NOTICE, Stream.NOTIFICATIONS))
    await journal.append(SERVER, [*takes(1, 3), *told, event(frames.GAP)])
    missing = [
        gap_event(Gap(reason=Reason.NOT_IN_HISTORY, streams=(Stream.TRANSACTIONS,), first=first, last=last))
        for first, last in ((4, 4), (5, 9))
    ]
    whole = Ledger(begins=1, complete_to=10, as_of=AT)
    await journal.carry_out(SERVER, lambda _: Plan(gaps=missing, ledger=whole), AT)
    await journal.append(SERVER, [*takes(4, 4), *takes(10, 12)])
    away = Gap(reason=Reason.AWAY, streams=(Stream.INVENTORY,), since=AT, until=AT + AN_HOUR, cause="slept")
    roll = Roll(heard={Stream.INVENTORY: AT + AN_HOUR}, gap=gap_event(away))
    await journal.attend(SERVER, "reyes", roll)
    await journal.close()
    return journal_file
