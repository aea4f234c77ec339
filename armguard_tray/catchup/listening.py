"""Watches whether a stock server still announces to this desk, by what looks at its history show.

With the server's app that is not needed: it finds that itself, and repeats what was missed.
"""

import logging
import math
from collections.abc import Callable

from armguard_tray.catchup.attendance import told_last
from armguard_tray.catchup.deafness import Hearing
from armguard_tray.catchup.look import Look
from armguard_tray.connection.live_app import Way, way_to
from armguard_tray.connection.phase import StreamFacts

log = logging.getLogger(__name__)


class Listening:
    """Knows what was announced in the transactions' present life, and at the end of the one before."""

    def __init__(
        self,
        *,
        on_deaf: Callable[[], None],
        on_was_deaf: Callable[[], None],
        reopen: Callable[[], None],
    ) -> None:
        """Prepare.

        Args:
            on_deaf: called when a look shows that the server announces nothing to this desk any more.
            on_was_deaf: called when one shows that of the end of the life before this one.
            reopen: opens the sockets anew; called after `on_deaf`, and seldom while it is of no use.

        """
        self._on_deaf = on_deaf
        self._on_was_deaf = on_was_deaf
        self._reopen = reopen
        self._hearing = Hearing()
        # Monotonic: when a transaction was last announced.
        self._heard_at = -math.inf
        self._live: StreamFacts | None = None
        # As it ended; None: what it may have missed is told.
        self._before: StreamFacts | None = None
        self._missed = 0
        self._is_told = False

    def live(self, facts: StreamFacts) -> None:
        """Take how the transactions are, which are live."""
        if self._live is None or self._live.since != facts.since:
            self._before = None if self._is_told else self._live
            self._is_told, self._missed = False, 0
        self._live = facts

    def heard(self, now: float) -> None:
        """Take that a transaction was announced; `now` is monotonic, as below."""
        self._heard_at = now
        self._hearing = self._hearing.heard()

    def looked(self, look: Look, began: float, now: float) -> None:
        """Take what a look has found that began then, in the present life."""
        if self._live is None or way_to(self._live.app) is not Way.STOCK:
            return
        self._mind_life_before(look)
        self._hearing = self._hearing.learnt(look.skipped)
        if self._heard_at < began and self._hearing.is_deaf(look.silent):
            self._is_deaf(look.silent, now)

    def _mind_life_before(self, look: Look) -> None:
        before = self._before
        if before is None or before.heard is None or way_to(before.app) is not Way.STOCK:
            return
        # Up to its last answer the connection was whole: what was made until then should have been announced.
        self._missed += look.missed_between(told_last(before) or before.since, before.heard)
        if self._hearing.is_deaf(self._missed):
            log.warning("connected, but deaf before that ended: %d in a row not announced", self._missed)
            self._before = None
            self._on_was_deaf()

    def _is_deaf(self, silent: int, now: float) -> None:
        log.warning("connected, but deaf: %d in a row not announced to this desk", silent)
        self._is_told = True
        self._on_deaf()
        if self._hearing.may_reopen(now):
            self._hearing = self._hearing.reopened(silent, now)
            self._reopen()
