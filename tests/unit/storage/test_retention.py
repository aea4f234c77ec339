"""What is too old goes, in small steps, and what is left is whole."""

# ruff: noqa: S608  (what is pasted into the statements are names of tables)

import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from armguard_tray.catchup.entries import event_of_row
from armguard_tray.catchup.planning import Walk, fill, recover, settle
from armguard_tray.errors import JournalError
from armguard_tray.messages.event import Source, StoredEvent
from armguard_tray.storage import retention
from armguard_tray.storage.choices import Choice
from armguard_tray.storage.journal import Journal
from armguard_tray.storage.ledger import Backlog, Ledger, Plan
from armguard_tray.storage.log_filter import LogFilter
from armguard_tray.storage.retention import KEPT_WHATEVER_THE_SIZE, Limits, Trimmed
from armguard_tray.storage.verification import verify
from tests.unit.catchup.pages import made
from tests.unit.messages import frames
from tests.unit.storage import chained
from tests.unit.storage.events import SERVER, takes
from tests.unit.storage.test_ledger import carry_out, from_history, gap, ledger

ROOT = Path(__file__).parents[3]
NOW = frames.AT
A_YEAR = timedelta(days=365)
A_YEAR_IS_KEPT = Limits(keep=A_YEAR)


async def step(journal: Journal, limits: Limits = A_YEAR_IS_KEPT, now: datetime = NOW) -> Trimmed | None:
    return await journal.tend(lambda connection: retention.step(connection, limits, now))


async def trim(journal: Journal, limits: Limits = A_YEAR_IS_KEPT, now: datetime = NOW) -> int:
    """Remove all that is to go, and return how many rows went."""
    rows = 0
    while trimmed := await step(journal, limits, now):
        rows += trimmed.rows
    return rows


async def store(journal: Journal, *numbers: int, at: datetime, duty: str | None = None) -> None:
    """Store transactions that this desk got `at` that time."""
    told = [replace(each, received=at, time=at) for number in numbers for each in takes(number, number)]
    await journal.append(SERVER, [each if duty is None else replace(each, duty=duty) for each in told])


async def stored(journal: Journal, text: str = "") -> list[StoredEvent]:
    return (await journal.page(LogFilter(text=text), limit=10_000))[::-1]


async def numbers(journal: Journal) -> list[int | None]:
    return [each.event.transaction_id for each in await stored(journal)]


def count(file: Path, table: str) -> int:
    with closing(sqlite3.connect(file)) as connection:
        return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


async def test_what_is_older_than_the_limit_goes_and_nothing_younger(journal: Journal) -> None:
    await store(journal, 1, 2, at=NOW - A_YEAR - timedelta(seconds=1))
    await store(journal, 3, at=NOW - A_YEAR)
    await store(journal, 4, at=NOW)

    assert await step(journal) == Trimmed(up_to_row=2, rows=2)

    assert await numbers(journal) == [3, 4]
    assert await step(journal) is None


async def test_without_a_limit_nothing_goes(journal: Journal) -> None:
    await store(journal, 1, 2, at=NOW - 40 * A_YEAR)

    assert await step(journal, Limits()) is None


async def test_rows_go_from_the_oldest_on_and_never_from_between(journal: Journal) -> None:
    await store(journal, 1, at=NOW - 2 * A_YEAR)
    await store(journal, 2, at=NOW - timedelta(days=1))
    await store(journal, 3, at=NOW - 2 * A_YEAR)
    await store(journal, 4, at=NOW)

    assert await trim(journal) == 1

    assert await numbers(journal) == [2, 3, 4]


async def test_the_newest_row_stays_so_that_numbers_go_on_above_it(journal_file: Path) -> None:
    journal = await Journal.open(journal_file)
    # Without a time that a server told, this desk's clock alone counts.
    await journal.append(
        SERVER, [replace(each, received=NOW - 3 * A_YEAR, time=None) for each in takes(1, 3)]
    )
    assert await trim(journal) == 2
    await journal.close()

    journal = await Journal.open(journal_file)
    await store(journal, 4, at=NOW)

    assert [each.row for each in await stored(journal)] == [3, 4]
    await journal.close()


async def test_a_step_is_small(journal: Journal) -> None:
    await store(journal, *range(1, 2 * retention.ROWS_A_STEP), at=NOW - 2 * A_YEAR)
    await store(journal, 9999, at=NOW)

    assert await step(journal) == Trimmed(retention.ROWS_A_STEP, retention.ROWS_A_STEP)
    assert await trim(journal) == retention.ROWS_A_STEP - 1


async def test_a_clock_that_runs_years_ahead_empties_nothing(journal: Journal) -> None:
    await store(journal, 1, 2, at=NOW)

    assert await step(journal, now=NOW + 50 * A_YEAR) is None


async def test_nor_does_it_together_with_a_time_that_a_server_told_of_years_to_come(journal: Journal) -> None:
    await store(journal, 1, 2, at=NOW)
    (absurd,) = takes(3, 3)
    await journal.append(SERVER, [replace(absurd, received=NOW, time=NOW + 900 * A_YEAR)])

    assert await step(journal, now=NOW + 50 * A_YEAR) is None


async def test_a_clock_that_stands_years_back_empties_nothing(journal: Journal) -> None:
    await store(journal, 1, 2, at=NOW)

    assert await step(journal, now=NOW - 50 * A_YEAR) is None


async def test_a_row_from_a_time_to_come_does_not_keep_all_after_it_for_ever(journal: Journal) -> None:
    (wrong,) = takes(1, 1)
    await journal.append(SERVER, [replace(wrong, received=NOW + 40 * A_YEAR, time=NOW - 2 * A_YEAR)])
    await store(journal, 2, at=NOW - 2 * A_YEAR)
    await store(journal, 3, at=NOW)

    assert await trim(journal) == 2


async def test_a_journal_that_is_too_large_loses_its_oldest_but_none_of_the_last_days(
    journal: Journal,
) -> None:
    old, young = NOW - KEPT_WHATEVER_THE_SIZE - timedelta(days=1), NOW - timedelta(days=29)
    await store(journal, *range(1, 300), at=old)
    await store(journal, *range(300, 600), at=young)
    await store(journal, 600, at=NOW)
    in_use = await journal.tend(retention.bytes_in_use)

    assert await step(journal, Limits(size=in_use)) is None
    assert await step(journal, Limits(size=in_use - 1)) is not None
    await trim(journal, Limits(size=1))

    assert await numbers(journal) == list(range(300, 601))
    assert await journal.tend(lambda connection: retention.is_too_large(connection, Limits(size=1)))


async def test_what_is_gone_is_found_no_more_and_what_is_left_still_is(journal: Journal) -> None:
    await store(journal, 111222, at=NOW - 2 * A_YEAR)
    await store(journal, 333444, at=NOW)

    await trim(journal)

    assert await stored(journal, "111222") == []
    assert [each.event.transaction_id for each in await stored(journal, "333444")] == [333444]
    for table in ("event_text", "moved_text"):
        check = f"INSERT INTO {table} ({table}) VALUES ('integrity-check')"
        await journal.tend(lambda connection, check=check: connection.execute(check).close())  # type: ignore[misc]


async def test_values_that_nothing_bears_any_more_are_offered_no_more(journal: Journal) -> None:
    await store(journal, 1, at=NOW - 2 * A_YEAR, duty="Honor Guard")
    await store(journal, 2, at=NOW - 2 * A_YEAR, duty="Patrol")
    await store(journal, 3, at=NOW - 2 * A_YEAR, duty="VIP Escort")
    await store(journal, 4, at=NOW, duty="Patrol")
    await trim(journal)

    gone = await journal.tend(retention.unborne)
    await store(journal, 5, at=NOW, duty="VIP Escort")
    await journal.tend(lambda connection: retention.forget(connection, gone))

    assert await journal.choices(Choice.DUTY) == ["Patrol", "VIP Escort"]
    assert await journal.choices(Choice.ITEM_TYPE) == ["M4"]


# The ledger


async def begun(journal: Journal, begins: int, complete_to: int) -> None:
    await carry_out(journal, Plan(ledger=ledger(begins, complete_to)))


async def claim(journal: Journal) -> Ledger:
    found = await journal.ledger(SERVER)
    assert found is not None
    return found


async def test_it_answers_only_for_what_is_left_and_wants_the_rest_no_more(journal: Journal) -> None:
    await store(journal, *range(1, 6), at=NOW - 2 * A_YEAR)
    await store(journal, *range(6, 9), at=NOW)
    await begun(journal, 1, 8)

    await trim(journal)

    assert await claim(journal) == replace(ledger(6, 8), backlog=Backlog.DONE)


async def test_of_a_time_that_was_fetched_later_what_is_left_is_not_answered_for(journal: Journal) -> None:
    await store(journal, 10, 11, at=NOW - 2 * A_YEAR)
    history = [replace(from_history(each, Source.HISTORY), received=NOW) for each in (8, 9)]
    await carry_out(journal, Plan(found=history))
    await store(journal, 12, at=NOW)
    await begun(journal, 8, 12)

    await trim(journal)

    assert await numbers(journal) == [8, 9, 12]
    assert (await claim(journal)).begins == 12


async def test_a_gap_that_goes_is_answered_for_no_more(journal: Journal) -> None:
    await store(journal, 1, at=NOW - 2 * A_YEAR)
    old_gap = replace(gap(2, 4), received=NOW - 2 * A_YEAR)
    await carry_out(journal, Plan(gaps=[old_gap]))
    await store(journal, 5, 6, at=NOW)
    await begun(journal, 1, 6)

    await trim(journal)

    assert (await claim(journal)).begins == 5
    assert count(journal.file, "gap") == 0


async def test_a_number_beyond_what_is_claimed_moves_no_claim(journal: Journal) -> None:
    await store(journal, 1, 10**12, at=NOW - 2 * A_YEAR)
    await store(journal, 2, at=NOW)
    await begun(journal, 1, 2)

    await trim(journal)

    assert (await claim(journal)).begins == 2


async def test_numbers_of_a_record_that_is_gone_move_no_claim(journal: Journal) -> None:
    await store(journal, *range(1, 21), at=NOW - 2 * A_YEAR)
    row = await journal.last_row()
    await store(journal, 101, 102, 103, at=NOW)
    anew = replace(ledger(3, 103), era_row=row + 1, era_first=3)
    await carry_out(journal, Plan(ledger=anew))

    await trim(journal)

    assert (await claim(journal)).begins == 3


# The chain


async def test_the_chain_holds_before_and_after_and_says_what_was_removed(journal_file: Path) -> None:
    await chained.make(journal_file)
    kept = verify(journal_file).head

    chained.trim(journal_file, 10)

    verified = verify(journal_file, kept)
    assert verified.holds
    assert verified.rows == 18
    assert [(each.reason, each.up_to_row, each.at) for each in verified.anchors] == [
        ("retention", 10, chained.NOW)
    ]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ends=st.lists(st.integers(1, 27), min_size=1, max_size=6))
async def test_the_chain_holds_after_any_steps(
    ends: list[int], tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = tmp_path_factory.mktemp("chain") / "journal.sqlite3"
    await chained.make(file)
    before = {each.row: each for each in await read(file)}

    for end in ends:
        chained.trim(file, end)
        assert verify(file).holds

    gone = max(ends)
    assert {each.row: each for each in await read(file)} == {
        row: each for row, each in before.items() if row > gone
    }
    assert verify(file).rows == 28 - gone
    with closing(sqlite3.connect(file)) as connection:
        told = connection.execute(
            "SELECT count(*) FROM chain WHERE row BETWEEN 1 AND ? AND superseded <> ''", [gone]
        )
        assert told.fetchone() == (0,), "what was removed is told nowhere"


async def read(file: Path) -> list[StoredEvent]:
    journal = await Journal.open(file)
    try:
        return await stored(journal)
    finally:
        await journal.close()


async def test_a_row_that_is_removed_beyond_what_retention_says_is_missed(journal_file: Path) -> None:
    await chained.make(journal_file)
    chained.trim(journal_file, 10)
    with closing(sqlite3.connect(journal_file, isolation_level=None)) as connection:
        connection.execute("DELETE FROM event WHERE row = 11")
        connection.execute("UPDATE chain SET superseded = '' WHERE row = 11")
        connection.execute("UPDATE chain_anchor SET up_to_row = 11")

    assert not verify(journal_file).holds


async def test_rows_come_and_are_completed_while_others_go(journal_file: Path) -> None:
    await chained.make(journal_file)
    chained.trim(journal_file, 8)
    journal = await Journal.open(journal_file)
    try:
        await store(journal, *range(21, 30), at=NOW)
        await carry_out(journal, Plan(found=[from_history(7)]))
    finally:
        await journal.close()

    assert verify(journal_file).holds


# A process that dies


def _trim_until_killed(file: Path, steps: int) -> None:
    command = [sys.executable, "-m", "tests.unit.storage.steady_trimmer", str(file)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        for _ in range(steps):
            process.stdout.readline()
        process.kill()


async def test_a_kill_in_the_middle_leaves_it_whole(journal_file: Path) -> None:
    journal = await Journal.open(journal_file)
    await store(journal, *range(1, 1500), at=NOW - 2 * A_YEAR)
    await store(journal, 5000, at=NOW)
    await begun(journal, 1, 1499)
    await journal.close()

    for steps in (1, 4, 11):
        _trim_until_killed(journal_file, steps)

        verified = verify(journal_file)
        assert verified.holds
        assert verified.rows == count(journal_file, "event") < 1500
        with closing(sqlite3.connect(journal_file)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            (begins,) = connection.execute("SELECT begins FROM ledger").fetchone()
            (oldest,) = connection.execute("SELECT min(transaction_id) FROM event").fetchone()
            assert begins == min(oldest, 1500)


def _fails_at(statement: str) -> Callable[[sqlite3.Connection], None]:
    def job(connection: sqlite3.Connection) -> None:
        def full(action: int, what: str | None, *_: str | None) -> int:
            forbidden = action == sqlite3.SQLITE_INSERT and what == statement
            return sqlite3.SQLITE_DENY if forbidden else sqlite3.SQLITE_OK

        connection.set_authorizer(full)

    return job


async def test_a_step_that_fails_removes_nothing(journal: Journal) -> None:
    await store(journal, 1, at=NOW - 2 * A_YEAR)
    await store(journal, 2, at=NOW)
    await journal.tend(_fails_at("chain_anchor"))

    with pytest.raises(JournalError, match="cannot be opened or written"):
        await step(journal)

    await journal.tend(lambda connection: connection.set_authorizer(None))
    assert await numbers(journal) == [1, 2]
    assert verify(journal.file).holds


# The server's history, which may show more than is kept


async def test_what_was_removed_is_neither_fetched_nor_declared_missing_again(journal: Journal) -> None:
    history = [made(number, NOW - (9 - number) * timedelta(days=100)) for number in range(1, 9)]
    for row in history:
        told = event_of_row(row, at=row.time, source=Source.LIVE)
        await journal.append(SERVER, [told])
    await begun(journal, 1, 8)
    await trim(journal)
    left = await numbers(journal)
    assert left == [5, 6, 7, 8]

    walk = Walk(rows=history, at=NOW, asked_row=await journal.last_row())
    for planner in (
        fill(walk),
        settle(walk, 8, reaches=True),
        settle(walk, 8, reaches=False),
        recover(history, NOW),
    ):
        written = await journal.carry_out(SERVER, planner, NOW)
        assert (written.new, written.changed) == ([], [])

    assert await numbers(journal) == left
    found = await claim(journal)
    assert (found.begins, found.complete_to, found.backlog) == (5, 8, Backlog.DONE)
