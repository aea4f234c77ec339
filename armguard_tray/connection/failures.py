"""What can go wrong between this desk and a live stream, as facts; the words are in `explain`."""

import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum


class FailureKind(StrEnum):
    """What went wrong, as far as this end can tell."""

    NAME = "name"
    REFUSED = "refused"
    TIMED_OUT = "timed out"
    UNREACHABLE = "unreachable"
    NO_ANSWER = "no answer"
    """It hung up, or what it said is no HTTP."""
    CERTIFICATE = "certificate"
    TLS = "tls"
    STATUS = "status"
    NOT_ARMGUARD = "not armguard"
    HTTPS_EXPECTED = "https expected"
    CLIENT_CERTIFICATE = "client certificate"
    HOST_NOT_ALLOWED = "host not allowed"
    CSRF = "csrf"
    RATE_LIMITED = "rate limited"
    NO_PASSWORD = "no password"  # noqa: S105 - the name of a fault, not a secret
    WRONG_PASSWORD = "wrong password"  # noqa: S105 - as above
    LOCKED_OUT = "locked out"
    UNANSWERED = "login unanswered"
    """The password was sent, and whether it was right is not known."""
    GIVEN_UP = "login given up"
    """That happened too often to send the password again without the user."""
    NO_CONSENT = "no consent"
    SESSION_LOST = "session lost"
    ORIGIN = "origin"
    UNPROVEN = "unproven"
    SILENT = "silent"
    NO_APP = "no live app"
    """The server's live app has been found, but not what it serves."""
    JOURNAL = "journal"
    """This desk's own journal does not say from where to go on."""
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
        said: what the server's live app says to it, for its admins; plain text.

    """

    code: int
    reason: str = ""
    said: str = ""


# The more special classes first: nearly all of them are OSErrors. A TLS connection that just ends is a server
# that hung up, not one that cannot do TLS.
_ROOTS: tuple[tuple[type[BaseException], FailureKind], ...] = (
    (ssl.SSLCertVerificationError, FailureKind.CERTIFICATE),
    (ssl.SSLEOFError, FailureKind.NO_ANSWER),
    (ssl.SSLZeroReturnError, FailureKind.NO_ANSWER),
    (ssl.SSLError, FailureKind.TLS),
    (socket.gaierror, FailureKind.NAME),
    (ConnectionRefusedError, FailureKind.REFUSED),
    (TimeoutError, FailureKind.TIMED_OUT),
    (ConnectionError, FailureKind.NO_ANSWER),
    (EOFError, FailureKind.NO_ANSWER),
)


def failure_of(error: BaseException) -> Failure:
    """Return what a network library's exception means, by the system error at its root."""
    # What only says that a read has to wait is no failure: it stands behind a TimeoutError over TLS.
    waits = (ssl.SSLWantReadError, ssl.SSLWantWriteError)
    involved = [each for each in _involved(error) if not isinstance(each, waits)]
    for root, kind in _ROOTS:
        for each in involved:
            if isinstance(each, root):
                demanded = isinstance(each, ssl.SSLError) and demands_certificate(each)
                return Failure(FailureKind.CLIENT_CERTIFICATE if demanded else kind, detail=str(each))
    for each in involved:
        # Without a number it is a library's wrapper, such as anyio's "All connection attempts failed".
        if isinstance(each, OSError) and each.errno is not None:
            return Failure(FailureKind.UNREACHABLE, detail=str(each))
    return Failure(FailureKind.OTHER, detail=f"{type(error).__name__}: {error}")


def demands_certificate(error: ssl.SSLError) -> bool:
    """Tell whether a TLS failure says that the server wants a certificate of this desk (RFC 8446, 6.2)."""
    return "CERTIFICATE_REQUIRED" in str(error)


def _involved(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an exception, what led to it, and the members of groups: a name may have several addresses."""
    while error is not None:
        yield error
        if isinstance(error, BaseExceptionGroup):
            for each in error.exceptions:
                yield from _involved(each)
        error = error.__cause__ or error.__context__


def parse_retry_after(value: str | None, date: str | None = None) -> float | None:
    """Return the seconds that a Retry-After header asks for (RFC 9110, 10.2.3), None where it says nothing.

    A moment is measured from the answer's own `date` header: the server's clock need not be the desk's.
    """
    if value is None:
        return None
    if value.isascii() and value.isdigit():
        return float(value)
    until, now = _parse_date(value), _parse_date(date or "")
    return max(0.0, (until - now).total_seconds()) if until is not None and now is not None else None


def _parse_date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):  # the latter for numbers beyond C's
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
