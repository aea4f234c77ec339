"""A verdict as a picture: each has a shape of its own, whatever its colour and whatever fonts there are."""

from enum import Enum

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPalette, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from armguard_tray.diagnosis.ladder import Diagnosis, Status
from armguard_tray.diagnosis.verdict import is_well_so_far
from armguard_tray.ui.tone_label import Tone, tone_colour

_GRID = 16
_DEGREE = 16
"""What Qt calls a degree of an arc."""
_AMBER = {"dark": "#f0bd54", "light": "#8f5f00"}


class Sign(Enum):
    """What is known of a thing, with its word."""

    OK = "ok"
    SO_FAR = "well so far"
    WARNING = "warning"
    FAILED = "failed"
    UNKNOWN = "unknown"
    PENDING = "not yet looked at"


SIGN_OF = {
    Status.OK: Sign.OK,
    Status.WARNING: Sign.WARNING,
    Status.FAILED: Sign.FAILED,
    Status.UNKNOWN: Sign.UNKNOWN,
}


def sign_of(diagnosis: Diagnosis) -> Sign:
    """Return the sign of the whole: the tick only where all of it was seen."""
    return Sign.SO_FAR if is_well_so_far(diagnosis) else SIGN_OF[diagnosis.verdict]


class SignLabel(QWidget):
    """Draws a sign.

    A tick on a disc, a ring half filled, an exclamation mark on a triangle, a cross on an octagon, a question
    mark in a ring, or three dots.
    """

    def __init__(self, size: int, sign: Sign = Sign.UNKNOWN, parent: QWidget | None = None) -> None:
        """Draw `sign` at `size` pixels to begin with."""
        super().__init__(parent)
        self._sign = sign
        self.setFixedSize(QSize(size, size))

    @property
    def sign(self) -> Sign:
        """What is drawn."""
        return self._sign

    def show_sign(self, sign: Sign, words: str) -> None:
        """Draw `sign` from now on; `words` are for those who do not see it."""
        if words != self.accessibleName():
            self.setAccessibleName(words)
        if sign is not self._sign:
            self._sign = sign
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it."""
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.scale(self.width() / _GRID, self.height() / _GRID)
        _DRAW[self._sign](painter, _colour(self._sign), self.palette().color(QPalette.ColorRole.Window))


def _colour(sign: Sign) -> QColor:
    window = tone_colour(Tone.PLAIN)
    if sign is Sign.WARNING:
        return QColor(_AMBER["dark" if window.lightnessF() > 0.5 else "light"])  # noqa: PLR2004 - light text
    tone = {Sign.OK: Tone.GOOD, Sign.FAILED: Tone.PROBLEM}.get(sign, Tone.HELP)
    return tone_colour(tone)


def _ground(painter: QPainter, colour: QColor) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)


def _strokes(painter: QPainter, colour: QColor, width: float = 2.0) -> None:
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(
        QPen(colour, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
    )


def _ok(painter: QPainter, colour: QColor, on_it: QColor) -> None:
    _ground(painter, colour)
    painter.drawEllipse(QRectF(1, 1, 14, 14))
    _strokes(painter, on_it)
    painter.drawPolyline(QPolygonF([QPointF(4.6, 8.4), QPointF(7.1, 10.9), QPointF(11.5, 5.6)]))


def _so_far(painter: QPainter, colour: QColor, on_it: QColor) -> None:
    del on_it
    _strokes(painter, colour, 1.6)
    painter.drawEllipse(QRectF(1.8, 1.8, 12.4, 12.4))
    _ground(painter, colour)
    painter.drawPie(QRectF(1.8, 1.8, 12.4, 12.4), 90 * _DEGREE, 180 * _DEGREE)


def _warning(painter: QPainter, colour: QColor, on_it: QColor) -> None:
    painter.setBrush(colour)
    # With a pen of its own colour the corners are round.
    painter.setPen(QPen(colour, 2, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
    painter.drawPolygon(QPolygonF([QPointF(8, 2.4), QPointF(14.2, 13.4), QPointF(1.8, 13.4)]))
    _strokes(painter, on_it)
    painter.drawLine(QPointF(8, 6), QPointF(8, 9.2))
    painter.drawPoint(QPointF(8, 12))


def _failed(painter: QPainter, colour: QColor, on_it: QColor) -> None:
    _ground(painter, colour)
    painter.drawPolygon(
        QPolygonF(
            [
                QPointF(x, y)
                for x, y in ((5, 1), (11, 1), (15, 5), (15, 11), (11, 15), (5, 15), (1, 11), (1, 5))
            ]
        )
    )
    _strokes(painter, on_it)
    painter.drawLine(QPointF(5.4, 5.4), QPointF(10.6, 10.6))
    painter.drawLine(QPointF(10.6, 5.4), QPointF(5.4, 10.6))


def _unknown(painter: QPainter, colour: QColor, on_it: QColor) -> None:
    del on_it
    _strokes(painter, colour, 1.2)
    painter.drawEllipse(QRectF(1.6, 1.6, 12.8, 12.8))
    _strokes(painter, colour, 1.6)
    hook = QPainterPath(QPointF(5.9, 6.3))
    hook.cubicTo(QPointF(5.9, 3.2), QPointF(10.2, 3.4), QPointF(10.1, 6.2))
    hook.cubicTo(QPointF(10.0, 7.9), QPointF(8, 7.7), QPointF(8, 9.4))
    painter.drawPath(hook)
    painter.drawPoint(QPointF(8, 11.9))


def _pending(painter: QPainter, colour: QColor, on_it: QColor) -> None:
    del on_it
    _ground(painter, colour)
    for x in (3.5, 8, 12.5):
        painter.drawEllipse(QPointF(x, 8), 1.2, 1.2)


_DRAW = {
    Sign.OK: _ok,
    Sign.SO_FAR: _so_far,
    Sign.WARNING: _warning,
    Sign.FAILED: _failed,
    Sign.UNKNOWN: _unknown,
    Sign.PENDING: _pending,
}
