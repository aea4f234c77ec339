"""One pipeline for windows and command line: from the journal into a file. It blocks: run it in a thread."""

import gc
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, tzinfo
from pathlib import Path

from armguard_tray.errors import ExportError
from armguard_tray.export.contents import Conduct, Rows, Writer
from armguard_tray.export.csv_file import CsvWriter
from armguard_tray.export.formats import Format
from armguard_tray.export.json_lines import JsonLinesWriter
from armguard_tray.export.statement import (
    Statement,
    completeness_words,
    open_gap_words,
    totals_words,
)
from armguard_tray.export.target import FileTarget, StreamTarget, saying
from armguard_tray.storage.log_filter import LogFilter
from armguard_tray.storage.moment import Moment

log = logging.getLogger(__name__)

WriterOf = Callable[[Format], Writer]


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What is to be exported.

    Attributes:
        journal: the journal's file, which is only read.
        log_filter: which of its events.
        wanted: the filter, in words.
        zone: the server's, in which times are told.
        format: the format.
        program: which program makes it, with its version.
        made: the present, aware.

    """

    journal: Path
    log_filter: LogFilter
    wanted: str
    zone: tzinfo
    format: Format
    program: str
    made: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """What was written.

    Attributes:
        rows: how many events.
        rows_digest: the SHA-256 digest of their canonical forms, in hexadecimal digits, the same in all
            formats.
        file_digest: that of the whole file.

    """

    rows: int
    rows_digest: str
    file_digest: str


def plain_writer(wanted: Format) -> Writer:
    """Return what writes a format that needs no Qt."""
    if wanted is Format.XLSX:
        from armguard_tray.export.xlsx_file import XlsxWriter  # noqa: PLC0415 - few want it

        return XlsxWriter()
    writers: Mapping[Format, type[CsvWriter | JsonLinesWriter]] = {
        Format.CSV: CsvWriter,
        Format.JSONL: JsonLinesWriter,
    }
    return writers[wanted]()


def check_place(path: Path, journal: Path) -> None:
    """Raise unless `path` is another file than those of the journal.

    Raises:
        ExportError: it would put an end to the journal.

    """
    ends = ("", "-wal", "-shm")
    if path.resolve() in {journal.resolve().with_name(f"{journal.resolve().name}{end}") for end in ends}:
        raise ExportError(f"{path} is the journal itself.", "Choose another file.")


def export(job: Job, target: FileTarget | StreamTarget, writer: Writer, conduct: Conduct) -> Exported:
    """Write what `job` asks for to `target`, and keep it there.

    Raises:
        JournalError: the journal cannot be read.
        ExportError: the target cannot be written; what was there before is untouched.
        CancelledError: nobody wants it any more.

    """
    with _without_collector(), Moment(job.journal, job.log_filter, conduct.unwanted) as moment:
        statement = statement_of(job, moment)
        rows = Rows(moment, job.zone, conduct, rounds=writer.rounds)
        rows.tell()
        with saying(target.name, target.left):
            writer.write(statement, rows, job.zone, target)
            file_digest = target.keep()
    log.info("%d rows were exported as %s", statement.rows, job.format)
    return Exported(rows=statement.rows, rows_digest=rows.digest, file_digest=file_digest)


@contextmanager
def _without_collector() -> Iterator[None]:
    """Let no garbage collector look for cycles: among millions of short-lived rows there is none.

    Without it, it takes a fifth less time and no more memory.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def statement_of(job: Job, moment: Moment) -> Statement:
    """Return what the file is to say of itself."""
    sums = moment.sums
    return Statement(
        wanted=job.wanted,
        since=job.log_filter.since,
        until=job.log_filter.until,
        first=sums.first,
        last=sums.last,
        rows=sums.rows,
        totals=totals_words(moment.totals),
        completeness=completeness_words(moment.servers, job.zone),
        open_gaps=len(moment.open_gaps),
        gaps=open_gap_words(moment.open_gaps, job.zone),
        servers=[url for url in moment.servers if url],
        zone=str(job.zone),
        program=job.program,
        made=job.made,
        chain=moment.head,
    )
