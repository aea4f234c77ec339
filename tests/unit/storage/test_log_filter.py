"""A filter means the same to Python and to SQL."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Literal
from unicodedata import normalize

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from armguard_tray.catchup.entries import gap_event
from armguard_tray.messages.event import PLACES_A_ROW, Category, Event, Source, StoredEvent
from armguard_tray.messages.gap import Gap, Reason
from armguard_tray.messages.streams import Stream
from armguard_tray.storage import gap_rows, items, queries, rows, schema, text_index
from armguard_tray.storage.log_filter import MAX_TERMS, LogFilter, happened, item_type, search_text
from armguard_tray.storage.queries import Span
from tests.unit.messages import frames
from tests.unit.storage.events import any_events, event, times

Form = Literal["NFC", "NFD"]
LOOK = LogFilter(needs_look=True)


def in_place(_row: int) -> int | None:
    """Let each event stand where it came."""
    return None


@contextmanager
def database(
    events: list[Event], moved: Callable[[int], int | None] = in_place
) -> Iterator[sqlite3.Connection]:
    """Hold events of one server in memory, numbered from 1, some of them moved to another place."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        schema.migrate(connection)
        connection.execute("INSERT INTO server (id, url) VALUES (1, 'https://armory.local')")
        stored = [StoredEvent(row, each, moved(row)) for row, each in enumerate(events, 1)]
        connection.executemany(rows.INSERT, (rows.to_row(1, each) for each in stored))
        text_index.add(connection, 1, len(events))
        connection.executemany(
            gap_rows.INSERT,
            (gap_rows.to_row(row, 1, each.gap) for row, each in enumerate(events, 1) if each.gap is not None),
        )
        yield connection


def _rewritten(text: str) -> st.SearchStrategy[str]:
    """Return the same text as another keyboard may type it."""
    forms: tuple[Form, ...] = ("NFC", "NFD")
    return st.sampled_from([text.upper(), *(normalize(form, text) for form in forms)])


def _slices_of(text: str) -> st.SearchStrategy[str]:
    places = st.integers(0, len(text))
    return st.builds(lambda a, b: text[min(a, b) : max(a, b)], places, places)


def _gaps() -> st.SearchStrategy[Event]:
    """Return gaps that this desk found, open and closed."""
    closed = st.none() | times()
    return st.builds(
        lambda at, closed_at: gap_event(
            Gap(reason=Reason.AWAY, streams=(Stream.TRANSACTIONS,), since=at, closed_at=closed_at), at=at
        ),
        times(),
        closed,
    )


def _events() -> st.SearchStrategy[Event]:
    told = st.builds(lambda each, source: replace(each, source=source), any_events(), st.sampled_from(Source))
    return told | _gaps()


@st.composite
def _cases(draw: st.DrawFn) -> tuple[list[Event], LogFilter]:
    """Return events without duplicates, and a filter that has a good chance to match some of them."""
    events = draw(
        st.lists(_events(), min_size=1, max_size=12, unique_by=lambda each: (each.stream, each.raw))
    )
    chosen = draw(st.sampled_from(events))
    step = timedelta(microseconds=draw(st.integers(-1, 1)))
    text = draw(
        st.just("")
        | st.text(st.characters(exclude_categories=[]), max_size=5)
        | _slices_of(search_text(chosen))
        | _slices_of(chosen.text).flatmap(_rewritten)
    )
    near = st.just(min(happened(chosen), happened(events[0])) + step)

    def perhaps(*values: str | None) -> frozenset[str]:
        known = [each for each in values if each]
        return draw(st.just(frozenset[str]()) | st.frozensets(st.sampled_from([*known, "Ward Duty", "45"])))

    return events, LogFilter(
        draw(st.frozensets(st.sampled_from(Category))),
        text,
        draw(st.none() | times() | near),
        needs_look=draw(st.booleans()),
        until=draw(st.none() | times() | near),
        item_types=perhaps(item_type(chosen.item or "")),
        duties=perhaps(chosen.duty, events[0].duty),
        issuers=perhaps(chosen.issued_by),
        statuses=perhaps(chosen.status),
        sources=draw(st.frozensets(st.sampled_from(Source), max_size=2)),
        person=draw(st.none() | st.just(chosen.person)),
        item=draw(st.none() | st.just(chosen.item)),
    )


@settings(deadline=None, max_examples=150)
@given(_cases(), st.sets(st.integers(1, 12)), st.integers(0, 12))
def test_python_and_sql_agree(case: tuple[list[Event], LogFilter], behind: set[int], border: int) -> None:
    events, log_filter = case

    def moved(row: int) -> int | None:
        """Let some stand behind the first row, though they came later."""
        return PLACES_A_ROW + row if row in behind else None

    stored = sorted(
        (StoredEvent(row, each, moved(row)) for row, each in enumerate(events, 1)),
        key=lambda each: each.place,
    )
    expected = [each for each in stored if log_filter.matches(each.event)]
    place = stored[min(border, len(stored) - 1)].place

    with database(events, moved) as connection:

        def found(query: Callable[..., queries.Query], span: Span, limit: int = 100) -> list[int]:
            inside = queries.within(connection, log_filter, span)
            return [first for first, *_ in connection.execute(*query(log_filter, span=inside, limit=limit))]

        page = found(queries.page_query, Span())
        newer = found(queries.newer_query, Span(first=place + 1))
        older = found(queries.page_query, Span(last=place - 1), limit=2)
        places = found(queries.places_query, Span())
        count = queries.count_query(log_filter, span=queries.within(connection, log_filter))
        (number,) = connection.execute(*count).fetchone()

    assert page == [each.row for each in reversed(expected)]
    assert newer == [each.row for each in expected if each.place > place]
    assert older == [each.row for each in reversed(expected) if each.place < place][:2]
    assert places == [each.place for each in reversed(expected)]
    assert number == len(expected)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", True),
        ("juan", True),
        ("  CRUZ\tguard ", True),
        ("M4 00077", True),
        ("pe-901234", True),
        ("transaction_created", True),
        ("armorer1 issued", True),
        ("juan maria", False),
        ("cruzguard", False),
        ("%", False),
        ("_uan", False),
    ],
)
def test_every_word_must_occur_in_some_field(text: str, *, found: bool) -> None:
    assert LogFilter(text=text).matches(event(frames.TAKE)) is found


@pytest.mark.parametrize(("text", "found"), [("48211", True), ("#48211", True), ("#48212", False)])
def test_a_number_is_found_however_it_is_written(text: str, *, found: bool) -> None:
    assert LogFilter(text=text).matches(event(frames.take(48_211))) is found


def test_case_is_folded_as_the_language_needs_it() -> None:
    strauss = event(frames.take(1, person="Strauß"))

    assert LogFilter(text="STRAUSS").matches(strauss)


@pytest.mark.parametrize("typed", ["Peña", "PEÑA", "peña"])
@pytest.mark.parametrize("as_typed", ["NFC", "NFD"])
@pytest.mark.parametrize("as_stored", ["NFC", "NFD"])
@pytest.mark.parametrize("name", ["José Peña", "JOSÉ PEÑA"])
def test_accents_and_case_are_found_however_they_are_stored(
    name: str, as_stored: Form, as_typed: Form, typed: str
) -> None:
    log_filter = LogFilter(text=normalize(as_typed, typed))
    stored = event(frames.take(1, person=normalize(as_stored, name)))

    with database([stored, event(frames.take(2, person="Jose Pena"))]) as connection:
        found = connection.execute(*queries.page_query(log_filter, span=Span(), limit=5)).fetchall()

    assert log_filter.matches(stored)
    assert [row for row, *_ in found] == [1]


def test_what_a_search_looks_at_has_each_field_once() -> None:
    taken = event(frames.TAKE)

    text = search_text(taken)

    fields = (taken.person, taken.personnel_id, taken.item, taken.item_id, taken.duty, taken.issued_by)
    for field in filter(None, fields):
        assert text.count(field.casefold()) == 1
        assert LogFilter(text=field).matches(taken)


def test_what_is_copied_from_the_log_is_found_again() -> None:
    broken = event(frames.take(1, person="two\nlines"))

    assert LogFilter(text=broken.person or "").matches(broken)


def test_no_number_of_words_is_too_much_for_sqlite() -> None:
    log_filter = LogFilter(text=" ".join(f"word{n}" for n in range(5000)))

    with database([event(frames.TAKE)]) as connection:
        assert connection.execute(*queries.page_query(log_filter, span=Span(), limit=1)).fetchall() == []
    assert len(log_filter.terms) == MAX_TERMS
    assert log_filter.leaves_words_out
    assert not LogFilter(text="m4 " * 5000).leaves_words_out


def test_what_has_no_time_of_its_own_counts_from_when_it_came() -> None:
    unreadable = event("not JSON")

    assert LogFilter(since=frames.AT).matches(unreadable)
    assert not LogFilter(since=frames.AT + timedelta(seconds=1)).matches(unreadable)


@pytest.mark.parametrize(
    ("log_filter", "index"),
    [
        (LogFilter(), "event_place"),
        (LogFilter(frozenset({Category.STATUS})), "event_category"),
        (LogFilter(frozenset({Category.STATUS, Category.NOTICE})), "event_category"),
        (LogFilter(needs_look=True), "event_look"),
        (LogFilter(text="glock", needs_look=True), "event_look"),
        (LogFilter(text="glock"), "SCAN moved_text VIRTUAL TABLE"),
        (LogFilter(frozenset({Category.STATUS}), "glock"), "SCAN event_text VIRTUAL TABLE"),
        (LogFilter(duties=frozenset({"Guard Duty"})), "SCAN event_text VIRTUAL TABLE"),
        (LogFilter(item="45 - 00031"), "SCAN event_text VIRTUAL TABLE"),
        (LogFilter(since=frames.AT), "event_place (<expr>>? AND <expr><?)"),
    ],
)
def test_an_index_spares_the_walk_through_a_big_table(log_filter: LogFilter, index: str) -> None:
    with database([]) as connection:
        for query in (queries.page_query, queries.newer_query, queries.places_query):
            plan = _plan(connection, query(log_filter, span=Span(1, 9), limit=200))
            assert any(index in detail for detail in plan), plan


@pytest.mark.parametrize(
    ("query", "index"),
    [
        ((queries.UNREAD, []), "USING INTEGER PRIMARY KEY (rowid>?)"),
        ((items.NAME, [1, "IR-00077241126"]), "item_name USING PRIMARY KEY (server=? AND item_id=?)"),
        ((queries.AT_PLACES, ["[1]"]), "event_place (<expr>=?)"),
    ],
)
def test_what_is_asked_for_often_is_looked_up(query: queries.Query, index: str) -> None:
    with database([]) as connection:
        assert any(index in detail for detail in _plan(connection, query))


def test_the_ends_of_a_time_are_read_from_an_index_alone() -> None:
    asked: list[str] = []

    with database([]) as connection:
        connection.set_trace_callback(asked.append)
        queries.within(connection, LogFilter(since=frames.AT, until=frames.AT))
        connection.set_trace_callback(None)
        assert any("COVERING INDEX event_happened" in each for each in _plan(connection, (asked[0], [])))


def _plan(connection: sqlite3.Connection, query: queries.Query) -> list[str]:
    statement, parameters = query
    return [detail for *_, detail in connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)]


def test_what_needs_a_look() -> None:
    ordinary = [event(frames.TAKE), event(frames.NOTICE, Stream.NOTIFICATIONS)]
    warned = event(frames.NOTICE.replace('"success"', '"error"'), Stream.NOTIFICATIONS)
    unannounced = replace(event(frames.RETURN), source=Source.UNANNOUNCED)
    gap = Gap(reason=Reason.AWAY, streams=(Stream.TRANSACTIONS,), since=frames.AT)
    open_gap = gap_event(gap, at=frames.AT)
    closed_gap = replace(open_gap, gap=replace(gap, closed_at=frames.AT))

    wanted = [each for each in (*ordinary, warned, unannounced, open_gap, closed_gap) if LOOK.matches(each)]

    assert wanted == [warned, unannounced, open_gap]
