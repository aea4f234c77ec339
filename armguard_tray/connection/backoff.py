"""How long to wait before the next attempt: a range, from which the runner draws at random.

Full jitter spreads the desks of a whole armory that lost the same server
(https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/).
"""

from dataclasses import dataclass

FIRST = 5.0
CEILING = 60.0
STABLE_AFTER = 60.0
"""Seconds of stable life after which earlier failures are forgotten."""


@dataclass(frozen=True, slots=True)
class Delay:
    """A delay between `least` and `most` seconds."""

    least: float
    most: float


SPREAD = Delay(0, 15)
SLOW = Delay(60, 120)
SELDOM = Delay(300, 360)
RENEWAL = Delay(20 * 3600, 23 * 3600)


def full_jitter(failures: int) -> Delay:
    """Return the delay after so many failures in a row: up to 2^n seconds; 5 at first, 60 at most."""
    return Delay(0, min(CEILING, max(FIRST, 2.0 ** min(failures, 6))))


def asked_for(seconds: float, otherwise: Delay) -> Delay:
    """Return the delay that a Retry-After asks for, an hour at most, with a tenth to spread the desks.

    It never shortens the delay that there would be `otherwise`: a server that asks for 0 seconds each time
    must not be knocked at every moment.
    """
    wait = min(seconds, 3600.0)
    return Delay(max(wait, otherwise.least), max(wait * 1.1 + 1, otherwise.most))
