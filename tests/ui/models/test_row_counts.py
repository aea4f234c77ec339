"""Honest counts: each row once, whatever arrives while the journal counts."""

from collections.abc import AsyncIterator
from itertools import islice

import pytest

from armguard_tray.errors import JournalError
from armguard_tray.messages.event import Category
from armguard_tray.storage.log_filter import LogFilter
from armguard_tray.tasks import TaskKeeper
from armguard_tray.ui.models.row_counts import RowCounts
from tests.fakes import gaps
from tests.fakes.events import issued, returned, traffic
from tests.fakes.journal import FakeJournal
from tests.fakes.signals import emitted, settled

ISSUED = LogFilter(frozenset({Category.ISSUED}))


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


async def counted(counts: RowCounts, log_filter: LogFilter) -> tuple[int | None, int | None]:
    counts.recount(log_filter)
    assert counts.matching is None
    await emitted(counts.changed, lambda: counts.matching is not None)
    return counts.matching, counts.total


async def test_matching_and_total(counts: RowCounts) -> None:
    assert await counted(counts, ISSUED) == (70, 140)
    assert await counted(counts, LogFilter()) == (140, 140)


async def test_new_rows_are_added(counts: RowCounts, journal: FakeJournal) -> None:
    await counted(counts, ISSUED)
    counts.add(journal.append(issued(1), returned(2), issued(3)))
    assert (counts.matching, counts.total) == (72, 143)


async def test_a_row_that_was_counted_before_it_was_announced_counts_once(
    counts: RowCounts, journal: FakeJournal
) -> None:
    new = journal.append(issued(1))
    await counted(counts, ISSUED)
    counts.add(new)
    assert (counts.matching, counts.total) == (71, 141)


async def test_a_row_that_is_announced_while_the_journal_counts_counts_once(
    counts: RowCounts, journal: FakeJournal
) -> None:
    journal.open_gate.clear()
    counts.recount(ISSUED)
    await settled()
    counts.add(journal.append(issued(1)))
    journal.open_gate.set()
    await emitted(counts.changed, lambda: counts.matching is not None)
    assert (counts.matching, counts.total) == (71, 141)


async def test_what_could_not_be_counted_stays_unknown(counts: RowCounts, journal: FakeJournal) -> None:
    journal.failure = JournalError("The journal is damaged.")
    counts.recount(ISSUED)
    await settled()
    counts.add(journal.append(issued(1)))
    assert (counts.matching, counts.total) == (None, None)


async def test_a_row_that_reads_differently_may_match_now(counts: RowCounts, journal: FakeJournal) -> None:
    assert await counted(counts, LogFilter(text="parade")) == (0, 140)
    counts.change([journal.change(7, issued(7, duty_type="Parade"))])
    await emitted(counts.changed, lambda: counts.matching is not None)
    assert (counts.matching, counts.total) == (1, 140)


async def test_without_words_to_find_a_change_counts_nothing(counts: RowCounts, journal: FakeJournal) -> None:
    await counted(counts, ISSUED)
    counts.change([journal.change(7, issued(7, duty_type="Parade"))])
    assert (counts.matching, counts.total) == (70, 140)


async def test_a_gap_that_closes_needs_no_look_any_more(counts: RowCounts, journal: FakeJournal) -> None:
    journal.append(gaps.found(gaps.numbers()))
    assert await counted(counts, LogFilter(needs_look=True)) == (1, 141)
    counts.change([journal.change(141, gaps.found(gaps.numbers(), gaps.closed()))])
    await emitted(counts.changed, lambda: counts.matching is not None)
    assert (counts.matching, counts.total) == (0, 141)
