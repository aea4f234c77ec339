"""The window "Pictures": what the log's filter shows, as pictures and in numbers."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from datetime import time, tzinfo
from functools import partial
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QByteArray, QSettings, QSize, Qt
from PySide6.QtGui import QGuiApplication, QHideEvent, QImage, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSplitter,
    QTabBar,
    QVBoxLayout,
    QWidget,
)

from armguard_tray.clock import Clock, in_zone
from armguard_tray.errors import UserError
from armguard_tray.filtering.wanted import EVERYTHING, Wanted
from armguard_tray.tallies.picture import Kind, Picture
from armguard_tray.tasks import TaskKeeper
from armguard_tray.ui.clipboard import mime_data
from armguard_tray.ui.icons import app_icon
from armguard_tray.ui.pictures.draughtsman import Draughtsman
from armguard_tray.ui.pictures.numbers import Numbers, NumbersView
from armguard_tray.ui.pictures.picture_view import PictureView
from armguard_tray.ui.pictures.reader import PicturesReader
from armguard_tray.ui.pictures.saving import write_whole
from armguard_tray.ui.pictures.studio import PNG, SVG, Studio
from armguard_tray.ui.tone_label import Tone, ToneLabel

_SIZE: Final = QSize(1020, 640)
_SMALLEST: Final = QSize(560, 360)
_FRAME: Final = QSize(16, 48)  # room for what the desktop puts around a window
_CAPTION_LINES: Final = 5
_KEY_GEOMETRY: Final = "pictures/geometry"
_KEY_SPLIT: Final = "pictures/split"
_KEY_KIND: Final = "pictures/kind"
_READING: Final = "Reading the log…"
_DRAWING: Final = "Drawing…"
_FORMATS: Final = {PNG: "Picture in pixels (*.png)", SVG: "Drawing that can be enlarged (*.svg)"}


class PicturesWindow(QWidget):
    """Shows the transactions that match a filter. It is of the moment at which it was read, and says so.

    Attributes:
        tabs: which picture is shown.
        picture: the one that is shown, or is being drawn; None: none is.

    """

    def __init__(  # noqa: PLR0913 - what it joins
        self,
        *,
        studio: Studio,
        zone: tzinfo,
        clock: Clock,
        keeper: TaskKeeper,
        store: QSettings,
        shifts: Callable[[], Sequence[time]] = tuple,
    ) -> None:
        """Show what `studio` makes of the log, by the hours, days and `shifts` of `zone`, the server's.

        Looks are remembered in `store`.
        """
        super().__init__()
        self._zone = zone
        self._clock = clock
        self._keeper = keeper
        self._store = store
        self._wanted = EVERYTHING
        self._studio = studio
        self._read: Sequence[Picture] = ()
        self.picture: Picture | None = None
        self.reader = PicturesReader(
            studio=studio, zone=zone, clock=clock, keeper=keeper, shifts=shifts, parent=self
        )
        self.draughtsman = Draughtsman(studio, keeper, self)
        self._build()
        self._connect()
        self._restore()

    def show_wanted(self, wanted: Wanted) -> None:
        """Show what matches `wanted` now."""
        if wanted == self._wanted and self._read:
            return
        self._wanted = wanted
        self.read_again()

    def read_again(self) -> None:
        """Read the log as it is now."""
        if self.isVisible():
            self.reader.want(self._wanted)
        else:
            self._read = ()

    # How it is built

    def _build(self) -> None:
        self.setWindowTitle("Pictures")
        self.setWindowIcon(app_icon())
        self.setMinimumSize(_SMALLEST)
        self.resize(_SIZE)
        self.tabs = QTabBar()
        self.tabs.setAccessibleName("Which picture")
        self.tabs.setDrawBase(False)
        for kind in Kind:
            self.tabs.addTab(kind.value)
        self.view = PictureView()
        self.numbers = Numbers(self)
        self.table = NumbersView(self.numbers)
        self.split = QSplitter(Qt.Orientation.Horizontal)
        self.split.addWidget(self.view)
        self.split.addWidget(self.table)
        self.split.setStretchFactor(0, 1)
        self.split.setSizes([700, 300])
        self.split.setChildrenCollapsible(False)
        self.caption = QLabel()
        self.caption.setTextFormat(Qt.TextFormat.PlainText)
        self.caption.setWordWrap(True)
        self.caption.setAccessibleName("What the picture is of, and how complete it is")
        self.caption.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.caption.setAlignment(Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignTop)
        self.outcome = ToneLabel(room=1)
        self.outcome.setAccessibleName("Outcome")
        self.copy_button = _button("&Copy picture", "Copy it with its caption (Ctrl+Shift+C)")
        self.numbers_button = _button(
            "Copy &numbers", "Copy the table, for a spreadsheet (Ctrl+C in the table)"
        )
        self.save_button = _button("&Save…", "Save it with its caption, as PNG or SVG (Ctrl+S)")
        self.again_button = _button("&Read again", "Read the log as it is now (F5)")
        self._arrange()
        self._enable()

    def _arrange(self) -> None:
        words = QScrollArea()
        words.setWidget(self.caption)
        words.setWidgetResizable(True)
        words.setFrameShape(QScrollArea.Shape.NoFrame)
        words.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        # Whole lines, and by the keyboard as well.
        line = self.caption.fontMetrics().lineSpacing()
        words.setMaximumHeight(_CAPTION_LINES * line)
        words.verticalScrollBar().setSingleStep(line)
        words.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        buttons = QHBoxLayout()
        buttons.addWidget(self.outcome, stretch=1)
        for each in (self.again_button, self.numbers_button, self.copy_button, self.save_button):
            buttons.addWidget(each)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 10, 10, 10)
        column.setSpacing(8)
        column.addWidget(self.tabs)
        column.addWidget(self.split, stretch=1)
        column.addWidget(words)
        column.addLayout(buttons)

    def _connect(self) -> None:
        self.tabs.currentChanged.connect(self._draw)
        self.view.sizeSettled.connect(self._draw)
        self.reader.began.connect(self._show_reading)
        self.reader.told.connect(self._show_read)
        self.reader.failed.connect(self._show_failure)
        self.draughtsman.drawn.connect(self._show_drawn)
        self.draughtsman.failed.connect(self._show_failure)
        self.copy_button.clicked.connect(self.copy_picture)
        self.numbers_button.clicked.connect(self.table.copy)
        self.save_button.clicked.connect(self.ask_where_to_save)
        self.again_button.clicked.connect(self.read_again)
        for keys, action in (
            (QKeySequence("Ctrl+Shift+C"), self.copy_picture),
            (QKeySequence.StandardKey.Save, self.ask_where_to_save),
            (QKeySequence.StandardKey.Refresh, self.read_again),
            (QKeySequence("Ctrl+Tab"), partial(self._turn, 1)),
            (QKeySequence("Ctrl+Shift+Tab"), partial(self._turn, -1)),
            (QKeySequence.StandardKey.Close, self.close),
            (QKeySequence(Qt.Key.Key_Escape), self.close),
        ):
            QShortcut(keys, self).activated.connect(action)

    # What it shows

    @property
    def kind(self) -> Kind:
        """Which picture is wanted."""
        return list(Kind)[self.tabs.currentIndex()]

    def _turn(self, by: int) -> None:
        self.tabs.setCurrentIndex((self.tabs.currentIndex() + by) % self.tabs.count())

    def _show_reading(self) -> None:
        self.outcome.say(_READING, Tone.HELP)
        if self.picture is None:
            self.view.say(_READING)

    def _show_read(self, pictures: Sequence[Picture]) -> None:
        self._read = pictures
        self.outcome.say("")
        self._draw()

    def _show_failure(self, why: str) -> None:
        # No older picture in its place: it would be taken for this one.
        self.draughtsman.drop()
        self._read, self.picture = (), None
        self.numbers.show_rows((), ())
        self.caption.setText("")
        self.view.say(why)
        self.outcome.say("There is no picture.", Tone.PROBLEM)
        self._enable()

    def _draw(self) -> None:
        picture = next((each for each in self._read if each.kind is self.kind), None)
        if picture is None or not self.isVisible():
            return
        if picture != self.picture:
            self._announce(picture)
        self.draughtsman.draw(picture, self.view.look, self.view.room, self.view.devicePixelRatioF())

    def _announce(self, picture: Picture) -> None:
        """Show numbers and words of a picture, and say that it is being drawn: the first takes a second."""
        self.picture = picture
        self.numbers.show_rows(picture.heads, picture.rows)
        self.caption.setText("\n".join(picture.caption))
        self.view.say(_DRAWING)
        self._enable()

    def _show_drawn(self, picture: Picture, image: QImage) -> None:
        if picture == self.picture:
            told = picture.instead or "Its numbers stand in the table beside it."
            self.view.show_image(image, picture.title, told)

    def _enable(self) -> None:
        for each in (self.copy_button, self.save_button):
            each.setEnabled(self.picture is not None)
        self.numbers_button.setEnabled(self.numbers.rowCount() > 0)

    # What is done with it

    def copy_picture(self) -> None:
        """Put the picture on the clipboard, as PNG and SVG, as it would be saved."""
        if self.picture is not None:
            self._start(self._copy(self.picture), "copy a picture")

    def ask_where_to_save(self) -> None:
        """Let the reader choose a file, and save the picture there."""
        if self.picture is None:
            return
        picture = self.picture
        name = (
            f"armguard-{picture.title.lower().replace(' ', '-')}-{in_zone(self._clock.now(), None):%Y-%m-%d}"
        )
        dialog = QFileDialog(self, "Save the picture")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilters(list(_FORMATS.values()))
        dialog.setDefaultSuffix(PNG)
        dialog.filterSelected.connect(
            lambda chosen: dialog.setDefaultSuffix(SVG if chosen == _FORMATS[SVG] else PNG)
        )
        dialog.selectFile(name)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda file: self.save(picture, Path(file)))
        dialog.open()

    def save(self, picture: Picture, path: Path) -> None:
        """Save `picture` in the file `path`; its ending says how, and is .png unless it is .svg."""
        form = SVG if path.suffix.lower() == f".{SVG}" else PNG
        whole = path if path.suffix.lower() == f".{form}" else path.with_name(f"{path.name}.{form}")
        self._start(self._save(picture, whole, form), "save a picture")

    async def _copy(self, picture: Picture) -> None:
        look = self.view.look
        png, svg = [await self._studio.file(picture, look, form) for form in (PNG, SVG)]
        copied = mime_data()
        copied.setImageData(QImage.fromData(png))
        copied.setData("image/svg+xml", QByteArray(svg))
        QGuiApplication.clipboard().setMimeData(copied)
        self.outcome.say("The picture is copied.", Tone.GOOD)

    async def _save(self, picture: Picture, path: Path, form: str) -> None:
        content = await self._studio.file(picture, self.view.look, form)
        await asyncio.to_thread(write_whole, path, content)
        self.outcome.say(f"Saved in {path}.", Tone.GOOD)

    def _start(self, coroutine: Coroutine[Any, Any, None], name: str) -> None:
        self.outcome.say(_DRAWING, Tone.HELP)
        task = self._keeper.start(coroutine, name=name)
        task.add_done_callback(self._said_if_failed)

    def _said_if_failed(self, task: "asyncio.Task[None]") -> None:
        error = None if task.cancelled() else task.exception()
        if isinstance(error, UserError):
            self.outcome.say(str(error), Tone.PROBLEM)
        elif error is not None:  # the keeper has logged it
            self.outcome.say("This failed in an unforeseen way; the log says more.", Tone.PROBLEM)

    # Window events

    def showEvent(self, event: QShowEvent) -> None:
        """Read the log as it is now."""
        super().showEvent(event)
        if not event.spontaneous():
            self.reader.want(self._wanted)

    def hideEvent(self, event: QHideEvent) -> None:
        """Break off what is being read, and remember the looks."""
        super().hideEvent(event)
        if not event.spontaneous():
            self.reader.stop()
            self.draughtsman.drop()
            self._studio.rest()
            self._read = ()
            self._store.setValue(_KEY_GEOMETRY, self.saveGeometry())
            self._store.setValue(_KEY_SPLIT, self.split.saveState())
            self._store.setValue(_KEY_KIND, self.kind.value)

    def _restore(self) -> None:
        for key, restore in ((_KEY_GEOMETRY, self.restoreGeometry), (_KEY_SPLIT, self.split.restoreState)):
            state = self._store.value(key)
            if isinstance(state, QByteArray):
                restore(state)
        kinds = [kind.value for kind in Kind]
        kind = self._store.value(_KEY_KIND)
        self.tabs.setCurrentIndex(kinds.index(kind) if kind in kinds else 0)
        if not self.isMaximized() and not self.isFullScreen():
            self.resize(self.size().boundedTo(self.screen().availableGeometry().size() - _FRAME))


def _button(text: str, help_text: str) -> QPushButton:
    button = QPushButton(text)
    button.setToolTip(help_text)
    button.setAutoDefault(False)
    return button
