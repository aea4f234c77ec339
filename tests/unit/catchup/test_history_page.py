"""What is read of the history page."""

import random
from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from armguard_tray.catchup.history_page import (
    Action,
    HistoryPage,
    HistoryRow,
    NotUnderstood,
    Problem,
    history_path,
    parse_history,
)
from armguard_tray.catchup.tables import tables_of
from tests.unit.catchup.pages import HEADERS, MANILA, NOTHING, cells, page, table


def rows_of(html: str) -> tuple[HistoryRow, ...]:
    read = parse_history(html, MANILA)
    assert isinstance(read, HistoryPage), read
    return read.rows


def problem_of(html: str) -> str:
    read = parse_history(html, MANILA)
    assert isinstance(read, NotUnderstood)
    return str(read)


def test_a_row_is_a_transaction() -> None:
    assert rows_of(page(cells(notes="for the range"))) == (
        HistoryRow(
            id=7,
            personnel="Juan Dela Cruz",
            rank="Sgt",
            item="M4 - 00077",
            action=Action.TAKE,
            time=datetime(2026, 11, 24, 3, 26, 16, tzinfo=UTC),
            notes="for the range",
        ),
    )


@pytest.mark.parametrize("word", ["Withdraw", "Withdrawal", "Withdrawn", "WITHDRAWAL"])
def test_people_say_withdraw_where_frames_say_take(word: str) -> None:
    (row,) = rows_of(page(cells(action=word)))
    assert row.action is Action.TAKE


def test_a_return() -> None:
    (row,) = rows_of(page(cells(action="Return")))
    assert row.action is Action.RETURN


def test_the_newest_comes_first_however_the_page_is_sorted() -> None:
    assert [row.id for row in rows_of(page(cells(7), cells(9), cells(8)))] == [9, 8, 7]


def test_nothing_happened() -> None:
    assert rows_of(page()) == ()
    assert rows_of(table()) == ()


def test_the_table_of_what_is_issued_now_is_another() -> None:
    assert len(rows_of(page(cells()))) == 1
    assert problem_of(page(cells()).split("<h2>History")[0]) == (
        "the history page has no table of transactions"
    )


def test_the_table_is_known_by_its_headers_in_any_order_and_case() -> None:
    order = ["Notes", "Date/Time", "Gate", "Actions", "ACTION", " item ", "<b>ID</b>", "Personnel"]
    row = (
        "<tr><td>n</td><td>24/11/26 11:26:16</td><td>North</td><td>View</td><td>Return</td><td>M4 - 1</td>"
        "<td>12</td><td>Ana</td></tr>"
    )
    (read,) = rows_of(f'<table class="other">{table(row, headers=order)}</table>')
    assert (read.id, read.personnel, read.rank, read.item, read.notes) == (12, "Ana", "", "M4 - 1", "n")


def test_names_are_free_text_and_shown_plain() -> None:
    (row,) = rows_of(page(cells(personnel="José <B>X</B> Peña\u202e", notes="a\nb\x1b[31m & <table><tr>")))
    assert row.personnel == "José <B>X</B> Peña\ufffd"
    assert row.notes == "a b\ufffd[31m & <table><tr>"
    (row,) = rows_of(page(cells(notes="x" * 100_000)))
    assert len(row.notes) == 1000


def test_tags_inside_cells_and_missing_end_tags_do_not_matter() -> None:
    loose = (
        "<table><tr>"
        + "".join(f"<th>{each}" for each in HEADERS)
        + "<tr><td><a href='/x'>#<b>5</b></a><td>Ana"
        "<script>alert('no')</script><small>Cpl<small>x</small></small><td>M16<br>- 2<td>Return<td>"
        "24/11/26\n11:26:16<td><table><tr><td>inner</td></tr></table><td></table>"
    )
    (row,) = rows_of(loose)
    assert (row.id, row.personnel, row.rank, row.item, row.notes) == (5, "Ana", "Cplx", "M16 - 2", "")


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (cells("seven"), "its column id"),
        (cells("\u0661"), "its column id"),
        (cells("9" * 30), "its column id"),
        (cells(action="Lost"), "its column action"),
        (cells(action="Returned by mistake"), "its column action"),
        (cells(time="2026-11-24 11:26"), "its column date/time"),
        (cells(time="31/02/26 11:26:16"), "its column date/time"),
        ("<tr><td>#7</td><td>Juan</td></tr>", "2 cells below 7 headers"),
    ],
)
def test_one_row_that_is_not_understood_spoils_the_page(row: str, said: str) -> None:
    assert problem_of(page(cells(8), row)) == f"the history page has a row that is not understood: {said}"


def test_a_page_that_is_cut_off_is_no_page() -> None:
    whole = page(cells(8), cells(7))
    for end in range(0, whole.index("</table>\n<nav") if "</table>\n<nav" in whole else len(whole) - 60, 7):
        assert isinstance(parse_history(whole[:end], MANILA), NotUnderstood)
    assert parse_history(whole[: whole.index("#7")], MANILA) == NotUnderstood(Problem.CUT_OFF)


def test_what_is_ambiguous_is_not_understood() -> None:
    assert problem_of(page(cells()) + table(cells())) == "the history page has several tables of transactions"
    assert problem_of(page(cells(7), cells(7))) == "the history page lists a transaction twice: #7"
    twice = table(cells(), headers=[*HEADERS, "ID"])
    assert problem_of(twice) == "the history page has no table of transactions"


def test_paths_of_pages() -> None:
    assert history_path() == "/transactions/?history=day&page=1"
    assert history_path("week", 2) == "/transactions/?history=week&page=2"


PIECES = st.sampled_from(
    [
        *("<table>", "</table>", "<tr>", "</tr>", "<td>", "</td>", "<th>", "<small>", "</small>", "<script>"),
        *(
            "</script>",
            "<!--",
            "-->",
            "<![x[",
            "<![CDATA[",
            "]]>",
            "<!x",
            "<?",
            "&",
            "&#x110000;",
            "&#0;",
            "<a b='",
        ),
        *(f"<th>{header}</th>" for header in HEADERS),
        *(
            "#7",
            "Return",
            "24/11/26 11:26:16",
            "\x00",
            "\ud800",
            "<",
            ">",
            "'",
            NOTHING,
            cells(),
            table(cells()),
        ),
    ]
)


@given(st.lists(PIECES | st.text(), max_size=40).map("".join))
@example("<![x[")
@example("<!--" * 60_000)
@example("<table>" * 30_000)
def test_no_page_makes_it_raise(html: str) -> None:
    assert isinstance(parse_history(html, MANILA), HistoryPage | NotUnderstood)


@given(st.randoms(use_true_random=False), st.integers(1, 30))
def test_a_broken_page_is_no_other_page(chance: random.Random, cuts: int) -> None:
    """What is left of a page without some of its characters is understood as a part of it, or not at all."""
    whole = page(cells(8), cells(7, action="Return"))
    kept = list(whole)
    for _ in range(cuts):
        del kept[chance.randrange(len(kept))]
    read = parse_history("".join(kept), MANILA)
    if isinstance(read, HistoryPage):
        assert {row.id for row in read.rows} <= {7, 8}


def test_the_text_of_a_cell_is_bounded_and_its_blanks_are_single() -> None:
    ((cell,),) = tables_of(f"<table><tr><td> a \n b&nbsp;c {'x' * 5000}</td></tr></table>")[0].rows
    assert cell.main.startswith("a b c xxx")
    assert len(cell.main) < 2001
