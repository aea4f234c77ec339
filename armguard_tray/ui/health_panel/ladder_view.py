"""The ladder on screen: one row a rung."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QToolButton, QWidget

from armguard_tray.diagnosis.ladder import RungId
from armguard_tray.ui.health_panel.ladder_rows import LadderRow
from armguard_tray.ui.health_panel.sign import Sign, SignLabel
from armguard_tray.ui.health_panel.text_label import TextLabel
from armguard_tray.ui.tone_label import Tone, ToneLabel
from armguard_tray.ui.two_widths import TwoWidths

_WIDE = 60
"""Characters that it must be wide for the evidence to stand beside the name, and not under it."""
_SIGN = 16
_TOP = Qt.AlignmentFlag.AlignTop
_RIGHT = Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignRight
_SIGN_AT, _NAME_AT, _EVIDENCE_AT, _SINCE_AT, _TOOK_AT = range(5)


class RowView:
    """The widgets of one row; they are filled anew, not rebuilt.

    Attributes:
        sign, name, evidence, since, took: what is shown of it.
        redis: a button to the page Redis, which says more and can prove it; None in other rows.

    """

    def __init__(self, parent: QWidget) -> None:
        """Be empty."""
        self.sign = SignLabel(_SIGN, parent=parent)
        self.name = _line(parent)
        self.evidence = TextLabel(parent=parent)
        self.since = _line(parent)
        self.took = _line(parent)
        self.redis: QToolButton | None = None

    @property
    def widgets(self) -> tuple[QWidget, ...]:
        """All of them."""
        shown: tuple[QWidget, ...] = (self.sign, self.name, self.evidence, self.since, self.took)
        return shown if self.redis is None else (*shown, self.redis)

    def fill(self, row: LadderRow) -> None:
        """Show `row`; what is not known steps back."""
        tone = Tone.HELP if row.sign in {Sign.UNKNOWN, Sign.PENDING} else Tone.PLAIN
        self.sign.show_sign(row.sign, f"{row.name}: {row.sign.value}")
        self.name.say(row.name, tone)
        self.evidence.show_text(row.evidence, tone, row.spoken)
        # The button stands in their place, and the evidence of that rung has its times.
        since, took = (row.since, row.took) if self.redis is None else ("", "")
        self.since.say(since, Tone.HELP)
        self.since.setAccessibleName(f"{row.name}: since {since}" if since else "")
        self.took.say(took, Tone.HELP)
        self.took.setAccessibleName(f"{row.name}: took {took}" if took else "")

    def place(self, grid: QGridLayout, line: int, *, narrow: bool) -> None:
        """Put the widgets into a grid, from `line` on; a narrow one has two lines a row."""
        grid.addWidget(self.sign, line, _SIGN_AT, _TOP)
        grid.addWidget(self.name, line, _NAME_AT, 1, 2 if narrow else 1, _TOP)
        if narrow:
            grid.addWidget(self.evidence, line + 1, _NAME_AT, 1, 4)
        else:
            grid.addWidget(self.evidence, line, _EVIDENCE_AT)
        grid.addWidget(self.since, line, _SINCE_AT, _RIGHT)
        grid.addWidget(self.took, line, _TOOK_AT, _RIGHT)
        if self.redis is not None:
            grid.addWidget(self.redis, line, _SINCE_AT, 1, 2, _RIGHT)


class LadderView(TwoWidths):
    """Shows the rows of a ladder.

    Attributes:
        rows: what each row is shown with.

    Signals:
        open_redis(): the user wants to know more of Redis.

    """

    open_redis = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        """Show nothing yet."""
        super().__init__(_WIDE, parent)
        self.rows: list[RowView] = []
        self._kinds: list[str] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(10)
        self._grid.setVerticalSpacing(3)
        self._grid.setColumnStretch(_EVIDENCE_AT, 1)
        self._since, self._took = ToneLabel("Since", Tone.HELP, self), ToneLabel("Took", Tone.HELP, self)
        self.arrange()

    def show_rows(self, rows: Sequence[LadderRow]) -> None:
        """Show these rows from now on."""
        kinds = [row.kind for row in rows]
        if kinds != self._kinds:
            self._kinds = kinds
            self._match()
        for view, row in zip(self.rows, rows, strict=True):
            view.fill(row)
        self.setVisible(bool(rows))

    def _match(self) -> None:
        for view in self.rows:
            for widget in view.widgets:
                self._grid.removeWidget(widget)
                widget.setParent(None)
                widget.deleteLater()
        self.rows = [RowView(self) for _ in self._kinds]
        for view, kind in zip(self.rows, self._kinds, strict=True):
            if kind == RungId.LAYER:
                view.redis = self._redis_button()
        self.arrange()

    def _redis_button(self) -> QToolButton:
        button = QToolButton(self)
        button.setText("Redis…")
        button.setAccessibleName("Open the page Redis")
        button.clicked.connect(self.open_redis)
        return button

    def arrange(self) -> None:
        """Put the evidence beside the names, or under them."""
        while self._grid.takeAt(0) is not None:
            pass
        self._grid.addWidget(self._since, 0, _SINCE_AT, _RIGHT)
        self._grid.addWidget(self._took, 0, _TOOK_AT, _RIGHT)
        lines = 2 if self.narrow else 1
        for number, view in enumerate(self.rows):
            view.place(self._grid, 1 + number * lines, narrow=self.narrow)
        for view in self.rows:
            # Made after the layout was, they would stay hidden.
            for widget in (view.sign, view.redis):
                if widget is not None:
                    widget.show()


def _line(parent: QWidget) -> ToneLabel:
    label = ToneLabel(parent=parent)
    label.setWordWrap(False)
    return label
