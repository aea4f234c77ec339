"""Shows toasts by the best adapter that works.

::

                  start()              opened             first toast shown
    IDLE ───────────────► CHOOSING ───────────► CHOSEN ─────────────────────► ACTIVE
                             ▲  ▲                  │                           │  │
                             │  │ next candidate   │ failed                    │  │ a better one
                             │  └──── DROPPED ◄────┴────────────── failed ─────┘  │ may be back
                             └────────────────────────────────────────────────────┘
    any ── close() ──► CLOSED

The candidates are walked in their order; the last is always `NullAdapter`, which cannot fail. The toast in
hand when an adapter fails is shown by the next one. A dropped candidate stays open, so that clicks on its
toasts still count, and is tried again with the first toast after its service said that it is back, or
`RETRY_AFTER` seconds after it failed.

A call for help that is over is withdrawn from whichever candidate shows it, after the toast in hand and
before those that wait.
"""

import asyncio
import enum
import logging
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from armguard_tray.clock import Clock, SystemClock
from armguard_tray.desktop.toast.adapter import ToastAdapter, ToastAdapterFailed
from armguard_tray.desktop.toast.model import HelpKey, Toast, ToastKey
from armguard_tray.desktop.toast.null import NullAdapter
from armguard_tray.tasks import TaskKeeper

log = logging.getLogger(__name__)

QUEUE_LIMIT = 50
RETRY_AFTER = 300.0
FAREWELL = 2.0
"""Seconds that the end waits for calls for help to be taken off the screen."""


class PresenterState(enum.Enum):
    """Where the presenter stands; see the diagram above."""

    IDLE = "idle"
    CHOOSING = "choosing"
    CHOSEN = "chosen"
    ACTIVE = "active"
    DROPPED = "dropped"
    CLOSED = "closed"


class ToastPresenter:
    """Takes toasts without ever blocking or raising, and shows them one after another.

    Attributes:
        on_activated: called with the key of a toast that was clicked.
        on_changed: called after each change of state.
        unshown: how many toasts were given up because the desktop was too slow to take them.

    """

    def __init__(
        self,
        candidates: Sequence[ToastAdapter],
        *,
        on_activated: Callable[[ToastKey], None],
        on_changed: Callable[[], None] = lambda: None,
        clock: Clock | None = None,
    ) -> None:
        """Walk `candidates`, the best first; nothing is opened before `start`."""
        self.on_activated = on_activated
        self.on_changed = on_changed
        self.unshown = 0
        self._candidates: tuple[ToastAdapter, ...] = (*candidates, NullAdapter())
        self._clock = clock or SystemClock()
        self._current = 0
        self._state = PresenterState.IDLE
        self._failures: dict[str, str] = {}
        self._retry_at: dict[str, float] = {}
        self._queue: deque[Toast] = deque()
        # In the order in which they were wanted; a dictionary is Python's ordered set.
        self._withdrawals: dict[HelpKey, None] = {}
        self._waiting = asyncio.Event()
        self._tasks = TaskKeeper("toasts")

    @property
    def state(self) -> PresenterState:
        """Where the presenter stands."""
        return self._state

    @property
    def adapter_name(self) -> str:
        """The adapter that is used, or is being tried; `none` when nothing can show toasts here."""
        return self._adapter.name

    @property
    def failures(self) -> dict[str, str]:
        """Why each candidate that was dropped failed last, in words, by its name."""
        return dict(self._failures)

    def start(self) -> None:
        """Begin: choose an adapter, then show what `present` hands over."""
        self._tasks.start(self._run(), name="presenter")

    def present(self, toast: Toast) -> None:
        """Queue `toast` and return at once. In a full queue the oldest gives way, and is counted."""
        if self._state is PresenterState.CLOSED:
            log.info("toast %r comes after the end", toast.key)
            return
        if len(self._queue) >= QUEUE_LIMIT:
            given_up = self._queue.popleft()
            self.unshown += 1
            log.warning("toast %r given up: %d wait already", given_up.key, QUEUE_LIMIT)
        self._queue.append(toast)
        self._waiting.set()

    def withdraw(self, key: HelpKey) -> None:
        """Take the toast with `key` back, on the screen or still waiting, and return at once."""
        if self._state is PresenterState.CLOSED:
            return
        self._queue = deque(toast for toast in self._queue if toast.key != key)
        self._withdrawals[key] = None
        self._waiting.set()

    async def close(self) -> None:
        """Stop, drop what waits to be shown, take back what is to be taken back, and close every adapter."""
        self._set_state(PresenterState.CLOSED)
        await self._tasks.close()
        self._queue.clear()
        try:
            async with asyncio.timeout(FAREWELL):
                while self._withdrawals:
                    await self._withdraw(self._next_withdrawal())
        except TimeoutError:
            log.warning("the desktop does not answer; toasts may stay on the screen")
        for adapter in self._candidates:
            try:
                await adapter.close()
            except Exception:
                # Third-party code behind an adapter must not keep the others from being closed.
                log.exception("toast adapter %s did not close", adapter.name)

    def toast_activated(self, key: ToastKey) -> None:
        """Pass the click on (for the adapters)."""
        self.on_activated(key)

    def adapter_available(self, name: str) -> None:
        """Try the adapter `name` again with the next toast, if it is better than the current one."""
        if name in self._retry_at:
            log.info("toast adapter %s may work again", name)
            self._retry_at[name] = self._clock.monotonic()

    @property
    def _adapter(self) -> ToastAdapter:
        return self._candidates[self._current]

    async def _run(self) -> None:
        await self._choose(0)
        while True:
            await self._waiting.wait()
            while self._withdrawals or self._queue:
                if self._withdrawals:
                    await self._withdraw(self._next_withdrawal())
                else:
                    await self._show(self._queue.popleft())
            self._waiting.clear()

    def _next_withdrawal(self) -> HelpKey:
        key = next(iter(self._withdrawals))
        del self._withdrawals[key]
        return key

    async def _withdraw(self, key: HelpKey) -> None:
        for adapter in self._candidates:
            try:
                await adapter.withdraw(key)
            except Exception:
                # Whatever a platform library raises: an adapter that shows toasts is not given up for it.
                log.exception("toast adapter %s did not withdraw %r", adapter.name, key)

    async def _show(self, toast: Toast) -> None:
        better = self._better_candidate()
        if better is not None:
            await self._choose(better)
        while not await self._attempt(lambda: self._adapter.show(toast)):
            if self._current + 1 == len(self._candidates):
                log.error("no adapter could show toast %r", toast.key)
                return
            await self._choose(self._current + 1)
        self._set_state(PresenterState.ACTIVE)

    async def _choose(self, first: int) -> None:
        """Open the candidates from `first` on until one works; the last one does."""
        for index in range(first, len(self._candidates)):
            self._current = index
            self._set_state(PresenterState.CHOOSING)
            if not self._may_try(self._adapter):
                continue
            if await self._attempt(lambda: self._adapter.open(self)):
                self._set_state(PresenterState.CHOSEN)
                return

    async def _attempt(self, action: Callable[[], Coroutine[Any, Any, None]]) -> bool:
        """Carry out `action` of the current adapter; a failure drops it."""
        try:
            await action()
        except ToastAdapterFailed as failure:
            log.warning("toast adapter %s dropped: %s", self._adapter.name, failure)
            self._drop(str(failure))
        except Exception as error:
            # Whatever a platform library raises costs this adapter, never the toast or the program.
            log.exception("toast adapter %s dropped: unexpected error", self._adapter.name)
            self._drop(f"unexpected error: {error}")
        else:
            self._failures.pop(self._adapter.name, None)
            self._retry_at.pop(self._adapter.name, None)
            return True
        return False

    def _drop(self, reason: str) -> None:
        name = self._adapter.name
        self._failures[name] = reason
        self._retry_at[name] = self._clock.monotonic() + RETRY_AFTER
        self._set_state(PresenterState.DROPPED)

    def _may_try(self, adapter: ToastAdapter) -> bool:
        return self._clock.monotonic() >= self._retry_at.get(adapter.name, 0.0)

    def _better_candidate(self) -> int | None:
        for index in range(self._current):
            if self._may_try(self._candidates[index]):
                return index
        return None

    def _set_state(self, state: PresenterState) -> None:
        if state is not self._state:
            log.info("toasts: %s -> %s (%s)", self._state.value, state.value, self._adapter.name)
            self._state = state
            self.on_changed()
