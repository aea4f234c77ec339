"""The first rungs of the ladder while they are tested: each has its room, so that nothing moves."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QWidget

from armguard_tray.diagnosis.finding import NOT_LOOKED_AT, unseen
from armguard_tray.diagnosis.ladder import Rung, Status
from armguard_tray.messages.plain_text import plain
from armguard_tray.ui.health_panel.ladder_rows import LadderRow, took_words
from armguard_tray.ui.health_panel.sign import SIGN_OF, Sign, SignLabel
from armguard_tray.ui.settings_dialog.test_result import TESTED
from armguard_tray.ui.tone_label import Tone, ToneLabel
from armguard_tray.ui.two_widths import TwoWidths
from armguard_tray.ui.wording import plain_tooltip

_WIDE = 55
"""Characters that it must be wide for the evidence to stand beside the name, and not under it."""
_SIGN = 16
_SPACING = 3
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_SIGN_AT, _NAME_AT, _WORD_AT, _EVIDENCE_AT, _TOOK_AT = range(5)
_TONE_OF = {
    Sign.OK: Tone.PLAIN,
    Sign.WARNING: Tone.PLAIN,
    Sign.FAILED: Tone.PLAIN,
    Sign.UNKNOWN: Tone.HELP,
    Sign.PENDING: Tone.HELP,
}

NOT_TESTED = tuple(unseen(rung).rung for rung in TESTED)
"""The rungs before anything was looked at."""


def row_of(rung: Rung, *, pending: bool) -> LadderRow:
    """Return a rung as a row; with `pending`, one that was not looked at is still to come."""
    is_unseen = rung.status is Status.UNKNOWN and rung.evidence == NOT_LOOKED_AT
    is_pending = pending and is_unseen
    evidence = plain(rung.evidence)
    if rung.status is Status.UNKNOWN:
        evidence = evidence.removeprefix("unknown ")  # the word stands before it
    return LadderRow(
        kind=rung.id,
        name=plain(rung.name),
        sign=Sign.PENDING if is_pending else SIGN_OF[rung.status],
        evidence="" if is_pending else evidence,
        took=took_words(rung.ms) if rung.ms else "",
    )


class OneLine(ToneLabel):
    """A line of plain text, cut with an ellipsis where it is too long; the tooltip has all of it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Be empty, with the height of a line."""
        super().__init__(parent=parent, room=1)
        self.setWordWrap(False)
        self.setAlignment(Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def minimumSizeHint(self) -> QSize:
        """Allow any width."""
        return QSize(0, super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw as much of the text as fits."""
        del event
        painter = QPainter(self)
        room = self.contentsRect()
        text = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, room.width())
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(room, self.alignment(), text)


class RungLine:
    """The widgets of one rung; they are filled anew, not rebuilt.

    Attributes:
        sign, name, word, evidence, took: what is shown of it.

    """

    def __init__(self, parent: QWidget) -> None:
        """Be empty."""
        self.sign = SignLabel(_SIGN, Sign.PENDING, parent)
        self.name, self.word, self.took = (_short(parent) for _ in range(3))
        self.evidence = OneLine(parent)

    def place(self, grid: QGridLayout, number: int, *, narrow: bool) -> None:
        """Stand in a grid as the rung of that number; a narrow one has the evidence under the name."""
        line = number * (2 if narrow else 1)
        grid.addWidget(self.sign, line, _SIGN_AT)
        grid.addWidget(self.name, line, _NAME_AT)
        grid.addWidget(self.word, line, _WORD_AT)
        if narrow:
            grid.addWidget(self.evidence, line + 1, _NAME_AT, 1, 4)
        else:
            grid.addWidget(self.evidence, line, _EVIDENCE_AT)
        grid.addWidget(self.took, line, _TOOK_AT, _RIGHT)

    def fill(self, row: LadderRow) -> None:
        """Show `row`; what is not known steps back."""
        tone = _TONE_OF[row.sign]
        word = "" if row.sign is Sign.PENDING else row.sign.value
        self.sign.show_sign(row.sign, f"{row.name}: {row.sign.value}")
        self.name.say(row.name, tone)
        self.word.say(word, tone)
        self.evidence.say(row.evidence, tone)
        self.evidence.setToolTip(plain_tooltip(row.evidence) if row.evidence else "")
        self.evidence.setAccessibleName(row.spoken)
        self.took.say(row.took, Tone.HELP)
        self.took.setAccessibleName(f"{row.name}: took {row.took}" if row.took else "")


class RungList(TwoWidths):
    """Shows the rungs of a test. All have their room from the beginning.

    Attributes:
        lines: what each rung is shown with, from the bottom of the ladder.

    """

    def __init__(self, parent: QWidget | None = None) -> None:
        """Show what is to come."""
        super().__init__(_WIDE, parent)
        self._rungs: tuple[Rung, ...] = NOT_TESTED
        self._grid = grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(_SPACING)
        grid.setColumnStretch(_EVIDENCE_AT, 1)
        self.lines = [RungLine(self) for _ in TESTED]
        # As wide as they may get, so that no word that comes moves another.
        metrics = self.fontMetrics()
        grid.setColumnMinimumWidth(
            _WORD_AT, max(metrics.horizontalAdvance(each.value) for each in SIGN_OF.values())
        )
        grid.setColumnMinimumWidth(_TOOK_AT, metrics.horizontalAdvance("000 ms"))
        self.arrange()
        self.reset()

    def arrange(self) -> None:
        """Put the evidence beside the names, or under them."""
        while self._grid.takeAt(0) is not None:
            pass
        self._grid.setVerticalSpacing(0 if self.narrow else _SPACING)
        for number, line in enumerate(self.lines):
            line.place(self._grid, number, narrow=self.narrow)

    def reset(self) -> None:
        """Show what is to come: nothing was looked at."""
        self.show_rungs(NOT_TESTED, pending=True)

    def show_rungs(self, rungs: Sequence[Rung], *, pending: bool) -> None:
        """Show these; with `pending`, those that were not looked at are still to come."""
        self._rungs = tuple(rungs)
        for line, rung in zip(self.lines, self._rungs, strict=True):
            line.fill(row_of(rung, pending=pending))

    def end(self) -> None:
        """Say that nothing more comes: what was not reached is unknown."""
        self.show_rungs(self._rungs, pending=False)

    def status_of(self, rung: str) -> Status:
        """Return how a rung is, as far as it was seen."""
        return next(each.status for each in self._rungs if each.id == rung)


def _short(parent: QWidget) -> ToneLabel:
    label = ToneLabel(parent=parent, room=1)
    label.setWordWrap(False)
    label.setAlignment(Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter)
    return label
