"""PURE: whether a stock server has stopped announcing to this desk, on sockets that are open all the same.

Who has fallen out of a socket's group (Redis was flushed, or the membership ran out) is not told so, and its
pings are answered. That shows only when a transaction is made: the history has it, and nobody announced it.
A server that has an endpoint which announces nothing looks alike until another transaction is announced; so
what was skipped before is no evidence, and more in a row is wanted then. One that announces nothing at all is
no better for new sockets: they are opened more and more seldom, until something is heard.
"""

import math
from dataclasses import dataclass, replace

FIRST_PAUSE = 600.0
"""Seconds until sockets are opened anew once more if nothing was heard since."""
LAST_PAUSE = 86_400.0
MOST_SKIPPED = 3
"""How many in a row are taken for skipped at most."""


@dataclass(frozen=True, slots=True)
class Hearing:
    """What is known of how a server announces. All times are seconds of one monotonic clock.

    Attributes:
        skipped: how many in a row it may have skipped though this desk was subscribed.
        not_before: when sockets may be opened anew again.
        pause: how long the next time after that is away.

    """

    skipped: int = 0
    not_before: float = -math.inf
    pause: float = FIRST_PAUSE

    def heard(self) -> "Hearing":
        """Take that something was announced."""
        return replace(self, not_before=-math.inf, pause=FIRST_PAUSE)

    def learnt(self, skipped: int) -> "Hearing":
        """Take that so many in a row were not announced, and what came after them was."""
        return replace(self, skipped=max(self.skipped, min(skipped, MOST_SKIPPED)))

    def is_deaf(self, silent: int) -> bool:
        """Tell whether it has stopped announcing, if the newest `silent` in a row were not announced."""
        return silent > self.skipped

    def may_reopen(self, now: float) -> bool:
        """Tell whether sockets may be opened anew."""
        return now >= self.not_before

    def reopened(self, silent: int, now: float) -> "Hearing":
        """Take that they are opened anew since `silent` in a row were not announced.

        Whether an endpoint had skipped these will never be known; if so, it will again.
        """
        longer = min(2 * self.pause, LAST_PAUSE)
        return replace(self.learnt(silent), not_before=now + self.pause, pause=longer)
