"""A filter means the same to Python and to SQL."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from armguard_tray.catchup.entries import gap_event
from armguard_tray.messages.event import Category, Event, Source, StoredEvent
from armguard_tray.messages.gap import Gap, Reason
from armguard_tray.messages.streams import Stream
from armguard_tray.storage import gap_rows, queries, rows, schema
from armguard_tray.storage.log_filter import MAX_TERMS, LogFilter, happened, search_text
from tests.unit.messages import frames
from tests.unit.storage.events import any_events, event, times

LOOK = LogFilter(needs_look=True)


@contextmanager
def database(events: list[Event]) -> Iterator[sqlite3.Connection]:
    """Hold events of one server in memory, numbered from 1."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        schema.migrate(connection)
        connection.execute("INSERT INTO server (id, url) VALUES (1, 'https://armory.local')")
        connection.executemany(
            rows.INSERT, (rows.to_row(1, StoredEvent(row, each)) for row, each in enumerate(events, 1))
        )
        connection.executemany(
            gap_rows.INSERT,
            (gap_rows.to_row(row, 1, each.gap) for row, each in enumerate(events, 1) if each.gap is not None),
        )
        yield connection


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
        | _slices_of(chosen.text).map(str.upper)
    )
    since = draw(st.none() | times() | st.just(min(happened(chosen), happened(events[0])) + step))
    return events, LogFilter(
        draw(st.frozensets(st.sampled_from(Category))), text, since, needs_look=draw(st.booleans())
    )


@settings(deadline=None, max_examples=60)
@given(_cases())
def test_python_and_sql_agree(case: tuple[list[Event], LogFilter]) -> None:
    events, log_filter = case
    expected = [row for row, each in enumerate(events, 1) if log_filter.matches(each)]

    with database(events) as connection:
        page = connection.execute(*queries.page_query(log_filter, before=None, limit=100)).fetchall()
        newer = connection.execute(*queries.newer_query(log_filter, after=0, limit=100)).fetchall()
        (count,) = connection.execute(*queries.count_query(log_filter)).fetchone()

    assert [row for row, *_ in newer] == expected
    assert [row for row, *_ in page] == expected[::-1]
    assert count == len(expected)


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


def test_what_is_copied_from_the_log_is_found_again() -> None:
    broken = event(frames.take(1, person="two\nlines"))

    assert LogFilter(text=broken.person or "").matches(broken)


def test_no_number_of_words_is_too_much_for_sqlite() -> None:
    log_filter = LogFilter(text=" ".join(f"word{n}" for n in range(5000)))

    with database([event(frames.TAKE)]) as connection:
        assert connection.execute(*queries.page_query(log_filter, before=None, limit=1)).fetchall() == []
    assert len(log_filter.terms) == MAX_TERMS


def test_what_has_no_time_of_its_own_counts_from_when_it_came() -> None:
    unreadable = event("not JSON")

    assert LogFilter(since=frames.AT).matches(unreadable)
    assert not LogFilter(since=frames.AT + timedelta(seconds=1)).matches(unreadable)


@pytest.mark.parametrize(
    ("query", "index"),
    [
        (queries.page_query(LogFilter(frozenset({Category.STATUS})), before=9, limit=200), "event_category"),
        (
            queries.page_query(LogFilter(frozenset({Category.STATUS, Category.NOTICE})), before=9, limit=200),
            "event_category",
        ),
        (queries.page_query(LogFilter(since=frames.AT), before=9, limit=200), "event_happened"),
        (queries.count_query(LogFilter(since=frames.AT)), "event_happened"),
        (queries.page_query(LogFilter(needs_look=True), before=9, limit=200), "event_look"),
        (queries.newer_query(LogFilter(needs_look=True), after=9, limit=200), "event_look"),
        (queries.count_query(LogFilter(needs_look=True)), "event_look"),
        (queries.page_query(LogFilter(text="glock", needs_look=True), before=9, limit=200), "event_look"),
        ((queries.UNREAD, []), "USING INTEGER PRIMARY KEY (rowid>?)"),
        ((queries.ITEM_NAME, [1, "IR-00077241126"]), "event_item (server=? AND item_id=?)"),
    ],
)
def test_an_index_spares_the_walk_through_a_big_table(query: queries.Query, index: str) -> None:
    statement, parameters = query

    with database([]) as connection:
        plan = connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters).fetchall()

    assert any(index in detail for *_, detail in plan)


def test_what_needs_a_look() -> None:
    ordinary = [event(frames.TAKE), event(frames.NOTICE, Stream.NOTIFICATIONS)]
    warned = event(frames.NOTICE.replace('"success"', '"error"'), Stream.NOTIFICATIONS)
    unannounced = replace(event(frames.RETURN), source=Source.UNANNOUNCED)
    gap = Gap(reason=Reason.AWAY, streams=(Stream.TRANSACTIONS,), since=frames.AT)
    open_gap = gap_event(gap, at=frames.AT)
    closed_gap = replace(open_gap, gap=replace(gap, closed_at=frames.AT))

    wanted = [each for each in (*ordinary, warned, unannounced, open_gap, closed_gap) if LOOK.matches(each)]

    assert wanted == [warned, unannounced, open_gap]
