"""How much a client may send, and how much may be sent to it ahead of its acknowledgements. Pure."""

from collections import deque


class RateLimit:
    """A token bucket: `burst` messages at once, and `rate` more each second."""

    def __init__(self, rate: float, burst: int) -> None:
        self._rate = rate
        self._burst = float(burst)
        self._left = self._burst
        self._at: float | None = None

    def allows(self, now: float) -> bool:
        """Count a message that came at `now` (seconds of a monotonic clock); return whether it is allowed."""
        if self._at is not None:
            self._left = min(self._burst, self._left + (now - self._at) * self._rate)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


class Window:
    """The events that were sent and not yet acknowledged, at most `size`."""

    def __init__(self, size: int, late: int = 0) -> None:
        """Begin empty; `late` acknowledgements may still come of what was sent before."""
        self._size = size
        self._late = late
        self._waiting: deque[int] = deque()

    def renewed(self) -> "Window":
        """Return one to go on with where the numbers are others, or begin again."""
        return Window(self._size, self._late + len(self._waiting))

    def sent(self, seq: int) -> None:
        """Note that the event `seq` was sent."""
        self._waiting.append(seq)

    def acknowledge(self, seq: int) -> bool:
        """Note that the client has everything up to `seq`; return whether that is an honest thing to say."""
        before = len(self._waiting)
        while self._waiting and self._waiting[0] <= seq:
            self._waiting.popleft()
        if len(self._waiting) < before:
            return True
        if not self._late:
            return False
        self._late -= 1
        return True

    @property
    def full(self) -> bool:
        """Whether nothing more may be sent before an acknowledgement."""
        return len(self._waiting) >= self._size
