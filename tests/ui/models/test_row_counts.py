"""An honest count: each row once, whatever arrives while the journal counts."""

from collections.abc import AsyncIterator
from itertools import islice

import pytest

from armguard_tray.errors import JournalError
from armguard_tray.tasks import TaskKeeper
from armguard_tray.ui.models.row_counts import RowCounts
from tests.fakes.events import issued, returned, traffic
from tests.fakes.journal import FakeJournal
from tests.fakes.signals import emitted, settled


@pytest.fixture
def journal() -> FakeJournal:
    return FakeJournal(islice(traffic(), 140))


@pytest.fixture
async def counts(journal: FakeJournal) -> AsyncIterator[RowCounts]:
    keeper = TaskKeeper("counts")
    counts = RowCounts(journal, keeper)
    yield counts
    await keeper.close()
    counts.deleteLater()


async def counted(counts: RowCounts) -> int | None:
    counts.count()
    await emitted(counts.changed)
    return counts.total


async def test_the_journal_is_asked_once(counts: RowCounts, journal: FakeJournal) -> None:
    assert await counted(counts) == 140
    counts.count()
    await settled()
    assert journal.asked.count("count") == 1


async def test_new_rows_are_added(counts: RowCounts, journal: FakeJournal) -> None:
    await counted(counts)
    counts.add(journal.append(issued(1), returned(2), issued(3)))
    assert counts.total == 143


async def test_a_row_that_was_counted_before_it_was_announced_counts_once(
    counts: RowCounts, journal: FakeJournal
) -> None:
    new = journal.append(issued(1))
    await counted(counts)
    counts.add(new)
    assert counts.total == 141


async def test_a_row_that_is_announced_while_the_journal_counts_counts_once(
    counts: RowCounts, journal: FakeJournal
) -> None:
    journal.open_gate.clear()
    counts.count()
    await settled()
    counts.add(journal.append(issued(1)))
    journal.open_gate.set()
    await emitted(counts.changed)
    assert counts.total == 141


async def test_what_could_not_be_counted_stays_unknown(counts: RowCounts, journal: FakeJournal) -> None:
    journal.failure = JournalError("The journal is damaged.")
    counts.count()
    await settled()
    counts.add(journal.append(issued(1)))
    assert counts.total is None


async def test_a_question_of_the_reader_goes_before(counts: RowCounts, journal: FakeJournal) -> None:
    journal.open_gate.clear()
    counts.count()
    await settled()
    counts.make_way()
    journal.open_gate.set()
    await settled()
    assert counts.total is None
    assert await counted(counts) == 140


async def test_rows_that_left_are_counted_no_more(counts: RowCounts, journal: FakeJournal) -> None:
    await counted(counts)
    journal.remove(1, 2, 3)
    counts.forget()
    assert await counted(counts) == 137
