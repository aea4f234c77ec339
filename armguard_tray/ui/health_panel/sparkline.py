"""The round trips of the last hour as a small chart."""

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QWidget

from armguard_tray.diagnosis.record import RoundTrip

MINUTES = 60
Bars = tuple[float | None, ...]
_BAR = 2
"""Pixels that a minute is wide."""
_SIZE = QSize(MINUTES * _BAR, 22)
_LEAST = 0.002
"""Seconds that the chart is high at least: the noise of a good link is no mountain range."""


def bars_of(trips: Sequence[RoundTrip], now: datetime) -> Bars:
    """Return the longest round trip of each minute, the oldest first; None where nothing was measured."""
    bars: list[float | None] = [None] * MINUTES
    for trip in trips:
        # What a clock that was set back calls the future came just now.
        ago = max(0, int((now - trip.at).total_seconds() // 60))
        if ago < MINUTES:
            place = MINUTES - 1 - ago
            bars[place] = max(trip.seconds, bars[place] or 0.0)
    return tuple(bars)


class Sparkline(QWidget):
    """A bar for each minute of the last hour, as high as the longest round trip in it; gaps are gaps."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Draw nothing yet."""
        super().__init__(parent)
        self._bars: Bars = ()
        self.setFixedSize(_SIZE)

    @property
    def bars(self) -> Bars:
        """What is drawn."""
        return self._bars

    def show_bars(self, bars: Bars, words: str) -> None:
        """Draw these; `words` say the same."""
        if words != self.accessibleName():
            self.setAccessibleName(words)
            self.setToolTip(words)
        if bars != self._bars:
            self._bars = bars
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the bars on their ground line."""
        del event
        painter = QPainter(self)
        ground = self.height() - 1.0
        line = QColor(self.palette().color(QPalette.ColorRole.WindowText))
        line.setAlphaF(0.3)
        painter.setPen(QPen(line, 1))
        painter.drawLine(QPointF(0, ground + 0.5), QPointF(self.width(), ground + 0.5))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.palette().color(QPalette.ColorRole.Highlight))
        high = max((bar for bar in self._bars if bar is not None), default=0.0)
        for place, bar in enumerate(self._bars):
            if bar is not None:
                height = max(2.0, (ground - 1) * bar / max(high, _LEAST))
                painter.drawRect(QRectF(place * _BAR, ground - height, _BAR, height))
