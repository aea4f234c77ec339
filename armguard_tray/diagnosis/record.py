"""PURE: what the streams of one server did up to now, built from their facts as these come.

It holds an hour of round trips and ten reconnects of each stream, however long it is fed.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from armguard_tray.connection.failures import Closure, Failure
from armguard_tray.connection.phase import End, Phase, StreamFacts
from armguard_tray.diagnosis.ladder import Diagnosis, Rung
from armguard_tray.messages.streams import Stream
from armguard_tray.redis_probe.figures import percentile

KEPT_FOR = timedelta(hours=1)
MOST_TRIPS = 720
"""A ping every 10 s makes 360 an hour; the rest is for those that a wake-up or the user asks for."""
RECONNECTS_KEPT = 10


@dataclass(frozen=True, slots=True)
class RoundTrip:
    """A ping: when its answer was noted, and the seconds that it took."""

    at: datetime
    seconds: float


@dataclass(frozen=True, slots=True)
class Reconnect:
    """A stream that became live again.

    Attributes:
        lost: when it was live no more.
        back: when it was live again.
        cause: how the connection ended; None if nothing was noted of that.

    """

    lost: datetime
    back: datetime
    cause: Failure | Closure | None

    @property
    def outage(self) -> timedelta:
        """How long it was away."""
        return self.back - self.lost


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamRecord:
    """What one stream did.

    Attributes:
        round_trips: those of the last hour, the oldest first.
        p50, p95: seconds that half of them, and 95 % of them, do not exceed; None of none.
        reconnects: how often it became live again since the record began.
        last_reconnects: the last ten of them, the newest first.

    """

    round_trips: tuple[RoundTrip, ...] = ()
    p50: float | None = None
    p95: float | None = None
    reconnects: int = 0
    last_reconnects: tuple[Reconnect, ...] = ()


class Record:
    """What the streams of one server did; feed it with all facts in their order."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self._tracks: dict[Stream, _Track] = {}

    def take(self, streams: Sequence[StreamFacts], now: datetime) -> None:
        """Note what has changed in the facts, which are those of `now`."""
        for facts in streams:
            track = self._tracks.get(facts.stream)
            if track is None:
                self._tracks[facts.stream] = _Track(facts, now)
            else:
                track.take(facts, now)

    def of(self, stream: Stream, now: datetime) -> StreamRecord:
        """Return what is known of a stream; an empty record where that is nothing."""
        track = self._tracks.get(stream)
        return track.record(now) if track is not None else StreamRecord()


class _Track:
    def __init__(self, facts: StreamFacts, now: datetime) -> None:
        self._facts = facts
        self._live_since = facts.since if facts.phase is Phase.LIVE else None
        self._lost: datetime | None = None
        self._trips: deque[RoundTrip] = deque(maxlen=MOST_TRIPS)
        self._count = 0
        self._reconnects: deque[Reconnect] = deque(maxlen=RECONNECTS_KEPT)
        self._note_trip(None, facts.round_trip, now)

    def take(self, facts: StreamFacts, now: datetime) -> None:
        before, self._facts = self._facts, facts
        # Between two pings the facts repeat the last answer.
        self._note_trip(before.round_trip, facts.round_trip, now)
        if facts.phase is not Phase.LIVE:
            if self._live_since is not None and self._lost is None:
                self._lost = facts.since
            return
        if self._live_since is not None and (self._lost or facts.reconnects > before.reconnects):
            self._note_reconnect(facts, self._live_since)
        self._live_since, self._lost = facts.since, None

    def record(self, now: datetime) -> StreamRecord:
        trips = tuple(trip for trip in self._trips if now - trip.at <= KEPT_FOR)
        seconds = sorted(trip.seconds for trip in trips)
        return StreamRecord(
            round_trips=trips,
            p50=percentile(seconds, 50),
            p95=percentile(seconds, 95),
            reconnects=self._count,
            last_reconnects=tuple(reversed(self._reconnects)),
        )

    def _note_trip(self, before: float | None, seconds: float | None, now: datetime) -> None:
        if seconds is not None and seconds != before:
            self._trips.append(RoundTrip(now, seconds))

    def _note_reconnect(self, facts: StreamFacts, live_since: datetime) -> None:
        # Those after it are of attempts that failed meanwhile: not why it broke, but why it stayed so.
        end: End | None = next((each for each in facts.ends if each.at >= live_since), None)
        lost = self._lost or (end.at if end is not None else facts.since)
        self._count += 1
        self._reconnects.append(Reconnect(lost, facts.since, end.how if end is not None else None))


def with_since(diagnosis: Diagnosis, before: Diagnosis | None) -> Diagnosis:
    """Return a diagnosis whose rungs say since when they are as they are.

    A rung says of itself when it was looked at. Where the look before, `before`, showed the same, it has been
    so since then.
    """
    if before is None:
        return diagnosis
    earlier = {rung.id: rung for rung in before.rungs}
    return replace(
        diagnosis, rungs=tuple(_with_since(rung, earlier.get(rung.id)) for rung in diagnosis.rungs)
    )


def _with_since(rung: Rung, before: Rung | None) -> Rung:
    if before is None or (before.status, before.code) != (rung.status, rung.code):
        return rung
    if rung.since is None or before.since is None or before.since >= rung.since:
        return rung
    return replace(rung, since=before.since)
