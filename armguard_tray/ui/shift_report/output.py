"""The report into a PDF file and onto a printer's paper, away from the UI thread."""

import asyncio
from pathlib import Path

from PySide6.QtGui import QPageLayout, QPageSize
from PySide6.QtPrintSupport import QPrinter

from armguard_tray.errors import ExportError
from armguard_tray.export.exporting import check_place
from armguard_tray.export.target import FileTarget, saying
from armguard_tray.ui.paper.document import Document
from armguard_tray.ui.paper.pages import paint
from armguard_tray.ui.paper.pdf import write_pdf


async def save_pdf(document: Document, path: Path, *, journal: Path, creator: str) -> None:
    """Write `document` into `path`, whole or not at all, with its digest beside it.

    Raises:
        ExportError: it cannot be written there, or it is one of the files of `journal`.

    """

    def work() -> None:
        check_place(path, journal)
        with FileTarget(path) as target, saying(target.name):
            write_pdf(document, target.stream, creator=creator)
            target.keep()

    await asyncio.to_thread(work)


def new_printer(document: Document) -> QPrinter:
    """Return a printer with pages as `document` wants them; people say then which it is."""
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
    upright, on_its_side = QPageLayout.Orientation.Portrait, QPageLayout.Orientation.Landscape
    printer.setPageOrientation(on_its_side if document.landscape else upright)
    printer.setDocName(document.title)
    return printer


async def print_document(document: Document, printer: QPrinter) -> int:
    """Print `document`, and return on how many pages.

    Raises:
        ExportError: the printer takes nothing.

    """

    def work() -> int:
        try:
            return paint(document, printer)
        except OSError as error:
            raise ExportError(
                "The printer took nothing.", "Look whether it is on and has paper, or save as PDF."
            ) from error

    return await asyncio.to_thread(work)
