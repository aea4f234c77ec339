"""Where a picture is shown."""

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import QFrame, QSizePolicy

from armguard_tray.tallies.look import Look, look_of

_SMALLEST = QSize(260, 180)
_SETTLED_MS = 120
_POINTS_A_PIXEL = 72 / 96


class PictureView(QFrame):
    """Shows an image, or a sentence in its place.

    Signals:
        sizeSettled(): the room for the picture, or its colours, are others now.

    """

    sizeSettled = Signal()

    def __init__(self) -> None:
        """Show nothing yet."""
        super().__init__()
        self.image: QImage | None = None
        self.sentence = ""
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_SETTLED_MS)
        self._pause.timeout.connect(self.sizeSettled)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(_SMALLEST)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setBackgroundRole(QPalette.ColorRole.Base)
        self.setAutoFillBackground(True)

    @property
    def room(self) -> tuple[int, int]:
        """Width and height for a picture, in pixels of 1/96 inch."""
        inside = self.contentsRect()
        return max(inside.width(), 1), max(inside.height(), 1)

    @property
    def look(self) -> Look:
        """The look that goes with the desktop's palette and font."""
        palette = self.palette()
        base, text = palette.color(QPalette.ColorRole.Base), palette.color(QPalette.ColorRole.Text)
        # As high as the letters around it.
        points = self.fontInfo().pixelSize() * _POINTS_A_PIXEL
        return look_of(base.name(), text.name(), dark=base.lightnessF() < text.lightnessF(), points=points)

    def show_image(self, image: QImage, name: str, description: str) -> None:
        """Show `image`; a screen reader is told its name and what it shows."""
        self.image, self.sentence = image, ""
        self.setAccessibleName(name)
        self.setAccessibleDescription(description)
        self.update()

    def say(self, sentence: str) -> None:
        """Show a sentence and no picture."""
        self.image, self.sentence = None, sentence
        self.setAccessibleName("Picture")
        self.setAccessibleDescription(sentence)
        self.update()

    def sizeHint(self) -> QSize:
        """Have room enough for all labels."""
        return QSize(640, 400)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the picture, or the sentence in the middle."""
        super().paintEvent(event)
        painter = QPainter(self)
        inside = self.contentsRect()
        if self.image is None:
            painter.setPen(self.palette().color(QPalette.ColorRole.Text))
            room = inside.adjusted(16, 16, -16, -16)
            painter.drawText(room, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self.sentence)
            return
        size = self.image.deviceIndependentSize()
        if size.width() > inside.width() or size.height() > inside.height():
            size = size.scaled(inside.width(), inside.height(), Qt.AspectRatioMode.KeepAspectRatio)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(QRectF(inside.x(), inside.y(), size.width(), size.height()), self.image)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Have the picture drawn anew once the size stays."""
        super().resizeEvent(event)
        self._pause.start()

    def changeEvent(self, event: QEvent) -> None:
        """Follow a change between light and dark, and of the font."""
        super().changeEvent(event)
        if event.type() in {QEvent.Type.PaletteChange, QEvent.Type.FontChange}:
            self._pause.start()
