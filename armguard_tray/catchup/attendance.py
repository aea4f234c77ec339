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

A stream that is live may be deaf: its socket answers, but the server announces nothing to it any more
(`deafness`). Then it is accounted for up to what was announced last, whatever the socket answers. Only where
a gap was declared since then can the next one overlap it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from armguard_tray.catchup.audit import GRACE
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
_DEAF = "deaf"


@dataclass(frozen=True, slots=True)
class Deaf:
    """A life of a stream in which the server has stopped announcing to this desk.

    Attributes:
        life: since when the stream is live, aware.
        until: up to when it was surely announced to, aware.
        found: when it was found that it is not any more, aware.

    """

    life: datetime
    until: datetime
    found: datetime


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
        floor: where the last gap ended that it was in, and `below` where that began at the latest.
        cause: what ended its last life, in plain words; empty if that is not known.
        lost_at: when that was noticed, aware.
        deaf: whether the server had stopped announcing to it in its present life, or its last one.

    """

    until: datetime | None = None
    stored: datetime | None = None
    live_since: datetime | None = None
    follows: bool = True
    stale: datetime | None = None
    floor: datetime | None = None
    below: datetime | None = None
    cause: str = ""
    lost_at: datetime | None = None
    deaf: bool = False

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
        if self.deaf or not self.follows or facts.heard in {None, self.stale}:
            return self
        assert facts.heard is not None  # noqa: S101 - as just seen
        # A floor that is still to come was set by a clock that has been set back since.
        floor = self.floor if self.floor is not None and self.floor <= now else None
        until = facts.heard if floor is None else max(facts.heard, floor)
        return replace(self, until=until, floor=floor)

    def take(self, facts: StreamFacts, now: datetime) -> "Listener":
        """Take what the stream does now."""
        if facts.phase is not Phase.LIVE:
            left = self
            if self.live_since is not None:
                cause = _DEAF if self.deaf else _cause(facts, self.live_since)
                left = replace(self, cause=cause, lost_at=now)
            return replace(left.heard(facts, now), live_since=None)
        if self.live_since != facts.since:
            follows = self.until is None or facts.resumed
            stale = facts.heard if facts.resumed else None
            begun = replace(self, live_since=facts.since, follows=follows, stale=stale, deaf=False)
            return begun.heard(facts, now)
        return self.heard(facts, now)

    def deafened(self, deaf: Deaf | None) -> "Listener":
        """Take that it is deaf in that life; None: that it is not, or not any longer held to be."""
        if self.live_since is None:
            return self
        if deaf is None or deaf.life != self.live_since:
            return replace(self, deaf=False)
        if self.deaf or not self.follows or self.until is None:
            return replace(self, deaf=True)
        until = deaf.until
        if self.floor is not None and self.below is not None and self.below <= until:
            until = max(until, self.floor)  # the gap tells of that
        return replace(self, until=min(self.until, until), deaf=True)

    def was_deaf(self, until: datetime) -> "Listener":
        """Take that in the life before this one it was announced to up to then only.

        If that life's end is accounted for already, one more gap is due.
        """
        if self.until is None or self.until <= until:
            return self
        return replace(self, until=until, follows=self.follows and self.live_since is None, cause=_DEAF)


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
        slept: when the desk was last looked at before it slept, aware; None: it did not in this run.
        woke: when it was found to have slept, aware.
        written: when the journal was last told, aware.
        listeners: the streams; presence has no memory, and is none of them.

    """

    began: datetime
    looked: datetime
    slept: datetime | None = None
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

    def deafened(self, deaf: Mapping[Stream, Deaf]) -> "Attendants":
        """Take which streams are deaf, of those that are live. To take it again changes nothing."""
        listeners = {stream: each.deafened(deaf.get(stream)) for stream, each in self.listeners.items()}
        return replace(self, listeners=listeners)

    def were_deaf(self, until: Mapping[Stream, datetime]) -> "Attendants":
        """Take up to when streams were announced to in the life before, which was more than they heard."""
        listeners = {
            stream: each.was_deaf(until[stream]) if stream in until else each
            for stream, each in self.listeners.items()
        }
        return replace(self, listeners=listeners)

    def look(self, now: datetime) -> "Attendants":
        """Take that it is `now`; whoever looks late has slept."""
        if now - self.looked >= SLEPT:
            return replace(self, looked=now, slept=self.looked, woke=now)
        return replace(self, looked=now)

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
        for stream, until in heard.items():
            stored = self.listeners[stream].stored
            if stored is None or until < stored or self.listeners[stream].live_since is None:
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
        causes = (self._cause_of(self.listeners[stream], away=away) for stream in first_lost)
        cause = next((each for each in causes if each), "")
        return Gap(
            reason=_reason(cause, away=away),
            streams=tuple(streams),
            since=since,
            # The clock may have been set back meanwhile.
            until=max(since, outage.until),
            cause="" if cause == _DEAF else cause,
        )

    def _cause_of(self, listener: Listener, *, away: bool) -> str:
        """Return what ended a life; empty if it was that the desk slept."""
        lost_awake = (
            self.slept is not None and listener.lost_at is not None and listener.lost_at <= self.slept
        )
        return listener.cause if lost_awake or not away else ""


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


def deaf_since(streams: Iterable[StreamFacts], now: datetime) -> Mapping[Stream, Deaf]:
    """Return up to when each live stream was surely announced to, if the transactions are not any more.

    What empties one group empties them all, so the last announcement of a transaction says something of each;
    each announcement on a stream says that of the stream itself.

    Args:
        streams: what they do.
        now: when it was found that the transactions are not announced any more, aware.

    """
    live = {
        each.stream: each for each in streams if each.phase is Phase.LIVE and each.stream in DEFAULT_STREAMS
    }
    transactions = live.get(Stream.TRANSACTIONS)
    if transactions is None:
        return {}
    told = told_last(transactions)
    # What was told on another stream just before may still have been under way.
    surely = transactions.since if told is None else told - GRACE
    return {
        stream: Deaf(
            life=each.since,
            until=max(each.since, surely, told_last(each) or each.since),
            found=now,
        )
        for stream, each in live.items()
    }


def still_deaf(deaf: Mapping[Stream, Deaf], streams: Iterable[StreamFacts]) -> Mapping[Stream, Deaf]:
    """Return what is left of it: who is announced to again in the same life has been subscribed all the time.

    That nothing was announced to the transactions was the reason for all.
    """
    again = {
        each.stream
        for each in streams
        if each.stream in deaf and each.last_event is not None and each.last_event > deaf[each.stream].found
    }
    if Stream.TRANSACTIONS in again:
        return {}
    return {stream: each for stream, each in deaf.items() if stream not in again}


def told_last(facts: StreamFacts) -> datetime | None:
    """Return when something was last announced in the present life; None: nothing was."""
    in_this_life = facts.last_event is not None and facts.last_event >= facts.since
    return facts.last_event if in_this_life else None


def _accounted(listeners: Mapping[Stream, Listener], outage: Outage | None) -> Mapping[Stream, Listener]:
    """Return how the streams stand when the gap that is due has been declared."""
    if outage is None:
        return listeners
    declared = {stream: _declared(listeners[stream], outage.until) for stream in outage.streams}
    return {**listeners, **declared}


def _declared(listener: Listener, until: datetime) -> Listener:
    # Of one that was back and is lost again, more is missing than up to there.
    follows = listener.follows or listener.live_since is not None
    return replace(listener, until=until, floor=until, below=listener.until, follows=follows)


def _told(streams: Iterable[Stream], *, history_tells: bool) -> tuple[Stream, ...]:
    return tuple(each for each in streams if not (history_tells and each is Stream.TRANSACTIONS))


def _reason(cause: str, *, away: bool) -> Reason:
    if away:
        return Reason.AWAY
    return Reason.NOT_ANNOUNCED if cause == _DEAF else Reason.NOT_CONNECTED


def _cause(facts: StreamFacts, live_since: datetime) -> str:
    """Return what ended a life, in plain words."""
    if facts.trouble is not None:
        return facts.trouble.summary
    if facts.last_close is not None and facts.last_close_at is not None and facts.last_close_at >= live_since:
        return facts.last_close
    return RENEWED
