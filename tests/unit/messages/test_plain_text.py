"""Server text made fit to show."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from armguard_tray.messages.plain_text import MAX_SHOWN, escaped, plain


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("José <B>X</B> Peña", "José <B>X</B> Peña"),
        ("two\nlines", "two\ufffdlines"),
        ("\x1b[31mred", "\ufffd[31mred"),
        ("\u202egpj.exe", "\ufffdgpj.exe"),
        ("\u200e1\u200f2\u061c", "\ufffd1\ufffd2\ufffd"),
        ("M4\u200b\u2060\ufeff\u00ad\u3164", "M4" + 5 * "\ufffd"),
        ("Juan\U000e0041", "Juan\ufffd"),
        ("\u0645\u06cc\u200c\u0631", "\u0645\u06cc\u200c\u0631"),
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


@settings(deadline=None)
@given(st.text())
def test_escaped_json_can_be_seen_and_means_the_same(text: str) -> None:
    line = escaped(json.dumps(text, ensure_ascii=False))

    assert json.loads(line) == text
    assert plain(line[: MAX_SHOWN - 1]) == line[: MAX_SHOWN - 1]
