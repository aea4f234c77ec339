"""Puts text on the clipboard together with the same as HTML, for programs that can take it."""

from PySide6.QtCore import QMimeData, QStringListModel
from PySide6.QtGui import QGuiApplication


def mime_data() -> QMimeData:
    """Return an empty one that outlives Python's end.

    The clipboard keeps it until the application goes. One that was made by Python is asked for its Python
    side then, which has gone before: on the platform "offscreen" that is a segmentation fault at each exit
    (PySide6 6.11). So Qt makes it.
    """
    model = QStringListModel([""])
    made = model.mimeData([model.index(0)])
    for each in made.formats():
        made.removeFormat(each)
    return made


def copy(text: str, html: str | None = None) -> None:
    """Put `text` on the clipboard, and the same as `html`."""
    copied = mime_data()
    copied.setText(text)
    if html is not None:
        copied.setHtml(html)
    QGuiApplication.clipboard().setMimeData(copied)
