"""The health ladder: what a connection stands on, rung by rung, from the name to what reaches this desk."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from armguard_tray.diagnosis.codes import Code


class Status(StrEnum):
    """How a rung is. What was not looked at, or could not be seen, is unknown and never ok."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"
    UNKNOWN = "unknown"


class RungId(StrEnum):
    """The kinds of rungs, from the bottom; those of a stream are named `handshake:transactions`."""

    NAME = "name"
    TCP = "tcp"
    TLS = "tls"
    HTTP = "http"
    CLOCK = "clock"
    PASSWORD = "password"  # noqa: S105 - where the password is kept
    LOGIN = "login"
    SESSION = "session"
    HANDSHAKE = "handshake"
    SUBSCRIBED = "subscribed"
    LAST_EVENT = "last-event"
    COMPLETE = "complete"
    LAYER = "layer"
    REDIS = "redis"
    TOASTS = "toasts"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """One thing that the connection stands on.

    Attributes:
        id: which, as in `RungId`; with `:stream` where each stream has its own.
        name: for people: "TCP", "Handshake of transactions".
        status: how it is.
        evidence: how that is known, one line; plain text.
        since: since when it is so, or when it was looked at; aware. None: not known.
        ms: how long it took; None where nothing was timed.
        code: what is wrong, where something is.

    """

    id: str
    name: str
    status: Status
    evidence: str
    since: datetime | None = None
    ms: float | None = None
    code: Code | None = None


@dataclass(frozen=True, slots=True)
class Cause:
    """What is wrong, and what to do.

    Attributes:
        code: which one.
        text: what is wrong, one sentence in plain words.
        remedy: what to do, one to three sentences, with what to copy.
        copy: a text to copy, such as lines of settings; empty if none.

    """

    code: Code
    text: str
    remedy: str
    copy: str = ""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What was found out, and what it means.

    Attributes:
        verdict: ok; warning; failed; or unknown, where nothing failed and too little was seen to call it ok.
        headline: the answer to "does it work?": one sentence; that of the first failed rung where one failed.
        rungs: the whole ladder, from the bottom.
        causes: what is wrong, the most important first; none where all is well.

    """

    verdict: Status
    headline: str
    rungs: tuple[Rung, ...]
    causes: tuple[Cause, ...] = ()
