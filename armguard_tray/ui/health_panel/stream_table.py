"""The streams on screen: what each does, what came, how fast it answers, and how often it was lost."""

from collections.abc import Mapping

from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QFrame, QGridLayout, QToolButton, QWidget

from armguard_tray.messages.streams import Stream
from armguard_tray.ui.health_panel.sparkline import Bars, Sparkline
from armguard_tray.ui.health_panel.text_label import TextLabel
from armguard_tray.ui.health_panel.words import StreamWords
from armguard_tray.ui.tone_label import Tone, ToneLabel, bold
from armguard_tray.ui.two_widths import TwoWidths
from armguard_tray.ui.wording import plain_tooltip

_WIDE = 62
"""Characters that it must be wide for what is known of a stream to stand on three lines."""
_LINES = 7
"""Lines of the grid that a stream may have: three or four, its trouble, its outages, and the rule below."""
_MIDDLE = Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight


class StreamRow:
    """The widgets of one stream; they are filled anew, not rebuilt."""

    def __init__(self, parent: QWidget) -> None:
        """Be empty."""
        self.name = _line(parent)
        bold(self.name)
        self.state = ToneLabel(parent=parent)
        self.trouble = TextLabel(parent=parent)
        self.came = ToneLabel(parent=parent)
        self.round_trip = _line(parent)
        self.usual = _line(parent)
        self.chart = Sparkline(parent)
        self.reconnects = QToolButton(parent)
        self.reconnects.setCheckable(True)
        self.reconnects.setAutoRaise(True)
        self.reconnects.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.reconnects.toggled.connect(self._open)
        self.outages = ToneLabel(parent=parent)
        self.outages.setContentsMargins(12, 2, 0, 4)
        self.rule = QFrame(parent)
        self.rule.setFrameShape(QFrame.Shape.HLine)
        self.rule.setFrameShadow(QFrame.Shadow.Plain)
        self.rule.setForegroundRole(QPalette.ColorRole.Mid)
        self._outages = ""

    @property
    def widgets(self) -> tuple[QWidget, ...]:
        """All of them."""
        return (
            self.name,
            self.state,
            self.trouble,
            self.came,
            self.round_trip,
            self.usual,
            self.chart,
            self.reconnects,
            self.outages,
            self.rule,
        )

    def fill(self, words: StreamWords, bars: Bars) -> None:
        """Show what is true now."""
        self.name.say(words.name)
        self.state.say(words.state)
        self.state.setAccessibleName(f"{words.name}: {words.state}")
        self.trouble.show_text(words.trouble, Tone.PROBLEM)
        for label, text in (
            (self.came, words.came),
            (self.round_trip, words.round_trip),
            (self.usual, words.usual),
        ):
            label.say(text, Tone.HELP)
            label.setAccessibleName(f"{words.name}: {text}")
        for label in (self.round_trip, self.usual):
            label.setToolTip(plain_tooltip(words.measured))
            label.setAccessibleDescription(words.measured)
        self.chart.show_bars(bars, words.chart)
        self._fill_outages(words)

    def place(self, grid: QGridLayout, line: int, *, narrow: bool) -> None:
        """Put the widgets into a grid, from `line` on."""
        self.came.setAlignment(Qt.AlignmentFlag.AlignLeading | _MIDDLE)
        self.state.setAlignment(_RIGHT if narrow else Qt.AlignmentFlag.AlignLeading | _MIDDLE)
        if narrow:
            self._place_narrow(grid, line)
        else:
            self._place_wide(grid, line)
        grid.addWidget(self.trouble, line + 4, 0, 1, 4)
        grid.addWidget(self.outages, line + 5, 0, 1, 4)
        grid.addWidget(self.rule, line + 6, 0, 1, 4)

    def _place_wide(self, grid: QGridLayout, line: int) -> None:
        grid.addWidget(self.name, line, 0, _MIDDLE)
        grid.addWidget(self.state, line, 1)
        grid.addWidget(self.reconnects, line, 2, 1, 2, _RIGHT)
        grid.addWidget(self.came, line + 1, 0, 1, 2)
        grid.addWidget(self.round_trip, line + 1, 2, 1, 2, _RIGHT)
        grid.addWidget(self.chart, line + 2, 0, 1, 2, _MIDDLE)
        grid.addWidget(self.usual, line + 2, 2, 1, 2, _RIGHT)

    def _place_narrow(self, grid: QGridLayout, line: int) -> None:
        grid.addWidget(self.name, line, 0, _MIDDLE)
        grid.addWidget(self.state, line, 1, 1, 3)
        grid.addWidget(self.came, line + 1, 0, 1, 4)
        grid.addWidget(self.chart, line + 2, 0, _MIDDLE)
        grid.addWidget(self.round_trip, line + 2, 1, 1, 3, _RIGHT)
        grid.addWidget(self.usual, line + 3, 0, _MIDDLE)
        grid.addWidget(self.reconnects, line + 3, 1, 1, 3, _RIGHT)

    def _fill_outages(self, words: StreamWords) -> None:
        if self.reconnects.text() != words.reconnects:
            self.reconnects.setText(words.reconnects)
            self.reconnects.setAccessibleName(f"{words.name}: {words.reconnects}")
        outages = "\n".join(words.outages)
        if outages != self._outages:
            self._outages = outages
            self.reconnects.setToolTip(plain_tooltip(outages))
        self.reconnects.setEnabled(bool(outages))
        self._open()

    def _open(self) -> None:
        is_open = self.reconnects.isChecked() and bool(self._outages)
        arrow = Qt.ArrowType.DownArrow if is_open else Qt.ArrowType.RightArrow
        self.reconnects.setArrowType(arrow if self._outages else Qt.ArrowType.NoArrow)
        self.outages.say(self._outages if is_open else "", Tone.HELP)


class StreamTable(TwoWidths):
    """Shows the streams, one below the other.

    Attributes:
        rows: what each stream is shown with.

    """

    def __init__(self, parent: QWidget | None = None) -> None:
        """Show nothing yet."""
        super().__init__(_WIDE, parent)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.rows: dict[Stream, StreamRow] = {}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(10, 6, 10, 6)
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(1)
        self._grid.setColumnStretch(1, 1)

    def show_streams(self, streams: Mapping[Stream, tuple[StreamWords, Bars]]) -> None:
        """Show these streams from now on, in this order."""
        if list(self.rows) != list(streams):
            for row in self.rows.values():
                for widget in row.widgets:
                    self._grid.removeWidget(widget)
                    widget.setParent(None)
                    widget.deleteLater()
            self.rows = {stream: StreamRow(self) for stream in streams}
            self.arrange()
        for stream, (words, bars) in streams.items():
            self.rows[stream].fill(words, bars)
        self.setVisible(bool(streams))

    def arrange(self) -> None:
        """Use the room that there is."""
        while self._grid.takeAt(0) is not None:
            pass
        for number, row in enumerate(self.rows.values()):
            row.place(self._grid, number * _LINES, narrow=self.narrow)
            row.rule.setVisible(number < len(self.rows) - 1)
            for widget in (row.chart, row.reconnects):
                widget.show()


def _line(parent: QWidget) -> ToneLabel:
    label = ToneLabel(parent=parent)
    label.setWordWrap(False)
    return label
