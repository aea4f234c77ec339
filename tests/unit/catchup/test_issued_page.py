"""What is read of the server's list of what is issued now."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from armguard_tray.catchup.issued_page import IssuedRow, NotListed, parse_issued
from tests.unit.catchup.pages import ISSUED_NOW, MANILA, cells, page

_HEADERS = ("Date/Time", "Personnel", "Item Type", "Serial", "Notes")


def issued_table(*rows: tuple[str, ...], headers: tuple[str, ...] = _HEADERS) -> str:
    head = "".join(f"<th>{header}</th>" for header in headers)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def listed(html: str) -> tuple[IssuedRow, ...]:
    read = parse_issued(html, MANILA)
    assert not isinstance(read, NotListed), read
    return read


def why_not(html: str) -> str:
    read = parse_issued(html, MANILA)
    assert isinstance(read, NotListed)
    return str(read)


def test_a_row_is_a_weapon_that_is_out_whatever_the_history_says_beside_it() -> None:
    assert listed(page(cells(8, item="M16 - 00001"))) == (
        IssuedRow(
            item="M4 - 00077",
            personnel="Juan Dela Cruz",
            time=datetime(2026, 11, 24, 3, 26, 16, tzinfo=UTC),
        ),
    )


def test_columns_are_known_by_their_headers_not_by_their_places() -> None:
    headers = ("Serial", "Notes", "Rank", "Item Type", "Personnel", "Date/Time")
    row = ("00031", "x", "Sgt", "GLOCK", "Ana Lim", "23/11/26 08:00:00")

    (found,) = listed(issued_table(row, headers=headers))

    assert (found.item, found.personnel) == ("GLOCK - 00031", "Ana Lim")


@pytest.mark.parametrize(
    "words", ["Nothing is out.", "No items issued", "No firearms are currently issued.", "None"]
)
def test_nothing_is_out_if_the_page_says_so(words: str) -> None:
    assert listed(issued_table((words,))) == ()


def test_nothing_is_out_if_the_table_has_no_row() -> None:
    assert listed(issued_table()) == ()


@pytest.mark.parametrize(
    ("html", "why"),
    [
        ("<h1>Login</h1>", "the page has no list of what is issued now"),
        (ISSUED_NOW * 2, "the page has several lists of what is issued now"),
        (ISSUED_NOW.replace("</table>", ""), "the list of what is issued now ends in the middle"),
        (issued_table(("Database error",)), "the list of what is issued now says something else"),
        (
            issued_table(("24/11/26 11:26:16", "Ana Lim", "M4", "1")),
            "the list of what is issued now has a row that is not understood",
        ),
        (
            issued_table(("yesterday", "Ana Lim", "M4", "1", "")),
            "the list of what is issued now has a row that is not understood",
        ),
        (
            issued_table(("24/11/26 11:26:16", "", "M4", "1", "")),
            "the list of what is issued now has a row that is not understood",
        ),
    ],
)
def test_half_a_list_is_none(html: str, why: str) -> None:
    assert why_not(html) == why


def test_names_are_plain_text() -> None:
    (found,) = listed(issued_table(("24/11/26 11:26:16", "José &lt;B&gt;X&lt;/B&gt;", "M4", "1", "")))

    assert found.personnel == "José <B>X</B>"


@given(st.text(max_size=400), st.integers(0, 400))
def test_no_page_is_too_strange(text: str, place: int) -> None:
    whole = page()
    parse_issued(text, MANILA)
    parse_issued(whole[:place] + text + whole[place:], MANILA)
