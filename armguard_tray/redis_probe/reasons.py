"""PURE: why a look failed, from what redis-py or the system raised."""

import errno
import re
import socket
import ssl
from collections.abc import Iterator

from redis import exceptions

from armguard_tray.messages.plain_text import plain
from armguard_tray.redaction.secrets import Secrets
from armguard_tray.redis_probe.report import Reason

# The first two are what redis-py means to raise; the others are what its parser does with words that only
# look like its protocol.
REDIS_TROUBLE = (exceptions.RedisError, OSError, ValueError, RecursionError)
# A name with several addresses fails with one error that has no number, only the texts of all of them
# (asyncio.BaseEventLoop.create_connection); 1225 and 10061 are Windows' "refused".
_REFUSED = (f"[Errno {errno.ECONNREFUSED}]", "[WinError 1225]", "[WinError 10061]")
# TLS 1.3 has a word of its own for it; before, servers refused the handshake, or the certificate not shown.
_CLIENT_CERTIFICATE = ("CERTIFICATE_REQUIRED", "ALERT_HANDSHAKE_FAILURE", "ALERT_BAD_CERTIFICATE")

# Redis says back what it was sent, the first 128 characters of it:
# https://github.com/redis/redis/blob/7.0/src/server.c, commandCheckExistence
_UNKNOWN_COMMAND = re.compile(r"(?:ERR )?unknown command\W{0,4}(\w{0,64})", re.IGNORECASE)
_NO_LOGIN = "it knows no AUTH, so that nobody can log in there; look without user name and password"

_SYSTEM: tuple[tuple[type[BaseException], Reason], ...] = (
    (ssl.SSLCertVerificationError, Reason.CERTIFICATE),
    (ssl.SSLEOFError, Reason.CLOSED),
    (ssl.SSLZeroReturnError, Reason.CLOSED),
    (socket.gaierror, Reason.NAME_UNKNOWN),
    (FileNotFoundError, Reason.NO_SOCKET),
    (ConnectionRefusedError, Reason.REFUSED),
    (ConnectionResetError, Reason.CLOSED),
    (BrokenPipeError, Reason.CLOSED),
    (TimeoutError, Reason.TIMED_OUT),
)
_WORDS = (
    ("authentication required", Reason.LOGIN_NEEDED),
    ("without any password configured", Reason.LOGIN_UNEXPECTED),
    ("but no password is set", Reason.LOGIN_UNEXPECTED),
    ("max number of clients", Reason.TOO_MANY_CLIENTS),
    ("denied redis is running in protected mode", Reason.PROTECTED_MODE),
    ("connection closed by server", Reason.CLOSED),
)
_PROTOCOL: tuple[tuple[type[BaseException], Reason], ...] = (
    (exceptions.AuthenticationError, Reason.LOGIN_REFUSED),
    (exceptions.NoPermissionError, Reason.NO_PERMISSION),
    (exceptions.BusyLoadingError, Reason.LOADING),
    (exceptions.MasterDownError, Reason.MASTER_LOST),
    (exceptions.TimeoutError, Reason.TIMED_OUT),
    (exceptions.InvalidResponse, Reason.NOT_REDIS),
    (OSError, Reason.UNREACHABLE),
    (ValueError, Reason.NOT_REDIS),
    (RecursionError, Reason.NOT_REDIS),
)


def reason_of(error: BaseException) -> Reason:
    """Return why a look failed: what the system said counts more than how redis-py wrapped it."""
    chain = list(_chain(error))
    for rule in (_system_reason, _protocol_reason):
        for each in chain:
            reason = rule(each)
            if reason is not None:
                return reason
    return Reason.ERROR


def detail_of(error: BaseException, password: str | None = None) -> str:
    """Return what was said, from the innermost system error where there is one; plain text.

    Args:
        error: what was raised.
        password: that was sent, and may be said back; it is struck out.

    """
    return plain(Secrets([password]).strike(_said(error)))


def _said(error: BaseException) -> str:
    innermost = list(_chain(error))[-1]
    if isinstance(innermost, ssl.SSLCertVerificationError):
        return innermost.verify_message
    if isinstance(innermost, OSError) and innermost.strerror:
        return innermost.strerror
    said = str(error)
    unknown = _UNKNOWN_COMMAND.match(said)
    if unknown is None:
        return said
    # What follows are the arguments: of AUTH, the password, cut anywhere.
    return _NO_LOGIN if unknown[1].upper() == "AUTH" else f"unknown command '{unknown[1]}'"


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and what lies under it: redis-py wraps what the system said."""
    current: BaseException | None = error
    while current is not None:
        yield current
        current = current.__cause__ or current.__context__


def _system_reason(error: BaseException) -> Reason | None:
    if isinstance(error, OSError) and any(sign in str(error) for sign in _REFUSED):
        return Reason.REFUSED
    reason = next((reason for kind, reason in _SYSTEM if isinstance(error, kind)), None)
    return _tls_reason(error) if reason is None and isinstance(error, ssl.SSLError) else reason


def _tls_reason(error: ssl.SSLError) -> Reason:
    said = getattr(error, "reason", None) or ""  # one that was made by Python has none
    if any(sign in said for sign in _CLIENT_CERTIFICATE):
        return Reason.CLIENT_CERTIFICATE
    # Only what speaks TLS sends an alert.
    return Reason.ERROR if "ALERT" in said else Reason.TLS_UNEXPECTED


def _protocol_reason(error: BaseException) -> Reason | None:
    if isinstance(error, exceptions.RedisError):
        text = str(error).lower()
        for sign, reason in _WORDS:
            if sign in text:
                return reason
    return next((reason for kind, reason in _PROTOCOL if isinstance(error, kind)), None)
