"""Server text made fit to show."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from armguard_tray.messages.plain_text import MAX_SHOWN, plain


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("José <B>X</B> Peña", "José <B>X</B> Peña"),
        ("two\nlines", "two\ufffdlines"),
        ("\x1b[31mred", "\ufffd[31mred"),
        ("\u202egpj.exe", "\ufffdgpj.exe"),
        ("\ud800", "\ufffd"),
        ("x" * 2000, "x" * 999 + "…"),
    ],
)
def test_examples(text: str, shown: str) -> None:
    assert plain(text) == shown


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=[])))
def test_the_result_is_one_line_of_bounded_length_and_stays_as_it_is(text: str) -> None:
    shown = plain(text)

    assert len(shown) <= MAX_SHOWN
    assert len(shown.splitlines()) <= 1
    assert plain(shown) == shown
    shown.encode()
