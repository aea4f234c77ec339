"""Watches whether a stock server announces to this desk, by what looks at its history bring.

With the server's app that is not needed: it finds that itself, and repeats what was missed.
"""

import logging
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from armguard_tray.catchup.attendance import told_last
from armguard_tray.catchup.deafness import Hearing
from armguard_tray.catchup.look import Look
from armguard_tray.connection.live_app import Way, way_to
from armguard_tray.connection.phase import StreamFacts

log = logging.getLogger(__name__)

SETTLED = timedelta(seconds=60)
"""How long before a look a life must have ended to be judged by it for good: announcements may be late."""
MOST_LIVES = 1000
"""Of those that no look has judged yet, as over a night of short ones without a history to look at.

Of more, the oldest two become one, and what was made between them is taken for missed: rather a gap too many.
"""


@dataclass(frozen=True, slots=True)
class Life:
    """A life of the transactions that is over.

    Attributes:
        began: when, aware; it is known by that.
        told: when one was last announced in it, aware; else as `began`.
        whole: up to when its connection was whole, aware. What was made until then was to be announced.
        missed: how many that was not.

    """

    began: datetime
    told: datetime
    whole: datetime
    missed: int = 0


class Listening:
    """Knows what was announced in the transactions' present life, and in those that no look has judged."""

    def __init__(
        self,
        *,
        on_deaf: Callable[[], None],
        on_was_deaf: Callable[[datetime], None],
        reopen: Callable[[], None],
    ) -> None:
        """Prepare.

        Args:
            on_deaf: called when a look shows that the server announces nothing to this desk any more.
            on_was_deaf: called when one shows that of a life that is over, with when that began, aware. What
                came after it counts as missed, too.
            reopen: opens the sockets anew; called after `on_deaf`, and seldom while it is of no use.

        """
        self._on_deaf = on_deaf
        self._on_was_deaf = on_was_deaf
        self._reopen = reopen
        self._hearing = Hearing()
        # Monotonic: when a transaction was last announced.
        self._heard_at = -math.inf
        self._live: StreamFacts | None = None
        # Of the present life: how many of the newest were not announced, and whether that is told.
        self._silent = 0
        self._is_told = False
        self._over: list[Life] = []

    def was_live(self, told: datetime, whole: datetime) -> None:
        """Take how the program's last run ended: as in `Life`."""
        self._ended(Life(told, told, whole))

    def live(self, facts: StreamFacts) -> None:
        """Take how the transactions are, which are live."""
        before = self._live
        if before is not None and before.since != facts.since:
            if before.heard is not None and way_to(before.app) is Way.STOCK and not self._is_told:
                told = told_last(before) or before.since
                self._ended(Life(before.since, told, before.heard, self._silent))
            self._is_told, self._silent = False, 0
        self._live = facts

    def _ended(self, life: Life) -> None:
        self._over.append(life)
        if len(self._over) > MOST_LIVES:
            first, second, *others = self._over
            both = replace(first, whole=second.whole, missed=first.missed + second.missed)
            self._over = [both, *others]

    def heard(self, now: float) -> None:
        """Take that a transaction was announced; `now` is monotonic, as below."""
        self._heard_at = now
        self._hearing = self._hearing.heard()
        # It may go deaf once more, and that life may end before the next look.
        self._is_told, self._silent = False, 0

    def brought(self, look: Look) -> None:
        """Take what a look has brought, whatever became of it: it shows what lives that are over missed."""
        self._over = lives = [replace(each, missed=each.missed + _missed(each, look)) for each in self._over]
        if self._live is None or way_to(self._live.app) is not Way.STOCK:
            return
        deaf = next((at for at, each in enumerate(lives) if self._hearing.is_deaf(each.missed)), None)
        self._over = [each for each in lives[:deaf] if not _is_judged(each, look)]
        if deaf is not None:
            life = lives[deaf]
            log.warning("connected, but deaf before that ended: %d in a row not announced", life.missed)
            self._on_was_deaf(life.began)

    def looked(self, look: Look, began: float, now: float) -> None:
        """Take what a look has found that began then, in the present life."""
        if self._live is None or way_to(self._live.app) is not Way.STOCK:
            return
        self._hearing = self._hearing.learnt(look.skipped)
        if self._heard_at < began:
            self._silent = look.silent
            if self._hearing.is_deaf(look.silent):
                self._is_deaf(look.silent, now)

    def _is_deaf(self, silent: int, now: float) -> None:
        log.warning("connected, but deaf: %d in a row not announced to this desk", silent)
        self._is_told = True
        self._on_deaf()
        if self._hearing.may_reopen(now):
            self._hearing = self._hearing.reopened(silent, now)
            self._reopen()


def _missed(life: Life, look: Look) -> int:
    return look.brought_between(life.told, life.whole) if life.told < life.whole else 0


def _is_judged(life: Life, look: Look) -> bool:
    """Tell whether no later look will bring anything of it."""
    return not look.failure and life.whole + SETTLED < look.at
