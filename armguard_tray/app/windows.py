"""The windows: imported and made when they are first wanted, joined to the rest by signals.

A desk that shows none, and that is most of them most of the time, does not pay for them. The large ones are
imported in a thread and made in several turns of the event loop (`opening`).
"""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QSettings, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QDialog, QMessageBox, QWidget

from armguard_tray.app.opening import Opening, imported
from armguard_tray.app.server_pages import page_of
from armguard_tray.clock import Clock
from armguard_tray.desktop.secrets import Availability, Keeping
from armguard_tray.errors import UserError
from armguard_tray.messages.event import StoredEvent
from armguard_tray.paths import Paths
from armguard_tray.settings.model import RedisSettings, ServerSettings, Settings
from armguard_tray.storage.journal import Journal
from armguard_tray.tasks import TaskKeeper
from armguard_tray.ui.feed import Feed
from armguard_tray.ui.settings_pages import PageName

if TYPE_CHECKING:
    from armguard_tray.app.report.material import Material
    from armguard_tray.app.tray_check import TrayCheck
    from armguard_tray.catchup.audit_found import AuditFound
    from armguard_tray.catchup.issued_page import IssuedNow
    from armguard_tray.catchup.search import Searched
    from armguard_tray.checkup.audit import Auditor
    from armguard_tray.checkup.redis_watch import RedisWatch
    from armguard_tray.connection.health import Health
    from armguard_tray.connection.phase import StreamFacts
    from armguard_tray.connection.session import Standing
    from armguard_tray.diagnosis.facts import Keeping as Kept
    from armguard_tray.diagnosis.facts import ToastsFound
    from armguard_tray.diagnosis.record import Record
    from armguard_tray.storage.upkeep import Upkeep
    from armguard_tray.ui.board import BoardWindow
    from armguard_tray.ui.first_run import FirstRunDialog
    from armguard_tray.ui.health_panel import Sources
    from armguard_tray.ui.log_window import LogWindow
    from armguard_tray.ui.pictures import PicturesWindow
    from armguard_tray.ui.settings_dialog import Progress, SecretState, SettingsDialog, TestResult
    from armguard_tray.ui.shift_report import ShiftReportWindow

PasswordOf = Callable[[ServerSettings], Awaitable[str | None]]
RedisPasswordOf = Callable[[RedisSettings], Awaitable[str | None]]
_OF_SETTINGS: Final = (
    "armguard_tray.app.tray_check",
    "armguard_tray.checkup.redis_watch",
    "armguard_tray.ui.settings_dialog",
)
"""What the settings dialog needs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What the windows work with.

    Attributes:
        journal: where the log reads.
        feed: what brings news.
        paths: where the program's files lie.
        clock: the time.
        tasks: keeps what runs in the background.
        password_of: looks up the stored password of an account.
        redis_password_of: looks up that of a Redis.
        standing: how the login of the running connection stands, now.
        record: what its streams did.
        toasts_found: looks up what shows toasts, and why it shows none at present.
        shifts: returns when shifts begin, by the server's clock.
        issued: returns what the server listed last as issued; None: nothing was read of it.
        care: takes care of the journal.
        history: returns what the server's history shows beside the log, or has shown after so many seconds;
            None while no server is followed.

    """

    journal: Journal
    feed: Feed
    paths: Paths
    clock: Clock
    tasks: TaskKeeper
    password_of: PasswordOf
    redis_password_of: RedisPasswordOf
    standing: Callable[[], "Standing"]
    record: Callable[[], "Record"]
    toasts_found: Callable[[], Awaitable["ToastsFound"]]
    shifts: Callable[[], Sequence[time]]
    issued: Callable[[], "IssuedNow | None"]
    care: "Upkeep"
    history: Callable[[float], Awaitable["AuditFound | None"]]


@dataclass(frozen=True, slots=True)
class SecretFacts:
    """What is known of the account's password.

    Attributes:
        availability: how long one is kept that is entered now.
        stored: whether there is one now.
        redis_stored: whether there is one of Redis now.
        given: whether that of the account was given for this run, and is kept nowhere.

    """

    availability: Availability
    stored: bool
    redis_stored: bool = False
    given: bool = False


@dataclass(frozen=True, slots=True)
class DeskFacts:
    """What the settings dialog says of this desk.

    Attributes:
        secret: what is known of the account's password.
        toasts: one sentence on what shows the toasts.
        autostart: whether the program starts with the user's session; None where that cannot be set.

    """

    secret: SecretFacts
    toasts: str
    autostart: bool | None


class Windows(QObject):
    """Shows windows, each once, and passes on what the user wants in them.

    Signals:
        saved(Settings, str | None): new settings; a password of None leaves the stored one.
        redis_password(RedisSettings, str): a new password of that Redis, or, empty, none any more.
        reconnect(): try all streams now.
        fetch(StoredEvent): look for what is missing of this gap now.
        fetch_left(): nobody waits for that any more.
        cancel_backlog(): fetch nothing more of the time before this desk followed the server.
        fetch_backlog(): fetch it after all.
        report(): the user wants a report for the admin.
        test_toast(): show a toast.
        resume(): end the pause of toasts.
        read_up_to(int): the user has seen the rows up to this one.
        log_made(): the log was made and shown for the first time.
        menu_wanted(QPoint): the user asked for the program's menu, at this point of the screen.
        settings_wanted(): the user wants to see what the server needs.
        autostart(bool): the program is to start with the user's session, or no longer.
        quit(): end the program.

    """

    saved = Signal(object, object)
    redis_password = Signal(object, str)
    reconnect = Signal()
    fetch = Signal(object)
    fetch_left = Signal()
    cancel_backlog = Signal()
    fetch_backlog = Signal()
    report = Signal()
    test_toast = Signal()
    resume = Signal()
    read_up_to = Signal(object)
    log_made = Signal()
    menu_wanted = Signal(object)
    settings_wanted = Signal()
    autostart = Signal(bool)
    quit = Signal()

    def __init__(self, means: Means) -> None:
        """Show nothing yet."""
        super().__init__()
        self._means = means
        self._looks = QSettings(str(means.paths.window_file), QSettings.Format.IniFormat)
        self._opening = Opening(means.tasks)
        self._log: LogWindow | None = None
        self._log_zone = ""
        self._log_is_last_resort = False
        self._board: BoardWindow | None = None
        self._pictures: PicturesWindow | None = None
        self._board_of: tuple[str, str] | None = None
        self._followed: tuple[str, str] | None = None
        self._shift_report: ShiftReportWindow | None = None
        self._reported = Settings()
        self._settings: SettingsDialog | None = None
        self._check: TrayCheck | None = None
        self._first_run: FirstRunDialog | None = None
        self._watched: tuple[ServerSettings, RedisSettings] | None = None
        self._watch: RedisWatch | None = None
        means.feed.healthChanged.connect(self._health_changed)

    def show_log(self, server: ServerSettings, row: int | None = None) -> None:
        """Show the live log in front, at `row` if one is given."""

        async def show() -> None:
            log = await self._log_in_front(server)
            if row is not None:
                log.show_row(row)

        self._opening.start(show, "the log")

    def show_what_needs_a_look(self, server: ServerSettings) -> None:
        """Show the live log in front, with all that needs a look and nothing else."""

        async def show() -> None:
            (await self._log_in_front(server)).show_what_needs_a_look()

        self._opening.start(show, "the log")

    async def _log_in_front(self, server: ServerSettings) -> "LogWindow":
        is_new = self._log is None or self._log_zone != server.time_zone
        if self._log is None or is_new:
            made = await self._new_log(server)
            if self._log is not None:
                self._log.deleteLater()
                self._close_pictures()  # they follow the log's filter, and its zone
            self._log, self._log_zone = made, server.time_zone
        _to_front(self._log)
        if is_new:
            self.log_made.emit()
        return self._log

    async def _new_log(self, server: ServerSettings) -> "LogWindow":
        await imported("armguard_tray.ui.log_window")
        from armguard_tray.ui.log_window import LogWindow  # noqa: PLC0415 - as the module says

        means = self._means
        log = LogWindow(
            journal=means.journal,
            feed=means.feed,
            zone=server.zone,
            clock=means.clock,
            keeper=means.tasks,
            store=self._looks,
            shifts=means.shifts,
            at_once=False,
        )
        await log.build_in_turns()
        log.read_up_to.connect(self.read_up_to)
        log.is_last_resort = self._log_is_last_resort
        log.last_resort_closing.connect(self._ask_before_leaving)
        log.menu_wanted.connect(self.menu_wanted)
        log.settings_wanted.connect(self.settings_wanted)
        log.reconnect_wanted.connect(self.reconnect)
        log.fetch_wanted.connect(self.fetch)
        log.fetch_left.connect(self.fetch_left)
        log.backlog_cancel_wanted.connect(self.cancel_backlog)
        log.backlog_wanted.connect(self.fetch_backlog)
        log.open_on_server.connect(lambda stored: _browse(stored, server))
        log.export_wanted.connect(lambda: self.show_export(server))
        log.pictures_wanted.connect(lambda: self.show_pictures(server))
        log.filters.changed.connect(self._follow_filter)
        return log

    def show_export(self, server: ServerSettings) -> None:
        """Offer to export what the log shows, in front of it."""

        async def show() -> None:
            log, means = await self._log_in_front(server), self._means
            await imported("armguard_tray.app.export_beside")
            from armguard_tray.app.export_beside import show_export  # noqa: PLC0415 - as the module says

            show_export(log, means.paths.journal_file, server, clock=means.clock, keeper=means.tasks)

        self._opening.start(show, "an export")

    def show_pictures(self, server: ServerSettings) -> None:
        """Show in front pictures of what the log shows, by the clock of `server`; the log opens with them."""

        async def show() -> None:
            log = self._log or await self._log_in_front(server)
            if self._pictures is None:
                self._pictures = await self._new_pictures(server)
            self._pictures.show_wanted(log.filters.wanted)
            _to_front(self._pictures)

        self._opening.start(show, "pictures")

    async def _new_pictures(self, server: ServerSettings) -> "PicturesWindow":
        for module in ("armguard_tray.app.pictures_beside", "armguard_tray.ui.pictures"):
            await imported(module)
        from armguard_tray.app.pictures_beside import PicturesBeside  # noqa: PLC0415 - as the module says
        from armguard_tray.ui.pictures import PicturesWindow  # noqa: PLC0415 - as above

        means = self._means
        return PicturesWindow(
            studio=PicturesBeside(means.journal, means.paths.data / "pictures", means.tasks),
            zone=server.zone,
            clock=means.clock,
            keeper=means.tasks,
            store=self._looks,
            shifts=means.shifts,
        )

    def _follow_filter(self) -> None:
        if self._pictures is not None and self._log is not None:
            self._pictures.show_wanted(self._log.filters.wanted)

    def _close_pictures(self) -> None:
        if self._pictures is not None:
            self._pictures.close()
            self._pictures.deleteLater()
        self._pictures = None

    def show_board(self, settings: Settings) -> None:
        """Show in front who holds what."""
        asked = _place_and_zone(settings.server)

        async def show() -> None:
            if self._board is None or self._board_of != asked:
                self._close_board()
                board = await self._new_board(settings)
                if self._followed not in {None, asked}:
                    board.deleteLater()  # another server is followed by now
                    return
                self._board, self._board_of = board, asked
            _to_front(self._board)

        self._opening.start(show, "the board")

    async def _new_board(self, settings: Settings) -> "BoardWindow":
        await imported("armguard_tray.ui.board")
        from armguard_tray.ui.board import BoardWindow  # noqa: PLC0415 - as the module says

        server, means = settings.server, self._means
        board = BoardWindow(
            journal=means.journal,
            server=server.base_url,
            feed=means.feed,
            zone=server.zone,
            clock=means.clock,
            keeper=means.tasks,
            store=self._looks,
            hours=settings.log.hours,
            issued=means.issued,
        )

        def show_history(person: str | None, item: str | None) -> None:
            async def show() -> None:
                (await self._log_in_front(server)).show_history(person=person, item=item)

            self._opening.start(show, "the log")

        board.historyWanted.connect(show_history)
        return board

    def show_shift_report(self, settings: Settings) -> None:
        """Show in front the report on a shift."""
        if self._shift_report is None:
            self._reported = settings

        async def show() -> None:
            if self._shift_report is None:
                self._shift_report = await self._new_shift_report()
            elif self._shift_report.isVisible():
                self._shift_report.read()  # else it is made when it is shown
            _to_front(self._shift_report)

        self._opening.start(show, "a shift report")

    async def _new_shift_report(self) -> "ShiftReportWindow":
        await imported("armguard_tray.app.shift_report")
        from armguard_tray.app.shift_report import new_shift_report  # noqa: PLC0415 - as the module says

        means = self._means
        return new_shift_report(
            lambda: self._reported,
            journal=means.journal,
            feed=means.feed,
            clock=means.clock,
            tasks=means.tasks,
            shifts=means.shifts,
            issued=means.issued,
            store=self._looks,
        )

    def _close_shift_report(self) -> None:
        if self._shift_report is not None:
            self._shift_report.close()
            self._shift_report.deleteLater()
        self._shift_report = None

    def settings_changed(self, settings: Settings) -> None:
        """Let board and report go by new settings; those of a server not followed any more are closed."""
        if settings.server != self._reported.server:
            self._close_shift_report()
        self._reported = settings
        self._followed = _place_and_zone(settings.server)
        if self._board is None:
            return
        if self._board_of == self._followed:
            self._board.set_hours(settings.log.hours)
        else:
            self._close_board()

    def _close_board(self) -> None:
        if self._board is not None:
            self._board.close()
            self._board.deleteLater()
        self._board = None

    def show_fetched(self, before: StoredEvent, after: StoredEvent, searched: "Searched") -> None:
        """Say in the log what a search has brought of the gap that `before` was and `after` is."""
        if self._log is not None:
            self._log.show_fetched(before, after, searched)

    def show_first_run(self, settings: Settings, secret: SecretFacts) -> None:
        """Ask for the server, the first time."""
        from armguard_tray.ui.first_run import FirstRunDialog  # noqa: PLC0415 - as the module says

        if self._first_run is None:
            self._first_run = dialog = FirstRunDialog(
                settings.server,
                self._test,
                secret_note=secret.availability.reason,
                clock=self._means.clock,
                store=self._looks,
            )
            dialog.saved.connect(
                lambda server, password: self.saved.emit(replace(settings, server=server), password)
            )
            dialog.finished.connect(self._first_run_finished)
            dialog.open()
        _to_front(self._first_run)

    def _first_run_finished(self) -> None:
        if self._first_run is not None:
            self._first_run.deleteLater()
        self._first_run = None

    def show_settings(self, settings: Settings, facts: DeskFacts, page: PageName | None = None) -> None:
        """Show the settings, at `page` if one is given."""

        async def show() -> None:
            for module in _OF_SETTINGS:
                await imported(module)
            if self._settings is None:
                self._settings = self._new_settings(settings, facts)
                self._settings.open()
            if page is not None:
                self._settings.show_page(page)
            _to_front(self._settings)

        self._opening.start(show, "the settings")

    def _new_settings(self, settings: Settings, facts: DeskFacts) -> "SettingsDialog":
        from armguard_tray.ui.settings_dialog import SettingsDialog, Surroundings  # noqa: PLC0415

        means = self._means
        around = Surroundings(
            clock=means.clock,
            paths=means.paths,
            store=self._looks,
            tester=self._test,
            redis=self._redis_watch(settings),
            secret=_secret_state(facts.secret, stored=facts.secret.stored, given=facts.secret.given),
            secret_note=facts.secret.availability.reason,
            redis_secret=_secret_state(facts.secret, stored=facts.secret.redis_stored),
            toast_adapter=facts.toasts,
            autostart=facts.autostart,
            health=self._health_sources(settings, facts),
            care=means.care,
        )
        dialog = SettingsDialog(settings, around)
        dialog.redis_password.connect(self._redis_password_entered)
        dialog.saved.connect(self.saved)
        dialog.autostart.connect(self.autostart)
        dialog.reconnect.connect(self.reconnect)
        dialog.report.connect(self.report)
        dialog.test_notification.connect(self.test_toast)
        dialog.resume.connect(self.resume)
        dialog.finished.connect(self._settings_finished)
        if means.feed.health is not None:
            dialog.show_health(means.feed.health)
        return dialog

    def _health_sources(self, settings: Settings, facts: DeskFacts) -> "Sources":
        from armguard_tray.app.tray_check import Known, TrayCheck  # noqa: PLC0415 - as the module says
        from armguard_tray.ui.health_panel import Sources  # noqa: PLC0415 - as above

        means = self._means
        known = Known(
            settings=settings,
            standing=means.standing,
            streams=lambda: means.feed.health.streams if means.feed.health is not None else (),
            keeping=_kept(facts.secret),
            toasts=means.toasts_found,
            redis=self._redis_watch(settings),
            auditor=self._auditor_of(settings.server),
        )
        server = settings.server.base_url
        self._check = TrayCheck(known, means.clock)
        return Sources(
            check=self._check,
            record=means.record,
            count_events=lambda since: means.journal.count_by_stream(server, since=since),
            can_report=True,
        )

    def _auditor_of(self, server: ServerSettings) -> "Auditor":
        """Return what asks the core, which looks at the server's history anyway."""
        from armguard_tray.checkup.audit import Auditor  # noqa: PLC0415 - as the module says

        return Auditor(server.zone, self._means.clock, self._means.history)

    async def show_report(
        self, settings: Settings, streams: "tuple[StreamFacts, ...]", secrets: Iterable[str | None]
    ) -> None:
        """Show the report for the admin before it is saved; `secrets` are struck out in it."""
        from armguard_tray.app.report.material import gather  # noqa: PLC0415 - as the module says
        from armguard_tray.app.report.window import show_report  # noqa: PLC0415 - as above

        means = self._means
        found = self._check.found if self._check is not None else None

        def gathered() -> "Material":
            return gather(
                paths=means.paths,
                settings=settings,
                diagnosis=found,
                streams=streams,
                secrets=secrets,
                now=means.clock.now(),
            )

        await show_report(gathered, means.clock, self._settings)

    def _redis_watch(self, settings: Settings) -> "RedisWatch":
        """Return what looks at Redis; the same one for as long as it is the same Redis and server.

        It knows the last look, to tell what has happened since, and the membership that it proved.
        """
        from armguard_tray.checkup import redis_watch  # noqa: PLC0415 - as the module says

        means, wanted = self._means, (settings.server, settings.redis)
        if self._watch is None or self._watched != wanted:
            known = redis_watch.Known(
                server=settings.server,
                standing=means.standing,
                streams=lambda: means.feed.health.streams if means.feed.health is not None else (),
                password_of=means.redis_password_of,
            )
            self._watch, self._watched = redis_watch.RedisWatch(known, means.clock), wanted
        return self._watch

    def _redis_password_entered(self, redis: RedisSettings, password: str) -> None:
        self._watch = None  # it remembers the one before
        self.redis_password.emit(redis, password)

    def _settings_finished(self) -> None:
        if self._settings is not None:
            self._settings.deleteLater()
        self._settings = None

    def _health_changed(self, health: "Health") -> None:
        if self._settings is not None:
            self._settings.show_health(health)

    def show_pause(self, paused_until: datetime | None) -> None:
        """Tell an open settings dialog that toasts are held back, or no longer are."""
        if self._settings is not None:
            self._settings.show_pause(paused_until)

    def show_error(self, error: UserError) -> None:
        """Show what went wrong, in words."""
        box = QMessageBox(QMessageBox.Icon.Warning, "ArmGuard Tray", error.message)
        box.setInformativeText(error.remedy)
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.open()

    def set_last_resort(self, *, log_is_it: bool) -> None:
        """Say whether the log is all there is to see of the program, because there is no tray."""
        self._log_is_last_resort = log_is_it
        if self._log is not None:
            self._log.is_last_resort = log_is_it

    def _ask_before_leaving(self) -> None:
        box = QMessageBox(
            QMessageBox.Icon.Question,
            "ArmGuard Tray",
            "Quit ArmGuard Tray?",
            parent=self._log,
        )
        box.setInformativeText(
            "This desktop has no tray, so this window is all there is to see of it. Once it has ended, "
            "nobody is told here what happens in the armory."
        )
        leave = box.addButton("&Quit", QMessageBox.ButtonRole.DestructiveRole)
        minimise = box.addButton("&Minimise", QMessageBox.ButtonRole.ActionRole)
        stay = box.addButton(QMessageBox.StandardButton.Cancel)
        box.setDefaultButton(stay)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        leave.clicked.connect(self.quit)
        minimise.clicked.connect(self._minimise_log)
        box.open()

    def _minimise_log(self) -> None:
        if self._log is not None:
            self._log.showMinimized()

    def close(self) -> None:
        """Put everything away for good."""
        self._opening.close()
        for dialog in (self._settings, self._first_run):
            if dialog is not None:
                # Not reject(), which may ask the user first.
                dialog.done(QDialog.DialogCode.Rejected)
        self._close_board()
        self._close_shift_report()
        self._close_pictures()
        if self._log is not None:
            self._log.hide()
            self._log.deleteLater()
            self._log = None

    async def _test(self, server: ServerSettings, password: str | None, progress: "Progress") -> "TestResult":
        from armguard_tray.app.server_test import ServerTest  # noqa: PLC0415 - as the module says

        test = ServerTest(self._means.password_of, self._means.clock)
        return await test(server, password, progress)


def _secret_state(secret: SecretFacts, *, stored: bool, given: bool = False) -> "SecretState":
    from armguard_tray.ui.settings_dialog import SecretState  # noqa: PLC0415 - as the module says

    if not stored:
        return SecretState.NONE
    persistent = secret.availability.keeping is Keeping.PERSISTENT and not given
    return SecretState.KEYRING if persistent else SecretState.THIS_RUN


def _kept(secret: SecretFacts) -> "Kept":
    from armguard_tray.app.keeping import keeping_of  # noqa: PLC0415 - as the module says

    return keeping_of(secret.availability, stored=secret.stored, given=secret.given)


def _browse(stored: StoredEvent, server: ServerSettings) -> None:
    QDesktopServices.openUrl(QUrl(page_of(stored.event, server.base_url)))


def _place_and_zone(server: ServerSettings) -> tuple[str, str]:
    return server.base_url, server.time_zone


def _to_front(window: QWidget) -> None:
    if window.isMinimized():
        window.showNormal()
    window.show()
    window.raise_()
    window.activateWindow()
