"""PURE: what one look at Redis found, in facts and in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from armguard_tray.redis_probe.figures import RedisFigures


class RedisState(StrEnum):
    """Whether Redis answered. Before the first look there is no report at all: that is *unknown*."""

    UP = "up"
    UNUSABLE = "unusable"
    """Redis is there, but not for this desk: it wants a password, say."""
    UNCLEAR = "unclear"
    """Something is there that did not show whether it is Redis."""
    DOWN = "down"


class Reason(StrEnum):
    """Why a look ended as it did, as what can be said of the other side; each has a sentence of its own."""

    ANSWERS = "answers"
    VERSION_HIDDEN = "answers, but may not tell its version"
    REFUSED = "connection refused"
    TIMED_OUT = "no answer"
    NAME_UNKNOWN = "name does not resolve"
    UNREACHABLE = "unreachable"
    NO_SOCKET = "no such socket"
    NOT_REDIS = "something else answers"
    CLOSED = "hangs up without a word"
    TLS_NEEDED = "speaks TLS only"
    TLS_UNEXPECTED = "does not speak TLS"
    CERTIFICATE = "shows a certificate that is not trusted"
    CLIENT_CERTIFICATE = "asks for a client certificate"
    LOGIN_NEEDED = "asks for a password"
    LOGIN_REFUSED = "refuses this user name or password"
    LOGIN_UNEXPECTED = "asks for no password"
    NO_PERMISSION = "permits this account nothing"
    PROTECTED_MODE = "answers only its own machine"
    TOO_MANY_CLIENTS = "has as many clients as it allows"
    LOADING = "is still loading its data"
    MASTER_LOST = "is a replica that has lost its master"
    REPLICA = "answers, but is a read-only replica"
    FULL = "answers, but has reached its memory limit"
    ERROR = "answers with an error"


LOGIN_REFUSALS = frozenset({Reason.LOGIN_REFUSED, Reason.LOGIN_UNEXPECTED})
"""Of a user name or password, which is not sent again by itself."""
_UNUSABLE = {
    Reason.LOGIN_NEEDED,
    Reason.LOGIN_REFUSED,
    Reason.LOGIN_UNEXPECTED,
    Reason.NO_PERMISSION,
    Reason.PROTECTED_MODE,
    Reason.TOO_MANY_CLIENTS,
    Reason.LOADING,
    Reason.MASTER_LOST,
    Reason.ERROR,
}
_UNCLEAR = {
    Reason.CLOSED,
    Reason.TLS_NEEDED,
    Reason.TLS_UNEXPECTED,
    Reason.CERTIFICATE,
    Reason.CLIENT_CERTIFICATE,
}

_ANSWERED = {Reason.ANSWERS, Reason.VERSION_HIDDEN, Reason.REPLICA, Reason.FULL}

# {where} is host:port or the socket's path, {detail} what the other side said.
_WORDS: dict[Reason, tuple[str, str]] = {
    Reason.ANSWERS: ("{what} answers at {where}.", ""),
    Reason.VERSION_HIDDEN: (
        "Redis answers at {where}, but does not let this account read its version.",
        "Allow the account +info to see version and vendor.",
    ),
    Reason.REFUSED: (
        "Nothing listens at {where}: the connection was refused.",
        "Start Redis there, or correct the address. It may serve only its own machine.",
    ),
    Reason.TIMED_OUT: (
        "No answer from {where} within {timeout:g} s.",
        "A firewall may swallow the connection, the machine may be off, or something else listens there.",
    ),
    Reason.NAME_UNKNOWN: (
        "The name in {where} is not known on this network.",
        "Check the spelling, or enter the machine's IP address.",
    ),
    Reason.UNREACHABLE: ("{where} cannot be reached: {detail}.", "Check this desk's network."),
    Reason.NO_SOCKET: ("There is no socket {where}.", "Start Redis, or correct the path."),
    Reason.NOT_REDIS: (
        "Something answers at {where}, but it is not Redis.",
        "Check the port: Redis usually has 6379.",
    ),
    Reason.CLOSED: (
        "{where} accepted the connection and closed it without a word.",
        "It may not be Redis, or it may turn this desk away.",
    ),
    Reason.TLS_NEEDED: ("{where} speaks TLS only.", "Let the address begin with rediss://."),
    Reason.TLS_UNEXPECTED: ("{where} does not speak TLS.", "Let the address begin with redis://."),
    Reason.CERTIFICATE: (
        "The certificate of {where} is not trusted: {detail}.",
        "Choose its CA as the CA file, or use the name that the certificate was made for.",
    ),
    Reason.CLIENT_CERTIFICATE: (
        "{where} speaks TLS only with clients that show a certificate of their own.",
        "This desk has none to show. Set tls-auth-clients to no in redis.conf, and use a password.",
    ),
    Reason.LOGIN_NEEDED: ("Redis at {where} asks for a password.", "Enter it and look again."),
    Reason.LOGIN_REFUSED: (
        "Redis at {where} refuses this user name or password.",
        "Enter the password again. It was tried only once.",
    ),
    Reason.LOGIN_UNEXPECTED: (
        "Redis at {where} has no password, but one was given.",
        "Look again with the password left empty.",
    ),
    Reason.NO_PERMISSION: (
        "Redis at {where} let this account in, but permits it nothing: {detail}.",
        "Allow the account +ping and +info.",
    ),
    Reason.PROTECTED_MODE: (
        "Redis at {where} runs in protected mode and answers only its own machine.",
        "Give it a password, or look from the machine that it runs on.",
    ),
    Reason.TOO_MANY_CLIENTS: (
        "Redis at {where} has as many clients as it allows.",
        "Look again later; raise maxclients if it stays so.",
    ),
    Reason.LOADING: ("Redis at {where} is still loading its data.", "Look again in a while."),
    Reason.MASTER_LOST: (
        "Redis at {where} is a replica that has lost its master, and answers nothing meanwhile.",
        "Bring its master back, or look at the master itself.",
    ),
    Reason.REPLICA: (
        "{what} answers at {where}, but it is a read-only replica: a channel layer cannot use it.",
        "Let the server, and this desk, use its master.",
    ),
    Reason.FULL: (
        "{what} answers at {where}, but has reached its memory limit: it takes nothing new.",
        "Raise maxmemory, or find out what fills it.",
    ),
    Reason.ERROR: ("Redis at {where} answers with an error: {detail}.", ""),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisReport:
    """What one look found.

    Attributes:
        state: whether Redis answered.
        reason: why it ended so.
        where: the place that was looked at: host:port or a socket's path.
        sentence: what was found, for people.
        remedy: what to do about it, one or two sentences; may be empty.
        vendor: Redis, Valkey, Memurai …; None if unknown.
        version: the vendor's own version; None if unknown.
        round_trip: seconds from PING to PONG; None if it never came to that.

    """

    state: RedisState
    reason: Reason
    where: str
    sentence: str
    remedy: str = ""
    vendor: str | None = None
    version: str | None = None
    round_trip: float | None = None


def answered(
    where: str,
    *,
    vendor: str | None,
    version: str | None,
    round_trip: float,
    figures: RedisFigures | None = None,
) -> RedisReport:
    """Return the report of a Redis that answered."""
    reason = _answer(vendor, figures or RedisFigures())
    sentence, remedy = _WORDS[reason]
    what = " ".join(filter(None, (vendor, version))) or "Redis"
    return RedisReport(
        state=RedisState.UP,
        reason=reason,
        where=where,
        sentence=sentence.format(where=where, what=what),
        remedy=remedy,
        vendor=vendor,
        version=version,
        round_trip=round_trip,
    )


def _answer(vendor: str | None, figures: RedisFigures) -> Reason:
    if figures.role == "replica":
        return Reason.REPLICA
    if figures.full:
        return Reason.FULL
    return Reason.ANSWERS if vendor else Reason.VERSION_HIDDEN


def failed(where: str, reason: Reason, *, detail: str = "", timeout: float = 0) -> RedisReport:
    """Return the report of a look that found no usable Redis; `timeout` in seconds."""
    sentence, remedy = _WORDS[reason]
    return RedisReport(
        state=_state_of(reason),
        reason=reason,
        where=where,
        sentence=sentence.format(where=where, detail=detail.rstrip(". "), timeout=timeout),
        remedy=remedy,
    )


def _state_of(reason: Reason) -> RedisState:
    if reason in _ANSWERED:
        return RedisState.UP
    if reason in _UNUSABLE:
        return RedisState.UNUSABLE
    return RedisState.UNCLEAR if reason in _UNCLEAR else RedisState.DOWN


def vendor_and_version(info: Mapping[str, object]) -> tuple[str | None, str | None]:
    """Return who made this Redis, and its own version, from the server section of INFO.

    The others all name a `redis_version` too, the one they are compatible with, so their own comes first.
    """
    for field, vendor in (
        ("valkey_version", "Valkey"),
        ("memurai_version", "Memurai"),
        ("dragonfly_version", "Dragonfly"),
        ("redis_version", "Redis"),
    ):
        if field in info:
            return vendor, str(info[field])
    return None, None
