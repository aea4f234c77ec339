"""Server: where ArmGuard runs, and as whom this desk logs in."""

from zoneinfo import available_timezones

from armguard_tray.settings.model import ServerSettings
from armguard_tray.ui.settings_dialog.page import Page
from armguard_tray.ui.settings_dialog.server_form import PasswordFacts, ServerForm
from armguard_tray.ui.settings_dialog.test_result import Tester


class ServerPage(Page):
    """The page of the server's settings.

    Attributes:
        form: its fields.

    """

    def __init__(self, settings: ServerSettings, tester: Tester, password: PasswordFacts) -> None:
        """Show `settings`."""
        super().__init__("Server", "Where ArmGuard runs, and as whom this desk logs in.")
        self.form = ServerForm(settings, tester, password, more=("ca_file", "time_zone", "presence"))
        self.form.suggest("time_zone", sorted(available_timezones()))
        self.form.edited.connect(self.edited)
        self.body.addWidget(self.form)
        self.body.addStretch()

    @property
    def changed(self) -> bool:
        """Whether something waits for *Save*."""
        return self.form.changed

    def show_problems(self) -> bool:
        """Say what is wrong beside each field, go to the first, and tell whether there is any."""
        return self.form.show_problems()

    def leave(self) -> None:
        """End a test that is under way."""
        self.form.attempt.stop()
