"""Shifts: when they begin, and how long weapons may be out."""

from armguard_tray.settings.model import LogSettings
from armguard_tray.ui.settings_dialog.form import SectionForm
from armguard_tray.ui.settings_dialog.page import Page


class ShiftsPage(Page):
    """The page of the settings by which the log is read.

    Attributes:
        form: its fields.

    """

    def __init__(self, settings: LogSettings) -> None:
        """Show `settings`."""
        super().__init__("Shifts", "By which times the log is read. They change nothing of what is in it.")
        self.form: SectionForm[LogSettings] = SectionForm(settings)
        self.form.edited.connect(self.edited)
        self.body.addWidget(self.form)
        self.body.addStretch(1)

    @property
    def changed(self) -> bool:
        """Whether something waits for *Save*."""
        return self.form.changed

    def show_problems(self) -> bool:
        """Say what is wrong beside each field, go to the first, and tell whether there is any."""
        return self.form.show_problems()
