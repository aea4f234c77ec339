"""The running tray: joins the parts, starts them in order, and ends them in order.

Start: journal, core, toasts, then what may come later. End: icon and windows go, sockets close, what arrived
is stored, the event loop returns.
"""

import asyncio
import gc
import logging
import random
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from PySide6.QtCore import QPoint

from armguard_tray.app.core import Core, backup_folder
from armguard_tray.app.outage_watch import OUTAGE, OutageWatch
from armguard_tray.app.signals import on_signals
from armguard_tray.app.surroundings import TROUBLE, Surroundings
from armguard_tray.app.toasts import LOOK
from armguard_tray.app.windows import DeskFacts, Means, SecretFacts, Windows
from armguard_tray.clock import Clock
from armguard_tray.connection.health import Coverage, Health, starting
from armguard_tray.connection.phase import Need, Trouble
from armguard_tray.desktop.secrets import Availability, Keeping, SecretStore
from armguard_tray.desktop.toast import ToastKey
from armguard_tray.errors import JournalError, UserError
from armguard_tray.messages.event import Category, Source, StoredEvent
from armguard_tray.paths import Paths, user_paths
from armguard_tray.rules.storm import Single, Summary
from armguard_tray.settings.model import RedisSettings, ServerSettings, Settings
from armguard_tray.settings.store import SettingsStore
from armguard_tray.storage.connection_thread import JournalGoneError
from armguard_tray.storage.journal import Journal
from armguard_tray.storage.salvage import Salvaged
from armguard_tray.tasks import TaskKeeper
from armguard_tray.ui.feed import Feed
from armguard_tray.ui.settings_pages import PageName
from armguard_tray.ui.state_words import account_words
from armguard_tray.ui.tray import TrayIcon

log = logging.getLogger(__name__)

STORAGE = "storage"
"""The key of the toast that says that events cannot be stored; a click on it opens the log."""
GONE = "gone"
"""The key of the toast that says that the journal was moved or deleted, and that another one is begun."""
SALVAGED = "salvaged"
"""The key of the toast that says that the journal was damaged and rebuilt; a click on it opens the log."""
LOOK_WITHIN = 60.0
"""Seconds that a look at the server's history may take that the user has asked for."""
KEYRING_WITHIN = 3.0
"""Seconds that a dialog waits for the keyring before it opens without it."""
_COVERED = frozenset({Coverage.LIVE, Coverage.DELAYED})


class Desk:
    """The running tray: which part hears what of which.

    Attributes:
        ended_by_system: whether a signal ended it, and no person.

    """

    def __init__(
        self, tray: TrayIcon, paths: Paths, settings: Settings, password: str | None, clock: Clock
    ) -> None:
        """Join the parts to `tray`; `password`, where one is given, is that of the account for this run."""
        self._tray = tray
        self._paths = paths
        self._settings = settings
        self._clock = clock
        self._store = SettingsStore(paths.settings_file)
        self._secrets = SecretStore()
        self._given = {_account(settings.server): password} if password is not None else {}
        self._feed = Feed(clock)
        self._tasks = TaskKeeper("desk")
        self._surroundings = Surroundings(lambda: tray.icon, self._toast_clicked)
        self._outages = OutageWatch(self._surroundings, lambda: self._settings.notifications, clock)
        self._health = starting(clock.now())
        self.ended_by_system = False
        self._unread = 0
        self._was_live = False
        self._not_stored: Health | None = None
        self._salvaged: Salvaged | None = None
        self._started = False
        self._log_wanted = False
        self._fetching: asyncio.Task[None] | None = None
        self._ended = asyncio.Event()
        self._changing = asyncio.Lock()
        self._core: Core
        self._windows: Windows

    async def run(self) -> UserError | None:
        """Run until the user quits, or the system asks the program to end.

        Returns:
            what to tell the user if any message that was received could not be stored.

        Raises:
            UserError: the journal cannot be opened.

        """
        on_signals(self._system_ends)
        journal = await Journal.open(
            self._paths.journal_file,
            clock=self._clock,
            on_salvaged=self._journal_salvaged,
            backups=backup_folder(self._settings.journal),
        )
        self._core = Core(
            journal,
            self._feed,
            self._password,
            clock=self._clock,
            chance=random.SystemRandom(),
            on_trimmed=self._feed.on_trimmed,
        )
        means = Means(
            journal=journal,
            feed=self._feed,
            paths=self._paths,
            clock=self._clock,
            tasks=self._tasks,
            password_of=self._password,
            redis_password_of=self._redis_password,
            standing=lambda: self._core.standing,
            record=lambda: self._core.record,
            toasts_found=self._surroundings.toasts_found,
            shifts=lambda: self._settings.log.shifts,
            issued=lambda: self._core.issued,
            care=self._core.upkeep,
            history=self._core.look_at_history,
        )
        self._windows = Windows(means)
        self._unread = await journal.unread()
        try:
            self._connect()
            await self._start()
            await self._ended.wait()
        finally:
            loss = await self._close()
        return loss

    def _connect(self) -> None:
        tray, feed, windows, around = self._tray, self._feed, self._windows, self._surroundings
        tray.open_log.connect(self.show_log)
        tray.open_board.connect(self._show_board)
        tray.open_shift_report.connect(self._show_shift_report)
        tray.open_pictures.connect(lambda: self._windows.show_pictures(self._settings.server))
        tray.export_log.connect(lambda: self._windows.show_export(self._settings.server))
        tray.open_connection.connect(lambda: self._show_settings(PageName.CONNECTION))
        tray.open_settings.connect(lambda: self._show_settings(None))
        tray.reconnect.connect(self._reconnect)
        tray.pause_until.connect(self._pause)
        tray.quit.connect(self._ended.set)
        feed.healthChanged.connect(self._health_changed)
        feed.storageTrouble.connect(self._storage_troubled)
        feed.stored.connect(self._stored)
        feed.trimmed.connect(lambda: self._go(self._count_unread(), "unread rows"))
        feed.stored.connect(self._outages.found)
        feed.completenessChanged.connect(self._outages.know)
        feed.completenessChanged.connect(tray.set_completeness)
        feed.toast.connect(self._announce)
        windows.saved.connect(lambda settings, password: self._change(lambda _: settings, password))
        windows.redis_password.connect(
            lambda redis, password: self._go(self._keep_redis_password(redis, password), "redis-password")
        )
        windows.reconnect.connect(self._reconnect)
        windows.fetch.connect(self._fetch_gap)
        windows.fetch_left.connect(self._leave_fetching)
        windows.cancel_backlog.connect(lambda: self._go(self._tried(self._core.cancel_backlog), "cancel"))
        windows.fetch_backlog.connect(lambda: self._go(self._tried(self._core.fetch_backlog), "backlog"))
        windows.report.connect(lambda: self._go(self._report(), "report"))
        windows.test_toast.connect(around.present_test)
        windows.resume.connect(lambda: self._pause(None))
        windows.read_up_to.connect(lambda row: self._go(self._read_up_to(row), "read"))
        windows.menu_wanted.connect(self._show_menu)
        windows.settings_wanted.connect(lambda: self._show_settings(PageName.SERVER))
        windows.autostart.connect(self._set_autostart)
        windows.log_made.connect(_settle)
        windows.quit.connect(self._ended.set)
        around.tray_available.connect(self._tray_available)
        around.network_came_back.connect(self._core.network_is_back)

    async def _start(self) -> None:
        await self._surroundings.start()
        if self._salvaged is not None:
            self._tell_salvaged(self._salvaged)
        self._windows.set_last_resort(log_is_it=not self._surroundings.has_tray)
        self._started = True
        if self._log_wanted or not self._surroundings.has_tray:
            self.show_log()
        await self._core.follow(self._settings)
        if not self._settings.server.configured:
            self._windows.show_first_run(self._settings, await self._secret_facts())
        _settle()

    async def _close(self) -> UserError | None:
        self._tray.hide()
        self._outages.close()
        self._windows.close()
        loss = await self._core.close()
        self._feed.flush()
        for key in (TROUBLE, STORAGE):
            self._surroundings.withdraw(key)  # nobody is there any more who could be helped
        await self._surroundings.close()
        await self._tasks.close()
        return loss

    def _system_ends(self) -> None:
        self.ended_by_system = True
        self._ended.set()

    def _go(self, coroutine: Coroutine[Any, Any, None], name: str) -> None:
        self._tasks.start(coroutine, name=name)

    # What the user wants

    def show_log(self) -> None:
        """Show the live log in front, as soon as there is one."""
        if not self._started:
            self._log_wanted = True
            return
        self._windows.show_log(self._settings.server)

    def _show_board(self) -> None:
        if self._started:
            self._windows.show_board(self._settings)

    def _show_shift_report(self) -> None:
        if self._started:
            self._windows.show_shift_report(self._settings)

    def _toast_clicked(self, key: ToastKey) -> None:
        if key == TROUBLE:
            self._show_settings(PageName.SERVER)
        elif key == OUTAGE:
            self._show_settings(PageName.CONNECTION)
        elif key == LOOK:
            self._windows.show_what_needs_a_look(self._settings.server)
        else:
            self._windows.show_log(self._settings.server, key if isinstance(key, int) else None)

    def _show_menu(self, point: QPoint) -> None:
        self._tray.menu.popup(point)

    def _show_settings(self, page: PageName | None) -> None:
        self._go(self._open_settings(page), "settings")

    async def _open_settings(self, page: PageName | None) -> None:
        around = self._surroundings
        facts = DeskFacts(await self._secret_facts(), around.toasts_in_words, self._autostart())
        self._windows.show_settings(self._settings, facts, page)

    async def _secret_facts(self) -> SecretFacts:
        server = self._settings.server
        try:
            async with asyncio.timeout(KEYRING_WITHIN):
                stored = server.configured and await self._password(server) is not None
                kept = server.configured and await self._secrets.get(*_account(server)) is not None
                redis_stored = await self._redis_password(self._settings.redis) is not None
                return SecretFacts(
                    await self._secrets.availability(), stored, redis_stored, given=stored and not kept
                )
        except TimeoutError:
            waits = "The keyring does not answer; it may be waiting to be unlocked."
            return SecretFacts(Availability(Keeping.THIS_RUN, waits), stored=False)

    async def _report(self) -> None:
        # Nothing writes down what this program holds; the report strikes it out all the same.
        login = self._core.standing.login
        cookies = login.session.cookie.split("; ") if login is not None else []
        settings = self._settings
        kept: list[str | None] = []
        try:
            async with asyncio.timeout(KEYRING_WITHIN):
                kept += [await self._password(settings.server), await self._redis_password(settings.redis)]
        except TimeoutError:
            log.info("the keyring does not answer; no password has come out of it")
        secrets = [*kept, *self._given.values(), *(cookie.partition("=")[2] for cookie in cookies)]
        await self._windows.show_report(settings, self._health.streams, secrets)

    def _autostart(self) -> bool | None:
        # A desk in a folder of its own, such as the demo's, is none that a session should start with.
        return self._surroundings.autostart if self._paths == user_paths() else None

    def _set_autostart(self, wanted: bool) -> None:  # noqa: FBT001 - a signal's argument
        try:
            self._surroundings.set_autostart(wanted=wanted)
        except OSError as error:
            self._windows.show_error(UserError(f"The start at login cannot be changed: {error}."))

    def _reconnect(self) -> None:
        trouble = self._health.trouble
        if trouble is not None and trouble.need is Need.LOGIN:
            # A refused password is not sent again; where it is entered is where the user must go.
            self._show_settings(PageName.SERVER)
        self._core.reconnect_now()

    def _fetch_gap(self, stored: StoredEvent) -> None:
        self._leave_fetching()
        self._fetching = self._tasks.start(self._fetch(stored), name="fetch")

    def _leave_fetching(self) -> None:
        if self._fetching is not None:
            self._fetching.cancel()
            self._fetching = None

    async def _fetch(self, before: StoredEvent) -> None:
        if before.event.gap is None:
            return
        after: StoredEvent | None = None
        searched = await self._core.fetch_gap(before.event.gap, LOOK_WITHIN)
        try:
            after = await self._core.journal.get(before.row)
        except JournalError as error:
            searched = replace(searched, failure=error.message)
        self._windows.show_fetched(before, after or before, searched)

    async def _tried(self, change: Callable[[], Awaitable[None]]) -> None:
        try:
            await change()
        except JournalError as error:
            self._windows.show_error(error)

    def _pause(self, until: datetime | None) -> None:
        def with_pause(settings: Settings) -> Settings:
            return replace(settings, notifications=replace(settings.notifications, paused_until=until))

        self._change(with_pause)

    def _change(self, change: Callable[[Settings], Settings], password: str | None = None) -> None:
        self._go(self._apply(change, password), "apply")

    async def _apply(self, change: Callable[[Settings], Settings], password: str | None) -> None:
        """Change the settings in force, save them, keep a new password, and go on with both."""
        async with self._changing:
            settings = change(self._settings)
            try:
                self._store.save(settings)
            except UserError as error:
                self._windows.show_error(error)
                return
            before, self._settings = self._settings, settings
            self._windows.show_pause(settings.notifications.paused_until)
            self._windows.settings_changed(settings)
            self._outages.settings_changed()
            self._show_state()
            if password is not None:
                # Used at once: the keyring may first ask the user to unlock it.
                self._given[_account(settings.server)] = password
            await self._core.follow(settings, anew=password is not None)
            if settings.server != before.server:
                self._outages.begin_anew(self._health)
        if password is not None:
            await self._secrets.set(settings.server.base_url, settings.server.username, password)

    async def _password(self, server: ServerSettings) -> str | None:
        given = self._given.get(_account(server))
        return given if given is not None else await self._secrets.get(server.base_url, server.username)

    async def _redis_password(self, redis: RedisSettings) -> str | None:
        place = _redis_place(redis)
        if place is None:
            return None
        given = self._given.get(place)
        return given if given is not None else await self._secrets.get(*place)

    async def _keep_redis_password(self, redis: RedisSettings, password: str) -> None:
        """Keep a password of Redis as that of the server is kept, or forget it if it is empty."""
        place = _redis_place(redis)
        if place is None:
            return
        if password:
            # Used at once: the keyring may first ask the user to unlock it.
            self._given[place] = password
            await self._secrets.set(*place, password)
        else:
            self._given.pop(place, None)
            await self._secrets.delete(*place)

    # What happens

    def _announce(self, what: Single | Summary) -> None:
        if isinstance(what, Summary) and what.away:
            self._outages.missed(what)
        else:
            self._surroundings.present(what)

    def _health_changed(self, health: Health) -> None:
        before, self._health = self._health, health
        self._outages.see(health)
        self._was_live = self._was_live or health.coverage in _COVERED
        if health.coverage is Coverage.NEEDS_YOU and before.coverage is not Coverage.NEEDS_YOU:
            self._ask_for_help(health)
        if health.coverage in _COVERED and before.coverage not in _COVERED:
            # Not before: that it tries again with a new password is no sign that the password is right.
            self._surroundings.withdraw(TROUBLE)
        if health.coverage is Coverage.OFFLINE:
            self._surroundings.watch_network()
        self._show_state()

    def _ask_for_help(self, health: Health) -> None:
        """Say once that only the user can help, and open what they need where they are about to begin."""
        if health.trouble is not None:
            self._surroundings.present_trouble(health.trouble)
        if not self._was_live:
            self._show_settings(PageName.SERVER)

    def _storage_troubled(self, error: JournalError | None) -> None:
        """Say that what arrives cannot be kept, and so is not shown: a desk like that is not covered."""
        if error is None:
            self._not_stored = None
            self._surroundings.withdraw(STORAGE)
        else:
            trouble = Trouble("events cannot be stored", f"{error.message} {error.remedy}".strip())
            self._not_stored = Health(Coverage.NEEDS_YOU, self._clock.now(), (), trouble)
            # That another journal is begun a second later does not undo that the old one is not there.
            self._surroundings.present_trouble(
                trouble, GONE if isinstance(error, JournalGoneError) else STORAGE
            )
        self._show_state()

    def _journal_salvaged(self, salvaged: Salvaged) -> None:
        """Say that the journal was damaged and where the file is, as soon as something can be said."""
        self._salvaged = salvaged
        if self._started:
            self._tell_salvaged(salvaged)

    def _tell_salvaged(self, salvaged: Salvaged) -> None:
        told = salvaged.told_to_user
        self._surroundings.present_trouble(Trouble(told.message.rstrip("."), told.remedy), SALVAGED)

    def _stored(self, events: Sequence[StoredEvent]) -> None:
        # As the journal counts them: what happened before this desk was there is no news.
        self._unread += sum(
            each.event.category is not Category.PRESENCE and each.event.source is not Source.HISTORY
            for each in events
        )
        self._show_state()

    async def _read_up_to(self, row: int) -> None:
        await self._core.journal.mark_read(row)
        await self._count_unread()

    async def _count_unread(self) -> None:
        self._unread = await self._core.journal.unread()
        self._show_state()

    def _tray_available(self, available: bool) -> None:  # noqa: FBT001 - a signal's argument
        self._windows.set_last_resort(log_is_it=not available)
        if available:
            # An icon that was made before the desktop's tray never appears in it; a new one does.
            self._tray.rebuild()
        else:
            self.show_log()

    def _show_state(self) -> None:
        self._tray.set_account(account_words(self._settings.server))
        paused_until = self._settings.notifications.paused_until
        health = self._not_stored or self._health
        self._tray.update(health, paused_until, self._unread, self._clock.now())


def _settle() -> None:
    """Take what lives to the end out of the garbage collector's rounds: each would hold the UI up 40 ms."""
    gc.collect()
    gc.freeze()


def _redis_place(redis: RedisSettings) -> tuple[str, str] | None:
    from armguard_tray.checkup.redis_watch import kept_under  # noqa: PLC0415 - only the settings need it

    return kept_under(redis)


def _account(server: ServerSettings) -> tuple[str, str]:
    return server.base_url, server.username
