"""Beside windows an export runs in a process of its own, which ends when nobody wants it any more."""

import asyncio
import sys
import threading
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import QSettings
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from armguard_tray.app.export_beside import export_beside, show_export, suggested_place
from armguard_tray.app.export_order import Order
from armguard_tray.clock import SystemClock
from armguard_tray.errors import ExportError
from armguard_tray.export.contents import Progress
from armguard_tray.export.formats import Format
from armguard_tray.filtering.wanted import Wanted
from armguard_tray.filtering.when import When
from armguard_tray.messages.event import Category
from armguard_tray.paths import paths_below
from armguard_tray.settings.model import ServerSettings
from armguard_tray.storage.journal import Journal
from armguard_tray.storage.log_filter import LogFilter
from armguard_tray.tasks import TaskKeeper
from armguard_tray.ui.feed import Feed
from armguard_tray.ui.log_window import LogWindow
from tests.fakes.clock import FakeClock
from tests.fakes.signals import Recorder, emitted, settled
from tests.unit.dead_writer import left_by_the_dead
from tests.unit.export.exports import MADE, csv_rows, json_rows
from tests.unit.messages import frames
from tests.unit.storage.events import SERVER, event, takes

pytestmark = pytest.mark.usefixtures("qapp")


@pytest.fixture
async def journal(tmp_path: Path) -> AsyncIterator[Journal]:
    opened = await Journal.open(paths_below(tmp_path / "data").journal_file)
    await opened.append(SERVER, [*takes(1, 5), event(frames.RETURN)])
    yield opened
    await opened.close()


def order(journal: Journal, out: Path) -> Order:
    return Order(
        journal=str(journal.file),
        out=str(out),
        log_filter=LogFilter(),
        wanted="Everything",
        time_zone="Asia/Manila",
        format=Format(out.suffix[1:]),
        program="ArmGuard Tray 1.2.3",
        made=MADE,
    )


def left(folder: Path) -> set[str]:
    return {each.name for each in folder.iterdir()} - {"data"}


async def test_it_is_done_by_this_very_program(journal: Journal, tmp_path: Path) -> None:
    seen: list[Progress] = []
    exported = await export_beside(order(journal, tmp_path / "log.jsonl"), seen.append, threading.Event())
    assert exported is not None
    assert exported.rows == len(json_rows(tmp_path / "log.jsonl")[0]) == 6
    assert left(tmp_path) == {"log.jsonl", "log.jsonl.sha256"}


async def test_it_can_set_pages(journal: Journal, tmp_path: Path) -> None:
    exported = await export_beside(order(journal, tmp_path / "log.pdf"), lambda _: None, threading.Event())
    assert exported is not None
    assert (tmp_path / "log.pdf").read_bytes().startswith(b"%PDF-")


async def test_what_cannot_be_done_is_said(journal: Journal, tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="is not there"):
        await export_beside(order(journal, tmp_path / "gone" / "log.csv"), lambda _: None, threading.Event())
    wrong = msgspec.structs.replace(order(journal, tmp_path / "log.csv"), out=str(journal.file))
    with pytest.raises(ExportError, match="is the journal itself"):
        await export_beside(wrong, lambda _: None, threading.Event())


WAITS = """
import sys, msgspec
sys.stdin.buffer.readline()
print('{"progress": {"done": 1, "total": 2}}', flush=True)
sys.stdin.buffer.read()
print('{"cancelled": true}', flush=True)
"""


async def test_its_input_ends_when_nobody_wants_it_any_more(journal: Journal, tmp_path: Path) -> None:
    unwanted = threading.Event()
    command = [sys.executable, "-c", WAITS]
    seen: list[Progress] = []

    def see(progress: Progress) -> None:
        seen.append(progress)
        unwanted.set()

    assert await export_beside(order(journal, tmp_path / "log.csv"), see, unwanted, command) is None
    assert seen == [Progress(1, 2)]


async def test_with_whoever_waits_for_it_it_ends(journal: Journal, tmp_path: Path) -> None:
    keeper, unwanted = TaskKeeper("test"), threading.Event()
    begun = asyncio.Event()
    waiting = export_beside(
        order(journal, tmp_path / "log.csv"), lambda _: begun.set(), unwanted, [sys.executable, "-c", WAITS]
    )
    keeper.start(waiting, name="export")
    await begun.wait()
    await keeper.close()
    assert unwanted.is_set()


@pytest.mark.parametrize("program", ["", "import sys; sys.stdin.readline()"])
async def test_a_process_that_dies_is_said(journal: Journal, tmp_path: Path, program: str) -> None:
    command = [sys.executable, "-c", program]
    with pytest.raises(ExportError, match="ended before it was done"):
        await export_beside(order(journal, tmp_path / "log.csv"), lambda _: None, threading.Event(), command)


async def test_what_it_leaves_when_it_is_killed_is_removed_and_in_the_log(
    journal: Journal, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    before = left_by_the_dead(tmp_path / "earlier.csv")
    program = (
        "import os, signal, sys; from pathlib import Path; from armguard_tray.unfinished import Unfinished; "
        f"Unfinished(Path({str(tmp_path / 'log.csv')!r})); os.kill(os.getpid(), signal.SIGKILL)"
    )
    with pytest.raises(ExportError, match="ended before it was done"):
        await export_beside(
            order(journal, tmp_path / "log.csv"),
            lambda _: None,
            threading.Event(),
            [sys.executable, "-c", program],
        )
    assert left(tmp_path) == set()
    assert str(before) in caplog.text
    assert ".log.csv." in caplog.text


async def test_a_process_that_cannot_be_started_is_said(journal: Journal, tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="could not be started: No such file"):
        await export_beside(
            order(journal, tmp_path / "log.csv"), lambda _: None, threading.Event(), [str(tmp_path / "none")]
        )


async def test_the_log_offers_to_export_what_it_shows(qtbot: QtBot, journal: Journal, tmp_path: Path) -> None:
    QApplication.setQuitOnLastWindowClosed(False)  # as the program has it; else Qt ends the test's event loop
    clock, keeper = FakeClock(datetime(2026, 12, 1, tzinfo=UTC)), TaskKeeper("test")
    server = ServerSettings(address=SERVER, username="reyes", time_zone="Asia/Manila")
    store = QSettings(str(tmp_path / "data" / "looks.ini"), QSettings.Format.IniFormat)
    log = LogWindow(
        journal=journal, feed=Feed(clock), zone=server.zone, clock=clock, keeper=keeper, store=store
    )
    qtbot.addWidget(log)
    log.show()
    await emitted(log.table.loaded)
    of_last_month = Wanted(categories=frozenset({Category.RETURNED}), when=When.LAST_MONTH)
    log.filters.show_wanted(of_last_month)
    await emitted(log.table.loaded)

    dialog = show_export(log, journal.file, server, clock=clock, keeper=keeper)
    dialog.file.setText(str(tmp_path / "log.csv"))
    dialog.export()
    await emitted(dialog.ended)

    rows, said = csv_rows(tmp_path / "log.csv")
    assert [row["What"] for row in rows] == ["Returned"]
    assert said["Filter"] == "Returned · last month (November 2026)"
    dialog.done(0)
    log.close()
    await keeper.close()


async def test_ctrl_e_asks_for_an_export(qtbot: QtBot, journal: Journal, tmp_path: Path) -> None:
    QApplication.setQuitOnLastWindowClosed(False)  # as above
    clock, keeper = SystemClock(), TaskKeeper("test")
    store = QSettings(str(tmp_path / "data" / "looks.ini"), QSettings.Format.IniFormat)
    log = LogWindow(journal=journal, feed=Feed(clock), zone=UTC, clock=clock, keeper=keeper, store=store)
    qtbot.addWidget(log)
    log.show()
    await emitted(log.table.loaded)
    asked = Recorder(log.export_wanted)
    log.activateWindow()
    await settled()
    qtbot.keySequence(log, QKeySequence("Ctrl+E"))
    assert len(asked.calls) == 1
    log.close()
    await keeper.close()


def test_a_file_is_suggested_that_says_of_when_it_is() -> None:
    place = suggested_place(datetime(2026, 11, 24, 9, 30, tzinfo=UTC))
    assert place.name.startswith("armguard-log-2026-11-2")
    assert place.parent.is_dir()
