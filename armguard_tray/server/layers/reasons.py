"""PURE: why Redis cannot be used, in plain words, from what redis-py or the system raised."""

import errno
import socket
import ssl
from collections.abc import Iterator
from typing import Final

from redis import exceptions

from armguard_tray.messages.plain_text import plain

CLOSED: Final = "it closed the connection (a port that wants TLS needs rediss://)"
NOT_REDIS: Final = "what answers there is not Redis"
TIMED_OUT: Final = "it did not answer in time"

_LONGEST: Final = 120  # characters of foreign text

# A name with several addresses fails with one error that has no number, only the texts of all of them
# (asyncio.BaseEventLoop.create_connection); 1225 and 10061 are Windows' "refused".
_REFUSED: Final = (f"[Errno {errno.ECONNREFUSED}]", "[WinError 1225]", "[WinError 10061]")

_BY_TEXT: Final = (
    ("authentication required", "it wants a password, and none is given"),
    ("without any password configured", "a password is given, but it has none"),
    ("but no password is set", "a password is given, but it has none"),
    ("max number of clients", "it has too many clients already (its setting maxclients)"),
    ("denied redis is running in protected mode", "it is in protected mode and refuses other machines"),
    ("connection closed by server", CLOSED),
    # redis-py's own words, where it has dropped what the system said
    *(
        (f"error {number} connecting", "nothing listens there")
        for number in (errno.ECONNREFUSED, 1225, 10061)
    ),
)

_BY_TYPE: Final[tuple[tuple[type[BaseException], str], ...]] = (
    (exceptions.AuthenticationError, "it refuses the password or the user"),
    (exceptions.NoPermissionError, "its user lacks the permission that is needed"),
    (exceptions.BusyLoadingError, "it is still loading its data"),
    (exceptions.ReadOnlyError, "it is a read-only replica"),
    (exceptions.OutOfMemoryError, "its memory limit is reached (its setting maxmemory)"),
    (exceptions.TimeoutError, TIMED_OUT),
    (exceptions.InvalidResponse, NOT_REDIS),
    # redis-py's parser at words that only look like Redis's
    (ValueError, NOT_REDIS),
    (RecursionError, NOT_REDIS),
)

_BY_SYSTEM: Final[tuple[tuple[type[BaseException], str], ...]] = (
    (ssl.SSLCertVerificationError, "its certificate is not trusted"),
    (ssl.SSLError, "it does not speak TLS (redis:// instead of rediss://?)"),
    (socket.gaierror, "no machine of that name is known"),
    (FileNotFoundError, "there is no such socket"),
    (PermissionError, "this process may not open the socket"),
    (ConnectionRefusedError, "nothing listens there"),
    (ConnectionResetError, CLOSED),
    (BrokenPipeError, CLOSED),
    (TimeoutError, TIMED_OUT),
)


def why_not(error: BaseException) -> str:
    """Return why Redis cannot be used. Foreign words are shortened and made harmless."""
    chain = list(_chain(error))
    for rule in (_by_system, _by_protocol):
        for each in chain:
            words = rule(each)
            if words is not None:
                return words
    return f"{type(error).__name__}: {plain(str(error))[:_LONGEST]}"


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and what lies under it: redis-py wraps what the system said."""
    current: BaseException | None = error
    while current is not None:
        yield current
        current = current.__cause__ or current.__context__


def _by_system(error: BaseException) -> str | None:
    if isinstance(error, OSError) and any(sign in str(error) for sign in _REFUSED):
        return "nothing listens there"
    return next((words for kind, words in _BY_SYSTEM if isinstance(error, kind)), None)


def _by_protocol(error: BaseException) -> str | None:
    if isinstance(error, exceptions.RedisError):
        text = str(error).lower()
        for sign, words in _BY_TEXT:
            if sign in text:
                return words
    return next((words for kind, words in _BY_TYPE if isinstance(error, kind)), None)
