"""PURE: two rungs for each stream: whether its socket opens, and whether the server has subscribed us.

What the running connection has live comes first; else the checkup's own handshake; else why the running
connection has no live one.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from armguard_tray.connection.close_codes import describe
from armguard_tray.connection.explain import BROKEN_DOWN, HELD_UP, explain
from armguard_tray.connection.failures import Closure, Failure, FailureKind
from armguard_tray.connection.live_app import LiveApp, Way, way_to
from armguard_tray.connection.phase import Phase, StreamFacts, Trouble
from armguard_tray.diagnosis.causes import cause
from armguard_tray.diagnosis.codes import Code
from armguard_tray.diagnosis.deafness import PROVEN_ON, is_deaf
from armguard_tray.diagnosis.facts import Facts, HandshakeFound
from armguard_tray.diagnosis.failure_codes import closure_code, handshake_code
from armguard_tray.diagnosis.finding import NOT_LOOKED_AT, Finding, finding, joined
from armguard_tray.diagnosis.ladder import RungId, Status
from armguard_tray.diagnosis.moments import Moments
from armguard_tray.diagnosis.network import said_of, wait_of
from armguard_tray.diagnosis.next_try import next_try
from armguard_tray.diagnosis.place import SOCKETS, place_of
from armguard_tray.diagnosis.rhythm import closures_of, in_rhythm, one_given_up
from armguard_tray.messages.streams import DEFAULT_STREAMS, Stream

# How the server showed that it has subscribed us, in words; `HandshakeFound` has the protocol's.
_SHOWN_BY = {
    "hello": "the server greets this desk",
    "welcome frame": "the server greets this desk",
    "ping answered": "the server answers this desk",
}

# What keeps a stream from being opened, and is over once a new socket has been.
_OVER_ONCE_OPEN = {
    Code.NAME_UNKNOWN,
    Code.REFUSED,
    Code.TIMED_OUT,
    Code.SERVER_HANGS,
    Code.NETWORK_UNREACHABLE,
    Code.HUNG_UP,
    Code.BACKEND_DOWN,
    Code.ORIGIN_REFUSED,
    Code.UPGRADE_LOST,
    Code.PATH_UNKNOWN,
    Code.HANDSHAKE_500,
    Code.HANDSHAKE_REFUSED,
    Code.UNPROVEN,
    Code.SERVER_RESTARTING,
}
# What is over already once the server takes a connection.
_OVER_ONCE_ACCEPTED = {Code.NAME_UNKNOWN, Code.REFUSED, Code.NETWORK_UNREACHABLE}


@dataclass(frozen=True, slots=True)
class _Half:
    """One of the two rungs of a stream; `told` is what the texts of its cause need to know."""

    status: Status
    evidence: str
    code: Code | None = None
    told: dict[str, str] = field(default_factory=dict)
    since: datetime | None = None
    ms: float | None = None
    stands: bool = False


_Halves = tuple[_Half, _Half]


def stream_rungs(facts: Facts, moments: Moments) -> list[Finding]:
    """Return the rungs handshake and subscribed: first all handshakes, then all subscriptions."""
    look = _Look(facts, moments)
    halves = {stream: look.halves(stream) for stream in _streams(facts)}
    opened = {stream: handshake for stream, (handshake, _) in halves.items()}
    subscribed = {stream: each for stream, (_, each) in halves.items()}
    return [
        *_findings(RungId.HANDSHAKE, opened, facts),
        *_findings(RungId.SUBSCRIBED, subscribed, facts),
    ]


def app_of(facts: Facts) -> LiveApp | None:
    """Return the server's live app; of what the running connection knows, the latest."""
    return next((each.app for each in facts.streams if each.app is not None), facts.app)


def _streams(facts: Facts) -> list[Stream]:
    seen = {each.stream for each in facts.streams} | {each.stream for each in facts.handshakes}
    return [stream for stream in (*DEFAULT_STREAMS, Stream.PRESENCE) if stream in {*DEFAULT_STREAMS, *seen}]


def _findings(rung: RungId, halves: dict[Stream, _Half], facts: Facts) -> Iterable[Finding]:
    for stream, half in halves.items():
        causes = []
        if half.code is not None:
            alike = [each for each, other in halves.items() if other.code is half.code]
            told = place_of(facts) | half.told | {"streams": _named(alike, halves)}
            causes.append(cause(half.code, **told))
        yield finding(
            rung,
            half.status,
            half.evidence,
            *causes,
            of=stream.value,
            since=half.since,
            ms=half.ms,
            stands=half.stands,
        )


def _named(streams: Collection[Stream], of_all: Collection[Stream]) -> str:
    if len(streams) == len(of_all):
        return "all streams"
    return f"the {'stream' if len(streams) == 1 else 'streams'} {', '.join(streams)}"


class _Look:
    """What is known of all streams, to judge each of them by."""

    def __init__(self, facts: Facts, moments: Moments) -> None:
        self._moments = moments
        self._deaf = is_deaf(facts)
        self._running = {each.stream: each for each in facts.streams}
        # Of several the last: what came before it is history.
        self._made = {each.stream: each for each in facts.handshakes}
        self._alive = facts.session.alive if facts.session is not None else None
        self._app = app_of(facts)
        self._nginx, self._accepted = facts.nginx, facts.accepted
        self._rhythm = in_rhythm(closures_of(facts.streams), facts.now)
        self._given_up = one_given_up(facts.handshakes)

    def halves(self, stream: Stream) -> _Halves:
        """Return how the handshake and the subscription of `stream` are."""
        handshake, subscribed = self._by_facts(stream)
        app_fails = self._app is not None and not self._app.in_use
        if app_fails and handshake.status is Status.OK and self._app is not None:
            warning = self._app.warning or "its socket does not work"
            handshake = replace(
                handshake,
                status=Status.WARNING,
                evidence=joined(handshake.evidence, warning),
                code=Code.APP_FAILS,
            )
        return handshake, subscribed

    def _by_facts(self, stream: Stream) -> _Halves:
        running, made = self._running.get(stream), self._made.get(stream)
        if running is not None and running.phase is Phase.LIVE:
            return self._live(running, made)
        if made is not None:
            return self._with_trouble(running, self._checked(made))
        if running is not None:
            return self._not_live(running)
        if self._app is not None and way_to(self._app) is Way.POLLED:
            return _polled(None)
        return _Half(Status.UNKNOWN, NOT_LOOKED_AT), _Half(Status.UNKNOWN, NOT_LOOKED_AT)

    def _live(self, running: StreamFacts, made: HandshakeFound | None) -> _Halves:
        if way_to(running.app) is Way.POLLED:
            return _polled(running.since)
        since = f"live since {self._moments.at(running.since)}"
        handshake = _Half(Status.OK, since, since=running.since, stands=True)
        trip = f"answers in {running.round_trip * 1000:.1f} ms" if running.round_trip is not None else ""
        subscribed = replace(handshake, evidence=joined(since, trip))
        if running.trouble is not None:
            # The socket is well: it is this desk that cannot take what comes.
            subscribed = replace(self._held_up(running, running.trouble), stands=True)
        elif self._deaf and running.stream is PROVEN_ON:
            evidence = "open, but Redis does not list it any more"
            subscribed = _Half(Status.FAILED, evidence, Code.DEAF, since=running.since, stands=True)
        elif running.stream in self._rhythm:
            evidence = joined(since, "dropped with 1011 every few seconds")
            subscribed = replace(
                subscribed, status=Status.WARNING, evidence=evidence, code=Code.CLOSED_IN_RHYTHM
            )
        return _beside(handshake, subscribed, self._checked(made) if made is not None else None)

    def _checked(self, made: HandshakeFound) -> _Halves:
        # Silence is that of a socket which has opened.
        if made.failure is not None and made.failure.kind is not FailureKind.UNPROVEN:
            refused = replace(self._ended(made.failure, made.stream), since=made.at, ms=made.ms)
            return refused, _Half(Status.UNKNOWN, "not opened")
        opened = _Half(Status.OK, "opened", since=made.at, ms=made.ms)
        return opened, self._subscribed(made)

    def _subscribed(self, made: HandshakeFound) -> _Half:
        if made.closure is not None:
            ended = self._ended(made.closure, made.stream)
            code = ended.code
            if code is Code.CLOSED_1011 and self._given_up:
                code = Code.CLOSED_IN_RHYTHM
            evidence = joined(f"closed after {made.alive:.1f} s", ended.evidence)
            return replace(ended, evidence=evidence, code=code, since=made.at)
        if not made.subscribed or made.failure is not None:
            evidence = "opened, but the server does not show that it has subscribed this desk"
            return _Half(Status.FAILED, evidence, Code.UNPROVEN, since=made.at)
        return _Half(Status.OK, _SHOWN_BY.get(made.subscribed, made.subscribed), since=made.at)

    def _ended(self, how: Failure | Closure, stream: Stream) -> _Half:
        """Return what it means that a socket ended so, or did not open."""
        if isinstance(how, Closure):
            code = closure_code(how)
            if code is Code.CLOSED_1011 and stream in self._rhythm:
                code = Code.CLOSED_IN_RHYTHM
            said = joined(describe(how.code), how.said or how.reason)
            return _Half(Status.FAILED, said, code, {"said": how.said or how.reason, "how": said})
        others = self._others_open(stream)
        code = handshake_code(
            how,
            alive=self._alive,
            others_open=others,
            nginx=self._nginx,
            accepted=self._accepted,
        )
        told = {
            "status": str(how.status or ""),
            "detail": how.detail or ("" if how.status else explain(how).summary),
            "how": explain(how).summary,
            "wait": wait_of(how),
            **SOCKETS,
        }
        fine = code is Code.ORIGIN_REFUSED or (code is Code.HANDSHAKE_REFUSED and self._alive)
        beside = "though the session is fine" if fine else ""
        return _Half(Status.FAILED, joined(said_of(how), beside), code, told)

    def _held_up(self, running: StreamFacts, trouble: Trouble) -> _Half:
        """Return what keeps a stream of the running connection from being live."""
        began = running.troubled_since or running.since
        how_long = f"for {self._moments.age(began)}"
        last = running.ends[-1].how if running.ends else None
        if last is None or running.phase is Phase.LIVE or trouble == BROKEN_DOWN:
            told = {"detail": trouble.summary.partition(": ")[2] or trouble.summary, "how": trouble.summary}
            ours = running.phase is Phase.LIVE or trouble in {HELD_UP, BROKEN_DOWN}
            code = Code.DESK_HELD_UP if ours else Code.CLOSED
            return _Half(Status.FAILED, joined(trouble.summary, how_long), code, told, since=began)
        ended = self._ended(last, running.stream)
        return replace(ended, evidence=joined(trouble.summary, ended.evidence, how_long), since=began)

    def _with_trouble(self, running: StreamFacts | None, checked: _Halves) -> _Halves:
        """Warn where a checkup's socket opens, but the running connection still waits to try again."""
        handshake, subscribed = checked
        if running is None or running.trouble is None or subscribed.status is not Status.OK:
            return checked
        held_up = self._held_up(running, running.trouble)
        if held_up.code in _OVER_ONCE_OPEN and running.phase is not Phase.REFUSED:
            waits = self._waiting(running)
            evidence = joined(subscribed.evidence, f"the running connection's stream {waits.evidence}")
            return handshake, replace(waits, evidence=evidence)
        evidence = joined(subscribed.evidence, f"but the running connection is not live: {held_up.evidence}")
        return handshake, replace(held_up, status=Status.WARNING, evidence=evidence)

    def _not_live(self, running: StreamFacts) -> _Halves:
        unopened = _Half(Status.UNKNOWN, "not open")
        if running.trouble is not None:
            held_up = self._held_up(running, running.trouble)
            is_over = self._accepted and held_up.code in _OVER_ONCE_ACCEPTED
            is_tried = running.phase is not Phase.REFUSED
            return self._waiting(running) if is_over and is_tried else held_up, unopened
        evidence = f"{running.phase} since {self._moments.at(running.since)}"
        return _Half(Status.UNKNOWN, evidence, since=running.since), unopened

    def _waiting(self, running: StreamFacts) -> _Half:
        """Return what it means that a stream is not live for a reason that is over."""
        began = running.troubled_since or running.since
        return _Half(Status.WARNING, next_try(running, self._moments), Code.NEXT_TRY, since=began)

    def _others_open(self, stream: Stream) -> bool:
        live = any(each.phase is Phase.LIVE and each.stream is not stream for each in self._running.values())
        return live or any(each.failure is None and each.stream is not stream for each in self._made.values())


def _polled(since: datetime | None) -> _Halves:
    evidence = "real time is switched off on the server; looked at every 15 s"
    half = _Half(Status.WARNING, evidence, Code.REAL_TIME_OFF, since=since, stands=since is not None)
    return half, half


def _beside(handshake: _Half, subscribed: _Half, checked: _Halves | None) -> _Halves:
    """Return a live stream's halves beside what became of a second socket, which warns of the next one."""
    if checked is None:
        return handshake, subscribed
    pairs = zip((handshake, subscribed), checked, strict=True)
    first, second = (_warned(live, other) for live, other in pairs)
    return first, second


def _warned(live: _Half, other: _Half) -> _Half:
    if live.status is not Status.OK or other.status is not Status.FAILED:
        return live
    evidence = joined(live.evidence, f"but a new one: {other.evidence}")
    return replace(live, status=Status.WARNING, evidence=evidence, code=other.code, told=other.told)
