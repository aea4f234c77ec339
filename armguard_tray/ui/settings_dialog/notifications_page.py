"""Notifications: which events become toasts."""

from dataclasses import replace
from datetime import datetime, tzinfo

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QPushButton

from armguard_tray.settings.model import NotificationSettings
from armguard_tray.ui.settings_dialog.form import SectionForm
from armguard_tray.ui.settings_dialog.page import Page
from armguard_tray.ui.state_words import is_paused, pause_words
from armguard_tray.ui.tone_label import ToneLabel


class NotificationsPage(Page):
    """The page of the notification settings. A pause is not one of its fields: it takes effect at once.

    Attributes:
        form: its fields.

    Signals:
        test_notification(): show a toast, to see whether and how it appears.
        resume(): end the pause now.

    """

    test_notification = Signal()
    resume = Signal()

    def __init__(self, settings: NotificationSettings, toast_adapter: str) -> None:
        """Show `settings`; `toast_adapter` says what shows the toasts."""
        super().__init__(
            "Notifications", "Which events become toasts. Whatever does not is in the log all the same."
        )
        self._paused_until = settings.paused_until
        self.form: SectionForm[NotificationSettings] = SectionForm(settings)
        self.form.edited.connect(self.edited)
        self.body.addWidget(self.form)
        line = QFrame()
        line.setFrameShape(QFrame.Shape.HLine)
        line.setFrameShadow(QFrame.Shadow.Sunken)
        self.body.addWidget(line)
        self.pause = ToneLabel()
        self.pause.setAccessibleName("Pause")
        self.resume_button = QPushButton("R&esume now")
        self.resume_button.clicked.connect(self.resume)
        self.adapter = ToneLabel(toast_adapter)
        self.adapter.setAccessibleName("How toasts are shown")
        self.test_button = QPushButton("Show a &test notification")
        self.test_button.clicked.connect(self.test_notification)
        grid = QGridLayout()
        grid.setColumnStretch(0, 1)
        grid.addWidget(self.pause, 0, 0)
        grid.addWidget(self.resume_button, 0, 1)
        grid.addWidget(self.adapter, 1, 0)
        grid.addWidget(self.test_button, 1, 1)
        self.body.addLayout(grid)
        self.body.addStretch()

    @property
    def value(self) -> NotificationSettings:
        """The section as the user wants it, with the pause as it is now."""
        return replace(self.form.value, paused_until=self._paused_until)

    @property
    def changed(self) -> bool:
        """Whether something waits for *Save*."""
        return self.form.changed

    def show_problems(self) -> bool:
        """Say what is wrong beside each field, go to the first, and tell whether there is any."""
        return self.form.show_problems()

    def show_pause(self, paused_until: datetime | None, now: datetime, zone: tzinfo | None) -> None:
        """Say whether toasts are held back now."""
        self._paused_until = paused_until
        self.pause.say(f"{pause_words(paused_until, now, zone)}.")
        self.resume_button.setVisible(is_paused(paused_until, now))
