"""The two halves of the Redis page: the Redis that was found, and what the server does with it."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QBoxLayout,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from armguard_tray.diagnosis.ladder import Cause
from armguard_tray.ui.health_panel.cause_box import CauseBox
from armguard_tray.ui.health_panel.sign import Sign, SignLabel
from armguard_tray.ui.health_panel.text_label import TextLabel
from armguard_tray.ui.settings_dialog.redis_words import Answer, Figure, RedisWords
from armguard_tray.ui.tone_label import Tone, ToneLabel, bold
from armguard_tray.ui.two_widths import TwoWidths

LOOKING = "Looking…"
PROVING = "Proving: a connection of our own is sought in Redis. Nothing is written; it ends within 10 s."
_SMALL_SIGN, _SIGN = 18, 28
_BAR_HEIGHT = 8
_WIDE = 66
"""Characters that there must be room for, so that the halves stand side by side."""
_TOP = Qt.AlignmentFlag.AlignTop
_PER_CENT = 100


class FoundView(QWidget):
    """What is said of a Redis.

    Attributes:
        sign, sentence, note: how it is, in a sentence.
        rows: its figures by their names.
        bar: how full its memory is.
        use_button: enters where it was found as its address.

    Signals:
        use_wanted(): the user wants to keep the address at which it was found.

    """

    use_wanted = Signal()

    def __init__(self) -> None:
        """Say nothing yet."""
        super().__init__()
        self.sign = SignLabel(_SMALL_SIGN)
        self.sentence = TextLabel()
        bold(self.sentence)
        self.note = TextLabel()
        self.rows: dict[str, TextLabel] = {}
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(_BAR_HEIGHT)
        self.use_button = QPushButton("&Use this address")
        self.use_button.setAutoDefault(False)
        self.use_button.clicked.connect(self.use_wanted)
        self._names: dict[str, QLabel] = {}
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(10)
        self._grid.setVerticalSpacing(3)
        self._grid.setColumnStretch(1, 1)
        self._lay_out()

    def show_words(self, words: RedisWords, *, looking: bool, can_use: bool) -> None:
        """Show these words; while it is `looking` for the first time there are none."""
        first = looking and not words.figures
        self.sign.show_sign(Sign.PENDING if first else words.sign, words.sign.value)
        self.sentence.show_text(LOOKING if first else words.sentence)
        self.note.show_text(words.note, Tone.HELP)
        self.use_button.setVisible(can_use)
        self._show_figures(words.figures)
        self.bar.setVisible(words.full is not None)
        if words.full is not None:
            self.bar.setValue(round(words.full * _PER_CENT))
            self.bar.setAccessibleName(f"Memory: {words.full:.0%} of its limit")

    def _show_figures(self, figures: Sequence[Figure]) -> None:
        if list(self.rows) != [figure.name for figure in figures]:
            self._match(figures)
        for figure in figures:
            self.rows[figure.name].show_text(figure.text, spoken=f"{figure.name}: {figure.text}")

    def _match(self, figures: Sequence[Figure]) -> None:
        self._grid.removeWidget(self.bar)
        for label in (*self.rows.values(), *self._names.values()):
            self._grid.removeWidget(label)
            label.setParent(None)
            label.deleteLater()
        self.rows, self._names = {}, {}
        line = 0
        for figure in figures:
            name, text = ToneLabel(figure.name, Tone.HELP, self), TextLabel(parent=self)
            name.setWordWrap(False)
            self.rows[figure.name], self._names[figure.name] = text, name
            self._grid.addWidget(name, line, 0, _TOP)
            self._grid.addWidget(text, line, 1)
            line += 1
            if figure.name == "Memory":
                self._grid.addWidget(self.bar, line, 1)
                line += 1

    def _lay_out(self) -> None:
        layout = _headed(self, self.sign, self.sentence, spacing=8)
        layout.addWidget(self.note)
        layout.addWidget(self.use_button, alignment=Qt.AlignmentFlag.AlignLeft)
        layout.addLayout(self._grid)
        layout.addStretch()


class AnswerView(QWidget):
    """Which channel layer the server uses.

    Attributes:
        sign, sentence, evidence: the answer.
        reasons: what could be the reason where there is none, a label each.
        prove_button: *Prove it now*.
        progress: what goes on.

    Signals:
        prove_wanted(): the user wants it to be proven.

    """

    prove_wanted = Signal()

    def __init__(self) -> None:
        """Say nothing yet."""
        super().__init__()
        self.sign = SignLabel(_SIGN)
        self.sentence = TextLabel()
        bold(self.sentence, 1.15)
        self.evidence = TextLabel()
        self.reasons: list[TextLabel] = []
        self.prove_button = QPushButton("Pro&ve it now")
        self.prove_button.setAutoDefault(False)
        self.prove_button.clicked.connect(self.prove_wanted)
        self.progress = ToneLabel()
        self.progress.setAccessibleName("Progress of the proof")
        self._why = ToneLabel("What could be the reason:", Tone.HELP)
        self._list = QVBoxLayout()
        self._list.setSpacing(4)
        self._lay_out()

    def show_answer(self, answer: Answer, *, proving: bool, failed: str, can_prove: bool) -> None:
        """Show this answer."""
        self.sign.show_sign(answer.sign, f"{answer.sentence}: {answer.sign.value}")
        self.sentence.show_text(answer.sentence)
        self.evidence.show_text(answer.evidence)
        self._show_reasons(answer.reasons)
        self.prove_button.setEnabled(can_prove and not proving)
        if proving:
            self.progress.say(PROVING, Tone.HELP)
        else:
            self.progress.say(failed, Tone.PROBLEM)

    def _show_reasons(self, reasons: Sequence[str]) -> None:
        self._why.setVisible(len(reasons) > 1)
        while len(self.reasons) < len(reasons):
            label = TextLabel(parent=self)
            self.reasons.append(label)
            self._list.addWidget(label)
        for number, label in enumerate(self.reasons):
            text = reasons[number] if number < len(reasons) else ""
            label.show_text(f"• {text}" if text and len(reasons) > 1 else text, spoken=text)

    def _lay_out(self) -> None:
        layout = _headed(self, self.sign, self.sentence, spacing=10)
        layout.addWidget(self.evidence)
        layout.addWidget(self._why)
        layout.addLayout(self._list)
        layout.addWidget(self.prove_button, alignment=Qt.AlignmentFlag.AlignLeft)
        layout.addWidget(self.progress)
        layout.addStretch()


class Halves(TwoWidths):
    """The Redis at the left and the answer at the right, or, where it is narrow, the answer above."""

    def __init__(self, left: QWidget, right: QWidget) -> None:
        """Lay the two out."""
        super().__init__(_WIDE)
        self._parts = left, right
        self._layout = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(20)
        self._layout.addWidget(left, stretch=1)
        self._layout.addWidget(right, stretch=1)

    def arrange(self) -> None:
        """Put the halves side by side, or one above the other."""
        directions = QBoxLayout.Direction
        self._layout.setDirection(directions.BottomToTop if self.narrow else directions.LeftToRight)
        # By keyboard in the order in which they are read.
        self.setTabOrder(*(reversed(self._parts) if self.narrow else self._parts))


class CauseList(QWidget):
    """What is wrong, one box each.

    Attributes:
        boxes: those that there are; the ones without a cause are hidden.

    """

    def __init__(self) -> None:
        """Be empty."""
        super().__init__()
        self.boxes: list[CauseBox] = []
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(8)
        self.setVisible(False)

    def show_causes(self, causes: Sequence[Cause]) -> None:
        """Show these causes."""
        self.setVisible(bool(causes))
        while len(self.boxes) < len(causes):
            box = CauseBox(self)
            self.boxes.append(box)
            self._layout.addWidget(box)
        for number, box in enumerate(self.boxes):
            shown = causes[number] if number < len(causes) else None
            box.show_cause(shown.text if shown is not None else "", shown)


def _headed(view: QWidget, sign: QWidget, sentence: QWidget, *, spacing: int) -> QVBoxLayout:
    """Return the layout of `view`, which begins with a sign and a sentence."""
    head = QHBoxLayout()
    head.setSpacing(spacing)
    head.addWidget(sign, alignment=_TOP)
    head.addWidget(sentence, stretch=1)
    layout = QVBoxLayout(view)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(6)
    layout.addLayout(head)
    return layout
