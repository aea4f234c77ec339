"""Pictures in a process of its own: ordered on standard input, told on standard output."""

import os
import sys
import threading
from concurrent.futures import CancelledError
from datetime import UTC, datetime
from pathlib import Path
from typing import Self
from zoneinfo import ZoneInfo

import pytest

from armguard_tray.app import pictures_order
from armguard_tray.app.pictures_order import Draw, Form, Read, Told, decode, encode, run_orders
from armguard_tray.exit_codes import ExitCode
from armguard_tray.messages.event import Category
from armguard_tray.storage.journal import Journal
from armguard_tray.storage.log_filter import LogFilter
from armguard_tray.storage.tallies import Moves, Tallies
from armguard_tray.tallies.look import look_of
from armguard_tray.tallies.making import picture_of, pictures_of
from armguard_tray.tallies.picture import Bars, Curve, Kind
from tests.fakes.tallies import asked, at, gap, sums
from tests.unit.storage.events import SERVER, takes

LOOK = look_of("#ffffff", "#1b1b1b", dark=False, points=9)
SUMS = sums({at(8): Moves(3, 0), at(17): Moves(1, 2)}, gaps=[gap(at(9), at(10))])


@pytest.fixture
async def journal(tmp_path: Path) -> Path:
    file = tmp_path / "journal.sqlite3"
    opened = await Journal.open(file)
    await opened.append(SERVER, takes(1, 5))
    await opened.close()
    return file


def drawn(kind: Kind, form: Form, cache: Path) -> Draw:
    return Draw(
        picture=picture_of(kind, SUMS, asked()),
        look=LOOK,
        form=form,
        width=300,
        height=200,
        scale=2.0,
        cache=str(cache),
    )


class Conversation:
    """The process's two ends of two pipes, in a thread; a block's end is the end of its input."""

    def __enter__(self) -> Self:
        given, self._given = os.pipe()
        self._told, told = os.pipe()
        self.code: ExitCode | None = None

        def run() -> None:
            with os.fdopen(given, "rb") as orders, os.fdopen(told, "wb") as answers:
                self.code = run_orders(orders, answers)

        self._thread = threading.Thread(target=run, daemon=True)
        self._thread.start()
        self.given, self.told = os.fdopen(self._given, "wb"), os.fdopen(self._told, "rb")
        return self

    def __exit__(self, *_: object) -> None:
        self.given.close()
        self._thread.join()
        self.told.close()

    def say(self, order: Read | Draw) -> None:
        self.given.write(encode(order))
        self.given.flush()

    def ask(self, order: Read | Draw) -> tuple[Told, bytes]:
        self.say(order)
        answer = decode(self.told.readline(), Told)
        return answer, self.told.read(answer.size)


def test_pictures_survive_the_way() -> None:
    made = pictures_of(SUMS, asked(since=datetime(2026, 11, 24, tzinfo=UTC)))

    there = decode(encode(Told(pictures=made)), Told).pictures

    assert [each.kind for each in there] == list(Kind)
    assert [each.title for each in there] == [each.title for each in made]
    hours, out = there[0].shown, there[list(Kind).index(Kind.OUT)].shown
    assert isinstance(hours, Bars)
    assert hours.moves[8] == Moves(3, 0)
    assert isinstance(out, Curve)
    assert out.zone == ZoneInfo("Asia/Manila")
    assert [level.out for level in out.levels] == [0, 3, 2]


def test_an_order_survives_the_way() -> None:
    order = Read(
        journal="journal.sqlite3",
        log_filter=LogFilter(categories=frozenset({Category.ISSUED}), text="peña"),
        asked=asked(since=at(8)),
    )
    assert decode(encode(order), Read | Draw) == order


async def test_the_log_is_read_and_its_pictures_are_drawn_one_after_the_other(
    journal: Path, tmp_path: Path
) -> None:
    with Conversation() as process:
        told, nothing = process.ask(
            Read(journal=str(journal), log_filter=LogFilter(), asked=asked("Everything"))
        )
        drawing, pixels = process.ask(drawn(Kind.HOUR, Form.PIXELS, tmp_path))
        _, png = process.ask(drawn(Kind.OUT, Form.PNG, tmp_path))
        _, svg = process.ask(drawn(Kind.DUTY, Form.SVG, tmp_path))

    assert told.pictures is not None
    assert told.pictures[0].caption[0] == "Everything. 5 issued and 0 returned."
    assert nothing == b""
    assert (drawing.width, drawing.height, len(pixels)) == (600, 400, 600 * 400 * 4)
    assert png.startswith(b"\x89PNG")
    assert b"<svg" in svg
    assert process.code is ExitCode.OK


async def test_what_cannot_be_read_is_told_and_the_next_order_is_carried_out(
    journal: Path, tmp_path: Path
) -> None:
    damaged = tmp_path / "damaged.sqlite3"
    damaged.write_bytes(b"no database" * 1000)
    with Conversation() as process:
        gone, _ = process.ask(
            Read(journal=str(tmp_path / "none" / "journal.sqlite3"), log_filter=LogFilter(), asked=asked())
        )
        broken, _ = process.ask(Read(journal=str(damaged), log_filter=LogFilter(), asked=asked()))
        read, _ = process.ask(Read(journal=str(journal), log_filter=LogFilter(), asked=asked()))

    assert gone.failed is not None
    assert gone.failed[0].startswith("There is no journal")
    assert not gone.damaged
    assert broken.damaged
    assert read.pictures


def test_without_the_library_it_says_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "armguard_tray.tallies.drawing", None)
    monkeypatch.delattr("armguard_tray.tallies.drawing", raising=False)
    with Conversation() as process:
        told, _ = process.ask(drawn(Kind.HOUR, Form.PIXELS, tmp_path))
    assert told.failed is not None
    assert told.failed[0].startswith("Pictures need Matplotlib")


def test_what_nobody_foresaw_is_told_with_its_trace_and_the_next_order_is_carried_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(pictures_order, "read_tallies", fail)
    with Conversation() as process:
        told, _ = process.ask(Read(journal="journal.sqlite3", log_filter=LogFilter(), asked=asked()))
        _, png = process.ask(drawn(Kind.HOUR, Form.PNG, tmp_path))

    assert told.failed == ("The picture cannot be made.", "The program's log says more.")
    assert told.trace.endswith("ZeroDivisionError\n")
    assert png


def test_when_its_input_ends_it_breaks_off_what_it_does(monkeypatch: pytest.MonkeyPatch) -> None:
    begun = threading.Event()

    def endless(_file: Path, _filter: LogFilter, unwanted: threading.Event) -> Tallies:
        begun.set()
        unwanted.wait()
        raise CancelledError

    monkeypatch.setattr(pictures_order, "read_tallies", endless)
    with Conversation() as process:
        process.say(Read(journal="journal.sqlite3", log_filter=LogFilter(), asked=asked()))
        begun.wait()

    assert process.code is ExitCode.OK
