"""What the dialog knows of each of its pages."""

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from armguard_tray.ui.tone_label import Tone, ToneLabel, bold


class Page(QScrollArea):
    """One page of the dialog; it scrolls where the window is small.

    Attributes:
        title: its name in the list.
        body: where its content goes.

    Signals:
        edited(): the user changed something that waits for *Save*.

    """

    edited = Signal()

    def __init__(self, title: str, explanation: str) -> None:
        """Begin with the title and one sentence on what the page is for."""
        super().__init__()
        self.title = title
        content = QWidget()
        self.body = QVBoxLayout(content)
        self.body.setContentsMargins(18, 12, 18, 12)
        self.body.setSpacing(10)
        heading = QLabel(title)
        bold(heading, 1.25)
        self.body.addWidget(heading)
        self.body.addWidget(ToneLabel(explanation, Tone.HELP))
        self.setWidget(content)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(title)

    @property
    def changed(self) -> bool:
        """Whether something waits for *Save*."""
        return False

    def show_problems(self) -> bool:
        """Say what is wrong beside each field, go to the first, and tell whether there is any."""
        return False

    def leave(self) -> None:
        """End what is under way, for the dialog closes."""


def facts_grid(facts: Mapping[str, QLabel]) -> QGridLayout:
    """Return rows of names and what is known of each.

    Not a QFormLayout: it gives wrapped text the height of one line when a row changes.
    """
    grid = QGridLayout()
    grid.setColumnStretch(1, 1)
    grid.setHorizontalSpacing(10)
    for row, (name, label) in enumerate(facts.items()):
        label.setAccessibleName(name)
        title = QLabel(f"{name}:")
        title.setTextFormat(Qt.TextFormat.PlainText)
        grid.addWidget(title, row, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(label, row, 1)
    return grid
