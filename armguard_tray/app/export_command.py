"""The command `export`: what a filter shows of the log, as a file or on standard output."""

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from armguard_tray import __version__
from armguard_tray.app.export_writers import paper, writer_of
from armguard_tray.app.signals import ENDING
from armguard_tray.clock import Clock, SystemClock
from armguard_tray.counting import counted
from armguard_tray.exit_codes import ExitCode
from armguard_tray.export.contents import Conduct, Progress
from armguard_tray.export.exporting import Exported, Job, check_place, export
from armguard_tray.export.formats import Format
from armguard_tray.export.target import FileTarget, StreamTarget
from armguard_tray.filtering.wanted import Wanted
from armguard_tray.filtering.words import in_words
from armguard_tray.settings.model import Settings

STREAMED: Final = frozenset({Format.CSV, Format.JSONL})
"""The formats that can be written to standard output: the others begin with what is known at the end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportOptions:
    """What to export and where to.

    Attributes:
        journal: the journal's file.
        wanted: which of its events.
        format: the format.
        out: the file; None: standard output.
        settings: the server's zone and the beginnings of shifts are taken from them.

    """

    journal: Path
    wanted: Wanted
    format: Format
    out: Path | None
    settings: Settings


def run_export(options: ExportOptions, clock: Clock | None = None) -> ExitCode:
    """Export, and say on standard error what came of it.

    Returns:
        OK, or INTERRUPTED after Ctrl+C: then there is no new file.

    Raises:
        UserError: the journal cannot be read, or the file not be written; nothing is left of it then.

    """
    now = (clock or SystemClock()).now()
    server, shifts = options.settings.server, options.settings.log.shifts
    log_filter = options.wanted.at(now, server.zone, shifts)
    job = Job(
        journal=options.journal,
        log_filter=log_filter,
        wanted=in_words(options.wanted, server.zone, log_filter.since),
        zone=server.zone,
        format=options.format,
        program=f"ArmGuard Tray {__version__}",
        made=now,
    )
    teller = _Teller()
    unwanted = threading.Event()
    conduct = Conduct(unwanted=unwanted, on_progress=teller.progress)
    try:
        with _ended_by_signals(unwanted, in_the_middle=options.out is None), paper(options.format):
            exported = _export(job, options.out, conduct)
    except (CancelledError, KeyboardInterrupt):
        teller.say("The export was cancelled.")
        return ExitCode.INTERRUPTED
    teller.say(_outcome(exported, options.out))
    return ExitCode.OK


def _export(job: Job, out: Path | None, conduct: Conduct) -> Exported:
    if out is None:
        with StreamTarget(sys.stdout.buffer) as stream:
            return export(job, stream, writer_of(job.format), conduct)
    check_place(out, job.journal)
    with FileTarget(out) as file:
        return export(job, file, writer_of(job.format), conduct)


@contextmanager
def _ended_by_signals(unwanted: threading.Event, *, in_the_middle: bool) -> Iterator[None]:
    """Let a signal end the export in good order; `in_the_middle` also while nobody takes what is written."""

    def end(_number: int, _frame: Any) -> None:
        unwanted.set()
        if in_the_middle:
            raise KeyboardInterrupt

    before = {number: signal.signal(number, end) for number in ENDING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _outcome(exported: Exported, out: Path | None) -> str:
    rows = counted(exported.rows, "row")
    beside = "" if out is None else f", also in {out}.sha256"
    return (
        f"{rows}{'' if out is None else f' in {out}'}\n"
        f"SHA-256 of the whole: {exported.file_digest}{beside}\n"
        f"SHA-256 of the rows:  {exported.rows_digest}, in every format"
    )


class _Teller:
    """Says on standard error how far it has come, on one line, where somebody looks at it."""

    def __init__(self) -> None:
        self._stream = sys.stderr
        self._is_seen = self._stream.isatty()
        self._shown = ""
        self._write: Callable[[str], object] = self._stream.write
        if self._is_seen:
            self._show("Reading the journal …")

    def progress(self, progress: Progress) -> None:
        if self._is_seen and progress.total:
            self._show(f"{progress.done * 100 // progress.total:3} % of {progress.total:,} rows")

    def say(self, text: str) -> None:
        self._show("")
        self._write(f"{text}\n")
        self._stream.flush()

    def _show(self, text: str) -> None:
        if text == self._shown:
            return
        self._write(f"\r{text}{' ' * (len(self._shown) - len(text))}")
        if not text:
            self._write("\r")
        self._stream.flush()
        self._shown = text
