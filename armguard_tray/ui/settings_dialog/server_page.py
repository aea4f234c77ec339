"""Server: where ArmGuard runs, and as whom this desk logs in."""

from zoneinfo import available_timezones

from PySide6.QtWidgets import QCheckBox

from armguard_tray.settings.model import ServerSettings
from armguard_tray.ui.settings_dialog.ca_trust import CaTrust
from armguard_tray.ui.settings_dialog.page import Page
from armguard_tray.ui.settings_dialog.server_form import PasswordFacts, ServerForm
from armguard_tray.ui.settings_dialog.test_result import Tester


class ServerPage(Page):
    """The page of the server's settings.

    Attributes:
        form: its fields.
        autostart: whether the program starts with the user's session. That is no setting of ours: the system
            keeps it.

    """

    def __init__(
        self,
        settings: ServerSettings,
        tester: Tester,
        password: PasswordFacts,
        trust: CaTrust,
        *,
        autostart: bool | None,
    ) -> None:
        """Show `settings`; with an `autostart` of None the start at login is not offered."""
        super().__init__("Server", "Where ArmGuard runs, and as whom this desk logs in.")
        self._autostart_before = bool(autostart)
        self.autostart = QCheckBox("Start ArmGuard Tray when I &log in to this desk")
        self.autostart.setChecked(self._autostart_before)
        self.autostart.toggled.connect(self.edited)
        self.form = ServerForm(
            settings,
            tester,
            password,
            trust,
            more=("time_zone", "presence"),
            switches=(self.autostart,) if autostart is not None else (),
        )
        self.form.suggest("time_zone", sorted(available_timezones()))
        self.form.edited.connect(self.edited)
        self.form.attempt.keep_visible_in(self)
        self.body.addWidget(self.form)
        self.body.addStretch()

    @property
    def changed(self) -> bool:
        """Whether something waits for *Save*."""
        return self.form.changed or self.autostart_changed

    @property
    def autostart_changed(self) -> bool:
        """Whether the user wants another start at login than there is."""
        return self.autostart.isChecked() != self._autostart_before

    def show_problems(self) -> bool:
        """Say what is wrong beside each field, go to the first, and tell whether there is any."""
        return self.form.show_problems()

    def leave(self) -> None:
        """End a test that is under way."""
        self.form.leave()
