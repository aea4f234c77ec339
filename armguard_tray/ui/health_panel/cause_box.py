"""What is wrong and what to do, with what there is to copy."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontDatabase, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from armguard_tray.diagnosis.codes import Code
from armguard_tray.diagnosis.ladder import Cause
from armguard_tray.ui.health_panel.copy_button import CopyButton
from armguard_tray.ui.health_panel.text_label import TextLabel
from armguard_tray.ui.tone_label import bold

_LINES_SHOWN = 10
# A CA may be at fault that the user can vouch for.
_OF_TRUST = {Code.CA_UNKNOWN, Code.CA_FILE}


class Snippet(QPlainTextEdit):
    """Text to copy, as it stands: no line of it is wrapped, and it is as high as it needs to be."""

    def __init__(self, parent: QWidget) -> None:
        """Be empty."""
        super().__init__(parent)
        self.setReadOnly(True)
        self.setTabChangesFocus(True)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.setAccessibleName("What to copy")

    def show_text(self, text: str) -> None:
        """Hold `text` from now on."""
        self.setPlainText(text)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep room for the bar by which long lines are moved, where it is needed."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        metrics, margins = self.fontMetrics(), 2 * (self.frameWidth() + int(self.document().documentMargin()))
        lines = self.toPlainText().splitlines()
        widest = max((metrics.horizontalAdvance(line) for line in lines), default=0)
        bar = self.horizontalScrollBar().sizeHint().height() if widest + margins > self.width() else 0
        all_shown = len(lines) <= _LINES_SHOWN
        self.setVerticalScrollBarPolicy(
            Qt.ScrollBarPolicy.ScrollBarAlwaysOff if all_shown else Qt.ScrollBarPolicy.ScrollBarAsNeeded
        )
        height = min(_LINES_SHOWN, len(lines)) * metrics.lineSpacing() + margins + bar + 2
        if height != self.height():
            self.setFixedHeight(height)


class CauseBox(QFrame):
    """A framed remedy. It is filled anew with `show_cause`.

    Signals:
        trust_wanted(): the user wants to choose a CA file.

    """

    trust_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        """Be hidden until there is a cause."""
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.text = TextLabel(parent=self)
        bold(self.text)
        self.remedy = TextLabel(parent=self)
        self.snippet = Snippet(self)
        self.copy_button = CopyButton(self.snippet.toPlainText, self)
        self.trust_button = QPushButton("&Trust a CA file…", self)
        self.trust_button.clicked.connect(self.trust_wanted)
        self.trust_button.setAutoDefault(False)
        self._cause: tuple[str, Cause] | None = None
        self._lay_out()
        self.setVisible(False)

    def show_cause(self, text: str, cause: Cause | None) -> None:
        """Say `text` and the cause's remedy; None: nothing is wrong."""
        self.setVisible(cause is not None)
        if cause is None or self._cause == (text, cause):
            return
        self._cause = text, cause
        self.text.show_text(text)
        self.remedy.show_text(cause.remedy)
        self.remedy.setAccessibleName(f"What to do: {cause.remedy}")
        self._show_snippet(cause.copy)
        self.trust_button.setVisible(cause.code in _OF_TRUST)

    def _show_snippet(self, snippet: str) -> None:
        self.snippet.show_text(snippet)
        self.copy_button.reset()
        for widget in (self.snippet, self.copy_button):
            widget.setVisible(bool(snippet))

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.addWidget(self.copy_button)
        buttons.addWidget(self.trust_button)
        buttons.addStretch()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 8, 10, 8)
        layout.setSpacing(6)
        layout.addWidget(self.text)
        layout.addWidget(self.remedy)
        layout.addWidget(self.snippet)
        layout.addLayout(buttons)
