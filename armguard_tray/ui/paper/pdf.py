"""A document as a PDF file, by Qt's own PDF writer."""

from collections.abc import Callable
from typing import BinaryIO, Final

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMarginsF
from PySide6.QtGui import QFontDatabase, QPageLayout, QPageSize, QPdfWriter

from armguard_tray.errors import ExportError
from armguard_tray.ui.paper.document import Document
from armguard_tray.ui.paper.pages import paint

_MARGINS: Final = QMarginsF(12, 12, 12, 10)  # millimetres
_RESOLUTION: Final = 600  # dots an inch


def write_pdf(
    document: Document, stream: BinaryIO, *, creator: str, go_on: Callable[[], None] = lambda: None
) -> int:
    """Write `document` on A4 pages to `stream`, and return how many there are.

    A QGuiApplication must be there; any thread may do it. `go_on` is called before each page.

    Raises:
        OSError: the stream cannot be written.
        ExportError: there is no font.

    """
    if not QFontDatabase.families():
        raise ExportError(
            "There is no font on this machine, so nothing can be put on paper.",
            "Install one, such as DejaVu.",
        )
    drain = _Drain(stream)

    def before_page() -> None:
        drain.empty()
        go_on()

    writer = QPdfWriter(drain.device)
    writer.setResolution(_RESOLUTION)
    side = QPageLayout.Orientation.Landscape if document.landscape else QPageLayout.Orientation.Portrait
    writer.setPageLayout(
        QPageLayout(QPageSize(QPageSize.PageSizeId.A4), side, _MARGINS, QPageLayout.Unit.Millimeter)
    )
    writer.setTitle(document.title)
    writer.setCreator(creator)
    pages = paint(document, writer, go_on=before_page)
    drain.empty()
    return pages


class _Drain:
    """Hands on, page by page, what Qt has written into memory.

    A device of Qt's that is made in Python would have to take each piece without fail: Qt looks at no
    failure.

    Attributes:
        device: where Qt writes.

    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._content = QByteArray()
        self.device = QBuffer(self._content)
        self.device.open(QIODevice.OpenModeFlag.WriteOnly)

    def empty(self) -> None:
        """Write what has come since. Raises OSError."""
        self._stream.write(self._content.data())
        self.device.seek(0)
        self._content.clear()
