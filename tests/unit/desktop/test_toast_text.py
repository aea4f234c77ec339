"""Server text in a notification: plain, drawable, and never more than fits."""

import re
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from armguard_tray.desktop.toast.text import BODY_LIMIT, TITLE_LIMIT, as_markup, body_text, title_text

hostile = st.text(st.characters(exclude_categories=()), max_size=2 * BODY_LIMIT)


@given(hostile)
def test_any_text_can_be_sent_over_dbus(text: str) -> None:
    for made in (title_text(text), body_text(text)):
        assert "\0" not in made
        made.encode("utf-8")


@given(hostile)
def test_a_title_is_one_short_line(text: str) -> None:
    title = title_text(text)
    assert len(title) <= TITLE_LIMIT
    assert len(title.splitlines()) <= 1


@given(hostile)
def test_markup_reads_as_the_plain_text_that_it_was_made_from(text: str) -> None:
    body = body_text(text)
    markup = as_markup(body)
    assert not re.search(r"[<>]", markup)
    assert unescape(markup) == unescape(body) or "&" in body


@pytest.mark.parametrize(
    ("name", "markup"),
    [
        ("José <B>X</B> Peña", "José &lt;B&gt;X&lt;/B&gt; Peña"),
        ("Smith & Wesson", "Smith &amp; Wesson"),
        ("&lt;b&gt;", "&amp;lt;b&amp;gt;"),
        ('a "b"', "a &quot;b&quot;"),
    ],
)
def test_html_in_a_name_is_escaped(name: str, markup: str) -> None:
    assert as_markup(body_text(name)) == markup


def test_a_body_keeps_its_lines() -> None:
    assert body_text("one\ntwo\n") == "one\ntwo"


def test_long_text_is_cut_with_an_ellipsis() -> None:
    assert title_text("x" * 1000) == "x" * (TITLE_LIMIT - 1) + "…"


def test_a_name_cannot_turn_the_text_around() -> None:
    assert title_text("Rifle \u202eelbanrut") == "Rifle elbanrut"


def test_a_lone_surrogate_is_replaced() -> None:
    assert body_text("M4 \ud800 00077") == "M4 \ufffd 00077"
