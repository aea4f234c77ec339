"""When Redis is looked at: while somebody sees the page, and not too often."""

from collections.abc import Callable, Coroutine
from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from armguard_tray.checkup.redis_source import AT_MOST_EVERY, RedisAsked, RedisSource
from armguard_tray.tasks import TaskKeeper

_SOONEST_AFTER = 0.2
"""Seconds later than another look is allowed: a look that comes too early is not made."""


class Looker(QObject):
    """Looks at one place again and again while it is awake, and proves when it is asked to.

    Attributes:
        is_looking, is_proving: whether that is under way.
        failed: what broke down in an unforeseen way; empty if nothing did.

    Signals:
        changed(): there is something else to show.

    """

    changed = Signal()

    def __init__(self, source: RedisSource, parent: QObject | None = None) -> None:
        """Be asleep."""
        super().__init__(parent)
        self._source = source
        self._asked: RedisAsked | None = None
        self.is_looking = False
        self.is_proving = False
        self.failed = ""
        self._keeper = TaskKeeper("redis-page", on_failure=self._broke_down)
        self._cancels: dict[str, Callable[[], object]] = {}
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(int((AT_MOST_EVERY + _SOONEST_AFTER) * 1000))
        self._timer.timeout.connect(self._look)

    def look_at(self, asked: RedisAsked, *, anew: bool = False) -> None:
        """Look there from now on; `anew`, because the user asks."""
        if asked != self._asked:
            self.sleep()
        self._asked = asked
        self._timer.start()
        self._look(anew=anew)

    def look_soon(self) -> None:
        """Look there again, as soon as the source allows: something may be otherwise now."""
        self._look()

    def prove(self, asked: RedisAsked) -> None:
        """Look whether the server uses that Redis."""
        if self.is_proving:
            return
        self.is_proving, self.failed = True, ""
        self._begin("prove", self._prove(asked))

    def sleep(self) -> None:
        """End what is under way; do nothing more."""
        self._timer.stop()
        self._asked = None
        for cancel in self._cancels.values():
            cancel()
        self._cancels.clear()
        self._end()

    def _look(self, *, anew: bool = False) -> None:
        if self._asked is None or self.is_looking:
            return
        self.is_looking = True
        self._begin("look", self._look_once(self._asked, anew=anew))

    def _begin(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        self._cancels[name] = self._keeper.start(work, name=name).cancel
        self.changed.emit()

    async def _look_once(self, asked: RedisAsked, *, anew: bool) -> None:
        await self._source.look(asked, anew=anew)
        self.is_looking, self.failed = False, ""
        self._cancels.pop("look", None)
        self.changed.emit()

    async def _prove(self, asked: RedisAsked) -> None:
        await self._source.prove(asked)
        self.is_proving = False
        self._cancels.pop("prove", None)
        self.changed.emit()

    def _broke_down(self, task: str, _error: BaseException) -> None:
        self.failed = "This failed in an unforeseen way; the log says more."
        self._cancels.pop(task.rpartition(":")[2], None)
        self._end()

    def _end(self) -> None:
        self.is_looking = "look" in self._cancels
        self.is_proving = "prove" in self._cancels
        self.changed.emit()
