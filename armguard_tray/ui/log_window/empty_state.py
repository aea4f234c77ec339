"""What stands where the rows would be, while there are none."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from armguard_tray.ui.log_window.labels import bold

NOTHING_YET = "Nothing has arrived yet"
WILL_APPEAR = (
    "Each weapon issued or returned, each change of status and each notice to you appears here "
    "the moment the server announces it."
)
NO_MATCH = "Nothing matches"
SEARCHED_A_PART = "The words in the search were looked for only where the rest of the filter holds:"
TRY_LESS = "No event in the log matches the filter above."
SEARCHING = "Searching…"
TAKES_LONG = "The whole log is looked through for it. Words of three letters or more are found at once."
UNREADABLE = "The log cannot be shown"


class EmptyState(QWidget):
    """Says why there are no rows, and what to do.

    Signals:
        clearWanted(): the reader wants to see everything again.
        everythingWanted(): the reader wants to search everything for the same words.

    """

    clearWanted = Signal()
    everythingWanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        """Start with nothing to say."""
        super().__init__(parent)
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.Base)
        self._headline = bold(_line())
        self._explanation = _line()
        self._state = _line()
        self.clear_button = QPushButton("C&lear filter")
        self.clear_button.clicked.connect(self.clearWanted)
        self.everything_button = QPushButton("Search ever&ything")
        self.everything_button.setToolTip("Keep the words, and take the rest of the filter back")
        self.everything_button.clicked.connect(self.everythingWanted)
        self.everything_button.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(40, 24, 40, 24)
        column.setSpacing(10)
        column.addStretch(2)
        for widget in (self._headline, self._explanation, self._state):
            column.addWidget(widget)
        for button in (self.everything_button, self.clear_button):
            column.addWidget(button, alignment=Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(3)

    @property
    def words(self) -> str:
        """All that it says, for a look from outside."""
        lines = (self._headline, self._explanation, self._state)
        return "\n".join(line.text() for line in lines if not line.isHidden())

    def say(
        self, headline: str, explanation: str, *, offer_clear: bool, offer_everything: bool = False
    ) -> None:
        """Show this; the state of the connection stands below unless a filter is what hides the rows."""
        self._headline.setText(headline)
        self._explanation.setText(explanation)
        self._state.setVisible(not offer_clear)
        self.clear_button.setVisible(offer_clear)
        self.everything_button.setVisible(offer_everything)

    def show_state(self, state: str) -> None:
        """Show the state of the connection."""
        self._state.setText(state)


def _line() -> QLabel:
    label = QLabel()
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
    return label
