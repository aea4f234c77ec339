"""PURE: up to when each stream was heard, and which gap is declared when it is heard again.

::

                              live, first ever                  not live
                   unheard ─────────────────────► heard ────────────────────► lost
                                                  ▲ ▲  ▲                     │   │
                              gap is in the journal │  └───── live, resumed ─┘   │ live
                                                  │ └── back ◄───────────────────┘
                                                  └──────── not all are back yet, but it has been long enough:
                                                            lost up to there, and still

The stock server repeats nothing, so whatever lies between a stream's last proof of life and its next life is
a gap. One gap is declared for all streams together. After it, all are accounted for up to its end at least,
the streams that are still lost too: so no two gaps of a stream overlap, whatever happens.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from armguard_tray.catchup.entries import gap_event
from armguard_tray.connection.phase import Phase, StreamFacts
from armguard_tray.messages.gap import Gap, Reason
from armguard_tray.messages.streams import DEFAULT_STREAMS, Stream
from armguard_tray.storage.ledger import Attendance, Roll

TOGETHER = timedelta(seconds=30)
"""For how long the first stream that is back waits for the others, so that one gap tells of all."""
REMEMBER_EVERY = timedelta(seconds=60)
SLEPT = timedelta(seconds=60)
"""How late a look must come to mean that the desk slept; it comes every `LOOK_EVERY` seconds at least."""
LOOK_EVERY = 15.0
RENEWED = "opened anew by this desk"


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """How one stream stands.

    Attributes:
        until: up to when it is accounted for, aware: it was heard, or a gap says that it was not.
        stored: what the journal says of that.
        live_since: since when it is live, aware; None while it is not.
        follows: whether all is accounted for up to whatever time it is known to be whole; not so with a gap
            behind `until` that is still to be declared.
        stale: what was known of that before the present life, which goes on from before it.
        floor: where the last gap ended that it was in.
        cause: what ended its last life, in plain words; empty if that is not known.

    """

    until: datetime | None = None
    stored: datetime | None = None
    live_since: datetime | None = None
    follows: bool = True
    stale: datetime | None = None
    floor: datetime | None = None
    cause: str = ""

    @property
    def lost(self) -> bool:
        """Whether it was heard once and is not live."""
        return self.until is not None and self.live_since is None

    @property
    def back(self) -> bool:
        """Whether it is live with a gap before that."""
        return self.live_since is not None and not self.follows

    def heard(self, facts: StreamFacts, now: datetime) -> "Listener":
        """Take up to when its connection is known to have been whole."""
        if not self.follows or facts.heard in {None, self.stale}:
            return self
        assert facts.heard is not None  # noqa: S101 - as just seen
        # A floor that is still to come was set by a clock that has been set back since.
        floor = self.floor if self.floor is not None and self.floor <= now else None
        until = facts.heard if floor is None else max(facts.heard, floor)
        return replace(self, until=until, floor=floor)

    def take(self, facts: StreamFacts, now: datetime) -> "Listener":
        """Take what the stream does now."""
        if facts.phase is not Phase.LIVE:
            left = self if self.live_since is None else replace(self, cause=_cause(facts, self.live_since))
            return replace(left.heard(facts, now), live_since=None)
        if self.live_since != facts.since:
            follows = self.until is None or facts.resumed
            stale = facts.heard if facts.resumed else None
            return replace(self, live_since=facts.since, follows=follows, stale=stale).heard(facts, now)
        return self.heard(facts, now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """A gap that is due, before it is an event.

    Attributes:
        streams: what it concerns, that of the transactions too.
        until: its end: when the last of those that are back was live again, aware.

    """

    streams: tuple[Stream, ...]
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Attendants:
    """How all followed streams stand.

    Attributes:
        began: when the program was started, aware.
        looked: when this was last looked at, aware.
        woke: when the desk was last found to have slept before, aware; None: not in this run.
        written: when the journal was last told, aware.
        listeners: the streams; presence has no memory, and is none of them.

    """

    began: datetime
    looked: datetime
    woke: datetime | None = None
    written: datetime | None = None
    listeners: Mapping[Stream, Listener] = field(default_factory=dict)

    def take(self, streams: Iterable[StreamFacts], now: datetime) -> "Attendants":
        """Take what the streams do now."""
        listeners = dict(self.listeners)
        for facts in streams:
            if facts.stream in DEFAULT_STREAMS:
                listeners[facts.stream] = listeners.get(facts.stream, Listener()).take(facts, now)
        return replace(self.look(now), listeners=listeners)

    def look(self, now: datetime) -> "Attendants":
        """Take that it is `now`; whoever looks late has slept."""
        return replace(self, looked=now, woke=now if now - self.looked >= SLEPT else self.woke)

    def kept_waiting(self, now: datetime) -> "Attendants":
        """Take that nobody could look until `now`, though the desk was awake."""
        return replace(self, looked=now)

    def roll(self, *, history_tells: bool, last: bool = False) -> Roll | None:
        """Return what is to be written now; None: nothing.

        Args:
            history_tells: whether the server's history tells which transactions are missing, so that a gap
                in time need not.
            last: whether the program ends.

        """
        outage = self._outage()
        heard = {
            stream: each.until
            for stream, each in _accounted(self.listeners, outage).items()
            if each.until is not None and each.until != each.stored
        }
        if outage is None and not (heard and (last or self._is_time(heard))):
            return None
        streams = () if outage is None else _told(outage.streams, history_tells=history_tells)
        gap = None if outage is None or not streams else self._gap(outage, streams)
        return Roll(heard=heard, gap=gap_event(gap, at=self.looked) if gap is not None else None)

    def wrote(self, roll: Roll) -> "Attendants":
        """Take that what `roll` returned is in the journal. Nothing may have been taken in between."""
        listeners = {
            stream: replace(each, stored=roll.heard.get(stream, each.stored))
            for stream, each in _accounted(self.listeners, self._outage()).items()
        }
        return replace(self, written=self.looked, listeners=listeners)

    def _is_time(self, heard: Mapping[Stream, datetime]) -> bool:
        listeners = [self.listeners[stream] for stream in heard]
        if any(each.stored is None or each.live_since is None for each in listeners):
            return True
        return self.written is None or not timedelta() <= self.looked - self.written < REMEMBER_EVERY

    def _outage(self) -> Outage | None:
        """Return the gap that is due: all are back, or have kept the first one waiting for long enough."""
        back = {stream: each.live_since for stream, each in self.listeners.items() if each.back}
        lives = [since for since in back.values() if since is not None]
        if not lives:
            return None
        until = max(lives)
        # Of who was never lost, only a proof that is younger than the gap says that it was there all along.
        behind = {
            stream
            for stream, each in self.listeners.items()
            if stream not in back and each.until is not None and each.until < until
        }
        waits = timedelta() <= self.looked - min(lives) < TOGETHER
        missing = behind or any(each.lost for each in self.listeners.values())
        if missing and waits:
            return None
        concerned = tuple(stream for stream in DEFAULT_STREAMS if stream in {*back, *behind})
        return Outage(streams=concerned, until=until)

    def _gap(self, outage: Outage, streams: Sequence[Stream]) -> Gap:
        begun = {stream: self.listeners[stream].until or outage.until for stream in streams}
        since = min(begun.values())
        away = since < self.began or (self.woke is not None and since < self.woke)
        first_lost = sorted(streams, key=lambda stream: begun[stream])
        causes = (self.listeners[stream].cause for stream in first_lost)
        return Gap(
            reason=Reason.AWAY if away else Reason.NOT_CONNECTED,
            streams=tuple(streams),
            since=since,
            # The clock may have been set back meanwhile.
            until=max(since, outage.until),
            cause="" if away else next((each for each in causes if each), ""),
        )


def begin(stored: Mapping[Stream, Attendance], *, began: datetime, now: datetime) -> Attendants:
    """Return how the streams stand before any is live, by what the journal remembers.

    `began` is when the program was started, aware.
    """
    listeners = {
        stream: Listener(until=each.until, stored=each.until, follows=False)
        for stream, each in stored.items()
        if stream in DEFAULT_STREAMS
    }
    return Attendants(began=began, looked=now, listeners=listeners)


def _accounted(listeners: Mapping[Stream, Listener], outage: Outage | None) -> Mapping[Stream, Listener]:
    """Return how the streams stand when the gap that is due has been declared."""
    if outage is None:
        return listeners
    declared = {stream: _declared(listeners[stream], outage.until) for stream in outage.streams}
    return {**listeners, **declared}


def _declared(listener: Listener, until: datetime) -> Listener:
    # Of one that was back and is lost again, more is missing than up to there.
    follows = listener.follows or listener.live_since is not None
    return replace(listener, until=until, floor=until, follows=follows)


def _told(streams: Iterable[Stream], *, history_tells: bool) -> tuple[Stream, ...]:
    return tuple(each for each in streams if not (history_tells and each is Stream.TRANSACTIONS))


def _cause(facts: StreamFacts, live_since: datetime) -> str:
    """Return what ended a life, in plain words."""
    if facts.trouble is not None:
        return facts.trouble.summary
    if facts.last_close is not None and facts.last_close_at is not None and facts.last_close_at >= live_since:
        return facts.last_close
    return RENEWED
