"""What the witness sees in a journal that somebody else writes."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.faults.judge import Committed, Deed, Hole, Name, Silence
from tests.faults.witness import Witness

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
JUAN = Deed("Juan Dela Cruz", "M4 - 00077", "Take")
# As much of the journal's tables as the witness reads.
TABLES = """
    CREATE TABLE event (row INTEGER PRIMARY KEY, moved INTEGER, transaction_id INTEGER, person TEXT,
        item TEXT, action TEXT, source TEXT, category TEXT, stream TEXT, ref TEXT);
    CREATE TABLE gap (row INTEGER PRIMARY KEY, first INTEGER, last INTEGER, closed_at INTEGER, streams TEXT,
        since INTEGER, until INTEGER);
    CREATE TABLE ledger (server INTEGER PRIMARY KEY, begins INTEGER, complete_to INTEGER, as_of INTEGER);
"""


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """Open an empty journal for writing."""
    with closing(sqlite3.connect(tmp_path / "journal.sqlite3", isolation_level=None)) as database:
        database.executescript(TABLES)
        yield database


@pytest.fixture
def witness(tmp_path: Path) -> Witness:
    """Look into that journal."""
    return Witness(tmp_path / "journal.sqlite3")


def write(journal: sqlite3.Connection, number: int) -> None:
    values = [number, JUAN.person, JUAN.item, JUAN.action]
    journal.execute("INSERT INTO event VALUES (NULL, NULL, ?, ?, ?, ?, 'live', 'issued', '', NULL)", values)


def claim(journal: sqlite3.Connection, complete_to: int) -> None:
    as_of = int((NOON + timedelta(minutes=1)).timestamp()) * 1_000_000
    journal.execute("INSERT OR REPLACE INTO ledger VALUES (1, 1, ?, ?)", [complete_to, as_of])


def committed(*numbers: int) -> list[Committed]:
    return [Committed(number, JUAN, NOON) for number in numbers]


def test_what_is_written_later_is_no_longer_open(journal: sqlite3.Connection, witness: Witness) -> None:
    write(journal, 1)
    witness.look(committed(1, 2))
    assert [made.number for made in witness.open] == [2]
    write(journal, 2)
    witness.look([])
    assert witness.open == []


def test_a_claim_that_is_false_for_a_moment_was_false(journal: sqlite3.Connection, witness: Witness) -> None:
    claim(journal, 2)
    write(journal, 1)
    witness.look(committed(1, 2))
    write(journal, 2)
    witness.look([])

    assert [false.numbers for false in witness.false_claims] == [(2,)]


def test_a_false_claim_counts_once_however_often_it_is_seen(
    journal: sqlite3.Connection, witness: Witness
) -> None:
    claim(journal, 1)
    witness.look(committed(1))
    witness.look([])

    assert len(witness.false_claims) == 1


def test_a_declared_gap_makes_a_claim_true_while_it_is_open(
    journal: sqlite3.Connection, witness: Witness
) -> None:
    claim(journal, 1)
    journal.execute("INSERT INTO gap VALUES (1, 1, 1, NULL, 'transactions', NULL, NULL)")
    witness.look(committed(1))
    assert (witness.holes, witness.false_claims) == ([Hole(1, 1)], [])
    journal.execute("UPDATE gap SET closed_at = 1")
    witness.look([])
    assert len(witness.false_claims) == 1


def test_what_has_no_number_is_known_by_what_it_is_of(journal: sqlite3.Connection, witness: Witness) -> None:
    def notice(of: str) -> None:
        values = ["notice", "notifications", of]
        journal.execute("INSERT INTO event (category, stream, ref) VALUES (?, ?, ?)", values)

    notice("7")
    witness.look([])
    notice("7")
    notice("8")
    witness.look([])

    assert witness.heard == {Name("notifications", "7"): 2, Name("notifications", "8"): 1}


def test_a_gap_in_time_is_a_silence_while_it_is_open(journal: sqlite3.Connection, witness: Witness) -> None:
    noon = int(NOON.timestamp()) * 1_000_000
    values = ["inventory,notifications", noon]
    journal.execute("INSERT INTO gap (row, streams, since) VALUES (1, ?, ?)", values)
    witness.look([])
    assert witness.silences == [Silence(frozenset({"inventory", "notifications"}), NOON, None)]
    journal.execute("UPDATE gap SET closed_at = 1")
    witness.look([])
    assert witness.silences == []


def test_a_journal_that_is_begun_anew_has_nothing_of_the_old_one(
    journal: sqlite3.Connection, witness: Witness, tmp_path: Path
) -> None:
    write(journal, 1)
    witness.look(committed(1))
    (tmp_path / "journal.sqlite3").rename(tmp_path / "damaged")
    with closing(sqlite3.connect(tmp_path / "journal.sqlite3")) as anew:
        anew.executescript(TABLES)
    witness.look([])

    assert [made.number for made in witness.open] == [1]


def test_a_journal_that_is_not_there_is_no_trouble(tmp_path: Path) -> None:
    witness = Witness(tmp_path / "not yet")
    witness.look(committed(1))

    assert witness.looks == 0
