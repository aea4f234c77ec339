"""A list of values, of which any number may be chosen."""

from collections.abc import Mapping

from PySide6.QtCore import QEvent, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QGuiApplication, QPalette
from PySide6.QtWidgets import QLabel, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from armguard_tray.messages.spelling import folded
from armguard_tray.ui.log_window.labels import bold
from armguard_tray.ui.wording import plain_tooltip

_VALUE = Qt.ItemDataRole.UserRole
_ROWS = 6
_WIDTH = 18  # characters


class CheckList(QWidget):
    """Shows values with a box each.

    Signals:
        changed(): the reader chose something else.

    """

    changed = Signal()

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        """Be empty, under a title."""
        super().__init__(parent)
        self.title = bold(QLabel(title))
        self.list = _Boxes()
        self.list.setAccessibleName(title)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setSpacing(1)
        self.list.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.list.setMinimumHeight(_ROWS * (self.fontMetrics().height() + 4))
        self.list.setMinimumWidth(_WIDTH * self.fontMetrics().averageCharWidth() + 40)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self.title)
        column.addWidget(self.list)
        self._boxed: QListWidgetItem | None = None
        self.list.itemChanged.connect(self._box_changed)
        self.list.itemPressed.connect(self._pressed)
        self.list.itemClicked.connect(self._clicked)

    @property
    def chosen(self) -> frozenset[str]:
        """The values that are chosen, shown or not."""
        return frozenset(
            item.data(_VALUE) for item in self._items() if item.checkState() is Qt.CheckState.Checked
        )

    def show_values(self, labels: Mapping[str, str], chosen: frozenset[str]) -> None:
        """Offer values: each -> how it reads; `chosen` ones are checked, and offered in any case."""
        with QSignalBlocker(self.list):
            self.list.clear()
            for value, label in {**{value: value for value in sorted(chosen)}, **labels}.items():
                item = QListWidgetItem(label)
                item.setData(_VALUE, value)
                item.setToolTip(plain_tooltip(label))
                item.setFlags(
                    Qt.ItemFlag.ItemIsUserCheckable | Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
                )
                item.setCheckState(Qt.CheckState.Checked if value in chosen else Qt.CheckState.Unchecked)
                self.list.addItem(item)

    def choose(self, chosen: frozenset[str]) -> None:
        """Check these and no others."""
        labels = {item.data(_VALUE): item.text() for item in self._items()}
        self.show_values(labels, chosen)

    def narrow(self, text: str) -> None:
        """Show only values that hold `text`, whatever its case, and those that are chosen."""
        for item in self._items():
            found = folded(text) in folded(item.text())
            item.setHidden(not found and item.checkState() is not Qt.CheckState.Checked)

    def _items(self) -> list[QListWidgetItem]:
        return [self.list.item(row) for row in range(self.list.count())]

    def _box_changed(self, item: QListWidgetItem) -> None:
        self._boxed = item
        self.changed.emit()

    def _pressed(self) -> None:
        self._boxed = None

    def _clicked(self, item: QListWidgetItem) -> None:
        """Let a click on the word do what one on its box does, which Qt has done already."""
        if self._boxed is not item:
            checked = item.checkState() is Qt.CheckState.Checked
            item.setCheckState(Qt.CheckState.Unchecked if checked else Qt.CheckState.Checked)
        self._boxed = None


class _Boxes(QListWidget):
    """A list whose boxes are seen on a dark ground, too: Fusion draws them darker than the window."""

    def __init__(self) -> None:
        super().__init__()
        self._show_boxes()

    def changeEvent(self, event: QEvent) -> None:
        """Follow a change between light and dark."""
        super().changeEvent(event)
        if event.type() in {QEvent.Type.PaletteChange, QEvent.Type.ApplicationPaletteChange}:
            self._show_boxes()

    def _show_boxes(self) -> None:
        of_system = QGuiApplication.palette()
        text = of_system.color(QPalette.ColorRole.Text)
        is_dark = of_system.color(QPalette.ColorRole.Base).lightnessF() < text.lightnessF()
        colour = text if is_dark else of_system.color(QPalette.ColorRole.Window)
        palette = self.palette()
        if palette.color(QPalette.ColorRole.Window) != colour:
            palette.setColor(QPalette.ColorRole.Window, colour)
            self.setPalette(palette)
