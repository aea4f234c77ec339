"""A marked block: put in, replaced, and taken out again to the last byte."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server_setup import blocks

BODY = "from app import thing\n\nvalue = thing()\n"

texts = st.text(alphabet=st.sampled_from("ab #>\n\r\ufeffé")).filter(lambda text: blocks.MARKER not in text)


@given(texts)
def test_what_is_put_in_is_taken_out_to_the_last_byte(text: str) -> None:
    assert blocks.cut(blocks.put(text, BODY)) == text


@given(texts)
def test_putting_the_same_in_twice_changes_nothing(text: str) -> None:
    once = blocks.put(text, BODY)
    assert blocks.put(once, BODY) == once


@given(texts)
def test_a_block_that_was_replaced_is_taken_out_as_well(text: str) -> None:
    assert blocks.cut(blocks.put(blocks.put(text, BODY), "other = 1\n")) == text


def test_it_stands_at_the_end_after_an_empty_line() -> None:
    lines = blocks.put("x = 1\n", BODY).split("\n")
    assert lines[:2] == ["x = 1", ""]
    assert lines[2].startswith("# >>> armguard-live ")
    assert lines[-2:] == ["# <<< armguard-live <<<", ""]


def test_a_file_with_windows_line_ends_keeps_them() -> None:
    text = blocks.put("\ufeffx = 1\r\ny = 2\r\n", BODY)
    assert "\n" not in text.replace("\r\n", "")
    assert text.startswith("\ufeffx = 1\r\n")


def test_what_was_written_below_stays_when_the_block_goes() -> None:
    text = blocks.put("x = 1\n", BODY) + "y = 2\n"
    assert blocks.cut(text) == "x = 1\ny = 2\n"


def test_a_line_added_below_a_file_without_a_last_line_end_stays_a_line_of_its_own() -> None:
    text = blocks.put("x = 1", BODY) + "y = 2\n"
    assert blocks.cut(text) == "x = 1\ny = 2\n"


def test_a_replaced_block_stays_where_it_is() -> None:
    text = blocks.put("x = 1\n", BODY) + "y = 2\n"
    again = blocks.put(text, "other = 1\n")
    assert again.endswith("# <<< armguard-live <<<\ny = 2\n")
    assert "other = 1" in again
    assert "thing()" not in again


def test_a_block_that_was_changed_by_hand_is_not_replaced() -> None:
    text = blocks.put("x = 1\n", BODY).replace("thing()", "thing(1)")
    found = blocks.find(text)
    assert found is not None
    assert not found.intact
    with pytest.raises(blocks.BlockError, match="changed by hand"):
        blocks.put(text, BODY)


def test_a_file_that_was_saved_with_other_line_ends_has_no_changed_block() -> None:
    found = blocks.find(blocks.put("x = 1\n", BODY).replace("\n", "\r\n"))
    assert found is not None
    assert found.intact


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text.replace("# <<< armguard-live <<<\n", ""),
        lambda text: text + text,
        lambda text: text.replace("# >>> armguard-live", "# >>> armguard-live was here"),
        lambda text: text.replace("# >>> armguard-live", "# armguard-live"),
    ],
    ids=["no end", "twice", "another beginning", "no beginning"],
)
def test_markers_that_make_no_sense_are_refused(damage: Callable[[str], str]) -> None:
    text = damage(blocks.put("x = 1\n", BODY))
    for use in (blocks.find, blocks.cut, lambda text: blocks.put(text, BODY)):
        with pytest.raises(blocks.BlockError):
            use(text)
