"""The first start: which server, and as whom."""

from PySide6.QtCore import QEvent, QObject, QSettings, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFrame, QScrollArea, QVBoxLayout, QWidget

from armguard_tray.clock import Clock
from armguard_tray.settings.model import ServerSettings
from armguard_tray.ui.icons import app_icon
from armguard_tray.ui.settings_dialog.ca_trust import CaTrust
from armguard_tray.ui.settings_dialog.server_form import PasswordFacts, SecretState, ServerForm
from armguard_tray.ui.settings_dialog.test_result import Tester
from armguard_tray.ui.tone_label import ToneLabel

_WIDTH = 560
_FRAME = 60
"""Pixels of the screen's height that are left to the window's title and what the desktop has around it."""
_WELCOME = "Connect this desk to ArmGuard. Everything here can be changed later under Settings."


class FirstRunDialog(QDialog):
    """Asks for the least that a connection needs. Show it with `open()`.

    Attributes:
        form: its fields, the same as on the Server page.

    Signals:
        saved(ServerSettings, str): the user wants this server, with this password.

    """

    saved = Signal(object, object)

    def __init__(  # noqa: PLR0913 - what it works with
        self,
        settings: ServerSettings,
        tester: Tester,
        *,
        secret_note: str,
        clock: Clock,
        store: QSettings,
        parent: QWidget | None = None,
    ) -> None:
        """Begin with `settings`.

        Args:
            settings: what stands in the fields at first.
            tester: tries to log in.
            secret_note: says where the password goes.
            clock: the time.
            store: where is remembered what a trusted CA file held.
            parent: the window under it.

        """
        super().__init__(parent)
        self.setWindowTitle("Set up")
        self.setWindowIcon(app_icon())
        password = PasswordFacts(SecretState.NONE, secret_note, must_be_entered=True)
        trust = CaTrust(settings.ca_file, clock, store, None, self)
        self.form = ServerForm(settings, tester, password, trust)
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Save | QDialogButtonBox.StandardButton.Cancel
        )
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setWidget(self.form)
        self.form.attempt.keep_visible_in(self._scroll)
        self._fitted = 0
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 14, 18, 14)
        layout.setSpacing(14)
        layout.addWidget(ToneLabel(_WELCOME))
        layout.addWidget(self._scroll, stretch=1)
        layout.addWidget(buttons)
        # Only now, as a button in no dialog is nobody's default.
        buttons.button(QDialogButtonBox.StandardButton.Save).setDefault(True)
        self.setMinimumWidth(_WIDTH)
        self._fit()
        self.form.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay as high as the form needs: grow with what appears, shrink with what goes."""
        handled = super().eventFilter(watched, event)
        if event.type() is QEvent.Type.LayoutRequest:
            self._fit()
        return handled

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Scroll only where the form does not fit."""
        super().resizeEvent(event)
        self._choose_bar()

    def _fit(self) -> None:
        """Be as high as the form needs, if the screen is; sized by the user, stay so and scroll."""
        if self._fitted in {0, self.height()}:
            width = max(self.width(), _WIDTH)
            room = self.screen().availableGeometry().height() - _FRAME
            self.resize(width, min(self._needed(width), room))
            self._fitted = self.height()
        self._choose_bar()

    def _needed(self, width: int) -> int:
        layout, form = self.layout(), self.form.layout()
        assert layout is not None  # noqa: S101 - both were laid out when they were made
        assert form is not None  # noqa: S101 - as above
        margins = layout.contentsMargins()
        layout.invalidate()  # it does not hear what changes in the form
        around = layout.totalHeightForWidth(width) - self._scroll.sizeHint().height()
        return around + form.totalHeightForWidth(width - margins.left() - margins.right())

    def _choose_bar(self) -> None:
        # Left to itself a bar stays once it is there: it makes the form narrower, and so higher.
        fits = self.height() >= self._needed(self.width())
        policy = Qt.ScrollBarPolicy.ScrollBarAlwaysOff if fits else Qt.ScrollBarPolicy.ScrollBarAsNeeded
        self._scroll.setVerticalScrollBarPolicy(policy)

    def accept(self) -> None:
        """Save and close, or go to what is wrong."""
        if not self.form.show_problems():
            self.form.when_ca_is_trusted(self._save)

    def _save(self) -> None:
        self.saved.emit(self.form.value, self.form.password)
        super().accept()

    def done(self, result: int) -> None:
        """Close: end a test that is under way."""
        self.form.leave()
        super().done(result)
