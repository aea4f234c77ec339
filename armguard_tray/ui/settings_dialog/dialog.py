"""The settings: pages in a list at the left, *Save* and *Cancel* below."""

from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QSettings, QSize, Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QMessageBox,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from armguard_tray.checkup.redis_source import RedisSource
from armguard_tray.clock import Clock
from armguard_tray.connection.health import Coverage, Health
from armguard_tray.paths import Paths
from armguard_tray.settings.model import Settings
from armguard_tray.ui.health_panel import Sources
from armguard_tray.ui.icons import app_icon
from armguard_tray.ui.settings_dialog.about_page import AboutPage
from armguard_tray.ui.settings_dialog.ca_question import REDIS
from armguard_tray.ui.settings_dialog.ca_trust import CaTrust
from armguard_tray.ui.settings_dialog.connection_page import ConnectionPage
from armguard_tray.ui.settings_dialog.journal_page import Care, JournalPage
from armguard_tray.ui.settings_dialog.notifications_page import NotificationsPage
from armguard_tray.ui.settings_dialog.page import Page
from armguard_tray.ui.settings_dialog.redis_page import RedisPage, RedisSecret
from armguard_tray.ui.settings_dialog.server_form import PasswordFacts, SecretState
from armguard_tray.ui.settings_dialog.server_page import ServerPage
from armguard_tray.ui.settings_dialog.shifts_page import ShiftsPage
from armguard_tray.ui.settings_dialog.test_result import Tester
from armguard_tray.ui.settings_pages import PageName
from armguard_tray.ui.state_words import account_words, trouble_sentences

if TYPE_CHECKING:
    from armguard_tray.connection.phase import Trouble

_SIZE = (740, 640)
_SMALLEST = (520, 400)
_KEY_GEOMETRY = "settings_dialog/geometry"
_CHANGED_SIGN = " •"
_ROW_PADDING = 14


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What the dialog is told and lent by the program around it.

    Attributes:
        clock: where the time comes from.
        paths: where the files lie, for the page About.
        store: where the dialog's size is remembered, and what trusted CA files held.
        tester: tries to log in.
        redis: looks at Redis.
        secret: where the password of the account that is set up lies now.
        secret_note: one sentence on where a password goes that is entered now.
        redis_secret: where the password of Redis lies now.
        toast_adapter: one sentence on what shows the toasts.
        autostart: whether the program starts with the user's session; None: not offered.
        zone: the time zone to show times in; None: this desk's.
        health: where the page Connection has from what it shows.
        care: takes care of the journal; None: the page Journal has only the settings.

    """

    clock: Clock
    paths: Paths
    store: QSettings
    tester: Tester
    redis: RedisSource
    secret: SecretState
    secret_note: str
    toast_adapter: str
    redis_secret: SecretState = SecretState.NONE
    autostart: bool | None = None
    zone: tzinfo | None = None
    health: Sources = field(default_factory=Sources)
    care: Care | None = None


class SettingsDialog(QDialog):
    """The settings dialog. Show it with `open()`; make a new one each time: settings change meanwhile.

    Signals:
        saved(Settings, str | None): the user wants these; a password of None leaves the stored one.
        redis_password(RedisSettings, str): the user wants this password kept for that Redis, or, empty, the
            stored one forgotten; `saved` follows.
        autostart(bool): the program is to start with the user's session, or no longer.
        reconnect(): try all streams now.
        report(): the user wants a report for the admin.
        test_notification(): show a toast.
        resume(): end the pause of toasts now.

    """

    saved = Signal(object, object)
    redis_password = Signal(object, str)
    autostart = Signal(bool)
    reconnect = Signal()
    report = Signal()
    test_notification = Signal()
    resume = Signal()

    def __init__(self, settings: Settings, around: Surroundings, parent: QWidget | None = None) -> None:
        """Show `settings`."""
        super().__init__(parent)
        self._settings = settings
        self._around = around
        self.setWindowTitle("Settings")
        self.setWindowIcon(app_icon())
        self._told: Trouble | None = None
        trust = CaTrust(settings.server.ca_file, around.clock, around.store, around.zone, self)
        self.server = ServerPage(
            settings.server,
            around.tester,
            PasswordFacts(around.secret, around.secret_note),
            trust,
            autostart=around.autostart,
        )
        self.notifications = NotificationsPage(settings.notifications, around.toast_adapter)
        self.connection = ConnectionPage(around.clock, around.zone, around.health, trust)
        self.connection.panel.show_account(account_words(settings.server))
        redis_secret = RedisSecret(around.redis_secret, around.secret_note)
        redis_trust = CaTrust(
            settings.redis.ca_file, around.clock, around.store, around.zone, self, peer=REDIS
        )
        self.redis = RedisPage(settings.redis, around.redis, redis_secret, around.zone, redis_trust)
        self.shifts = ShiftsPage(settings.log)
        self.journal = JournalPage(settings.journal, around.care, around.clock, around.zone)
        self.pages: tuple[Page, ...] = (
            self.server,
            self.notifications,
            self.connection,
            self.redis,
            self.shifts,
            self.journal,
            AboutPage(around.paths),
        )
        self._list = QListWidget()
        self._stack = QStackedWidget()
        self._buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Save | QDialogButtonBox.StandardButton.Cancel
        )
        self._build()
        self.show_pause(settings.notifications.paused_until)
        self.show_page(PageName.SERVER)
        self.setMinimumSize(*_SMALLEST)
        self.resize(*_SIZE)
        geometry = around.store.value(_KEY_GEOMETRY)
        if isinstance(geometry, QByteArray):
            self.restoreGeometry(geometry)

    def show_page(self, page: PageName) -> None:
        """Turn to a page."""
        self._list.setCurrentRow(page)

    def show_health(self, health: Health) -> None:
        """Show the health of the connection on its page, and beside its field what only the user can mend."""
        self.connection.panel.show_health(health)
        if self.redis.isVisible():
            # The server may say of its channel layer something else than before.
            self.redis.refresh()
        trouble = health.trouble if health.coverage is Coverage.NEEDS_YOU else None
        if trouble != self._told:
            self._told = trouble
            # What stands in the fields now is not what was refused once it has been changed.
            if not self.server.form.changed:
                self.server.form.blame(
                    trouble.need if trouble else None, trouble_sentences(trouble) if trouble else ""
                )

    def show_pause(self, paused_until: datetime | None) -> None:
        """Say on the page Notifications whether toasts are held back; *Save* keeps that as it is."""
        self.notifications.show_pause(paused_until, self._around.clock.now(), self._around.zone)

    @property
    def settings(self) -> Settings:
        """The settings as they stand in the dialog."""
        return replace(
            self._settings,
            server=self.server.form.value,
            notifications=self.notifications.value,
            redis=self.redis.form.value,
            log=self.shifts.form.value,
            journal=self.journal.value,
        )

    def accept(self) -> None:
        """Save and close, or go to what is wrong."""
        changed = [index for index, page in enumerate(self.pages) if page.changed]
        wrong = [index for index in changed if self.pages[index].show_problems()]
        if wrong:
            self._list.setCurrentRow(wrong[0])
            # Its first wrong field took the focus while the page may have been hidden.
            self.pages[wrong[0]].show_problems()
        else:
            # Last the server's: what its form trusts is remembered at once, and so must be saved.
            self.redis.when_ca_is_trusted(self._save_with_server_ca)

    def _save_with_server_ca(self) -> None:
        if self.server.form.changed:
            self.server.form.when_ca_is_trusted(self._save)
        else:
            self._save()

    def _save(self) -> None:
        changed = self.changed
        if self.redis.changed:
            self.redis.form.ca_file.remember()
        if self.server.autostart_changed:
            self.autostart.emit(self.server.autostart.isChecked())
        if self.redis.password is not None:
            self.redis_password.emit(self.redis.form.value, self.redis.password)
        if changed:
            self.saved.emit(self.settings, self.server.form.password)
        super().accept()

    @property
    def changed(self) -> bool:
        """Whether anything waits for *Save*."""
        return any(page.changed for page in self.pages)

    def reject(self) -> None:
        """Close without saving; ask first if there is anything to save. To close unasked, call `done`."""
        if self.changed:
            self._ask_before_discarding()
        else:
            super().reject()

    def done(self, result: int) -> None:
        """Close: end what is under way, remember the size."""
        for page in self.pages:
            page.leave()
        self._around.store.setValue(_KEY_GEOMETRY, self.saveGeometry())
        super().done(result)

    def _ask_before_discarding(self) -> None:
        box = QMessageBox(QMessageBox.Icon.Question, "Settings", "Discard changes?", parent=self)
        titles = ", ".join(page.title for page in self.pages if page.changed)
        box.setInformativeText(f"Changed and not saved: {titles}.")
        discard = box.addButton("&Discard", QMessageBox.ButtonRole.DestructiveRole)
        keep = box.addButton("&Keep editing", QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(keep)
        box.setEscapeButton(keep)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        discard.clicked.connect(partial(self.done, QDialog.DialogCode.Rejected))
        box.open()

    def _build(self) -> None:
        row = QSize(0, self.fontMetrics().height() + _ROW_PADDING)
        for page in self.pages:
            item = QListWidgetItem(page.title)
            item.setSizeHint(row)
            self._list.addItem(item)
            self._stack.addWidget(page)
            page.edited.connect(self._mark_changed)
            page.edited.connect(self.server.form.end_save)
            page.edited.connect(self.redis.form.ca_file.end_save)
        self._list.setAccessibleName("Pages")
        self._list.currentRowChanged.connect(self._stack.setCurrentIndex)
        # Wide enough for the longest title with its mark, so that marking moves nothing.
        widest = max(self.fontMetrics().horizontalAdvance(page.title + _CHANGED_SIGN) for page in self.pages)
        self._list.setFixedWidth(widest + 36)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.setSpacing(2)
        self._buttons.accepted.connect(self.accept)
        self._buttons.rejected.connect(self.reject)
        self.connection.panel.reconnect.connect(self.reconnect)
        self.connection.panel.report.connect(self.report)
        self.connection.panel.open_redis.connect(partial(self.show_page, PageName.REDIS))
        self.connection.ca_file_trusted.connect(self._take_ca_file)
        self.server.form.ca_refused.connect(partial(self._show_ca_file, PageName.SERVER))
        self.redis.form.ca_refused.connect(partial(self._show_ca_file, PageName.REDIS))
        self.notifications.test_notification.connect(self.test_notification)
        self.notifications.resume.connect(self.resume)
        across = QHBoxLayout()
        across.addWidget(self._list)
        across.addWidget(self._stack, stretch=1)
        layout = QVBoxLayout(self)
        layout.addLayout(across)
        layout.addWidget(self._buttons)
        # Only now, as a button in no dialog is nobody's default.
        self._buttons.button(QDialogButtonBox.StandardButton.Save).setDefault(True)
        self._buttons.button(QDialogButtonBox.StandardButton.Save).setText("&Save")

    def _take_ca_file(self, file: str) -> None:
        """Enter a CA file that the user trusts where it is saved with the rest."""
        self.server.form.fields["ca_file"].value = file
        self.show_page(PageName.SERVER)

    def _show_ca_file(self, name: PageName) -> None:
        """Turn to the page with the field beside which stands what is wrong with the CA file."""
        self.show_page(name)
        page = self.server if name is PageName.SERVER else self.redis
        page.ensureWidgetVisible(page.form.fields["ca_file"])

    def _mark_changed(self) -> None:
        for index, page in enumerate(self.pages):
            self._mark(self._list.item(index), page)

    @staticmethod
    def _mark(item: QListWidgetItem, page: Page) -> None:
        item.setText(page.title + _CHANGED_SIGN if page.changed else page.title)
        item.setData(
            Qt.ItemDataRole.AccessibleTextRole, f"{page.title}, changed" if page.changed else page.title
        )
