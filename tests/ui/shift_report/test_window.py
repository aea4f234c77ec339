"""The window "Shift report": which shift it is on, what it shows, and what comes onto paper."""

from dataclasses import replace
from datetime import UTC, timedelta
from pathlib import Path

import pytest
from pypdf import PdfReader
from PySide6.QtGui import QGuiApplication
from PySide6.QtPrintSupport import QPrintDialog, QPrinter
from PySide6.QtWidgets import QFileDialog

from armguard_tray.errors import ExportError, JournalError
from armguard_tray.storage.shift import ShiftRecords
from armguard_tray.ui.paper.document import Document
from armguard_tray.ui.shift_report.output import new_printer, print_document
from armguard_tray.ui.shift_report.renderings import MOST_ROWS
from armguard_tray.ui.shift_report.shift_choice import Which
from armguard_tray.ui.tone_label import Tone
from tests.fakes import gaps
from tests.fakes.events import issued
from tests.fakes.handlings import have, hours, last
from tests.fakes.shifts import BEGIN, SHIFT, at, found_gap, records, usual
from tests.fakes.signals import emitted, settled
from tests.ui.paper.page_text import page_text
from tests.ui.shift_report.conftest import Desk

HOSTILE = '<b>José</b> <img src="file:///etc/passwd"> &amp;'


async def of_last_shift(desk: Desk, have: ShiftRecords) -> None:
    await desk.open(have)
    desk.window.choice.which.setCurrentIndex(Which.LAST)
    await emitted(desk.window.told)


async def pages_of(desk: Desk) -> list[str]:
    """Return what stands on the pages of the PDF file."""
    window, path = desk.window, desk.folder / "report.pdf"
    window.save(document_of(desk), path)
    await emitted(window.done)
    assert window.said.tone is Tone.GOOD, window.said.text()
    return [page_text(page) for page in PdfReader(path).pages]


def document_of(desk: Desk) -> Document:
    document = desk.window.document
    assert document is not None
    return document


async def test_it_is_on_the_present_shift_first(desk: Desk) -> None:
    await desk.open(records())
    assert desk.journal.asked == [(SHIFT.until, SHIFT.until + timedelta(hours=8))]
    assert "Shift report · 24/11/26 14:00 to 22:00" in desk.text
    assert "The shift is not over" in desk.text


async def test_the_last_shift_is_one_step_away(desk: Desk) -> None:
    await of_last_shift(desk, usual())
    assert desk.journal.asked[-1] == (SHIFT.since, SHIFT.until)
    assert "Still out (3)" in desk.text
    assert "Status changes: none" not in desk.text


async def test_any_time_can_be_asked_for_by_the_server_s_clock(desk: Desk) -> None:
    await desk.open(records())
    choice = desk.window.choice
    choice.which.setCurrentIndex(Which.DATES)
    choice.until.show_moment(SHIFT.until + timedelta(hours=1))
    choice.since.show_moment(SHIFT.since + timedelta(minutes=30))
    await emitted(desk.window.told)
    since, until = desk.journal.asked[-1]
    assert since.astimezone(UTC) == BEGIN + timedelta(minutes=30)
    assert until == SHIFT.until + timedelta(hours=1)


async def test_absurd_times_are_refused_in_words_and_no_other_report_is_left_standing(desk: Desk) -> None:
    await desk.open(usual())
    desk.window.choice.which.setCurrentIndex(Which.DATES)
    desk.window.choice.until.show_moment(SHIFT.since - timedelta(days=1))
    await settled()
    assert desk.window.said.text().startswith("⚠ The end of the shift is not after its beginning.")
    assert not desk.text
    assert not desk.window.pdf_button.isEnabled()


async def test_a_journal_that_cannot_be_read_is_said(desk: Desk) -> None:
    desk.journal.failure = JournalError("The journal cannot be read.", "Look at the disk.")
    await desk.open(usual())
    assert desk.window.said.text() == "⚠ The journal cannot be read. Look at the disk."
    assert not desk.window.print_button.isEnabled()


async def test_what_nobody_foresaw_is_said(desk: Desk) -> None:
    desk.journal.failure = ZeroDivisionError()
    await desk.open(usual())
    assert "unforeseen" in desk.window.said.text()


async def test_an_answer_that_nobody_waits_for_is_not_shown(desk: Desk) -> None:
    await desk.open(usual())
    desk.journal.gate.clear()
    desk.window.choice.which.setCurrentIndex(Which.LAST)
    await settled()
    desk.window.choice.which.setCurrentIndex(Which.THIS)
    desk.journal.gate.set()
    await emitted(desk.window.told)
    assert "24/11/26 14:00 to 22:00" in desk.text


async def test_server_text_is_shown_as_it_stands(desk: Desk) -> None:
    await of_last_shift(desk, records(issued(5, at(10), personnel=HOSTILE)))
    assert HOSTILE in desk.text
    (text,) = await pages_of(desk)
    assert "<b>José</b>" in text
    assert "&amp;" in text


async def test_a_long_table_is_cut_on_the_screen_only(desk: Desk) -> None:
    count = MOST_ROWS + 20
    await of_last_shift(desk, records(*(issued(number, at(number)) for number in range(1, count + 1))))
    assert "… and 20 more. On paper, in the PDF and in what is copied, all are there." in desk.text
    desk.window.copy_button.click()
    copied = QGuiApplication.clipboard().text()
    assert sum("\tarmorer1" in line for line in copied.splitlines()) == count
    assert " ".join(await pages_of(desk)).count("armorer1") == count


async def test_what_is_copied_has_cells(desk: Desk) -> None:
    await of_last_shift(desk, usual())
    desk.window.copy_button.click()
    lines = QGuiApplication.clipboard().text().splitlines()
    assert lines[0] == "Shift report · 24/11/26 06:00 to 14:00"
    assert "Issued\t3" in lines
    assert any(line.startswith("24/11/26 06:12:00\t48201\t") for line in lines)


async def test_no_sheet_takes_what_is_copied_for_a_formula(desk: Desk) -> None:
    await of_last_shift(desk, records(issued(5, at(10), personnel="=cmd|' /C calc'!A0")))
    desk.window.copy_button.click()
    assert "\t'=cmd|" in QGuiApplication.clipboard().text()


async def test_the_pdf_says_all_that_the_screen_says_and_is_to_be_signed(desk: Desk) -> None:
    gap = found_gap(gaps.found(gaps.numbers()), gaps.SINCE, gaps.UNTIL)
    await of_last_shift(desk, replace(usual(), gaps=[gap]))
    pages = await pages_of(desk)
    text = " ".join(" ".join(pages).split())
    for part in (
        "Shift report · 24/11/26 06:00 to 14:00",
        "https://armory.local:8443",
        "as sgt.reyes",
        "Asia/Manila",
        "3, perhaps more",
        "1 gap in this shift: 3 transactions are missing.",
        "Overdue by 5 h",
        "3 transactions (#48195\N{EN DASH}48197) not received",
        "48300:5f5f",
        "Handed over by (name, signature, date and time)",
        "Taken over by (name, signature, date and time)",
    ):
        assert part in text, part
    assert all(f"page {number} of {len(pages)}" in page for number, page in enumerate(pages, 1))
    assert (desk.folder / "report.pdf.sha256").is_file()


async def test_the_journal_is_not_written_over(desk: Desk) -> None:
    await desk.open(usual())
    desk.window.save(document_of(desk), desk.journal.file)
    await emitted(desk.window.done)
    assert "is the journal itself" in desk.window.said.text()


async def test_a_folder_that_is_not_there_is_said(desk: Desk) -> None:
    await desk.open(usual())
    desk.window.save(document_of(desk), desk.folder / "no" / "report.pdf")
    await emitted(desk.window.done)
    assert desk.window.said.tone is Tone.PROBLEM
    assert "report.pdf" in desk.window.said.text()


async def test_the_file_is_asked_for_beside_the_window(desk: Desk) -> None:
    await of_last_shift(desk, usual())
    desk.window.pdf_button.click()
    (dialog,) = desk.window.findChildren(QFileDialog)
    assert dialog.isVisible()
    assert Path(dialog.selectedFiles()[0]).name == "shift-report-2026-11-24-0600.pdf"
    dialog.fileSelected.emit(str(desk.folder / "chosen.pdf"))
    dialog.reject()
    await emitted(desk.window.done)
    assert (desk.folder / "chosen.pdf").is_file()


async def test_the_printer_is_asked_for_beside_the_window(desk: Desk) -> None:
    await of_last_shift(desk, usual())
    desk.window.print_button.click()
    (dialog,) = desk.window.findChildren(QPrintDialog)
    assert dialog.isVisible()
    assert dialog.printer().docName() == "Shift report 24/11/26 06:00 to 14:00"
    dialog.accept()
    await emitted(desk.window.done)
    assert desk.window.said.text() == "✓ Sent to the printer: 1 page."
    (printed,) = desk.printed
    assert "Handed over by" in page_text(PdfReader(printed).pages[0])


@pytest.mark.qt_log_ignore("QPainter::begin")
async def test_a_printer_that_takes_nothing_is_said(desk: Desk) -> None:
    await of_last_shift(desk, usual())
    printer = new_printer(document_of(desk))
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(desk.folder / "no" / "printed.pdf"))
    with pytest.raises(ExportError, match="The printer took nothing"):
        await print_document(document_of(desk), printer)


async def test_where_the_reader_was_stays_when_the_report_is_updated(desk: Desk) -> None:
    out = [last(f"M4 - {number:05}", number=number, ago=hours(3)) for number in range(1, 80)]
    await desk.open(records(handled=have(*out)))
    bar = desk.window.page.verticalScrollBar()
    bar.setValue(120)
    desk.window.update_button.click()
    await emitted(desk.window.told)
    assert bar.value() == 120
