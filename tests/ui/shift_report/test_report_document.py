"""The report on paper."""

import io
from datetime import timedelta

import pytest
from pypdf import PdfReader

from armguard_tray.shift_report.report import report_of
from armguard_tray.ui.paper.pdf import write_pdf
from armguard_tray.ui.shift_report.report_document import report_document
from tests.fakes.events import MANILA
from tests.fakes.handlings import NOW, have, last, ledger
from tests.fakes.shifts import HOURS, SHIFT, present, records
from tests.ui.paper.page_text import page_text
from tests.ui.shift_report.conftest import ORIGIN


@pytest.mark.usefixtures("qapp")
def test_for_how_long_a_weapon_is_out_stands_in_one_line() -> None:
    taken = SHIFT.until - timedelta(hours=22, minutes=58)
    report = report_of(records(handled=have(last(ago=NOW - taken), ledger=ledger())), SHIFT, HOURS, present())
    stream = io.BytesIO()
    write_pdf(report_document(report, MANILA, ORIGIN), stream, creator="test")

    text = "".join(page_text(page) for page in PdfReader(stream).pages)

    assert "22 h 58 min" in text
