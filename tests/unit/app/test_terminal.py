"""What a terminal shows: every event, whatever the server wrote and whatever the outputs take."""

import io
import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TextIO
from zoneinfo import ZoneInfo

import pytest
from rich.console import Console

from armguard_tray.app import terminal
from armguard_tray.app.terminal import JsonPrinter, Printer, TablePrinter, WatchOptions, _Watch, watch
from armguard_tray.catchup.completeness import UNKNOWN, Completeness, Progress
from armguard_tray.connection.health import Coverage, Health, health_of
from armguard_tray.connection.live_app import LiveApp
from armguard_tray.errors import JournalError, UserError
from armguard_tray.messages.event import Event, Source
from armguard_tray.messages.streams import Stream
from armguard_tray.settings.model import ServerSettings, Settings
from armguard_tray.storage.journal import Journal
from armguard_tray.storage.salvage import Salvaged
from tests.fakes import gaps
from tests.fakes.clock import FakeClock
from tests.fakes.events import event, issued, stored
from tests.fakes.stream_health import NOW, live
from tests.unit.messages import frames

MANILA = ZoneInfo("Asia/Manila")
LAST_YEAR = frames.TAKE.replace("2026-11-24T11:25:26.899686", "9999-12-31T23:59:59Z")


@pytest.fixture
def full() -> Iterator[TextIO]:
    """Return an output that takes nothing, like a file on a full disk."""
    with Path("/dev/full").open("w", encoding="utf-8") as opened:
        yield opened


def table(*events: Event) -> list[str]:
    """Return the lines of a table of events, without its head."""
    out = io.StringIO()
    printer = TablePrinter(MANILA, out=Console(file=out, soft_wrap=True, highlight=False))
    for each in events:
        printer.event(each)
    return out.getvalue().splitlines()[1:]


def json_line(event: Event, capsysbinary: pytest.CaptureFixture[bytes]) -> str:
    JsonPrinter(MANILA).event(event)
    return capsysbinary.readouterr().out.decode()


# What the server may write


def test_a_time_that_the_servers_zone_does_not_have_is_shown_in_utc(
    capsysbinary: pytest.CaptureFixture[bytes],
) -> None:
    last = event(Stream.TRANSACTIONS, LAST_YEAR)

    assert table(last)[0].startswith("31/12/99 23:59:59  → Issued")
    assert json.loads(json_line(last, capsysbinary))["time"] == "9999-12-31T23:59:59+00:00"


@pytest.mark.parametrize(
    "frame",
    [frames.TAKE.replace("Juan", "A\x7f\x9b2J\u202e\u200b\U000e0041"), "not JSON \x9b\x7f\u202e"],
    ids=["in a frame", "undecodable"],
)
def test_json_lines_escape_what_would_drive_a_terminal_and_mean_the_same(
    frame: str, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    line = json_line(event(Stream.TRANSACTIONS, frame), capsysbinary)

    assert line.rstrip("\n").isprintable()
    data = json.loads(line)["data"]
    assert data == (json.loads(frame) if isinstance(data, dict) else frame)


def test_a_name_cannot_forge_the_details() -> None:
    (row,) = table(issued(2, personnel="Juan · by colonel · 0 rounds", duty_type=None))

    assert row.endswith("  3 mags, 90 rounds · by armorer1")


# What the outputs may take


class Faulty(TablePrinter):
    """Fails for the second event."""

    def event(self, event: Event) -> None:
        if event.transaction_id == 2:
            raise KeyError("a bug")
        super().event(event)


class FaultyJson(JsonPrinter):
    """Fails for the second event."""

    def event(self, event: Event) -> None:
        if event.transaction_id == 2:
            raise KeyError("a bug")
        super().event(event)


async def test_an_event_that_cannot_be_shown_has_a_stand_in_and_does_not_hide_the_next(
    caplog: pytest.LogCaptureFixture,
) -> None:
    out = io.StringIO()
    seen = _Watch(Faulty(MANILA, out=Console(file=out, soft_wrap=True)))

    seen.on_stored(stored(11, issued(1), issued(2), issued(3)))

    _, first, second, third = out.getvalue().splitlines()
    assert "M16 - 00412" in first
    assert "Row 12 of the journal cannot be shown here" in second
    assert "M14 - 00009" in third
    assert "KeyError: 'a bug'" in caplog.text


async def test_a_stand_in_in_json_has_the_usual_form(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    _Watch(FaultyJson(MANILA)).on_stored(stored(11, issued(1), issued(2), issued(3)))

    first, second, third = map(json.loads, capsysbinary.readouterr().out.splitlines())
    assert first.keys() == second.keys() == third.keys()
    assert (first["id"], second["id"], third["id"]) == (1, None, 3)
    assert second["text"].startswith("Row 12 of the journal")


@pytest.mark.parametrize("printer", [TablePrinter(MANILA), JsonPrinter(MANILA)], ids=["table", "JSON"])
async def test_states_that_cannot_be_written_are_given_up_and_disturb_nobody(
    printer: Printer, full: TextIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stderr", full)
    seen = _Watch(printer)

    seen.on_health(health_of((live(),), NOW))
    seen.on_storage_trouble(JournalError("The disk is full."))
    seen.on_storage_trouble(None)

    assert seen.was_live
    assert not seen.ended.is_set()
    full.flush()


@pytest.mark.parametrize("printer", [TablePrinter(MANILA), JsonPrinter(MANILA)], ids=["table", "JSON"])
async def test_an_output_that_takes_no_events_ends_the_watch(
    printer: Printer, full: TextIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdout", full)
    seen = _Watch(printer)

    seen.on_stored(stored(1, issued(1), issued(2)))

    assert seen.ended.is_set()
    assert seen.unwritable is not None
    with pytest.raises(UserError, match=r"cannot be written to standard output: No space left"):
        terminal._outcome(seen)


# How it ends


class LossyCore:
    """Is live at once and ends with messages that could not be stored."""

    def __init__(self, journal: Journal, seen: _Watch, *_: object, **__: object) -> None:
        self._journal, self._seen = journal, seen

    async def follow(self, _: Settings) -> None:
        self._seen.on_health(health_of((live(),), NOW))
        self._seen.stop()

    async def close(self) -> UserError:
        await self._journal.close()
        return UserError("3 received messages could not be stored.")


async def test_what_could_not_be_stored_is_said_at_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(terminal, "Core", LossyCore)
    options = WatchOptions(
        settings=Settings(server=ServerSettings(address="https://armory.local", username="reyes")),
        password=lambda _: pytest.fail("it is not asked for"),
        data_dir=tmp_path,
    )

    with pytest.raises(UserError, match="3 received messages could not be stored"):
        await watch(options)

    assert Coverage.LIVE.value in capsys.readouterr().err


# The server's live app


def states(*healths: Health) -> list[str]:
    """Return what the table says of the states, without times."""
    err = io.StringIO()
    printer = TablePrinter(MANILA, err=Console(file=err, soft_wrap=True, highlight=False))
    for health in healths:
        printer.state(health)
    return [line.split(" ", 2)[2] for line in err.getvalue().splitlines()]


def of_app(app: LiveApp) -> Health:
    return health_of([replace(live(), app=app)], NOW)


def test_the_state_says_that_the_app_is_used_and_what_it_warns_of() -> None:
    redis = LiveApp("1.2", layer="redis")

    assert states(of_app(redis), of_app(replace(redis, layer="memory", warning="Several processes."))) == [
        "live · ArmGuard live app, Redis",
        "live · ArmGuard live app, in-memory · warning: Several processes.",
    ]


def test_without_real_time_the_state_says_so() -> None:
    (line,) = states(of_app(LiveApp("1.2", real_time=False)))

    assert line == (
        "delayed · ArmGuard live app, real time off"
        " · real time is switched off on the server; looking every 15 s"
    )


def test_json_states_have_the_app_as_an_object(capsys: pytest.CaptureFixture[str]) -> None:
    JsonPrinter(MANILA).state(of_app(LiveApp("1.2", layer="memory", warning="Several processes.")))
    JsonPrinter(MANILA).state(health_of([live()], NOW))

    with_app, without = map(json.loads, capsys.readouterr().err.splitlines())
    assert with_app["app"] == {
        "version": "1.2",
        "in_use": True,
        "real_time": True,
        "layer": "memory",
        "warning": "Several processes.",
    }
    assert without["app"] is None


def test_a_gap_is_a_row_and_an_object_like_any(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    gap = event(Stream.TRANSACTIONS, frames.GAP)

    (row,) = table(gap)
    assert "░ Gap" in row
    assert "Up to 21 events were missed · events #3 to #23" in row
    line = json.loads(json_line(gap, capsysbinary))
    assert (line["kind"], line["source"], line["epoch"], line["seq"]) == ("gap", "missing", "e1", None)


# How complete the journal is, and what reads differently now


GOOD = Completeness(begins=47_001, complete_to=48_211, as_of=NOW, is_current=True, checked=NOW)


def test_what_is_known_now_is_written_once_more_and_marked(
    capsysbinary: pytest.CaptureFixture[bytes],
) -> None:
    told = issued(2, source=Source.CATCHUP)
    seen = _Watch(JsonPrinter(MANILA))
    seen.on_stored(stored(1, told))
    seen.on_changed(stored(1, told))
    before, after = map(json.loads, capsysbinary.readouterr().out.splitlines())
    assert after == before | {"changed": True}


def test_a_gap_reads_as_it_is_now(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    closed = gaps.found(gaps.numbers(), gaps.closed())
    out = io.StringIO()
    TablePrinter(MANILA, out=Console(file=out, soft_wrap=True)).changed(closed)
    assert (
        out.getvalue()
        .splitlines()[1]
        .endswith("now: 11:02\N{EN DASH}11:09 · 3 transactions (#48195\N{EN DASH}48197) received later")
    )
    assert "received later" in json.loads(json_line(closed, capsysbinary))["text"]


def test_completeness_is_told_when_something_else_is_to_be_said_of_it() -> None:
    err = io.StringIO()
    printer = TablePrinter(MANILA, err=Console(file=err, soft_wrap=True), clock=FakeClock(NOW))
    seen = _Watch(printer)
    fetching = replace(GOOD, progress=Progress(backlog=True, fetched=40))
    for each in (UNKNOWN, GOOD, replace(GOOD, complete_to=48_212), replace(GOOD, gaps_today=1), fetching):
        seen.on_completeness(each)
    assert [line[12:] for line in err.getvalue().splitlines()] == [
        "completeness not known yet",
        "complete to #48211",
        "complete to #48211 · 1 gap today",
        "complete to #48211 · fetching the last month",
    ]


def test_completeness_in_json_has_all_that_is_known(capsys: pytest.CaptureFixture[str]) -> None:
    seen = _Watch(JsonPrinter(MANILA))
    seen.on_completeness(UNKNOWN)
    seen.on_completeness(replace(GOOD, failure="no answer", progress=Progress(backlog=False)))
    unknown, known = (json.loads(line)["completeness"] for line in capsys.readouterr().err.splitlines())
    assert (unknown["complete_to"], unknown["is_current"], unknown["fetching"]) == (None, False, None)
    assert datetime.fromisoformat(known.pop("as_of")) == datetime.fromisoformat(known.pop("checked")) == NOW
    assert known == {
        "begins": 47_001,
        "complete_to": 48_211,
        "is_current": True,
        "failure": "no answer",
        "gaps_today": 0,
        "unannounced_today": 0,
        "fetching": "missed",
    }


def test_nothing_is_told_of_completeness_once_the_watch_ends(capsys: pytest.CaptureFixture[str]) -> None:
    seen = _Watch(JsonPrinter(MANILA))
    seen.finish()
    seen.on_completeness(GOOD)
    assert capsys.readouterr().err == ""


async def test_a_damaged_journal_is_said_with_where_it_lies_and_events_are_stored_again(
    capsys: pytest.CaptureFixture[str],
) -> None:
    seen = _Watch(JsonPrinter(MANILA))

    seen.on_salvaged(Salvaged(set_aside=Path("journal.damaged"), rows=1200, all_read=False, told=()))

    said = [json.loads(line)["journal"] for line in capsys.readouterr().err.splitlines()]
    assert said == [
        (
            "The journal was damaged. A new one has 1,200 events of it. Others may be missing: the log shows "
            "the gap. The damaged file is kept as journal.damaged."
        ),
        "ok",
    ]
