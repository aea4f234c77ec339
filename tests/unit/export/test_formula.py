"""No spreadsheet runs what stands in the log, and every text can be had back."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from armguard_tray.export.formula import harmless, original

hostile = st.text(st.sampled_from(list("=+-@'; \t\r\n\ufeff\u00a0\uff1dab1\"")), max_size=12)


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
        ("+63 912 345", "'+63 912 345"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t'=1"),
        ("\rx", "'\rx"),
        ("  =1", "'  =1"),
        ("\u00a0=1", "'\u00a0=1"),
        ("\uff1d1", "'\uff1d1"),
        ("'quoted'", "''quoted'"),
        ("Juan;=1+1", "Juan;'=1+1"),
        ("", ""),
    ],
)
def test_what_begins_as_a_formula_is_a_text(text: str, made: str) -> None:
    assert harmless(text) == made


@pytest.mark.parametrize(
    "text", ["M4 - 00077", "Juan Dela Cruz", "✓ M4 issued", "24/11/26", "a = b", "D'Souza", "1; 2", "#48211"]
)
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert harmless(text) == text


@given(st.text() | hostile)
@example("\t\t=")
@example(";'")
def test_every_text_can_be_had_back(text: str) -> None:
    assert original(harmless(text)) == text


@given(st.text() | hostile)
def test_no_cell_begins_with_a_sign_whatever_separates_cells(text: str) -> None:
    made = harmless(text)
    cells = made.replace("\t", ";").replace("\r", ";").replace("\n", ";").split(";")
    assert not any(
        cell.strip(" \ufeff\u200b\u00a0").startswith(("=", "+", "-", "@", "\uff1d")) for cell in cells
    )
    assert not made.startswith(("\t", "\r", "\n"))
