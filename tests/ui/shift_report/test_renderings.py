"""The report as a page: in pieces that Qt takes in a moment, whose tables stand below each other as one."""

from armguard_tray.ui.paper.document import Column, Document, Heading, Paragraph, Table, TableRow
from armguard_tray.ui.shift_report.renderings import MOST_ROWS, Piece, as_html

COLUMNS = (Column("Item", 3), Column("State", 1))


def pieces(*rows: TableRow) -> list[Piece]:
    blocks = (Heading("Still out"), Table(COLUMNS, lambda: rows), Paragraph("About this report"))
    return as_html(Document(title="Shift report", note="", blocks=blocks, landscape=False))


def test_a_long_table_comes_in_portions_with_one_heading_and_the_same_widths() -> None:
    first, *more, last = pieces(*(TableRow((f"M4 - {number}", "out")) for number in range(60)))

    assert first.html.startswith("<h3>Still out</h3><table")
    assert [each.goes_on for each in (first, *more, last)] == [False, True, True, False]
    assert ["Item</th>" in each.html for each in (first, *more)] == [True, False, False]
    assert [each.html.count("<tr>") for each in (first, *more)] == [1 + 25, 25, 10]
    for each in more:
        assert each.html.count("<table") == 1
        assert '<td align="left" colspan="1" width="75%">' in each.html
    assert "About this report" in last.html


def test_what_is_said_of_a_row_stays_below_it() -> None:
    rows = [TableRow((f"M4 - {number}", "out")) for number in range(25)]
    _, more, _ = pieces(*rows, TableRow(("", "? uncertain"), (1, 1)), TableRow(("M4 - 25", "out")))

    assert "uncertain" not in more.html


def test_a_table_that_is_cut_says_so_and_an_empty_one_too() -> None:
    *_, last = pieces(*(TableRow((str(number), "")) for number in range(MOST_ROWS + 7)))
    assert "… and 7 more." in last.html
    (nothing,) = pieces()
    assert "<h3>Still out</h3><p>" in nothing.html
    assert "<table" not in nothing.html
