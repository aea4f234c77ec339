"""What writes each format, and what it needs around it. Qt only where it is needed."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from armguard_tray.export.contents import Writer
from armguard_tray.export.exporting import plain_writer
from armguard_tray.export.formats import Format


def writer_of(wanted: Format) -> Writer:
    """Return what writes a format."""
    if wanted is Format.PDF:
        from armguard_tray.ui.paper.log_paper import PdfWriter  # noqa: PLC0415 - as the module says

        return PdfWriter()
    return plain_writer(wanted)


@contextmanager
def paper(wanted: Format) -> Iterator[None]:
    """Have what Qt needs to set text, without a display, if the format needs it."""
    if wanted is not Format.PDF:
        yield
        return
    from PySide6.QtGui import QGuiApplication  # noqa: PLC0415 - as the module says

    # Windows' own platform is always there, and the other one would find none of its fonts.
    platform = [] if sys.platform == "win32" else ["-platform", "offscreen"]
    application = QGuiApplication.instance() or QGuiApplication([sys.argv[0], *platform])
    yield
    del application
