"""Exports into a folder, and reads them back."""

import csv
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import openpyxl
from openpyxl.utils.escape import unescape

from armguard_tray.export.contents import Conduct, Progress, Writer
from armguard_tray.export.exporting import Exported, Job, export, plain_writer
from armguard_tray.export.formats import Format
from armguard_tray.export.target import FileTarget
from armguard_tray.messages.event import Category, Event, Source
from armguard_tray.messages.gap import Gap
from armguard_tray.storage.log_filter import LogFilter
from tests.unit.messages import frames

AT = frames.AT
AN_HOUR = timedelta(hours=1)
ZONE = ZoneInfo("Asia/Manila")
MADE = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
EVERYTHING = LogFilter()


def gap_event(gap: Gap) -> Event:
    """Return the event of a gap."""
    return Event(
        stream=gap.streams[0],
        kind="gap",
        category=Category.GAP,
        received=AT,
        source=Source.MISSING,
        raw="{}",
        title="A gap",
        gap=gap,
    )


@dataclass
class Watch:
    """Sees how far an export has come, and cancels it after so many tellings."""

    stop_after: int | None = None
    seen: list[Progress] = field(default_factory=list)
    unwanted: threading.Event = field(default_factory=threading.Event)

    def __call__(self, progress: Progress) -> None:
        self.seen.append(progress)
        if len(self.seen) == self.stop_after:
            self.unwanted.set()

    @property
    def conduct(self) -> Conduct:
        return Conduct(unwanted=self.unwanted, on_progress=self)


def job(journal: Path, wanted: Format, log_filter: LogFilter = EVERYTHING) -> Job:
    """Return what is to be exported of `journal`."""
    return Job(
        journal=journal,
        log_filter=log_filter,
        wanted="Everything",
        zone=ZONE,
        format=wanted,
        program="ArmGuard Tray 1.2.3",
        made=MADE,
    )


def exported(
    journal: Path,
    path: Path,
    log_filter: LogFilter = EVERYTHING,
    *,
    watch: Watch | None = None,
    writer: Writer | None = None,
    on_target: Callable[[FileTarget], None] = lambda _: None,
) -> Exported:
    """Export into `path`, whose ending is the format."""
    wanted = Format(path.suffix[1:])
    with FileTarget(path) as target:
        on_target(target)
        conduct = (watch or Watch()).conduct
        return export(job(journal, wanted, log_filter), target, writer or plain_writer(wanted), conduct)


def csv_rows(path: Path) -> tuple[list[dict[str, str]], dict[str, str]]:
    """Return the rows of a CSV file by their headings, and its statement: label -> text."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        lines = list(csv.DictReader(stream, strict=True))
    said = {each["Text"]: each["Detail"] for each in lines if each["What"] == "Statement"}
    return [each for each in lines if each["What"] != "Statement"], said


def json_rows(path: Path) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Return the rows of a JSON Lines file, and its statement together with its end."""
    first, *rows, last = map(msgspec.json.decode, path.read_bytes().splitlines())
    return rows, {**first["statement"], **last["end"]}


def xlsx_rows(path: Path) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """Return the rows of all sheets of a workbook by their headings, and its statement."""
    book = openpyxl.load_workbook(path, read_only=True)
    *sheets, statement = book.worksheets
    rows = []
    for sheet in sheets:
        titles, *lines = sheet.iter_rows(values_only=True)
        rows += [dict(zip(titles, map(_plain, line), strict=True)) for line in lines]
    said = {str(label): str(text) for label, text in statement.iter_rows(values_only=True)}
    book.close()
    return rows, said


def _plain(value: Any) -> Any:
    return unescape(value) if isinstance(value, str) else value
