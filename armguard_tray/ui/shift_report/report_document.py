"""PURE: the report on a shift as a document: the same on screen, on paper and as text."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Final

from armguard_tray.export.statement import moment_words
from armguard_tray.holdings.board import Holding
from armguard_tray.holdings.doubt import Why
from armguard_tray.holdings.words import Zones, doubt_words
from armguard_tray.messages.event import Event
from armguard_tray.messages.gap_words import detail_now, title_now
from armguard_tray.shift_report.report import Entry, ShiftReport
from armguard_tray.shift_report.words import certainty, figures, gap_times, outage_length, shift_words
from armguard_tray.storage.log_filter import happened
from armguard_tray.storage.shift import FoundGap
from armguard_tray.ui.board.columns import row_of
from armguard_tray.ui.paper.document import (
    Block,
    Column,
    Document,
    Facts,
    Heading,
    Paragraph,
    Signatures,
    Table,
    TableRow,
)
from armguard_tray.ui.wording import NOTHING, stamp

TITLE: Final = "Shift report"
SIGNATURES: Final = (
    "Handed over by (name, signature, date and time)",
    "Taken over by (name, signature, date and time)",
)
_OUT: Final = (
    Column("Item", 13),
    Column("Holder", 15),
    Column("Since", 13),
    Column("Out for", 9),
    Column("Duty", 11),
    Column("Issued by", 9),
    Column("State", 18),
)
_ISSUED: Final = (
    Column("Time", 13),
    Column("No.", 7, right=True),
    Column("Item", 13),
    Column("Person", 17),
    Column("Duty", 13),
    Column("Mags", 5, right=True),
    Column("Rounds", 7, right=True),
    Column("By", 10),
)
_RETURNED: Final = (
    Column("Time", 13),
    Column("No.", 7, right=True),
    Column("Item", 13),
    Column("Person", 17),
    Column("By", 10),
)
_STATUSES: Final = (Column("Time", 13), Column("Item", 20), Column("Change", 30))
_GAPS: Final = (Column("When", 22), Column("What", 28), Column("Why", 30))
_OUTAGES: Final = (Column("When", 22), Column("How long", 9), Column("What", 24), Column("Why", 28))
_OF_GONE: Final = "Of a record that the server has no more."


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a report is from.

    Attributes:
        server: the address of the server.
        zone_name: the name of the zone in which times are told.
        account: the account that this desk logs in with; may be empty.
        program: which program made it, with its version.

    """

    server: str
    zone_name: str
    account: str
    program: str


def report_document(report: ShiftReport, zone: tzinfo, origin: Origin) -> Document:
    """Return the report as a document, with times in `zone`, the server's."""
    shift = shift_words(report.shift, zone)
    certain = {each.name for each in figures(report) if each.is_certain}
    return Document(
        title=f"{TITLE} {shift}",
        note=f"{origin.server} · made {moment_words(report.made, zone)}",
        blocks=(
            Heading(f"{TITLE} · {shift}", 1),
            Facts([*_origin(report, zone, origin)]),
            Heading("Figures"),
            Facts([(each.name, each.value) for each in figures(report)]),
            Heading("How certain this is"),
            *(Paragraph(sentence) for sentence in certainty(report, zone)),
            *(
                block
                for title, columns, rows, count in _parts(report, zone)
                for block in _part(title, columns, rows, count, is_certain=title in certain)
            ),
            Heading("About this report"),
            Facts([*_about(report, zone, origin)]),
            Signatures(SIGNATURES),
        ),
        landscape=False,
    )


def _origin(report: ShiftReport, zone: tzinfo, origin: Origin) -> Iterator[tuple[str, str]]:
    yield "Server", origin.server
    yield "As of", moment_words(report.end, zone)
    yield "Made", f"{moment_words(report.made, zone)}, as {origin.account or 'nobody'}"


def _about(report: ShiftReport, zone: tzinfo, origin: Origin) -> Iterator[tuple[str, str]]:
    yield "Shift", f"{moment_words(report.shift.since, zone)} to {moment_words(report.shift.until, zone)}"
    yield "Times", f"by the server's clock, in its zone, {origin.zone_name}"
    yield "Made by", f"{origin.program}, from this desk's journal"
    if report.head is not None:
        yield "Head of the journal's chain", str(report.head)


def _parts(
    report: ShiftReport, zone: tzinfo
) -> Iterator[tuple[str, Sequence[Column], Sequence[TableRow], int]]:
    """Yield the lists: title, which is the name of its figure, columns, rows, and how many that is of."""
    yield "Still out", _OUT, [*_out_rows(report, zone)], len(report.out)
    yield "Issued", _ISSUED, [*_issued_rows(report.issued, zone)], len(report.issued)
    yield "Returned", _RETURNED, [*_returned_rows(report.returned, zone)], len(report.returned)
    yield "Status changes", _STATUSES, [*_status_rows(report.statuses, zone)], len(report.statuses)
    yield "Gaps", _GAPS, [_gap_row(each, zone) for each in report.gaps], len(report.gaps)
    yield "Outages", _OUTAGES, [*_outage_rows(report, zone)], len(report.outages)


def _part(
    title: str, columns: Sequence[Column], rows: Sequence[TableRow], count: int, *, is_certain: bool
) -> Iterator[Block]:
    if rows:
        yield Heading(f"{title} ({count:,})")
        yield Table(columns, lambda: rows)
    else:
        # Said, not left out: nobody is to wonder whether a page is missing.
        yield Heading(f"{title}: {'none' if is_certain else 'none known'}")


def _out_rows(report: ShiftReport, zone: tzinfo) -> Iterator[TableRow]:
    zones = Zones(zone, zone)
    for holding in report.out:
        row = row_of(holding, report.end, zones)
        yield TableRow(row.texts, stands_out=row.is_overdue)
        for sentence in _doubts(holding, zones):
            yield TableRow(("", f"? {sentence}"), (1, len(_OUT) - 1), stands_out=row.is_overdue)


def _doubts(holding: Holding, zones: Zones) -> list[str]:
    # What goes for every row is said once, above them.
    return [doubt_words(doubt, zones) for doubt in holding.doubts if doubt.why is not Why.UNCHECKED]


def _issued_rows(entries: Sequence[Entry], zone: tzinfo) -> Iterator[TableRow]:
    for entry in entries:
        event = entry.event
        ammunition = (_number(event.mags), _number(event.rounds))
        facts = (event.duty or NOTHING, *ammunition, event.issued_by or NOTHING)
        yield TableRow((*_handed(event, zone), *facts), stands_out=entry.is_gone)
        yield from _gone(entry, len(_ISSUED))


def _returned_rows(entries: Sequence[Entry], zone: tzinfo) -> Iterator[TableRow]:
    for entry in entries:
        event = entry.event
        yield TableRow((*_handed(event, zone), event.issued_by or NOTHING), stands_out=entry.is_gone)
        yield from _gone(entry, len(_RETURNED))


def _handed(event: Event, zone: tzinfo) -> tuple[str, str, str, str]:
    number = _number(event.transaction_id)
    return stamp(happened(event), zone), number, event.item or NOTHING, event.person or NOTHING


def _gone(entry: Entry, columns: int) -> Iterator[TableRow]:
    if entry.is_gone:
        yield TableRow(("", _OF_GONE), (1, columns - 1), stands_out=True)


def _status_rows(entries: Sequence[Entry], zone: tzinfo) -> Iterator[TableRow]:
    for entry in entries:
        event = entry.event
        yield TableRow((stamp(happened(event), zone), event.item or NOTHING, event.detail))


def _gap_row(found: FoundGap, zone: tzinfo) -> TableRow:
    event = found.stored.event
    return TableRow((gap_times(found, zone), title_now(event), detail_now(event)))


def _outage_rows(report: ShiftReport, zone: tzinfo) -> Iterator[TableRow]:
    for found in report.outages:
        event = found.stored.event
        times, length = gap_times(found, zone), outage_length(found, report)
        yield TableRow((times, length, title_now(event), detail_now(event)))


def _number(count: int | None) -> str:
    return NOTHING if count is None else str(count)
