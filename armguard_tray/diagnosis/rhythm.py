"""PURE: whether the server gives idle sockets up with 1011, as with redis-py 8 and channels_redis.

There a read that blocks for 5 s meets a socket timeout of 5 s, and mostly loses. One socket of a process
reads for all: it is dropped, and the next one reads. So they are dropped in turn, whatever their streams, 5 s
apart. Once all of them wait to be opened again, it begins anew with the first that is.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from armguard_tray.connection import close_codes
from armguard_tray.connection.failures import Closure
from armguard_tray.connection.phase import StreamFacts
from armguard_tray.diagnosis.facts import HandshakeFound
from armguard_tray.messages.streams import Stream

TIMES = 3
"""Drops in a row that make a rhythm."""
READ = timedelta(seconds=5)
"""The length of one blocking read."""
_MOST_READS = 6
_OFF = timedelta(seconds=0.2)
"""Measured are 5.00 to 5.02 s: what is dropped at random is seldom so punctual."""
_NEVER_SOONER = timedelta(seconds=4)
"""While one socket reads, no other is dropped; daphne's second (below) may shorten a gap by one."""
_AT_ONCE = timedelta(seconds=1)
_LATELY = timedelta(minutes=5)
_GOES_ON = timedelta(seconds=75)
"""A desk waits up to 60 s until it opens a socket again."""
# Seconds of silence. daphne looks only once a second for sockets whose program has ended
# (`application_checker` in its server.py).
_SHORTEST, _LONGEST = 4.5, 6.5


Ended = tuple[datetime, Stream, Closure]
"""When a stream's socket ended, and how."""


def closures_of(streams: Iterable[StreamFacts]) -> list[Ended]:
    """Return how the sockets of a running connection were closed lately, the newest last."""
    closures = [
        (end.at, each.stream, end.how)
        for each in streams
        for end in each.ends
        if isinstance(end.how, Closure)
    ]
    return sorted(closures, key=lambda closure: closure[0])


def in_rhythm(closures: Sequence[Ended], now: datetime) -> frozenset[Stream]:
    """Return the streams that were dropped lately, where all drops together have a rhythm that still goes on.

    Args:
        closures: of all streams, as `closures_of` has them.
        now: the present moment.

    """
    dropped = [
        (at, stream)
        for at, stream, closure in closures
        if closure.code == close_codes.SERVER_ERROR and now - at <= _LATELY
    ]
    moments = _moments(at for at, _ in dropped)
    if not moments or now - moments[-1] > _GOES_ON or not _have_rhythm(moments):
        return frozenset()
    return frozenset(stream for _, stream in dropped)


def _moments(times: Iterable[datetime]) -> list[datetime]:
    """Return the times but those at once with an earlier one.

    A restart of Redis drops all sockets together, and the one socket of the live app has all streams.
    """
    moments: list[datetime] = []
    for at in times:
        if not moments or at - moments[-1] > _AT_ONCE:
            moments.append(at)
    return moments


def _have_rhythm(moments: Sequence[datetime]) -> bool:
    gaps = [later - earlier for earlier, later in pairwise(moments)]
    if any(gap < _NEVER_SOONER for gap in gaps):
        return False
    whole = [_is_whole(gap) for gap in gaps]
    return any(all(whole[first : first + TIMES - 1]) for first in range(len(whole) - TIMES + 2))


def _is_whole(gap: timedelta) -> bool:
    reads = round(gap / READ)
    return 1 <= reads <= _MOST_READS and abs(gap - reads * READ) <= _OFF


def one_given_up(handshakes: Iterable[HandshakeFound]) -> bool:
    """Tell whether one socket of a checkup, and no other, was dropped with 1011 after one idle read.

    Several that are dropped are no matter of turns. Of one socket all streams have the same beginning.
    """
    silent = {
        each.at: each.silent
        for each in handshakes
        if each.closure is not None and each.closure.code == close_codes.SERVER_ERROR
    }
    return len(silent) == 1 and all(_SHORTEST <= seconds <= _LONGEST for seconds in silent.values())
