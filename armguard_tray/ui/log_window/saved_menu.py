"""The button whose menu has the saved filters."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QMenu, QMessageBox, QToolButton, QWidget

from armguard_tray.errors import FilterError, UserError
from armguard_tray.filtering.saved import SavedFilters, tidy_name, to_text
from armguard_tray.filtering.wanted import EVERYTHING, Wanted
from armguard_tray.filtering.words import in_words
from armguard_tray.messages.plain_text import plain
from armguard_tray.ui.log_window.filter_store import FilterStore
from armguard_tray.ui.log_window.name_dialog import NameDialog

_LONGEST = 60
"""Characters of a suggested name."""


class SavedMenu(QToolButton):
    """Lets the reader pick, save, rename and delete filters.

    Signals:
        picked(Wanted): the reader wants this filter.
        troubled(UserError): what the reader wanted cannot be.

    """

    picked = Signal(object)
    troubled = Signal(object)

    def __init__(
        self, store: FilterStore, wanted: Callable[[], Wanted], parent: QWidget | None = None
    ) -> None:
        """Keep filters in `store`; `wanted` returns the one that is in force."""
        super().__init__(parent)
        self._store = store
        self._wanted = wanted
        self._saved = SavedFilters()
        self.setText("Sa&ved\N{EN SPACE}")  # Qt draws an arrow over the corner
        self.setToolTip("Filters under a name: pick, save, rename, delete")
        self.setAccessibleName("Saved filters")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        menu.aboutToShow.connect(self.fill)
        self.setMenu(menu)

    def load(self) -> None:
        """Read what is saved; what is damaged is told."""
        try:
            self._saved = self._store.saved
        except FilterError as error:
            self.troubled.emit(error)

    def fill(self) -> None:
        """Put into the menu what can be done now."""
        menu = self.menu()
        menu.clear()
        wanted = self._wanted()
        now = to_text(wanted)
        for name in self._saved.names:
            action = menu.addAction(_shown(name), partial(self._pick, name))
            action.setCheckable(True)
            action.setChecked(self._saved.texts[name] == now)
            action.setToolTip(self._words(name))
        if not self._saved.names:
            menu.addAction("No filter is saved yet").setEnabled(False)
        menu.addSeparator()
        save = menu.addAction("&Save this filter as…", self.ask_for_name)
        save.setEnabled(wanted != EVERYTHING)
        self._add_choice("Save this filter &over", self._overwrite).setEnabled(
            wanted != EVERYTHING and bool(self._saved.names)
        )
        for title, act in (("&Rename", self._ask_for_other_name), ("&Delete", self._ask_before_deleting)):
            self._add_choice(title, act).setEnabled(bool(self._saved.names))

    def ask_for_name(self) -> None:
        """Ask under which name to save the filter that is in force."""
        wanted = self._wanted()
        dialog = NameDialog("Save the filter", in_words(wanted)[:_LONGEST], self._what_saving_brings, self)
        dialog.named.connect(lambda name: self._save(name, wanted))
        self._open(dialog)

    def _add_choice(self, title: str, act: Callable[[str], None]) -> QMenu:
        menu = self.menu().addMenu(title)
        for name in self._saved.names:
            menu.addAction(_shown(name), partial(act, name))
        return menu

    def _pick(self, name: str) -> None:
        try:
            wanted = self._saved.get(name)
        except FilterError as error:
            self.troubled.emit(error)
        else:
            self.picked.emit(wanted)

    def _words(self, name: str) -> str:
        try:
            return in_words(self._saved.get(name))
        except FilterError as error:
            return str(error)

    def _what_saving_brings(self, name: str) -> str:
        tidy = tidy_name(name)
        return f"Takes the place of the filter “{tidy}” that there is." if tidy in self._saved.texts else ""

    def _save(self, name: str, wanted: Wanted) -> None:
        self._keep(lambda saved: saved.with_filter(name, wanted))

    def _overwrite(self, name: str) -> None:
        wanted = self._wanted()
        box = self._question(
            f"Save this filter over “{plain(name)}”?", "It now asks for: " + self._words(name)
        )
        yes = box.addButton("&Save over", QMessageBox.ButtonRole.AcceptRole)
        yes.clicked.connect(lambda: self._save(name, wanted))
        box.open()

    def _ask_for_other_name(self, old: str) -> None:
        def remark(name: str) -> str:
            self._saved.renamed(old, name)
            return ""

        dialog = NameDialog("Rename the filter", old, remark, self)
        dialog.named.connect(lambda name: self._keep(lambda saved: saved.renamed(old, name)))
        self._open(dialog)

    def _ask_before_deleting(self, name: str) -> None:
        box = self._question(f"Delete the filter “{plain(name)}”?", self._words(name))
        yes = box.addButton("&Delete", QMessageBox.ButtonRole.DestructiveRole)
        yes.clicked.connect(lambda: self._keep(lambda saved: saved.without(name)))
        box.open()

    def _question(self, question: str, information: str) -> QMessageBox:
        box = QMessageBox(QMessageBox.Icon.Question, "Saved filters", question, parent=self.window())
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setInformativeText(information)
        cancel = box.addButton(QMessageBox.StandardButton.Cancel)
        box.setDefaultButton(cancel)
        box.setEscapeButton(cancel)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        return box

    def _open(self, dialog: NameDialog) -> None:
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def _keep(self, change: Callable[[SavedFilters], SavedFilters]) -> None:
        try:
            self._saved = change(self._saved)
            self._store.save(self._saved)
        except UserError as error:
            self.troubled.emit(error)


def _shown(name: str) -> str:
    return plain(name).replace("&", "&&")
