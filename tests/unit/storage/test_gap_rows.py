"""A gap in the journal and back."""

import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest

from armguard_tray.messages.gap import Gap, Reason
from armguard_tray.storage import gap_rows, schema
from tests.fakes import gaps


@pytest.fixture
def database() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    schema.migrate(connection)
    connection.execute("INSERT INTO server (id, url) VALUES (1, 'https://armory.local')")
    return connection


@pytest.mark.parametrize("reason", Reason)
@pytest.mark.parametrize("made", [gaps.numbers(), gaps.of_time(), gaps.closed()])
def test_a_gap_reads_back_as_it_was_written(database: sqlite3.Connection, made: Gap, reason: Reason) -> None:
    gap = replace(made, reason=reason)
    with closing(database):
        database.execute(gap_rows.INSERT, gap_rows.to_row(1, 1, gap))

        assert gap_rows.of_rows(database, [1]) == {1: gap}
