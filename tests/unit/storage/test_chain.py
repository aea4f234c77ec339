"""The chain says whether anybody has changed the journal: each change by hand is found, whatever it is."""

# ruff: noqa: S608  (what is pasted into the statements are names of tables and columns)

import json
import sqlite3
from collections.abc import Iterator
from concurrent.futures import CancelledError
from contextlib import closing, contextmanager
from functools import cache
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from armguard_tray.errors import JournalDamagedError, JournalError, JournalTooNewError
from armguard_tray.messages.event import Event, StoredEvent
from armguard_tray.storage import chain, rows, schema
from armguard_tray.storage.chain import ChainHead, Reason
from armguard_tray.storage.journal import Journal
from armguard_tray.storage.ledger import Plan
from armguard_tray.storage.verification import Break, Fault, HeadFound, Verified, verify
from tests.unit.storage import chained
from tests.unit.storage.events import SERVER, any_events, takes
from tests.unit.storage.test_ledger import carry_out, from_history

TABLES = ("event", "gap", "chain", "chain_anchor", "server")
KEYS = {"event": "row", "gap": "row", "chain": "n", "chain_anchor": "id", "server": "id"}


@pytest.fixture
async def file(journal_file: Path) -> Path:
    await chained.make(journal_file)
    return journal_file


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a journal that was trimmed, too; it is to be copied."""
    import asyncio  # noqa: PLC0415 - the one place where a fixture of the module needs a loop

    made = tmp_path_factory.mktemp("whole") / "journal.sqlite3"
    asyncio.run(chained.make(made))
    chained.trim(made, 8)
    with closing(sqlite3.connect(made)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
    return made


@contextmanager
def by_hand(file: Path) -> Iterator[sqlite3.Connection]:
    """Let somebody in who knows SQLite."""
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        yield connection


def change(file: Path, statement: str, *values: object) -> None:
    with by_hand(file) as connection:
        connection.execute(statement, values)


def first_break(file: Path) -> Break:
    verified = verify(file)
    assert not verified.holds
    return verified.breaks[0]


# What it says of a journal that nobody has touched


async def test_it_holds_and_says_of_what(file: Path) -> None:
    verified = verify(file)

    assert verified.holds
    assert verified.rows == 28
    assert verified.changed == 3
    assert verified.since is not None
    assert [each.reason for each in verified.anchors] == [Reason.BEGUN]
    assert verified.head_found is HeadFound.NOT_GIVEN


async def test_it_shows_what_a_late_announcement_has_completed(file: Path) -> None:
    completed = next(each for each in verify(file).changes if "duty" in {name for name, *_ in each.fields})

    assert {name: (before, after) for name, before, after in completed.fields}["duty"] == (None, "Guard Duty")


async def test_each_link_is_the_digest_of_the_one_before_and_of_the_row(file: Path) -> None:
    with by_hand(file) as connection:
        (n, row, link, digest) = connection.execute(
            "SELECT n, row, link, digest FROM chain WHERE n = 4"
        ).fetchone()
        (before,) = connection.execute("SELECT link FROM chain WHERE n = 3").fetchone()
        content = chain.content_now(connection, row)

    assert content is not None
    assert digest == sha256(content).digest()
    assert link == sha256(before + n.to_bytes(8, "big") + row.to_bytes(8, "big") + digest).digest()


async def test_a_content_is_canonical_json(file: Path) -> None:
    with by_hand(file) as connection:
        contents = [chain.content_now(connection, row) for row in range(1, 20)]

    for content in filter(None, contents):
        told = json.loads(content)
        canonical = json.dumps(told, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
        assert content.decode() == canonical


@given(told=any_events())
def test_what_is_chained_of_a_new_row_is_what_is_read_of_it(told: Event) -> None:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        schema.migrate(connection)
        connection.execute("INSERT INTO server (id, url) VALUES (1, ?)", [SERVER])
        values = rows.to_row(1, StoredEvent(3, told, moved=17))
        connection.execute(rows.INSERT, values)

        assert chain.content_of_new(values, SERVER) == chain.content_now(connection, 3)


async def test_a_new_journal_holds(journal: Journal) -> None:
    verified = verify(journal.file)

    assert (verified.holds, verified.rows, verified.since) == (True, 0, None)


async def test_it_is_read_while_others_write(journal: Journal) -> None:
    await journal.append(SERVER, takes(1, 500))
    seen: list[int] = []

    def write_meanwhile(done: int, _of: int) -> None:
        seen.append(done)
        with by_hand(journal.file) as other:
            other.execute("UPDATE reading SET up_to_row = 3")

    await journal.append(SERVER, takes(501, 2500))

    assert verify(journal.file, progress=write_meanwhile).rows == 2500
    assert seen == [1000, 2000]


async def test_whoever_wants_it_no_more_waits_no_longer(journal: Journal) -> None:
    await journal.append(SERVER, takes(1, 3000))
    asked = iter([True])

    with pytest.raises(CancelledError):
        verify(journal.file, is_wanted=lambda: next(asked, False))


async def test_two_programs_continue_one_chain(journal: Journal, journal_file: Path) -> None:
    other = await Journal.open(journal_file)
    try:
        for number in range(1, 20, 2):
            await journal.append(SERVER, takes(number, number))
            await other.append(SERVER, takes(number + 1, number + 1))
    finally:
        await other.close()

    assert verify(journal_file).rows == 20
    assert verify(journal_file).holds


async def test_the_rows_of_an_older_journal_get_their_entries(journal_file: Path) -> None:
    journal_file.parent.mkdir()
    with by_hand(journal_file) as connection:
        schema.migrate(connection, schema.MIGRATIONS[:6])
    with pytest.raises(JournalError, match="kept no chain"):
        verify(journal_file)

    journal = await Journal.open(journal_file)
    await journal.append(SERVER, takes(1, 3))
    await journal.close()

    assert verify(journal_file).rows == 3


async def test_a_journal_of_a_newer_version_is_refused(journal: Journal) -> None:
    change(journal.file, f"PRAGMA user_version = {len(schema.MIGRATIONS) + 1}")

    with pytest.raises(JournalTooNewError, match="newer version"):
        verify(journal.file)


def test_of_a_damaged_file_it_does_not_say_that_a_new_one_is_made(tmp_path: Path) -> None:
    file = tmp_path / "backup.sqlite3"
    file.write_bytes(b"no database at all " * 500)

    with pytest.raises(JournalDamagedError, match="cannot be followed") as raised:
        verify(file)

    assert "Nothing was changed" in raised.value.remedy
    assert [each.name for each in tmp_path.iterdir()] == ["backup.sqlite3"]


def test_no_journal_is_said(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match="There is no journal"):
        verify(tmp_path / "journal.sqlite3")
    change(tmp_path / "other.sqlite3", "CREATE TABLE bookmarks (url TEXT)")
    with pytest.raises(JournalError, match="no journal of ArmGuard"):
        verify(tmp_path / "other.sqlite3")


# Where it breaks


async def test_a_row_that_was_changed(file: Path) -> None:
    change(file, "UPDATE event SET person = 'Somebody Else' WHERE row = 9")

    found = first_break(file)

    assert (found.fault, found.row, found.number) == (Fault.CONTENT, 9, 10)
    assert found.received is not None


async def test_a_row_that_was_removed(file: Path) -> None:
    change(file, "DELETE FROM event WHERE row = 9")

    assert first_break(file) == Break(Fault.ROW_MISSING, 10, 9)


async def test_a_row_that_was_removed_with_its_entry(file: Path) -> None:
    change(file, "DELETE FROM event WHERE row = 9")
    change(file, "DELETE FROM chain WHERE row = 9")

    assert first_break(file) == Break(Fault.ENTRY_MISSING, 10)


async def test_a_row_that_was_put_in_between(file: Path) -> None:
    change(file, "UPDATE event SET row = 90000 WHERE row = 9")

    faults = {(each.fault, each.row) for each in verify(file).breaks}

    assert faults == {(Fault.ROW_MISSING, 9), (Fault.ROW_INSERTED, 90000)}


async def test_entries_that_were_made_anew_from_the_middle_on(file: Path) -> None:
    change(file, "UPDATE event SET person = 'Somebody Else' WHERE row = 9")
    with by_hand(file) as connection:
        digest = chain.digest_of(chain.content_now(connection, 9) or b"")
        connection.execute("UPDATE chain SET digest = ? WHERE row = 9", [digest])

    assert first_break(file).fault is Fault.LINK


async def test_the_server_of_rows_that_was_renamed(file: Path) -> None:
    change(file, "UPDATE server SET url = 'https://elsewhere.local' WHERE url LIKE '%other%'")

    assert {each.row for each in verify(file).breaks} == {1, 2, 3, 4, 5, 6}


async def test_a_row_of_which_only_the_earlier_content_is_left(file: Path) -> None:
    with by_hand(file) as connection:
        content = chain.content_now(connection, 9)
        assert content is not None
        connection.execute("UPDATE chain SET superseded = ? WHERE row = 9", [content.decode()])
        connection.execute("DELETE FROM event WHERE row = 9")

    assert first_break(file) == Break(Fault.ROW_MISSING, 10, 9)


async def test_what_was_changed_by_hand_is_not_covered_up_by_a_change_of_the_program(
    journal_file: Path,
) -> None:
    journal = await Journal.open(journal_file)
    try:
        await carry_out(journal, Plan(found=[from_history(1)]))
        change(journal_file, "UPDATE event SET person = 'Somebody Else' WHERE row = 1")
        change(journal_file, "UPDATE event SET person = 'Juan Dela Cruz', detail = 'x' WHERE row = 1")

        await journal.append(SERVER, takes(1, 1))
    finally:
        await journal.close()

    assert first_break(journal_file).fault is Fault.CONTENT


async def test_the_newest_rows_that_were_cut_off_are_missed_by_whoever_kept_the_head(file: Path) -> None:
    kept = verify(file).head
    assert verify(file, kept).head_found is HeadFound.HOLDS
    with by_hand(file) as connection:
        (last,) = connection.execute("SELECT max(row) FROM event").fetchone()
        connection.execute("DELETE FROM chain WHERE row = ?", [last])
        connection.execute("DELETE FROM event WHERE row = ?", [last])

    assert verify(file).holds, "the chain alone cannot tell"
    verified = verify(file, kept)

    assert (verified.holds, verified.head_found) == (False, HeadFound.CUT_OFF)


async def test_a_chain_that_was_computed_anew_is_not_the_one_of_the_head(file: Path) -> None:
    kept = verify(file).head
    with by_hand(file) as connection:
        connection.execute("UPDATE event SET person = 'Somebody Else' WHERE row = 9")
        chain.begin(connection)
        (last,) = connection.execute("SELECT max(n) FROM chain").fetchone()
    assert kept is not None
    assert verify(file).holds

    assert verify(file, ChainHead(min(kept.number, last), kept.link)).head_found is HeadFound.DIFFERS


async def test_a_journal_that_says_its_head_says_the_one_that_is_verified(journal: Journal) -> None:
    await journal.append(SERVER, takes(1, 3))

    assert await journal.chain_head() == verify(journal.file).head


# Whatever is changed is found


def verdict(file: Path) -> Verified | None:
    """Return what is found; None: the file is damaged, and that is said."""
    try:
        return verify(file)
    except JournalError:
        return None


def told(content: bytes, folder: Path) -> Any:
    """Return all that stands in the tables; None where it cannot be read."""
    copy = folder / "read.sqlite3"
    copy.write_bytes(content)
    try:
        with closing(sqlite3.connect(f"{copy.as_uri()}?immutable=1", uri=True)) as connection:
            connection.text_factory = bytes
            servers = "SELECT id, url FROM server WHERE id IN (SELECT server FROM event) ORDER BY id"
            return [
                connection.execute(servers).fetchall(),
                *(
                    connection.execute(f"SELECT * FROM {table} NOT INDEXED ORDER BY +{key}").fetchall()
                    for table, key in KEYS.items()
                    if table != "server"
                ),
            ]
    except (sqlite3.Error, UnicodeDecodeError):
        return None


def test_the_whole_one_holds(whole: Path, tmp_path: Path) -> None:
    copy = tmp_path / "journal.sqlite3"
    copy.write_bytes(whole.read_bytes())
    verified = verify(copy)

    assert verified.holds
    assert [each.reason for each in verified.anchors] == [Reason.RETENTION]
    assert verified.changed == 3


values = st.one_of(
    st.none(), st.integers(-(1 << 63), (1 << 63) - 1), st.text(max_size=8), st.binary(max_size=40)
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_value_that_is_changed_is_found(whole: Path, data: st.DataObject) -> None:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "journal.sqlite3"
        file.write_bytes(whole.read_bytes())
        with by_hand(file) as connection:
            table = data.draw(st.sampled_from(TABLES))
            columns = [str(name) for _, name, *_ in connection.execute(f"PRAGMA table_info ({table})")]
            column = data.draw(st.sampled_from(sorted(set(columns) - {"client"})))
            if table == "server":
                assume(column == "url")
            # Of a server of which all was removed nothing says what it was called.
            which = "WHERE id IN (SELECT server FROM event)" if table == "server" else ""
            rows = [row for (row,) in connection.execute(f"SELECT {KEYS[table]} FROM {table} {which}")]
            row = data.draw(st.sampled_from(rows))
            (before,) = connection.execute(
                f"SELECT {column} FROM {table} WHERE {KEYS[table]} = ?", [row]
            ).fetchone()
            after = data.draw(values)
            try:
                connection.execute(f"UPDATE {table} SET {column} = ? WHERE {KEYS[table]} = ?", [after, row])
            except (sqlite3.Error, OverflowError, UnicodeEncodeError):
                assume(False)
            written = connection.execute(
                f"SELECT count(*) FROM {table} WHERE {KEYS[table]} IS ? AND {column} IS ?",
                [row if column != KEYS[table] else after, before],
            ).fetchone()
            assume(written == (0,) or column == KEYS[table])
            if column == KEYS[table]:
                assume(after not in rows)
        found = verdict(file)

        assert found is None or not found.holds, (table, column, row, before, after)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_row_that_is_removed_doubled_or_exchanged_is_found(whole: Path, data: st.DataObject) -> None:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "journal.sqlite3"
        file.write_bytes(whole.read_bytes())
        with by_hand(file) as connection:
            table = data.draw(st.sampled_from(("event", "gap", "chain", "chain_anchor")))
            key = KEYS[table]
            rows = [row for (row,) in connection.execute(f"SELECT {key} FROM {table}")]
            row = data.draw(st.sampled_from(rows))
            how = data.draw(st.sampled_from(("removed", "doubled", "exchanged")))
            try:
                if how == "removed":
                    connection.execute(f"DELETE FROM {table} WHERE {key} = ?", [row])
                elif how == "doubled":
                    _double(connection, table, row, data.draw(st.integers(1, 1 << 40)))
                else:
                    other = data.draw(st.sampled_from(rows))
                    assume(other != row)
                    _exchange(connection, table, row, other)
            except sqlite3.IntegrityError:
                assume(False)
        found = verdict(file)

        assert found is None or not found.holds, (table, row, how)


def _double(connection: sqlite3.Connection, table: str, row: int, new: int) -> None:
    key = KEYS[table]
    connection.execute(f"CREATE TEMP TABLE one AS SELECT * FROM {table} WHERE {key} = ?", [row])
    connection.execute(f"UPDATE one SET {key} = ?", [new])
    if table == "event":
        connection.execute("UPDATE one SET key = NULL, moved = row * 3")
    connection.execute(f"INSERT INTO {table} SELECT * FROM one")


def _exchange(connection: sqlite3.Connection, table: str, row: int, other: int) -> None:
    for before, after in ((row, -(1 << 50)), (other, row), (-(1 << 50), other)):
        connection.execute(f"UPDATE {table} SET {KEYS[table]} = ? WHERE {KEYS[table]} = ?", [after, before])


@cache
def places(file: Path) -> list[int]:
    """Return where in a file something stands that is in the tables."""
    content = file.read_bytes()
    with TemporaryDirectory() as folder:
        tables = told(content, Path(folder))
    texts = [value for table in tables for row in table for value in row if isinstance(value, bytes)]
    return sorted({content.index(text) + at for text in texts if text in content for at in range(len(text))})


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(anywhere=st.booleans(), at=st.integers(min_value=0), bits=st.integers(1, 255))
@example(anywhere=True, at=0, bits=255)
def test_any_byte_that_changes_what_stands_there_is_found(
    whole: Path,
    anywhere: bool,  # noqa: FBT001 - drawn
    at: int,
    bits: int,
) -> None:
    content, where = whole.read_bytes(), places(whole)
    # Of any bytes most are free space and indexes.
    at = at % len(content) if anywhere else where[at % len(where)]
    with TemporaryDirectory() as folder:
        struck = content[:at] + bytes([content[at] ^ bits]) + content[at + 1 :]
        if told(struck, Path(folder)) == told(content, Path(folder)):
            return
        file = Path(folder) / "journal.sqlite3"
        file.write_bytes(struck)
        found = verdict(file)

        assert found is None or not found.holds


async def test_text_that_is_none_is_found_and_all_behind_it_is_still_read(file: Path) -> None:
    change(file, "UPDATE event SET person = CAST(x'ff41' AS TEXT) WHERE row = 9")
    change(file, "UPDATE event SET person = CAST(x'ff42' AS TEXT) WHERE row = 12")
    change(file, "DELETE FROM event WHERE row = 20")

    found = [(each.fault, each.row) for each in verify(file).breaks]

    assert found == [(Fault.CONTENT, 9), (Fault.CONTENT, 12), (Fault.ROW_MISSING, 20)]
    assert verify(file).rows == 27
