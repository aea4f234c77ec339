"""A shift report's window over what a test says the journal has."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, time
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtWidgets import QApplication

from armguard_tray.storage.shift import ShiftRecords
from armguard_tray.tasks import TaskKeeper
from armguard_tray.ui.paper.document import Document
from armguard_tray.ui.shift_report import ShiftReportWindow
from armguard_tray.ui.shift_report.output import print_document
from armguard_tray.ui.shift_report.report_document import Origin
from armguard_tray.ui.shift_report.window import ReportMeans
from tests.fakes.clock import FakeClock
from tests.fakes.events import MANILA
from tests.fakes.shifts import AFTER, HOURS
from tests.fakes.signals import emitted

SERVER = "https://armory.local:8443"
ORIGIN = Origin(SERVER, "Asia/Manila", "sgt.reyes", "ArmGuard Tray 1.0")


@dataclass
class FakeShifts:
    """Answers as `storage.journal.Journal` does.

    Attributes:
        file: where the journal would be.
        have: the answer.
        failure: what is raised while it is set.
        gate: it waits for this; clear it to be slow.
        asked: from when to when it was asked.

    """

    file: Path
    have: ShiftRecords = field(default_factory=ShiftRecords)
    failure: Exception | None = None
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    asked: list[tuple[datetime, datetime]] = field(default_factory=list)

    async def shift(self, server: str, since: datetime, until: datetime) -> ShiftRecords:
        assert server == SERVER
        self.asked.append((since, until))
        await self.gate.wait()
        if self.failure is not None:
            raise self.failure
        return self.have


@dataclass
class Desk:
    """A window, and all that it stands on."""

    window: ShiftReportWindow
    journal: FakeShifts
    clock: FakeClock
    folder: Path
    printed: list[Path] = field(default_factory=list)

    async def open(self, have: ShiftRecords) -> None:
        """Show the window and wait for its report."""
        self.journal.have = have
        self.window.show()
        await emitted(self.window.told)

    @property
    def text(self) -> str:
        """What stands on the page."""
        return self.window.page.toPlainText()

    async def print_into_file(self, document: Document, printer: QPrinter) -> int:
        """Print into a file: there is no printer here."""
        path = self.folder / "printed.pdf"
        printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
        printer.setOutputFileName(str(path))
        pages = await print_document(document, printer)
        self.printed.append(path)
        return pages


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    QApplication.setQuitOnLastWindowClosed(False)  # as the program has it; else Qt ends the test's event loop
    clock, journal = FakeClock(AFTER), FakeShifts(tmp_path / "journal.sqlite3")
    journal.gate.set()
    keeper = TaskKeeper("test")
    made: list[Desk] = []

    async def print_on(document: Document, printer: QPrinter) -> int:
        return await made[0].print_into_file(document, printer)

    means = ReportMeans(
        journal=journal,
        origin=ORIGIN,
        zone=MANILA,
        clock=clock,
        shifts=lambda: (time(6), time(14), time(22)),
        hours=lambda: HOURS,
        is_current=lambda: True,
        issued=lambda: None,
        folder=tmp_path,
        print_on=print_on,
    )
    store = QSettings(str(tmp_path / "looks.ini"), QSettings.Format.IniFormat)
    window = ShiftReportWindow(means, keeper, store)
    made.append(Desk(window, journal, clock, tmp_path))
    yield made[0]
    window.close()
    await keeper.close()
    window.deleteLater()
