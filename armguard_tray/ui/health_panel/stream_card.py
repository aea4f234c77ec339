"""One stream: what it does, and what was measured of it."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout

from armguard_tray.ui.health_panel.words import CardWords
from armguard_tray.ui.tone_label import Tone, ToneLabel, bold

_COLUMNS = 2


class StreamCard(QFrame):
    """A framed card; it is filled anew with `say`, never rebuilt."""

    def __init__(self, words: CardWords) -> None:
        """Say `words` to begin with."""
        super().__init__()
        self.setFrameShape(QFrame.Shape.StyledPanel)
        name = QLabel(words.name)
        bold(name)
        self.state = QLabel()
        self.state.setTextFormat(Qt.TextFormat.PlainText)
        self.trouble = ToneLabel()
        self.facts = {fact: ToneLabel() for fact, _ in words.facts}
        top = QHBoxLayout()
        top.addWidget(name)
        top.addStretch()
        top.addWidget(self.state)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 8, 12, 8)
        layout.setSpacing(4)
        layout.addLayout(top)
        layout.addWidget(self.trouble)
        layout.addLayout(self._grid())
        self.say(words)

    def say(self, words: CardWords) -> None:
        """Show what is true now."""
        self.setAccessibleName(f"{words.name}: {words.state}")
        if self.state.text() != words.state:
            self.state.setText(words.state)
        self.trouble.say(words.trouble, Tone.PROBLEM)
        for fact, value in words.facts:
            self.facts[fact].say(value)

    def _grid(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(2)
        for place, (fact, label) in enumerate(self.facts.items()):
            row, pair = divmod(place, _COLUMNS)
            label.setAccessibleName(fact)
            last = place == len(self.facts) - 1
            grid.addWidget(ToneLabel(fact, Tone.HELP), row, pair * 2, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(label, row, pair * 2 + 1, 1, 3 if last else 1)
        grid.setColumnStretch(1, 2)
        grid.setColumnStretch(3, 1)
        return grid
