"""PURE: the life of one stream, `(state, event, now) -> (state, commands)`.

::

    idle ──Start──> logging in ──LoggedIn──> connecting ──Proven──> live
                      ^   │                    │   ^                 │
                      │   └──────failure───────┤   └─ log in once ───┤ session gone
                      │                        v                     │
                      └────TimerFired──── backing off <──────Lost────┘
                      │                        │
                      └─ Retry, TimerFired ─ refused      Stop: from everywhere to stopped

*Live* only after the proof that the server has subscribed us: its welcome frame, or on streams that have none
the first answered ping; where events are fetched over HTTP, the first answer. *Refused* is what waiting does
not mend; all but a login is looked at again, seldom.
A stream that could not reach the server waits no longer once another stream of the desk has reached it.
Nothing here does I/O, reads a clock or draws a random number: `runner` carries the commands out.
"""

from dataclasses import dataclass, replace

from armguard_tray.connection.backoff import (
    RENEWAL,
    SELDOM,
    SLOW,
    SPREAD,
    STABLE_AFTER,
    Delay,
    asked_for,
    full_jitter,
)
from armguard_tray.connection.explain import explain
from armguard_tray.connection.failures import Closure, Failure, FailureKind
from armguard_tray.connection.phase import Need, Phase, Trouble

PROOF_WITHIN = 5.0
WAKE_PING = 3.0
ZOMBIES_LIVE = 60.0
"""Seconds for which a server may still count our dropped connections against a limit."""
_FLAPPING = 15.0
"""Seconds of life under which one loss counts as the same trouble as the one before."""


@dataclass(frozen=True, slots=True)
class State:
    """What the machine knows.

    Attributes:
        phase: what the stream is doing.
        entered: monotonic time at which it began that.
        failures: failures in a row since the last stable life.
        last: the last failure or closure.
        alike: how often in a row that one came.
        left_live: monotonic time at which it last stopped being live.
        logged_in_anew: whether the login has been renewed since the last stable life.
        trouble: why it is not live.

    """

    phase: Phase = Phase.IDLE
    entered: float = 0.0
    failures: int = 0
    last: Failure | Closure | None = None
    alike: int = 0
    left_live: float | None = None
    logged_in_anew: bool = False
    trouble: Trouble | None = None


# Events: what happened.


@dataclass(frozen=True, slots=True)
class Start:
    """Begin."""


@dataclass(frozen=True, slots=True)
class Stop:
    """End for good."""


@dataclass(frozen=True, slots=True)
class Retry:
    """The user asks to try now."""


@dataclass(frozen=True, slots=True)
class Renew:
    """An open socket is to be opened anew: it is doubted that the server still announces to it."""


@dataclass(frozen=True, slots=True)
class Woke:
    """The machine slept, or its network came back: an open socket may be dead without knowing."""


@dataclass(frozen=True, slots=True)
class Reachable:
    """The server can be reached: another stream of this desk has just become live."""


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """There is a session."""


@dataclass(frozen=True, slots=True)
class Failed:
    """Login or handshake failed."""

    failure: Failure


@dataclass(frozen=True, slots=True)
class Opened:
    """The handshake is done; that we are subscribed is not proven yet."""


@dataclass(frozen=True, slots=True)
class Proven:
    """The server has shown that we are subscribed.

    Attributes:
        heartbeat: seconds within which it has promised to say something, whatever happens; None: no promise.

    """

    heartbeat: float | None = None


@dataclass(frozen=True, slots=True)
class SessionChecked:
    """Whether the session is alive; None when that could not be learnt."""

    alive: bool | None


@dataclass(frozen=True, slots=True)
class Lost:
    """An open connection ended."""

    closure: Closure


@dataclass(frozen=True, slots=True)
class PingUnanswered:
    """A ping with a deadline was not answered."""


@dataclass(frozen=True, slots=True)
class NothingHeard:
    """A server that had promised to say something said nothing for longer than that."""


@dataclass(frozen=True, slots=True)
class TimerFired:
    """The delay that was set is over."""


Event = (
    Start
    | Stop
    | Retry
    | Renew
    | Woke
    | Reachable
    | LoggedIn
    | Failed
    | Opened
    | Proven
    | SessionChecked
    | Lost
    | PingUnanswered
    | NothingHeard
    | TimerFired
)


# Commands: what the runner is to do.


@dataclass(frozen=True, slots=True)
class LogIn:
    """Get a session: the present one, or with `anew` a newer one than was used last. Ends the timer."""

    anew: bool = False


@dataclass(frozen=True, slots=True)
class CheckSession:
    """Ask over HTTP whether the session is alive."""


@dataclass(frozen=True, slots=True)
class Connect:
    """Open the socket."""


@dataclass(frozen=True, slots=True)
class Disconnect:
    """Close the socket, give up whatever is under way, end the timer."""


@dataclass(frozen=True, slots=True)
class Ping:
    """Send a ping; PingUnanswered after `patience` seconds.

    The answer is the proof on streams that have no welcome frame, and measures the round trip on all.
    """

    patience: float


@dataclass(frozen=True, slots=True)
class Expect:
    """NothingHeard whenever no frame came on this socket for `patience` seconds, until it is closed."""

    patience: float


@dataclass(frozen=True, slots=True)
class Wait:
    """Set the one timer of this stream, in place of any earlier one."""

    delay: Delay


Command = LogIn | CheckSession | Connect | Disconnect | Ping | Expect | Wait
Step = tuple[State, tuple[Command, ...]]


def step(state: State, event: Event, now: float) -> Step:  # noqa: C901, PLR0911, PLR0912 - a table, row by row
    """Return what the stream does next. Events that do not fit the phase change nothing."""
    match state.phase, event:
        case Phase.STOPPED, _:
            return state, ()
        case _, Stop():
            return _enter(state, Phase.STOPPED, now, trouble=None), (Disconnect(),)
        case Phase.IDLE, Start():
            return _log_in(state, now)
        case Phase.BACKING_OFF, (Retry() | Woke() | TimerFired()):
            return _log_in(state, now)
        case Phase.BACKING_OFF, Reachable() if _could_not_reach(state.last):
            return _log_in(state, now)
        case Phase.REFUSED, Retry():
            return _log_in(state, now)
        case Phase.REFUSED, (Woke() | TimerFired()) if _may_be_mended(state.trouble):
            return _log_in(state, now)
        case Phase.LIVE, (Retry() | Renew() | TimerFired()):
            return _renew(state, now)
        case Phase.LIVE, Woke():
            return state, (Ping(WAKE_PING),)
        case Phase.LOGGING_IN, LoggedIn():
            return _enter(state, Phase.CONNECTING, now, trouble=state.trouble), (Connect(),)
        case Phase.LOGGING_IN | Phase.CONNECTING, Failed(failure):
            return _failed(state, failure, now)
        case Phase.CONNECTING, Opened():
            return state, (Wait(Delay(PROOF_WITHIN, PROOF_WITHIN)), Ping(PROOF_WITHIN))
        case Phase.CONNECTING, Proven(heartbeat):
            expect = () if heartbeat is None else (Expect(heartbeat),)
            return _enter(state, Phase.LIVE, now, trouble=None), (Wait(RENEWAL), *expect)
        case Phase.CONNECTING, SessionChecked(alive):
            return _session_checked(state, alive, now)
        case Phase.CONNECTING, (TimerFired() | PingUnanswered()):
            return _failed(state, Failure(FailureKind.UNPROVEN), now)
        case Phase.LIVE, (PingUnanswered() | NothingHeard()):
            return _after_life(state, Failure(FailureKind.SILENT), now)
        case Phase.LIVE, Failed(failure):
            return _after_life(state, failure, now)
        case Phase.LIVE, Lost(closure):
            return _after_life(state, closure, now)
        case Phase.CONNECTING, Lost(closure):
            return _decide(_count(state, closure), closure, now)
        case _:
            return state, ()


def _enter(state: State, phase: Phase, now: float, *, trouble: Trouble | None) -> State:
    return replace(state, phase=phase, entered=now, trouble=trouble)


def _log_in(state: State, now: float, *, anew: bool = False) -> Step:
    return _enter(state, Phase.LOGGING_IN, now, trouble=state.trouble), (LogIn(anew),)


def _renew(state: State, now: float) -> Step:
    state, commands = _log_in(_forget_by_life(state, now), now)
    return state, (Disconnect(), *commands)


def _count(state: State, what: Failure | Closure) -> State:
    alike = state.alike + 1 if _same(state.last, what) else 1
    return replace(state, failures=state.failures + 1, last=what, alike=alike)


def _same(one: Failure | Closure | None, other: Failure | Closure) -> bool:
    match one, other:
        case Closure(), Closure():
            return one.code == other.code
        case Failure(), Failure():
            return (one.kind, one.status) == (other.kind, other.status)
        case _:
            return False


def _after_life(state: State, what: Failure | Closure, now: float) -> Step:
    return _decide(_count(_forget_by_life(state, now), what), what, now)


def _forget_by_life(state: State, now: float) -> State:
    """Leave live; a stable life wipes out what went wrong before it."""
    lived = now - state.entered
    if lived >= STABLE_AFTER:
        state = replace(state, failures=0, logged_in_anew=False)
    if lived >= _FLAPPING:
        state = replace(state, last=None, alike=0)
    return replace(state, left_live=now)


def _failed(state: State, failure: Failure, now: float) -> Step:
    if state.phase is Phase.CONNECTING and (failure.kind, failure.status) == (FailureKind.STATUS, 403):
        # 403 alone does not tell a lost session from a refused Origin: ask over HTTP.
        return state, (CheckSession(),)
    return _decide(_count(state, failure), failure, now)


def _session_checked(state: State, alive: bool | None, now: float) -> Step:  # noqa: FBT001 - a fact of three values
    if alive is None:
        failure = Failure(FailureKind.STATUS, 403)
    elif not alive:
        return _session_gone(state, now)
    elif state.left_live is not None and now - state.left_live < ZOMBIES_LIVE:
        # Our own dropped connections may still count against a limit.
        failure = Failure(FailureKind.STATUS, 403)
    else:
        failure = Failure(FailureKind.ORIGIN)
    return _decide(_count(state, failure), failure, now)


def _session_gone(state: State, now: float) -> Step:
    if state.logged_in_anew:
        failure = Failure(FailureKind.SESSION_LOST)
        # After the slow wait another login may be tried: the server may have been mended meanwhile.
        state = replace(_count(state, failure), logged_in_anew=False)
        return _back_off(state, explain(failure), SLOW, now)
    return _log_in(replace(state, logged_in_anew=True), now, anew=True)


def _decide(state: State, what: Failure | Closure, now: float) -> Step:
    """Choose between waiting, logging in again and asking the user, as delivery's table has it."""
    if _session_is_gone(what):
        state, commands = _session_gone(state, now)
        return state, (Disconnect(), *commands)
    trouble = explain(what, state.alike)
    if trouble.need is not None:
        refused = _enter(state, Phase.REFUSED, now, trouble=trouble)
        look_again = (Wait(SELDOM),) if _may_be_mended(trouble) else ()
        return refused, (Disconnect(), *look_again)
    return _back_off(state, trouble, _delay(state, what), now)


def _could_not_reach(what: Failure | Closure | None) -> bool:
    """Tell whether the server was away, so that waiting on has no reason once it is back.

    What it said of this stream alone, or of how long to wait, still holds.
    """
    match what:
        case Failure(kind, retry_after=None) if kind in _AWAY:
            return True
        case Failure(FailureKind.STATUS, 502 | 504, retry_after=None) | Closure(1001 | 1006 | 1012):
            return True
        case _:
            return False


_AWAY = frozenset(
    {
        FailureKind.NAME,
        FailureKind.REFUSED,
        FailureKind.TIMED_OUT,
        FailureKind.UNREACHABLE,
        FailureKind.NO_ANSWER,
        FailureKind.SILENT,
    }
)


def _may_be_mended(trouble: Trouble | None) -> bool:
    """Whether others may mend it. A password is never tried again without the user, nor is consent given."""
    return trouble is None or trouble.need not in {Need.LOGIN, Need.CONSENT}


def _session_is_gone(what: Failure | Closure) -> bool:
    match what:
        case Closure(4001):
            return True
        case Failure(FailureKind.STATUS, 302 | 401):
            return True
        case _:
            return False


def _delay(state: State, what: Failure | Closure) -> Delay:
    match what:
        case Closure(1001 | 1012):
            return SPREAD
        case Closure(4008 | 4029 | 4030):
            return SLOW
        case Failure(FailureKind.RATE_LIMITED | FailureKind.UNANSWERED, retry_after=float(seconds)):
            # A password may have been sent: no server may hasten the next one.
            return asked_for(seconds, otherwise=SLOW)
        case Failure(retry_after=float(seconds)):
            return asked_for(seconds, otherwise=full_jitter(state.failures))
        case Failure(FailureKind.RATE_LIMITED | FailureKind.UNANSWERED) | Failure(status=429):
            return SLOW
        case _:
            return full_jitter(state.failures)


def _back_off(state: State, trouble: Trouble, delay: Delay, now: float) -> Step:
    return _enter(state, Phase.BACKING_OFF, now, trouble=trouble), (Disconnect(), Wait(delay))
