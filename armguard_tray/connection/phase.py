"""What a stream is doing, and what is known of it: the facts that people are shown."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from armguard_tray.connection.failures import Closure, Failure
from armguard_tray.connection.live_app import LiveApp
from armguard_tray.messages.streams import Stream


class Phase(StrEnum):
    """What a stream is doing. `lifecycle` holds the diagram."""

    IDLE = "idle"
    LOGGING_IN = "logging in"
    CONNECTING = "connecting"
    LIVE = "live"
    BACKING_OFF = "backing off"
    REFUSED = "refused"
    STOPPED = "stopped"


class Need(StrEnum):
    """What only the user can do about a refused stream."""

    LOGIN = "login"
    """A password: it is missing or was refused."""
    ADDRESS = "address"
    """The address or what the server allows from it: host name, Origin, path."""
    CERTIFICATE = "certificate"
    """Trust: the certificate or TLS itself failed."""
    CONSENT = "consent"
    """Consent to an unencrypted connection."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a stream is not live, or what holds it up though it is, in words.

    Attributes:
        summary: a few words for a tooltip: "server refused the connection".
        remedy: what to do, one or two sentences; may be empty.
        need: what only the user can do, where it is that.

    """

    summary: str
    remedy: str = ""
    need: Need | None = None


ENDS_KEPT = 10


@dataclass(frozen=True, slots=True)
class End:
    """How a connection, or an attempt at one, ended; `at` is when, aware."""

    at: datetime
    how: Failure | Closure


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamFacts:
    """What is known of one stream, as people are shown it.

    Attributes:
        stream: which one.
        phase: what it is doing.
        since: when it began doing that, aware.
        troubled_since: when the trouble began that it is in, aware; attempts in between do not end it.
        trouble: why it is not live, if something went wrong; of a live one, what holds it up.
        retry_at: when it tries again by itself, aware.
        last_event: when the last event arrived, aware; None if none in this run.
        events: how many arrived in this run.
        round_trip: seconds from ping to pong, last measured; None if unknown.
        reconnects: how often it became live again in this run.
        last_close: the close code or HTTP status that ended the last connection, and its meaning.
        last_close_at: when that was, aware.
        ends: how the last connections and attempts ended, the newest last; `ENDS_KEPT` at most.
        app: the server's live app, as it describes itself; None where there is none.
        heard: up to when this stream's connection was surely whole, aware: all that the server had told until
            then is here. None if it never was in this run.
        resumed: whether it is live from where the desk had left off, so that nothing was missed.
        user_id: who the server says we are, in a welcome frame that tells it.

    """

    stream: Stream
    phase: Phase
    since: datetime
    trouble: Trouble | None = None
    troubled_since: datetime | None = None
    retry_at: datetime | None = None
    last_event: datetime | None = None
    events: int = 0
    round_trip: float | None = None
    reconnects: int = 0
    last_close: str | None = None
    last_close_at: datetime | None = None
    ends: tuple[End, ...] = ()
    app: LiveApp | None = None
    heard: datetime | None = None
    resumed: bool = False
    user_id: int | None = None
