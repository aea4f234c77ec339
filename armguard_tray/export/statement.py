"""PURE: what a file of the log says of itself: what was asked for, how complete it is, and what it holds."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from armguard_tray.clock import in_zone
from armguard_tray.export.row import gap_span
from armguard_tray.messages.event import Category, Event, StoredEvent
from armguard_tray.messages.event_words import KINDS
from armguard_tray.messages.gap import detail_of, title_of
from armguard_tray.messages.plain_text import plain
from armguard_tray.storage.chain import ChainHead
from armguard_tray.storage.ledger import Ledger

TITLE = "ArmGuard log"
MAX_GAPS = 200
"""Gaps that are told one by one; of more only the number is told."""
_NOT_KNOWN = "it is not known whether transactions are missing."


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What is known of an export before its rows are written.

    Attributes:
        wanted: the filter, in words.
        since, until: the first moment that was asked for and the first that was not any more, aware; None:
            open.
        first, last: when the earliest and the latest of the rows happened, aware; None: there is no row.
        rows: how many there are.
        totals: the kind of rows, in a word, and how many of it there are; most first.
        completeness: sentences on what the journal answers for.
        open_gaps: how many gaps there are in that time of which something is missing, whatever the filter.
        gaps: these in words, at most MAX_GAPS of them.
        servers: whose transactions they are.
        zone: the name of the zone in which times are told.
        program: which program made it, with its version.
        made: when, aware: the journal is that of this moment.
        chain: the end of the journal's chain then; None: there is none.

    """

    wanted: str
    since: datetime | None
    until: datetime | None
    first: datetime | None
    last: datetime | None
    rows: int
    totals: Sequence[tuple[str, int]]
    completeness: Sequence[str]
    open_gaps: int
    gaps: Sequence[str]
    servers: Sequence[str]
    zone: str
    program: str
    made: datetime
    chain: ChainHead | None


def lines(statement: Statement, zone: tzinfo) -> Iterator[tuple[str, str]]:
    """Yield what it says, a label and a text each, plain; times in `zone`."""
    yield "Title", TITLE
    yield "Filter", statement.wanted
    yield "Period", period_words(statement, zone)
    yield "Rows", f"{statement.rows:,}"
    for kind, count in statement.totals:
        yield f"Rows: {kind}", f"{count:,}"
    for sentence in statement.completeness:
        yield "Completeness", sentence
    yield "Open gaps", gaps_words(statement)
    for gap in statement.gaps:
        yield "Open gap", gap
    for server in statement.servers:
        yield "Server", server
    yield "Times", f"by the server's clock, in its zone, {statement.zone}"
    yield "Order", "as in the log, oldest first"
    if statement.chain is not None:
        yield "Head of the journal's chain", str(statement.chain)
    yield "Made", f"{moment_words(statement.made, zone)}, by {statement.program}; it is the journal of then"


def period_words(statement: Statement, zone: tzinfo) -> str:
    """Return the time that was asked for, and that of the rows."""
    since, until = statement.since, statement.until
    asked = " ".join(
        part
        for part in (
            f"from {moment_words(since, zone)}" if since is not None else "",
            f"until {moment_words(until, zone)}" if until is not None else "",
        )
        if part
    )
    if statement.first is None or statement.last is None:
        found = "there is no row"
    else:
        found = f"rows from {moment_words(statement.first, zone)} to {moment_words(statement.last, zone)}"
    return f"{asked or 'all that the journal has'}; {found}"


def gaps_words(statement: Statement) -> str:
    """Return how many open gaps there are in the period, and how many of them are told."""
    if not statement.open_gaps:
        return "none known in this period"
    told = len(statement.gaps)
    first = "" if told == statement.open_gaps else f", of which the last {told:,} are told here"
    return f"{statement.open_gaps:,} in this period, whatever the filter{first}"


def moment_words(time: datetime, zone: tzinfo) -> str:
    """Return a time that nobody mistakes: 24 November 2026, 11:25:26 UTC+08:00."""
    told = in_zone(time, zone)
    offset = f"{told:%z}"
    return f"{told.day} {told:%B} {told.year}, {told:%H:%M:%S} UTC{offset[:3]}:{offset[3:5]}"


def totals_words(totals: dict[Category, int]) -> list[tuple[str, int]]:
    """Return how many rows there are of each kind, in a word."""
    return [(KINDS[category][1], count) for category, count in totals.items()]


def completeness_words(servers: dict[str, Ledger | None], zone: tzinfo) -> list[str]:
    """Return for each server what the journal answers for of its transactions, and when that was seen."""
    return [f"{plain(url) or 'a server'}: {_answer(ledger, zone)}" for url, ledger in servers.items()] or [
        _NOT_KNOWN.capitalize()
    ]


def _answer(ledger: Ledger | None, zone: tzinfo) -> str:
    if ledger is None:
        return _NOT_KNOWN
    begins, reached = ledger.begins, ledger.complete_to
    seen = f"That was seen on {moment_words(ledger.as_of, zone)}; whether there are newer ones is not known."
    if reached < begins:
        return f"all transactions from #{begins} on are in the log; there had been none yet. {seen}"
    return f"all transactions from #{begins} to #{reached} are in the log, or in a gap that it shows. {seen}"


def open_gap_words(gaps: Sequence[StoredEvent], zone: tzinfo) -> list[str]:
    """Return the newest gaps in words."""
    return [_open_gap(each.event, zone) for each in gaps[-MAX_GAPS:]]


def _open_gap(event: Event, zone: tzinfo) -> str:
    gap = event.gap
    if gap is None:  # the server said so itself
        return " · ".join(
            part for part in (moment_words(event.received, zone), event.title, event.detail) if part
        )
    return " · ".join(part for part in (gap_span(gap, zone), title_of(gap), detail_of(gap)) if part)
