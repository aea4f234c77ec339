"""What the sockets of a process share: the log's reader, the doorbell, slots, and the look at their logins.

There is one hub for each event loop; it begins with the first socket and ends with the last.
"""

import asyncio
import contextlib
import logging
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable, Sequence
from functools import partial
from typing import Any, Final, Protocol, TypeVar
from weakref import WeakKeyDictionary

from django.utils import timezone

from armguard_tray.server import event_log, reconcile
from armguard_tray.server.conf import LiveSettings, live_settings
from armguard_tray.server.event_log import Logged
from armguard_tray.server.layers import LayerStatus, layer_status, on_layer_change
from armguard_tray.server.layers.status import beside_others
from armguard_tray.server.sockets import codes
from armguard_tray.server.sockets.bells import Bells
from armguard_tray.server.sockets.database import DatabaseThreads
from armguard_tray.server.sockets.feed import Feed
from armguard_tray.server.sockets.leases import Claim, Terms
from armguard_tray.server.sockets.report import Complaints, LayerWarnings, Report
from armguard_tray.server.sockets.sessions import Identity, identify, look_again
from armguard_tray.server.sockets.slots import Slots
from armguard_tray.server.sockets.socket import Socket, is_cancelled
from armguard_tray.server.sockets.wire import Scope

log = logging.getLogger(__name__)

T = TypeVar("T")

_READERS: Final = 3  # threads for handshakes and old events
_CHORES: Final = 2  # threads for what is done now and then: a long trim must not put off the look at logins
_CHORE_SECONDS: Final = 60.0
_FIRST_REPORT: Final = 1.0  # seconds; a socket that is refused at once leaves no trace
_TRIM_EVERY: Final = 300.0
_RECONCILED_AT_ONCE: Final = 500


class Follower(Protocol):
    """A socket that is sent the log's events.

    Attributes:
        position: the last event that it was sent, or that is not for it.
        idle: whether it has nothing to do but to wait for news.

    """

    position: int
    idle: bool

    def wants(self, event: Logged) -> bool:
        """Whether an event is for it."""
        ...

    def wake(self) -> None:
        """Let it look for news."""
        ...

    def say_position(self) -> None:
        """Let it tell its client how far it is."""
        ...


class Hub:
    """What the sockets of one event loop share.

    Attributes:
        id: names this process among those of the server.
        settings: the app's settings, as they were when the hub began.
        feed: the log, as far as this process knows it.

    """

    def __init__(self, settings: LiveSettings, warnings: LayerWarnings) -> None:
        self.id = uuid.uuid4().hex
        self.settings = settings
        self._readers = DatabaseThreads("armguard-live-reader", _READERS)
        self._scout = DatabaseThreads("armguard-live-scout", 1)
        self._clerk = DatabaseThreads("armguard-live-clerk", 1)
        self._chores = DatabaseThreads("armguard-live-chores", _CHORES)
        self.feed = Feed(
            look=partial(self._scout.run, seconds=settings.connect_timeout),
            read=partial(self._readers.run, seconds=settings.connect_timeout),
            on_news=self._spread,
            on_change=self._wake_all,
        )
        terms = Terms(settings.connections_per_user, settings.lease_seconds)
        self.slots = Slots(self._clerk, settings.database, self.id, terms)
        self.bells = Bells(
            self._hear, self._replace, seconds=settings.doorbell_timeout, pause=settings.head_check_alone
        )
        self._sockets: dict[str, Socket] = {}
        self._followers: set[Follower] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._rung = False
        self._look_now = asyncio.Event()
        self._report_now = asyncio.Event()
        self._warnings = warnings
        self._layer_told: tuple[str, str | None] = ("none", None)
        self._has_company: bool | None = None  # not known yet
        self._looks_around = Complaints("company", self.failed)
        self._watchful_until = 0.0
        self._ended = asyncio.Event()
        self._report = Report(self.id)

    @property
    def empty(self) -> bool:
        """Whether no socket is left."""
        return not self._sockets

    @property
    def layer(self) -> LayerStatus:
        """What carries messages here, and what is wrong with it where other processes serve sockets too."""
        return beside_others(layer_status()) if self._has_company else layer_status()

    def start(self) -> None:
        """Begin; call it in the loop."""
        settings = self.settings
        self._keep(self.slots.run(), "slots")
        self._keep(self.bells.run(), "bells")
        self._keep(self._watch(), "watch")
        for name, seconds, chore in (
            ("renewal", settings.lease_renewal, self._renew_slots),
            ("logins", settings.session_check, self._check_logins),
            ("stalled", settings.slow_after / 4, self._close_stalled),
            ("membership", settings.head_check, self.bells.join_again),
            ("reconcile", settings.head_check, self._reconcile),
            ("trim", _TRIM_EVERY, self._trim),
        ):
            self._keep(self._now_and_then(name, seconds, chore), name)
        report = self._now_and_then(
            *("report", settings.lease_renewal, self._tell_report),
            first=_FIRST_REPORT,
            sooner=self._report_now,
        )
        self._keep(report, "report")

    async def stop(self) -> None:
        """Free what is held, and end, within the time for a disconnect."""
        seconds = self.settings.disconnect_timeout
        try:
            async with asyncio.timeout(seconds):
                await self.slots.settle()
                if self._report.written:
                    await self._chores.run(self._report.remove, seconds)
        except Exception as error:  # noqa: BLE001 - the database's, Redis's, the time's; all of it runs out by itself
            log.warning("not everything was tidied up at the end: %r", error)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self.feed.close()
        for threads in (self._readers, self._scout, self._clerk, self._chores):
            threads.close()
        self._ended.set()

    async def ended(self) -> None:
        """Wait until it has ended, or a little longer than that may take."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(2 * self.settings.disconnect_timeout):
                await self._ended.wait()

    async def look_around(self) -> None:
        """See whether other processes serve sockets, unless Redis joins them; else the next report tells.

        That the database cannot tell is no reason to refuse anybody.
        """
        if layer_status().in_use == "redis":
            return
        with self._looks_around.about_failure():
            seconds = self.settings.connect_timeout
            self._has_company = await self._readers.run(self._report.has_company, seconds)
            self._notice_layer()

    def enter(self, socket: Socket) -> None:
        """Take a socket in."""
        self._sockets[socket.id] = socket

    def leave(self, socket: Socket) -> None:
        """Let a socket go, with its slot."""
        del self._sockets[socket.id]
        if socket.claim is not None:
            self.slots.free(socket.claim)

    def follow(self, follower: Follower) -> None:
        """Let a socket know of news."""
        self._followers.add(follower)

    def unfollow(self, follower: Follower) -> None:
        """Let a socket know of nothing more."""
        self._followers.discard(follower)

    async def identify(self, scope: Scope) -> Identity | None:
        """Return who opened a socket, or None if nobody is logged in. Raises what the database raises."""
        return await self._readers.run(partial(identify, scope), self.settings.connect_timeout)

    async def admit(self, socket: Socket, identity: Identity, client: str = "") -> bool:
        """Give a socket one of its user's slots; return False if there is none left.

        An older connection of the same client is ended, in whichever process.
        """
        claim = Claim(socket.id, identity.user_id, socket.endpoint, client)
        socket.identity = identity
        socket.claim = claim  # already, so that whatever happens it is freed
        replaced = await self.slots.claim(claim)
        if replaced is None:
            socket.claim = None
            return False
        self._replace(replaced)
        elsewhere = [lease for lease in replaced if lease not in self._sockets]
        if elsewhere:
            self._keep(self.bells.tell_replaced(elsewhere), "replaced")
        return True

    def failed(self, what: str, error: BaseException) -> None:
        """Remember what went wrong, for the status page."""
        self._report.note_error(f"{what}: {type(error).__name__}: {error}".rstrip(": "))

    def _keep(self, work: Coroutine[Any, Any, None], name: str) -> None:
        """Start a task, and keep it until it is done."""
        task = asyncio.get_running_loop().create_task(work, name=f"armguard-live-{name}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _watch(self) -> None:
        """Look at the log whenever a bell was not understood, and now and then because bells get lost."""
        loop = asyncio.get_running_loop()
        end_noticing = on_layer_change(lambda: _call(loop, self._notice_layer))
        self._notice_layer()
        try:
            await self._look_for_ever()
        finally:
            end_noticing()

    async def _look_for_ever(self) -> None:
        complaints = Complaints("watch", self.failed)
        said = time.monotonic()
        while True:
            rung = await self._wait_for_bell()
            with complaints.about_failure():
                found = await self.feed.look() if self._followers else 0
                self._report.healed += 0 if rung else found
            if time.monotonic() - said >= self.settings.head_check * 0.9:
                said = time.monotonic()
                self._say_positions()

    async def _wait_for_bell(self) -> bool:
        """Wait until the log must be looked at, and return whether that is because of a bell."""
        heard = layer_status().in_use == "redis" and time.monotonic() >= self._watchful_until
        settings = self.settings
        seconds = settings.head_check if heard else min(settings.head_check, settings.head_check_alone)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._look_now.wait()
        self._look_now.clear()
        rung, self._rung = self._rung, False
        return rung

    def _notice_layer(self) -> None:
        """Look at once for what was not heard, and tell people, if something else carries messages now."""
        status = self.layer
        if self._has_company is not None:  # else it would be logged too soon that this process is alone
            self._warnings.note(status)
        layer = status.in_use, status.warning
        if layer == self._layer_told:
            return
        self._layer_told = layer
        # Not every process changes at the same moment: those that announce may lag behind, and ring in vain.
        self._watchful_until = time.monotonic() + self.settings.head_check
        self._look_now.set()
        self._report_now.set()
        self._say_positions()

    def _say_positions(self) -> None:
        for follower in self._followers:
            follower.say_position()

    def _hear(self, events: Sequence[Logged]) -> None:
        self._report.bells += len(events)
        if not self.feed.hear(events):
            self._rung = True
            self._look_now.set()

    def _spread(self, before: int, events: Sequence[Logged]) -> None:
        """Wake those whom news concern; the others are just that much further."""
        unbroken = events[0].seq == before + 1
        for follower in self._followers:
            unconcerned = unbroken and follower.idle and follower.position == before
            if unconcerned and not any(map(follower.wants, events)):
                follower.position = events[-1].seq
            else:
                follower.wake()

    def _wake_all(self) -> None:
        for follower in self._followers:
            follower.wake()

    def _replace(self, leases: Iterable[str]) -> None:
        for lease in leases:
            if lease in self._sockets:
                self._sockets[lease].end(codes.REPLACED)

    async def _renew_slots(self) -> None:
        self._replace(await self.slots.renew())

    async def _check_logins(self) -> None:
        identities = {socket.identity for socket in self._sockets.values() if socket.identity is not None}
        if not identities:
            return
        looked = await self._chores.run(partial(look_again, list(identities)), _CHORE_SECONDS)
        for socket in list(self._sockets.values()):
            if socket.identity not in looked:
                continue  # it came meanwhile
            now = looked[socket.identity]
            if now is None:
                socket.end(codes.LOGGED_OUT)
            else:
                socket.identity = now

    async def _close_stalled(self) -> None:
        too_long_ago = time.monotonic() - self.settings.slow_after
        for socket in list(self._sockets.values()):
            if socket.stalled_since is not None and socket.stalled_since <= too_long_ago:
                socket.end(codes.READS_TOO_SLOWLY)

    async def _reconcile(self) -> None:
        await self._chores.run(partial(reconcile.reconcile, _RECONCILED_AT_ONCE), _CHORE_SECONDS)

    async def _trim(self) -> None:
        await self._chores.run(partial(event_log.trim, timezone.now()), _CHORE_SECONDS)

    async def _tell_report(self) -> None:
        connections = [_description(socket) for socket in self._sockets.values()]
        write = partial(self._report.write, connections)
        self._has_company = await self._chores.run(write, _CHORE_SECONDS)
        self._notice_layer()

    async def _now_and_then(
        self,
        name: str,
        seconds: float,
        chore: Callable[[], Awaitable[None]],
        *,
        first: float | None = None,
        sooner: asyncio.Event | None = None,
    ) -> None:
        complaints = Complaints(name, self.failed)
        sooner = sooner or asyncio.Event()
        await asyncio.sleep(seconds if first is None else first)
        while True:
            sooner.clear()
            with complaints.about_failure():
                await chore()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await sooner.wait()


class Hubs:
    """The hubs of an application, one for each event loop that serves it."""

    def __init__(self) -> None:
        self._hubs: WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = WeakKeyDictionary()
        self._ending: set[asyncio.Task[None]] = set()
        self._warnings = LayerWarnings()

    @contextlib.asynccontextmanager
    async def joined(self, socket: Socket) -> AsyncIterator[Hub]:
        """Return the context in which a socket belongs to its loop's hub."""
        loop = asyncio.get_running_loop()
        hub = self._hubs.get(loop)
        if hub is None:
            hub = self._hubs[loop] = Hub(live_settings(), self._warnings)
            hub.start()
        hub.enter(socket)
        try:
            yield hub
        finally:
            hub.leave(socket)
            if not hub.empty and is_cancelled():
                # A server that ends cancels all its applications; daphne waits for the first of them only
                # (Server.kill_all_applications). So the first to be done is done when all are.
                await hub.ended()
            elif hub.empty:
                del self._hubs[loop]
                ending = loop.create_task(hub.stop(), name="armguard-live-stop")
                self._ending.add(ending)
                ending.add_done_callback(self._ending.discard)
                # The server waits for its last socket; it may lose patience, but the hub ends all the same.
                await asyncio.shield(ending)


def _call(loop: asyncio.AbstractEventLoop, callback: Callable[[], None]) -> None:
    """Call back in the loop, from whichever thread."""
    with contextlib.suppress(RuntimeError):  # the loop is closed: nobody is left to notice
        loop.call_soon_threadsafe(callback)


def _description(socket: Socket) -> dict[str, Any]:
    return {
        "user": socket.identity.username if socket.identity else None,
        "endpoint": socket.endpoint,
        "streams": list(socket.streams),
        "since": socket.since.isoformat(),
    }
