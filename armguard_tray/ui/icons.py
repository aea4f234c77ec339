"""The icons: drawn in `resources/icons` on a grid of 16 px, the badge at runtime on top of them.

The colours are of middle lightness, so that each stands out from a light panel and a dark one alike; what
they mean is told by shape. A filled shield: events arrive. An outline: they do not.
"""

import struct
from collections.abc import Iterable
from functools import lru_cache

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QImage, QImageWriter, QPainter, QPen, QPixmap
from PySide6.QtSvg import QSvgRenderer

from armguard_tray.paths import resource
from armguard_tray.ui.state_words import TrayState

APP_ICON = "armguard-tray"
SIZES = (16, 22, 24, 32, 48, 64)
ICO_SIZES = (16, 24, 32, 48, 64, 128, 256)

_LOOKS_KEPT = 4
_GRID = 16
_NUMBER_FROM = 32
"""The smallest size at which a number leaves enough of the state to be seen; below, a dot says "unread"."""
_DOT = 5
_BADGE = QColor("#c4261d")
_ON_BADGE = QColor("white")

# Digits as strokes on a grid of 2 x 4, so that at 16 px each covers whole pixels, whatever fonts there are.
_STROKES = {
    "1": [[(0, 0), (1, 0), (1, 4)], [(0, 4), (2, 4)]],
    "2": [[(0, 0), (2, 0), (2, 2), (0, 2), (0, 4), (2, 4)]],
    "3": [[(0, 0), (2, 0), (2, 4), (0, 4)], [(0, 2), (2, 2)]],
    "4": [[(0, 0), (0, 2), (2, 2)], [(2, 0), (2, 4)]],
    "5": [[(2, 0), (0, 0), (0, 2), (2, 2), (2, 4), (0, 4)]],
    "6": [[(2, 0), (0, 0), (0, 4), (2, 4), (2, 2), (0, 2)]],
    "7": [[(0, 0), (2, 0), (2, 4)]],
    "8": [[(0, 0), (2, 0), (2, 4), (0, 4), (0, 0)], [(0, 2), (2, 2)]],
    "9": [[(2, 2), (0, 2), (0, 0), (2, 0), (2, 4), (0, 4)]],
    "+": [[(0, 2), (2, 2)], [(1, 1), (1, 3)]],
}
_DIGIT_WIDTH, _DIGIT_HEIGHT = 3, 5


def badge_text(unread: int) -> str:
    """Return what the badge says: nothing, 1 to 9, or 9+."""
    if unread <= 0:
        return ""
    return str(unread) if unread <= 9 else "9+"  # noqa: PLR2004 - one digit fits


def tray_icon(state: TrayState, unread: int = 0) -> QIcon:
    """Return the icon of a state at all sizes, with the badge for `unread` toasts, a dot on small ones."""
    icon = QIcon()
    for size in SIZES:
        icon.addPixmap(QPixmap.fromImage(_kept_image(state.icon, size, badge_text(unread))))
    return icon


def app_icon() -> QIcon:
    """Return the icon of the program's windows at all sizes."""
    icon = QIcon()
    for size in SIZES:
        icon.addPixmap(QPixmap.fromImage(image(APP_ICON, size)))
    return icon


def image(name: str, size: int, badge: str = "") -> QImage:
    """Return `resources/icons/<name>.svg` at `size` pixels, with a badge if it has a text.

    Raises:
        FileNotFoundError: there is no such drawing.

    """
    path = resource("icons", f"{name}.svg")
    renderer = QSvgRenderer(path.read_bytes())
    drawn = QImage(QSize(size, size), QImage.Format.Format_ARGB32_Premultiplied)
    drawn.fill(Qt.GlobalColor.transparent)
    painter = QPainter(drawn)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    renderer.render(painter, QRectF(0, 0, size, size))
    if badge and size < _NUMBER_FROM:
        _draw_dot(painter, size / _GRID)
    elif badge:
        # Whole pixels, so that the strokes are sharp; smaller than the shield, which says more.
        _draw_badge(painter, badge, size, size // 20)
    painter.end()
    return drawn


# In a storm the badge comes and goes with each batch: read from the disk and drawn anew each time, the icon
# would take a tenth of all that the program does. Images, since pixmaps must not outlive the application.
_kept_image = lru_cache(maxsize=_LOOKS_KEPT * len(SIZES))(image)


def _draw_dot(painter: QPainter, pixel: float) -> None:
    """Draw a dot into the upper right corner; `pixel` is how long one of the grid's 16 is."""
    _draw_ground(painter, QRectF(_GRID - _DOT, 0, _DOT, _DOT), pixel, _DOT / 2)


def _draw_ground(painter: QPainter, place: QRectF, pixel: float, radius: float) -> None:
    painter.scale(pixel, pixel)
    painter.setPen(Qt.PenStyle.NoPen)
    # A gap all round parts the badge from the shield, on any panel.
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Clear)
    painter.setBrush(Qt.GlobalColor.black)
    painter.drawRoundedRect(place.adjusted(-1, -1, 1, 1), radius + 1, radius + 1)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)
    painter.setBrush(_BADGE)
    painter.drawRoundedRect(place, radius, radius)


def _draw_badge(painter: QPainter, text: str, size: int, pixel: int) -> None:
    """Draw the badge into the upper right corner of `size` pixels; `pixel` is how thick its strokes are."""
    width = len(text) * (_DIGIT_WIDTH + 1) + 1
    height = _DIGIT_HEIGHT + 2
    right = size / pixel
    _draw_ground(painter, QRectF(right - width, 0, width, height), pixel, 1.5)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(
        QPen(_ON_BADGE, 1, Qt.PenStyle.SolidLine, Qt.PenCapStyle.SquareCap, Qt.PenJoinStyle.MiterJoin)
    )
    for place, character in enumerate(text):
        left = right - width + 1 + place * (_DIGIT_WIDTH + 1) + 0.5
        for stroke in _STROKES[character]:
            painter.drawPolyline([QPointF(left + x, 1.5 + y) for x, y in stroke])


def png(size: int) -> bytes:
    """Return the program's icon as a PNG file of `size` pixels, for installers and desktop entries."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, QByteArray(b"png")).write(image(APP_ICON, size))
    return bytes(buffer.data().data())


def ico(sizes: Iterable[int] = ICO_SIZES) -> bytes:
    """Return the program's icon as a Windows icon file that holds a PNG of each size (up to 256).

    https://learn.microsoft.com/en-us/previous-versions/ms997538(v=msdn.10)
    """
    images = [(size, png(size)) for size in sizes]
    offset = 6 + 16 * len(images)
    directory = struct.pack("<HHH", 0, 1, len(images))
    for size, data in images:
        side = size % 256  # 256 is written as 0
        directory += struct.pack("<BBBBHHII", side, side, 0, 0, 1, 32, len(data), offset)
        offset += len(data)
    return directory + b"".join(data for _, data in images)
