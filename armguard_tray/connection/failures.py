"""What can go wrong between this desk and a live stream, as facts; the words are in `explain`."""

import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class FailureKind(StrEnum):
    """What went wrong, as far as this end can tell."""

    NAME = "name"
    REFUSED = "refused"
    TIMED_OUT = "timed out"
    UNREACHABLE = "unreachable"
    CERTIFICATE = "certificate"
    TLS = "tls"
    STATUS = "status"
    NOT_ARMGUARD = "not armguard"
    HOST_NOT_ALLOWED = "host not allowed"
    CSRF = "csrf"
    RATE_LIMITED = "rate limited"
    NO_PASSWORD = "no password"  # noqa: S105 - the name of a fault, not a secret
    WRONG_PASSWORD = "wrong password"  # noqa: S105 - as above
    LOCKED_OUT = "locked out"
    NO_CONSENT = "no consent"
    SESSION_LOST = "session lost"
    ORIGIN = "origin"
    UNPROVEN = "unproven"
    SILENT = "silent"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Failure:
    """An attempt that did not end in a live stream.

    Attributes:
        kind: what went wrong.
        status: the HTTP status, where one was received.
        retry_after: seconds that the server asked to wait.
        detail: what the library or the server said, for the log and the curious; never a secret.

    """

    kind: FailureKind
    status: int | None = None
    retry_after: float | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Closure:
    """The end of an open connection.

    Attributes:
        code: the close code (RFC 6455, 7.4); 1006 when the link just broke.
        reason: the server's words; hostile text.

    """

    code: int
    reason: str = ""


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def failure_of(error: BaseException) -> Failure:
    """Return what a network library's exception means, by the system error at its root."""
    for each in _chain(error):
        kind = _kind_of(each)
        if kind is not None:
            return Failure(kind, detail=str(each))
    return Failure(FailureKind.OTHER, detail=f"{type(error).__name__}: {error}")


# The more special classes first: all of them are OSErrors.
_ROOTS: tuple[tuple[type[BaseException], FailureKind], ...] = (
    (ssl.SSLCertVerificationError, FailureKind.CERTIFICATE),
    (ssl.SSLError, FailureKind.TLS),
    (socket.gaierror, FailureKind.NAME),
    (ConnectionRefusedError, FailureKind.REFUSED),
    (TimeoutError, FailureKind.TIMED_OUT),
    (OSError, FailureKind.UNREACHABLE),
)


def _kind_of(error: BaseException) -> FailureKind | None:
    return next((kind for root, kind in _ROOTS if isinstance(error, root)), None)


def parse_retry_after(value: str | None) -> float | None:
    """Return the seconds in a Retry-After header (RFC 9110, 10.2.3); its date form is left unread."""
    return float(value) if value is not None and value.isascii() and value.isdigit() else None
