"""The first start: which server, and as whom."""

from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QVBoxLayout, QWidget

from armguard_tray.settings.model import ServerSettings
from armguard_tray.ui.icons import app_icon
from armguard_tray.ui.settings_dialog.server_form import PasswordFacts, SecretState, ServerForm
from armguard_tray.ui.settings_dialog.test_result import Tester
from armguard_tray.ui.tone_label import ToneLabel

_WIDTH = 560
_WELCOME = "Connect this desk to ArmGuard. Everything here can be changed later under Settings."


class FirstRunDialog(QDialog):
    """Asks for the least that a connection needs. Show it with `open()`.

    Attributes:
        form: its fields, the same as on the Server page.

    Signals:
        saved(ServerSettings, str): the user wants this server, with this password.

    """

    saved = Signal(object, object)

    def __init__(
        self, settings: ServerSettings, tester: Tester, *, secret_note: str, parent: QWidget | None = None
    ) -> None:
        """Begin with `settings`; `secret_note` says where the password goes."""
        super().__init__(parent)
        self.setWindowTitle("Set up")
        self.setWindowIcon(app_icon())
        self.form = ServerForm(
            settings, tester, PasswordFacts(SecretState.NONE, secret_note, must_be_entered=True)
        )
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Save | QDialogButtonBox.StandardButton.Cancel
        )
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 14, 18, 14)
        layout.setSpacing(14)
        layout.addWidget(ToneLabel(_WELCOME))
        layout.addWidget(self.form)
        layout.addWidget(buttons)
        # Only now, as a button in no dialog is nobody's default.
        buttons.button(QDialogButtonBox.StandardButton.Save).setDefault(True)
        self.setMinimumWidth(_WIDTH)
        self._fit()

    def event(self, event: QEvent) -> bool:
        """Stay as high as the form needs: grow with what appears, shrink with what goes."""
        handled = super().event(event)
        if event.type() is QEvent.Type.LayoutRequest:
            self._fit()
        return handled

    def _fit(self) -> None:
        layout = self.layout()
        if layout is not None:
            width = max(self.width(), _WIDTH)
            self.resize(width, layout.totalHeightForWidth(width))

    def accept(self) -> None:
        """Save and close, or go to what is wrong."""
        if self.form.show_problems():
            return
        self.saved.emit(self.form.value, self.form.password)
        super().accept()

    def done(self, result: int) -> None:
        """Close: end a test that is under way."""
        self.form.attempt.stop()
        super().done(result)
