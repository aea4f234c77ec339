"""PURE: whether the server drops sockets with 1011 again and again, as with redis-py 8 and channels_redis.

There a read that blocks for 5 s meets a socket timeout of 5 s: each time one of the two wins, so that an idle
socket lives for one, two or three such reads.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from armguard_tray.connection import close_codes
from armguard_tray.connection.failures import Closure
from armguard_tray.diagnosis.facts import HandshakeFound
from armguard_tray.messages.streams import Stream

TIMES = 3
"""Closures in a row that make a rhythm."""
# Alive for 5 to 15 s, and then up to 60 s of back-off until it is opened again.
_SHORTEST, _LONGEST = timedelta(seconds=4), timedelta(seconds=75)

_READ = 5.0  # seconds of one blocking read
_MOST_READS = 3
_OFF = 0.8  # seconds by which a life may differ from so many reads
_ALIKE = 2  # sockets that must have ended so: one may be chance


def in_rhythm(closures: Sequence[tuple[datetime, Stream, Closure]], now: datetime) -> frozenset[Stream]:
    """Return the streams whose last closures, the newest last, were 1011 in a rhythm that still goes on."""
    found = set()
    for stream in {stream for _, stream, _ in closures}:
        last = [(at, closure) for at, each, closure in closures if each is stream][-TIMES:]
        if len(last) == TIMES and all(closure.code == close_codes.SERVER_ERROR for _, closure in last):
            moments = [*(at for at, _ in last), now]
            gaps = [later - earlier for earlier, later in pairwise(moments)]
            # The last one is still open: it has no shortest length.
            if gaps[-1] <= _LONGEST and all(_SHORTEST <= gap <= _LONGEST for gap in gaps[:-1]):
                found.add(stream)
    return frozenset(found)


def dropped_alike(handshakes: Iterable[HandshakeFound]) -> bool:
    """Tell whether several sockets of one checkup were dropped with 1011 after a whole number of reads."""
    dropped = [
        each.alive
        for each in handshakes
        if each.closure is not None and each.closure.code == close_codes.SERVER_ERROR
    ]
    return len(dropped) >= _ALIKE and all(_is_whole(alive) for alive in dropped)


def _is_whole(alive: float) -> bool:
    reads = round(alive / _READ)
    return 1 <= reads <= _MOST_READS and abs(alive - reads * _READ) <= _OFF
