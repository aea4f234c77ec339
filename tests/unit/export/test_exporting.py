"""What is exported is what the journal has, in every format, whole or not at all."""

import asyncio
import errno
import os
import sqlite3
import tempfile
import threading
from collections.abc import Callable
from concurrent.futures import CancelledError
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from armguard_tray.errors import ExportError, JournalDamagedError, JournalError, JournalTooNewError
from armguard_tray.export.exporting import check_place
from armguard_tray.export.formula import original
from armguard_tray.export.target import FileTarget
from armguard_tray.export.xlsx_file import XlsxWriter
from armguard_tray.messages.event import Category, Event, StoredEvent
from armguard_tray.storage import moment, outside
from armguard_tray.storage.journal import Journal
from armguard_tray.storage.log_filter import LogFilter
from tests.unit.export.exports import (
    AN_HOUR,
    AT,
    MADE,
    Watch,
    csv_rows,
    exported,
    json_rows,
    xlsx_rows,
)
from tests.unit.messages import frames
from tests.unit.storage.events import SERVER, event, takes

PLAIN = ("csv", "xlsx", "jsonl")
READ: dict[str, Callable[[Path], tuple[list[dict[str, Any]], dict[str, Any]]]] = {
    "csv": csv_rows,
    "xlsx": xlsx_rows,
    "jsonl": json_rows,
}


def make(file: Path, events: list[Event]) -> list[StoredEvent]:
    """Make a journal of these events, and return what it has, oldest first."""

    async def fill() -> list[StoredEvent]:
        journal = await Journal.open(file)
        await journal.append(SERVER, events)
        found = await journal.page(LogFilter(), limit=10_000)
        await journal.close()
        return found[::-1]

    return asyncio.run(fill())


def files(folder: Path) -> set[str]:
    return {each.name for each in folder.iterdir() if each.is_file()}


# What stands there


async def test_all_formats_have_the_same_rows_in_the_order_of_the_log(filled: Path, tmp_path: Path) -> None:
    found = {kind: exported(filled, tmp_path / f"log.{kind}") for kind in PLAIN}

    assert len({each.rows_digest for each in found.values()}) == 1
    rows, _ = csv_rows(tmp_path / "log.csv")
    assert [row["Number"] for row in rows if row["Number"]] == ["1", "2", "3", "4", "10", "11", "12"]
    as_json, _ = json_rows(tmp_path / "log.jsonl")
    as_book, _ = xlsx_rows(tmp_path / "log.xlsx")
    assert len(rows) == len(as_json) == len(as_book) == found["csv"].rows == 13
    assert (
        [row["text"] for row in as_json] == [row["Text"] for row in as_book] == [row["Text"] for row in rows]
    )


async def test_a_row_says_what_the_event_says(filled: Path, tmp_path: Path) -> None:
    exported(filled, tmp_path / "log.csv")
    exported(filled, tmp_path / "log.xlsx")

    row = csv_rows(tmp_path / "log.csv")[0][1]
    assert (row["What"], row["Came"], row["Item"], row["Person"]) == (
        "Issued",
        "live",
        "M4 - 00077",
        "Juan Dela Cruz",
    )
    assert (row["Duty"], row["Mags"], row["Rounds"], row["By"]) == ("Guard Duty", "3", "90", "armorer1")
    assert row["Time"] == "2026-11-24 11:25:26"
    assert row["Time by the server's clock"].startswith("2026-11-24T11:25:26.")
    assert row["Server"] == SERVER
    cells = xlsx_rows(tmp_path / "log.xlsx")[0][1]
    assert (cells["Number"], cells["Mags"], cells["Rounds"]) == (2, 3, 90), "numbers are numbers"
    assert cells["Time"].replace(microsecond=0) == datetime(2026, 11, 24, 11, 25, 26)  # noqa: DTZ001 - so there


async def test_gaps_are_rows_as_they_are_known_now(filled: Path, tmp_path: Path) -> None:
    exported(filled, tmp_path / "log.csv")
    exported(filled, tmp_path / "log.jsonl")

    gaps = [(row["Text"], row["Came"]) for row in csv_rows(tmp_path / "log.csv")[0] if row["What"] == "Gap"]
    assert gaps == [
        ("Transaction #4 received later", "closed"),
        ("5 transactions (#5\N{EN DASH}9) not received", "missing"),
        ("Up to 21 events were missed", "missing"),
        ("Status changes may have been missed", "missing"),
    ]
    facts = [row["gap"] for row in json_rows(tmp_path / "log.jsonl")[0] if row["gap"]]
    assert {(each["first"], each["last"], each["missing"]) for each in facts} == {
        (4, 4, 0),
        (5, 9, 5),
        (None, None, None),
    }


async def test_each_file_says_what_it_is(filled: Path, tmp_path: Path) -> None:
    asked = LogFilter(since=AT - AN_HOUR, until=AT + AN_HOUR, categories=frozenset({Category.ISSUED}))
    for kind in PLAIN:
        exported(filled, tmp_path / f"log.{kind}", asked)

    for kind, read in (("csv", csv_rows), ("xlsx", xlsx_rows)):
        said = read(tmp_path / f"log.{kind}")[1]
        assert said["Filter"] == "Everything"
        period = "from 24 November 2026, 10:25:27 UTC+08:00 until 24 November 2026, 12:25:27"
        assert said["Period"].startswith(period)
        assert said["Rows"] == said["Rows: Issued"] == "7"
        assert said["Completeness"] == (
            f"{SERVER}: all transactions from #1 to #12 are in the log, or in a gap that it shows. That was "
            "seen on 24 November 2026, 11:25:27 UTC+08:00; whether there are newer ones is not known."
        )
        assert said["Open gaps"] == "3 in this period, whatever the filter"
        assert "Asia/Manila" in said["Times"]
        assert said["Made"].startswith("24 November 2026, 17:30:00 UTC+08:00, by ArmGuard Tray 1.2.3")
        assert said["SHA-256 of the rows"] == json_rows(tmp_path / "log.jsonl")[1]["sha256"]
        assert ":" in said["Head of the journal's chain"]
    plain = json_rows(tmp_path / "log.jsonl")[1]
    assert plain["totals"] == {"Issued": 7}
    assert plain["rows"] == 7
    assert len(plain["gaps"]) == plain["open_gaps"] == 3
    assert datetime.fromisoformat(plain["made"]) == MADE
    assert plain["chain"]["number"] > 0


async def test_the_digest_of_the_rows_can_be_made_by_anybody(filled: Path, tmp_path: Path) -> None:
    found = exported(filled, tmp_path / "log.jsonl")
    content = (tmp_path / "log.jsonl").read_bytes()
    _, *lines, _ = content.splitlines(keepends=True)
    assert sha256(b"".join(lines)).hexdigest() == found.rows_digest
    assert sha256(content).hexdigest() == found.file_digest


async def test_a_filter_that_finds_nothing_makes_a_file_that_says_so(filled: Path, tmp_path: Path) -> None:
    nothing = LogFilter(text="nobody by that name")
    for kind in PLAIN:
        assert exported(filled, tmp_path / f"log.{kind}", nothing).rows == 0
        rows, _ = READ[kind](tmp_path / f"log.{kind}")
        assert rows == []
    assert "there is no row" in csv_rows(tmp_path / "log.csv")[1]["Period"]


async def test_a_search_for_words_exports_what_it_finds(filled: Path, tmp_path: Path) -> None:
    exported(filled, tmp_path / "log.csv", LogFilter(text="maintenance"))
    rows, _ = csv_rows(tmp_path / "log.csv")
    assert [row["What"] for row in rows] == ["Status"]


async def test_more_rows_than_a_sheet_has_go_into_further_sheets(filled: Path, tmp_path: Path) -> None:
    found = exported(filled, tmp_path / "log.xlsx", writer=XlsxWriter(max_rows=5))
    rows, said = xlsx_rows(tmp_path / "log.xlsx")
    assert len(rows) == found.rows == 13
    assert said["Rows"] == "13"


def test_times_that_no_spreadsheet_knows_are_texts(tmp_path: Path) -> None:
    old = replace(event(frames.take(1)), time=datetime(1, 1, 1, tzinfo=UTC), key="a")
    late = replace(event(frames.take(2)), time=datetime(9999, 12, 31, 23, 59, tzinfo=UTC), key="b")
    make(tmp_path / "journal.sqlite3", [old, late])
    for kind in PLAIN:
        exported(tmp_path / "journal.sqlite3", tmp_path / f"log.{kind}")
    assert [row["Time"][:10] for row in csv_rows(tmp_path / "log.csv")[0]] == ["0001-01-01", "9999-12-31"]
    assert [str(row["Time"])[:10] for row in xlsx_rows(tmp_path / "log.xlsx")[0]] == [
        "0001-01-01",
        "9999-12-31",
    ]


# Whatever the texts

TEXTS = st.text(max_size=30) | st.text(st.sampled_from("=+-@'\";,\t\r\n _x00\ufeff\u2028"), max_size=12)


def hostile_events() -> st.SearchStrategy[list[Event]]:
    names = ("title", "detail", "item", "person", "duty", "issued_by", "action", "status")
    texts = dict.fromkeys(names, TEXTS)
    first, last = datetime(1, 1, 2), datetime(9999, 12, 30)  # noqa: DTZ001 - the zone is given beside
    times = st.none() | st.datetimes(first, last, timezones=st.just(UTC))
    plain = event(frames.take(1))
    return st.lists(
        st.builds(
            lambda time, mags, **given: replace(plain, key=None, time=time, mags=mags, **given),
            times,
            st.none() | st.integers(-9, 9),
            **texts,
        ),
        min_size=1,
        max_size=6,
    )


@settings(max_examples=25, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(hostile_events())
def test_every_text_is_read_back_as_it_is(events: list[Event]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        stored = make(Path(folder) / "journal.sqlite3", events)
        digests = {
            exported(Path(folder) / "journal.sqlite3", Path(folder) / f"log.{kind}").rows_digest
            for kind in PLAIN
        }
        table, _ = csv_rows(Path(folder) / "log.csv")
        book, _ = xlsx_rows(Path(folder) / "log.xlsx")
        objects, _ = json_rows(Path(folder) / "log.jsonl")
    assert len(digests) == 1
    for each, line, cells, told in zip(stored, table, book, objects, strict=True):
        happened = each.event
        expected = (happened.title, happened.detail, happened.item, happened.person, happened.duty)
        assert (told["text"], told["detail"], told["item"], told["person"], told["duty"]) == expected
        columns = ("Text", "Detail", "Item", "Person", "Duty")
        assert tuple(original(line[name]) for name in columns) == expected
        assert tuple(_with_ends(cells[name]) for name in columns) == tuple(map(_with_ends, expected))
        assert (line["Mags"], cells["Mags"]) == (
            "" if happened.mags is None else str(happened.mags),
            happened.mags,
        )
        assert told["time"] is None or datetime.fromisoformat(told["time"]) == happened.time


def _with_ends(text: str | None) -> str:
    """Return a text as XML gives it back: nothing for an empty one, one sign for each end of a line."""
    return (text or "").replace("\r\n", "\n").replace("\r", "\n")


# One moment


async def test_it_is_the_journal_of_one_moment_whatever_happens_meanwhile(
    filled: Path, tmp_path: Path
) -> None:
    journal = await Journal.open(filled)
    before = await journal.count(LogFilter())
    loop = asyncio.get_running_loop()
    go_on = moment.Moment._look_through

    def then_more_arrives(self: moment.Moment) -> None:
        asyncio.run_coroutine_threadsafe(journal.append(SERVER, takes(20, 40)), loop).result()
        with closing(sqlite3.connect(filled)) as other, other:
            other.execute("DELETE FROM event WHERE row <= 2")
            other.execute("UPDATE gap SET missing = 1")
        go_on(self)

    patch = pytest.MonkeyPatch()
    with patch.context() as patched:
        patched.setattr(moment.Moment, "_look_through", then_more_arrives)
        found = await asyncio.to_thread(exported, filled, tmp_path / "log.csv")

    rows, _ = csv_rows(tmp_path / "log.csv")
    assert found.rows == before == len(rows)
    assert "5 transactions (#5\N{EN DASH}9) not received" in [row["Text"] for row in rows]
    assert await journal.count(LogFilter()) == before - 2 + 21
    await journal.close()


async def test_while_it_is_written_nothing_keeps_the_write_ahead_log_from_being_cut(filled: Path) -> None:
    with (
        moment.Moment(filled, LogFilter(), threading.Event()) as copied,
        closing(sqlite3.connect(filled)) as other,
    ):
        other.execute("UPDATE event SET title = 'another'")
        other.commit()
        busy, left, moved = other.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        assert (busy, left, moved) == (0, 0, 0)
        batch = next(iter(copied.batches(5)))
        assert batch.values[0][moment.FIELDS.index("title")] != "another"


# When it cannot be


async def test_a_cancelled_export_leaves_nothing(filled: Path, tmp_path: Path) -> None:
    for kind in PLAIN:
        path = tmp_path / f"log.{kind}"
        path.write_text("before")
        with pytest.raises(CancelledError):
            exported(filled, path, watch=Watch(stop_after=1))
        assert path.read_text() == "before"
        path.unlink()
    assert files(tmp_path) == set()


async def test_progress_goes_from_nothing_to_all(filled: Path, tmp_path: Path) -> None:
    watch = Watch()
    exported(filled, tmp_path / "log.csv", watch=watch)
    assert (watch.seen[0].done, watch.seen[-1].done, watch.seen[-1].total) == (0, 13, 13)


class FullDisk:
    """A stream on a disk with room for so many bytes."""

    def __init__(self, stream: Any, room: int) -> None:
        self._stream = stream
        self._room = room

    def write(self, content: bytes) -> int:
        self._room -= len(content)
        if self._room < 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return int(self._stream.write(content))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@pytest.mark.parametrize("kind", PLAIN)
@pytest.mark.parametrize("room", [0, 3000])
async def test_on_a_full_disk_nothing_is_left(filled: Path, tmp_path: Path, kind: str, room: int) -> None:
    path = tmp_path / f"log.{kind}"
    path.write_text("before")

    def fill_disk(target: FileTarget) -> None:
        target.stream = FullDisk(target.stream, room)  # type: ignore[assignment]  # what is used of one

    with pytest.raises(ExportError, match="not enough room"):
        exported(filled, path, on_target=fill_disk)

    assert path.read_text() == "before"
    assert files(tmp_path) == {path.name}


async def test_a_disk_that_fails_when_the_file_is_finished(
    filled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fsync(_: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(ExportError, match="Input/output error"):
        exported(filled, tmp_path / "log.csv")
    assert files(tmp_path) == set()


async def test_a_folder_that_vanishes_meanwhile_is_said(filled: Path, tmp_path: Path) -> None:
    folder = tmp_path / "stick"
    folder.mkdir()

    def pull_out(_: FileTarget) -> None:
        for each in folder.iterdir():
            each.unlink()
        folder.rmdir()

    with pytest.raises(ExportError, match="is not there"):
        exported(filled, folder / "log.csv", on_target=pull_out)


def test_where_there_is_no_journal_none_is_made(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match="There is no journal"):
        exported(tmp_path / "journal.sqlite3", tmp_path / "log.csv")
    assert files(tmp_path) == set()


async def test_a_journal_of_another_version_is_left_alone(filled: Path, tmp_path: Path) -> None:
    for version, words, kind in (
        (99, "newer version", JournalTooNewError),
        (3, "older version", JournalError),
    ):
        with closing(sqlite3.connect(filled)) as connection:
            connection.execute(f"PRAGMA user_version = {version}")
        with pytest.raises(kind, match=words):
            exported(filled, tmp_path / "log.csv")
    assert files(tmp_path) == set()


def test_a_damaged_journal_is_said(filled: Path, tmp_path: Path) -> None:
    content = bytearray(filled.read_bytes())
    content[4096:] = b"\x5a" * (len(content) - 4096)
    filled.write_bytes(content)
    with pytest.raises(JournalDamagedError, match="Start the program"):
        exported(filled, tmp_path / "log.csv")
    assert files(tmp_path) == set()


async def test_no_room_for_the_copy_is_said(
    filled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect = outside.connect

    def small(file: Path) -> sqlite3.Connection:
        connection = connect(file)
        connection.execute("CREATE TEMP TABLE first (x)")
        connection.execute("PRAGMA temp.max_page_count = 2")
        return connection

    monkeypatch.setattr(outside, "connect", small)
    with pytest.raises(JournalError, match="room for temporary files"):
        exported(filled, tmp_path / "log.csv")
    assert files(tmp_path) == set()


async def test_a_journal_in_use_is_exported(filled: Path, tmp_path: Path) -> None:
    journal = await Journal.open(filled)
    await journal.append(SERVER, takes(50, 50))
    assert exported(filled, tmp_path / "log.csv").rows == 14
    await journal.close()


def test_the_journal_itself_is_never_replaced(tmp_path: Path) -> None:
    journal = tmp_path / "journal.sqlite3"
    (tmp_path / "link").symlink_to(journal)
    for name in ("journal.sqlite3", "journal.sqlite3-wal", "journal.sqlite3-shm", "link"):
        with pytest.raises(ExportError, match="is the journal itself"):
            check_place(tmp_path / name, journal)
    check_place(tmp_path / "log.csv", journal)


async def test_gaps_of_another_time_are_not_told(filled: Path, tmp_path: Path) -> None:
    later = LogFilter(since=AT + timedelta(days=9))
    exported(filled, tmp_path / "log.csv", later)
    said = csv_rows(tmp_path / "log.csv")[1]
    assert said["Open gaps"] == "1 in this period, whatever the filter", (
        "when its numbers were made is not known"
    )


async def test_what_the_server_cannot_deliver_is_a_gap_of_the_time_before_it_said_so(tmp_path: Path) -> None:
    file = tmp_path / "journal.sqlite3"
    told = '{"type": "gap", "epoch": "e", "first": 5, "last": 9, "reason": "trimmed"}'
    last_heard = replace(takes(1, 1)[0], received=AT, time=AT)
    missed = replace(event(told), received=AT + 9 * AN_HOUR)
    await asyncio.to_thread(make, file, [last_heard, missed])

    def open_gaps(since: datetime, until: datetime) -> str:
        exported(file, tmp_path / "log.csv", LogFilter(since=since, until=until))
        return csv_rows(tmp_path / "log.csv")[1]["Open gaps"]

    meanwhile = open_gaps(AT + AN_HOUR, AT + 8 * AN_HOUR)
    assert meanwhile == "1 in this period, whatever the filter"
    assert open_gaps(AT - 9 * AN_HOUR, AT - AN_HOUR) == "none known in this period"
    assert open_gaps(AT + 10 * AN_HOUR, AT + 11 * AN_HOUR) == "none known in this period"
