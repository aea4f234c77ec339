"""PURE: how often a server may be asked for pages of its history.

A token bucket: a few pages at once, then one every few seconds. Where the server says that it was asked too
much, nothing is asked for as long as it wants, or for longer each time if it does not say how long.
"""

from dataclasses import dataclass, replace

BURST = 10
"""Requests that may follow each other at once."""
EACH = 5.0
"""Seconds after which there is another one."""
LIMITED_FOR = 300.0
"""Seconds for which nothing is asked after a first refusal; the next one lasts twice as long."""
LIMITED_AT_MOST = 3600.0
RETRY_AFTER_AT_MOST = 86400.0
"""Seconds; a hostile server may name any number."""


@dataclass(frozen=True, slots=True)
class Budget:
    """What may be asked. All times are seconds of one monotonic clock.

    Attributes:
        tokens: requests that could be made at once when last counted.
        counted: when that was.
        not_before: until when nothing is asked, because the server refuses.
        refusals: how often it has refused since it last let us have a page.

    """

    tokens: float
    counted: float
    not_before: float
    refusals: int = 0

    @classmethod
    def full(cls, now: float) -> "Budget":
        """Return a budget of which nothing is spent."""
        return cls(tokens=BURST, counted=now, not_before=now)

    def refused_for(self, now: float) -> float:
        """Return the seconds for which nothing is asked because the server refuses; 0.0: it does not."""
        return max(0.0, self.not_before - now)

    def wait(self, now: float, *, leave: int = 0) -> float:
        """Return the seconds until a request may be made that leaves so many more; 0.0: now."""
        short = (1 + leave - self._tokens(now)) * EACH
        return max(0.0, short, self.refused_for(now))

    def spend(self, now: float) -> "Budget":
        """Return what is left after a request."""
        return replace(self, tokens=self._tokens(now) - 1, counted=now)

    def refuse(self, now: float, retry_after: float | None) -> "Budget":
        """Return the budget after the server refused, and asked to wait so many seconds, or did not say."""
        doubled = min(LIMITED_FOR * 2 ** min(self.refusals, 10), LIMITED_AT_MOST)
        asked = doubled if retry_after is None else min(retry_after, RETRY_AFTER_AT_MOST)
        return replace(self, not_before=now + max(EACH, asked), refusals=self.refusals + 1)

    def had(self) -> "Budget":
        """Return the budget after a page was had: what follows is a first refusal again."""
        return replace(self, refusals=0)

    def _tokens(self, now: float) -> float:
        return min(float(BURST), self.tokens + max(0.0, now - self.counted) / EACH)
