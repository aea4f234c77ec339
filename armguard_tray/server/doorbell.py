"""Wakes whoever waits for events: in this process at once, in others through the channel layer.

The doorbell is no record: a ring may be lost, and whoever listens reads the event log now and then. A ring
may also be heard twice, through `listen` and through `GROUP`.
"""

import asyncio
import atexit
import logging
import os
import threading
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from armguard_tray.server.conf import live_settings
from armguard_tray.server.layers import time_limit

if TYPE_CHECKING:
    from armguard_tray.server.event_log import Logged

log = logging.getLogger(__name__)

GROUP: Final = "armguard_live"
BELL: Final = "armguard_live.bell"
"""The type of the message in `GROUP`, whose `events` are dictionaries with the fields of `Logged`."""

Listener = Callable[[Sequence["Logged"]], None]
Relay = tuple[str, dict[str, Any]]

_WAITING: Final = 100  # events, and relays, that wait at most
_AT_EXIT: Final = 5.0  # seconds; a lost Redis ends the waiting sooner
_AT_FORK: Final = 2.0  # seconds


def ring(events: Sequence["Logged"], relays: Sequence[Relay] = ()) -> None:
    """Tell of `events`, and send `relays` (group, message) to the stock consumers. Never raises, never waits.

    Listeners of this process have been called when it returns; all else is done by a thread, and of what
    waits for that the newest wins.
    """
    _doorbell.ring(events, relays)


def listen(callback: Listener) -> Callable[[], None]:
    """Call `callback` for every ring of this process, in whichever thread rings; return what ends that.

    To be called in the event loop that serves the sockets, where there is one: only there an in-memory layer
    of channels itself can be reached.
    """
    return _doorbell.listen(callback)


@dataclass(frozen=True, slots=True, eq=False)
class _Listening:
    callback: Listener
    loop: asyncio.AbstractEventLoop | None


def _configured_layer() -> Any:
    from channels.layers import get_channel_layer  # noqa: PLC0415 - late: not every process rings

    return get_channel_layer()


def _configured_seconds() -> float:
    return live_settings().doorbell_timeout


class Doorbell:
    """What one process has of the doorbell; begins anew in a forked child."""

    def __init__(
        self,
        find_layer: Callable[[], Any] = _configured_layer,
        seconds: Callable[[], float] = _configured_seconds,
    ) -> None:
        """Ring through the layer that `find_layer` returns, each time for `seconds` at most.

        A layer of ours has limits of its own, and is let finish.
        """
        self._find_layer = find_layer
        self._seconds = seconds
        self._lock = threading.Lock()
        self._listening: tuple[_Listening, ...] = ()
        self._ringer: _Ringer | None = None
        self._prepared = False

    def listen(self, callback: Listener) -> Callable[[], None]:
        """See the function of the same name."""
        listening = _Listening(callback, _running_loop())
        with self._lock:
            self._prepare()
            self._listening = (*self._listening, listening)

        def end() -> None:
            with self._lock:
                self._listening = tuple(each for each in self._listening if each is not listening)

        return end

    def ring(self, events: Sequence["Logged"], relays: Sequence[Relay] = ()) -> None:
        """See the function of the same name."""
        for listening in self._listening:
            try:
                listening.callback(events)
            except Exception:  # whoever announces must not suffer from who listens
                log.exception("a listener of the doorbell failed")
        try:
            self._get_ringer().add(events, relays)
        except RuntimeError as error:  # no thread can be started, at the interpreter's end for one
            log.warning("the doorbell was not rung: %s", error)

    def finish(self, patience: float) -> None:
        """Send what waits, and end the thread, within `patience` seconds; the next ring starts another."""
        with self._lock:
            ringer, self._ringer = self._ringer, None
        if ringer is not None:
            ringer.finish(patience)

    def _loops(self) -> list[asyncio.AbstractEventLoop]:
        """Return the running loops in which somebody listens."""
        found = {each.loop for each in self._listening if each.loop is not None}
        return [loop for loop in found if loop.is_running()]

    def _get_ringer(self) -> "_Ringer":
        with self._lock:
            self._prepare()
            if self._ringer is None:
                self._ringer = _Ringer(self._find_layer, self._seconds, self._loops)
            return self._ringer

    def _prepare(self) -> None:
        if self._prepared:
            return
        self._prepared = True
        atexit.register(self.finish, _AT_EXIT)
        if hasattr(os, "register_at_fork"):  # not on Windows
            os.register_at_fork(before=self._before_fork, after_in_child=self._in_child)

    def _before_fork(self) -> None:
        # What the thread is importing would stay half made in the child, where it could never be imported, as
        # in https://github.com/iloveitaly/celery-healthcheck/issues/45. So there is no thread meanwhile.
        self.finish(_AT_FORK)

    def _in_child(self) -> None:
        # The thread and the loops stayed with the parent (gunicorn --preload); the lock may have been held.
        self._lock = threading.Lock()
        self._listening = ()
        self._ringer = None


class _Ringer:
    """A daemon thread with an event loop of its own, which keeps its connection to Redis."""

    def __init__(
        self,
        find_layer: Callable[[], Any],
        seconds: Callable[[], float],
        listening_loops: Callable[[], list[asyncio.AbstractEventLoop]],
    ) -> None:
        self._find_layer = find_layer
        self._seconds = seconds
        self._listening_loops = listening_loops
        self._events: deque[Logged] = deque(maxlen=_WAITING)
        self._relays: deque[Relay] = deque(maxlen=_WAITING)
        self._finishing = False
        self._loop = asyncio.new_event_loop()
        self._rung = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="armguard-doorbell", daemon=True)
        self._thread.start()

    def add(self, events: Sequence["Logged"], relays: Sequence[Relay]) -> None:
        """Hand over to the thread."""
        self._events.extend(events)
        self._relays.extend(relays)
        self._loop.call_soon_threadsafe(self._rung.set)

    def finish(self, patience: float) -> None:
        """Send what waits, and end, within `patience` seconds."""
        self._finishing = True
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._rung.set)
        if self._thread is not threading.current_thread():  # a layer that forks would wait for itself
            self._thread.join(patience)

    def _run(self) -> None:
        try:
            self._loop.run_until_complete(self._work())
        finally:
            self._loop.close()

    async def _work(self) -> None:
        while True:
            await self._rung.wait()
            self._rung.clear()
            while self._events or self._relays:
                await self._ring(_taken(self._events), _taken(self._relays))
            if self._finishing:
                return

    async def _ring(self, events: Sequence["Logged"], relays: Sequence[Relay]) -> None:
        from channels.layers import InMemoryChannelLayer  # noqa: PLC0415 - late: not every process rings

        try:
            layer = self._find_layer()
        except Exception:  # wrong settings raise what they like; the log and the system checks name them
            log.exception("the doorbell was not rung: there is no channel layer")
            return
        if isinstance(layer, InMemoryChannelLayer):
            # Its queues are of another thread, and its groups of no other process.
            await self._relay_in_memory(layer, relays)
            return
        if layer is None:
            return
        limit = time_limit(layer, self._seconds())
        if events:
            await self._bounded(layer.group_send(GROUP, _bell(events)), limit)
        for group, message in relays:
            await self._bounded(layer.group_send(group, message), limit)

    async def _relay_in_memory(self, layer: Any, relays: Sequence[Relay]) -> None:
        for loop in self._listening_loops():
            for group, message in relays:
                sent = asyncio.run_coroutine_threadsafe(layer.group_send(group, message), loop)
                await self._bounded(_outcome(sent), self._seconds())

    async def _bounded(self, sending: Coroutine[Any, Any, Any], limit: float) -> None:
        try:
            async with asyncio.timeout(limit):
                await sending
        except Exception as error:  # noqa: BLE001 - a foreign layer raises what it likes; the event log has the event
            log.warning("the doorbell was not heard by other processes: %s", type(error).__name__)


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


async def _outcome(sent: Any) -> None:
    await asyncio.wrap_future(sent)


def _taken(waiting: deque[Any]) -> list[Any]:
    """Return all that waits, and leave nothing; other threads may add meanwhile."""
    return [waiting.popleft() for _ in range(len(waiting))]


def _bell(events: Sequence["Logged"]) -> dict[str, Any]:
    return {
        "type": BELL,
        "events": [
            {
                "seq": each.seq,
                "epoch": each.epoch,
                "stream": each.stream,
                "user_id": each.user_id,
                "body": each.body,
            }
            for each in events
        ],
    }


_doorbell = Doorbell()
