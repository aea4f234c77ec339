"""Documents on pages: nothing is cut off, headings come again, pages are counted."""

import io
from collections.abc import Iterator

import pytest
from pypdf import PdfReader
from PySide6.QtGui import QFont, QFontDatabase, QFontMetricsF

from armguard_tray.errors import ExportError
from armguard_tray.ui.paper.document import (
    Block,
    Column,
    Document,
    Facts,
    Heading,
    Late,
    Paragraph,
    Signatures,
    Table,
    TableRow,
)
from armguard_tray.ui.paper.pdf import write_pdf
from armguard_tray.ui.paper.text_lines import breaker
from tests.ui.paper.page_text import page_text

pytestmark = pytest.mark.usefixtures("qapp")

COLUMNS = (Column("Number", 1, right=True), Column("Name", 4), Column("Remark", 4))


def pages_of(*blocks: Block, landscape: bool = True) -> list[str]:
    stream = io.BytesIO()
    document = Document(title="A title", note="a note", blocks=blocks, landscape=landscape)
    count = write_pdf(document, stream, creator="test")
    stream.seek(0)
    pages = [page_text(page) for page in PdfReader(stream).pages]
    assert len(pages) == count
    return pages


def rows(count: int) -> Iterator[TableRow]:
    for number in range(1, count + 1):
        yield TableRow((str(number), f"Name-{number}", ""))


def test_every_page_says_which_it_is_and_what_of() -> None:
    pages = pages_of(Heading("A title", 1), Table(COLUMNS, lambda: rows(150)))
    assert len(pages) > 2
    for number, text in enumerate(pages, 1):
        assert f"page {number} of {len(pages)}" in text
        assert "A title · a note" in text
        assert "Remark" in text, "the headings of the table"
    found = [word for text in pages for word in text.split() if word.startswith("Name-")]
    assert found == [f"Name-{number}" for number in range(1, 151)], "each once, in order"


def test_long_texts_are_wrapped_and_whole() -> None:
    words = [f"word{number}" for number in range(300)]
    one_word = "x" * 900
    (text,) = pages_of(
        Paragraph(" ".join(words)),
        Facts([("Label", one_word)]),
        Table(COLUMNS, lambda: [TableRow(("1", one_word, ""))]),
    )
    assert [word for word in text.split() if word.startswith("word")] == words
    assert text.replace("\n", "").replace(" ", "").count("x") >= 1800


def test_a_row_that_is_higher_than_a_page_goes_on() -> None:
    words = [f"word{number}" for number in range(900)]
    narrow = (Column("A", 1), Column("B", 12))
    pages = pages_of(Table(narrow, lambda: [TableRow((" ".join(words), "b"))]))
    assert len(pages) > 1
    found = "".join(pages).replace("\n", "")
    assert all(word in found for word in words)


def test_a_text_may_reach_over_columns() -> None:
    sentence = "Transactions may have been missed while nobody was there to hear of them. " * 2
    (text,) = pages_of(Table(COLUMNS, lambda: [TableRow(("1", sentence), (1, 2), stands_out=True)]))
    assert " ".join(text.split()).count("while nobody was there to hear of them.") == 2


def test_texts_are_plain() -> None:
    (text,) = pages_of(Paragraph("<b>no markup</b> &amp; %1"))
    assert "<b>no markup</b> &amp; %1" in text


def test_an_empty_table_says_so() -> None:
    (text,) = pages_of(Table(COLUMNS, list, empty="There is nothing."))
    assert "There is nothing." in text


def test_what_is_known_late_is_asked_for_late() -> None:
    gone_through = []

    def counted() -> Iterator[TableRow]:
        yield from rows(3)
        gone_through.append(3)

    (text,) = pages_of(Table(COLUMNS, counted), Late(lambda: [("Rows", f"sum {sum(gone_through)}")]))
    assert "sum 6" in text, "counted once, painted once"


def test_what_is_to_be_signed_is_on_one_page_with_room_above() -> None:
    labels = ("Handed over by", "Taken over by")
    paragraphs = [Paragraph(f"line {number}") for number in range(200)]
    for count in range(30, 60):  # about as many as there is room for
        pages = pages_of(*paragraphs[:count], Signatures(labels))
        assert [all(label in text for label in labels) for text in pages] == [False] * (len(pages) - 1) + [
            True
        ]
        if len(pages) > 1:
            return
    pytest.fail("they never came to a page of their own")


def test_a_page_may_stand_on_its_short_side() -> None:
    stream = io.BytesIO()
    write_pdf(Document(title="A", blocks=(Paragraph("x"),), landscape=False), stream, creator="test")
    box = PdfReader(stream).pages[0].mediabox
    assert box.height > box.width


def test_who_wants_no_more_pages_ends_it() -> None:
    left = 4

    def go_on() -> None:
        nonlocal left
        left -= 1
        if not left:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_pdf(
            Document(title="A", blocks=(Table(COLUMNS, lambda: rows(100)),)),
            io.BytesIO(),
            creator="t",
            go_on=go_on,
        )


def test_without_fonts_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QFontDatabase, "families", list)
    with pytest.raises(ExportError, match="no font"):
        pages_of(Paragraph("x"))


def test_lines_are_broken_at_words_and_nothing_is_lost() -> None:
    metrics = QFontMetricsF(QFont())
    lines = breaker(metrics)
    text = "a few words and averyveryverylongwordthatfitsnowhere at last"
    broken = lines(text, metrics.horizontalAdvance("averyverylong"))
    assert len(broken) > 3
    assert "".join(broken).replace(" ", "") == text.replace(" ", "")
    assert lines("", 10) == ("",)
    assert "".join(lines("xyz", 0.0)) == "xyz", "one character a line where there is no room at all"
