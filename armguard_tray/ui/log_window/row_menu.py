"""What can be done with the rows that are selected."""

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QMenu, QWidget

from armguard_tray.messages.event import StoredEvent
from armguard_tray.ui.log_window.event_view import COPY_AS_TABLE

_MOST_NAMED = 40


class RowMenu(QMenu):
    """Offers to copy the selected rows, and more of the current one.

    Signals:
        copyWanted(bool): the selected rows are to be copied; True: as a table.
        historyWanted(str, str): all about one thing is wanted: "person" or "item", and its name.
        openWanted(StoredEvent): the current row is to be shown in the browser.
        dateWanted(): the reader wants to go to a date.
        exportWanted(): all rows on show are wanted in a file.
        picturesWanted(): pictures of all rows on show are wanted.

    """

    copyWanted = Signal(bool)
    historyWanted = Signal(str, str)
    openWanted = Signal(object)
    dateWanted = Signal()
    exportWanted = Signal()
    picturesWanted = Signal()

    def __init__(self, current: StoredEvent | None, parent: QWidget) -> None:
        """Offer what there is for `current`, None if no row is."""
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        copy = self.addAction("&Copy", lambda: self.copyWanted.emit(False))
        copy.setShortcut("Ctrl+C")
        as_table = self.addAction("Copy as &table", lambda: self.copyWanted.emit(True))
        as_table.setShortcut(COPY_AS_TABLE)
        if current is None:
            copy.setEnabled(False)
            as_table.setEnabled(False)
        else:
            self._offer_more(current)
        self.addSeparator()
        self.addAction("&Go to date…", self.dateWanted.emit).setShortcut("Ctrl+G")
        self.addAction("&Export all that is shown…", self.exportWanted.emit).setShortcut("Ctrl+E")
        self.addAction("&Pictures of all that is shown", self.picturesWanted.emit).setShortcut("Ctrl+Shift+P")
        self.addSeparator()

    def _offer_more(self, current: StoredEvent) -> None:
        self.addSeparator()
        for kind, name in (("person", current.event.person), ("item", current.event.item)):
            if name:
                self.addAction(f"History of {_shown(name)}", partial(self.historyWanted.emit, kind, name))
        self.addAction("&Open on the server", lambda: self.openWanted.emit(current))


def _shown(name: str) -> str:
    short = name if len(name) <= _MOST_NAMED else f"{name[: _MOST_NAMED - 1]}…"
    return short.replace("&", "&&")
