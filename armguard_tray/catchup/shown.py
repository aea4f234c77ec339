"""PURE: what the history showed some time ago, by this desk's own clock.

A transaction may be young because the history says so, by the server's clock. But what stood there in an
earlier look is old enough, whatever that clock says: it may be ten minutes ahead.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class _Seen:
    """The newest transaction of a look, and when that was asked for, monotonic seconds."""

    newest: int
    at: float


@dataclass(frozen=True, slots=True)
class Shown:
    """What earlier looks have shown in this subscription: an older one, and one since then."""

    older: _Seen | None = None
    newer: _Seen | None = None

    def and_then(self, newest: int, at: float, *, lasting: float) -> "Shown":
        """Return this with a look that showed `newest`.

        Args:
            newest: the newest transaction; 0 if there was none.
            at: when it was asked for, monotonic seconds.
            lasting: seconds after which what was shown is old enough. Of looks in quicker succession the
                first is kept.

        """
        if self.newer is not None and at - self.newer.at < lasting:
            return self
        return Shown(self.newer, _Seen(newest, at))

    def before(self, at: float) -> int:
        """Return the newest transaction that had been shown up to a time; 0: none."""
        return max((each.newest for each in (self.older, self.newer) if each and each.at <= at), default=0)
