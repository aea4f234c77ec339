"""One look at Redis from this desk, with no retry: a wrong password is tried once.

Only PING and INFO are sent, and SELECT where the address names a database; nothing is written.
"""

import asyncio
import contextlib
import errno
import logging
import socket
import ssl
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from armguard_tray.messages.plain_text import plain
from armguard_tray.redis_probe.report import Reason, RedisReport, answered, failed, vendor_and_version
from armguard_tray.settings.model import RedisSettings, problems

if TYPE_CHECKING:
    from redis.asyncio import Redis

log = logging.getLogger(__name__)

DEFAULT_PORT = 6379
_SECOND_LOOK = 1.0  # seconds
_UNASKED = 0.3  # seconds to wait for words that come unasked


@dataclass(frozen=True, slots=True)
class _Target:
    """An address taken apart; `path` is that of a Unix socket, else empty."""

    host: str
    port: int
    path: str
    tls: bool
    username: str | None
    database: int

    @property
    def where(self) -> str:
        if self.path:
            return self.path
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def _target(address: str) -> _Target:
    problem = problems(RedisSettings(address=address)).get("address")
    if problem or not address:
        raise ValueError(problem or "There is no address to look at.")
    parts = urlsplit(address)
    unix = parts.scheme == "unix"
    database = "" if unix else parts.path.strip("/")
    return _Target(
        host=parts.hostname or "localhost",
        port=parts.port or DEFAULT_PORT,
        path=unquote(parts.path) if unix else "",
        tls=parts.scheme == "rediss",
        username=unquote(parts.username) if parts.username else None,
        database=int(database) if database.isdecimal() else 0,
    )


async def probe(address: str, *, password: str | None = None, timeout: float = 2.0) -> RedisReport:  # noqa: ASYNC109 - the report names the time limit
    """Look at the Redis at `address` and return what was found.

    It takes `timeout` seconds at most, and one more where silence needs a second look.

    Raises:
        ValueError: the address is not one that the settings accept.

    """
    target = _target(address)
    try:
        async with asyncio.timeout(timeout):
            report = await _look(target, password)
    except TimeoutError:
        report = failed(target.where, Reason.TIMED_OUT, timeout=timeout)
    better = await _second_look(target, report.reason)
    if better is not None:
        report = failed(target.where, better)
    log.info("Redis at %s: %s", target.where, report.reason)
    return report


async def _look(target: _Target, password: str | None) -> RedisReport:
    # Late: 15 MiB and 170 ms that a desk pays only when it looks at Redis.
    from redis.exceptions import RedisError  # noqa: PLC0415 - see above

    try:
        async with _client(target, password) as client:
            return await _ask(target, client)
    # ValueError and RecursionError: redis-py's parser at words that only look like its protocol.
    except (RedisError, OSError, ValueError, RecursionError) as error:
        return failed(target.where, reason_of(error), detail=_detail(error))


def _client(target: _Target, password: str | None) -> "Redis":
    from redis.asyncio import Redis  # noqa: PLC0415 - late, as in _look
    from redis.asyncio.retry import Retry  # noqa: PLC0415 - as above
    from redis.backoff import NoBackoff  # noqa: PLC0415 - as above

    place: dict[str, Any] = (
        {"unix_socket_path": target.path}
        if target.path
        else {"host": target.host, "port": target.port, "ssl": target.tls}
    )
    return Redis(
        **place,
        db=target.database,
        username=target.username if password else None,
        password=password,
        single_connection_client=True,
        # RESP2: HELLO, which RESP3 begins with, is unknown to Redis 5 and to some of its likes.
        protocol=2,
        encoding_errors="replace",
        decode_responses=True,
        # By default a wrong password is sent again for over 4 s.
        retry=Retry(NoBackoff(), 0),
    )


async def _ask(target: _Target, client: "Redis") -> RedisReport:
    from redis.exceptions import NoPermissionError  # noqa: PLC0415 - late, as in _look

    started = time.perf_counter()
    await client.ping()
    round_trip = time.perf_counter() - started
    info: dict[str, object] = {}
    with contextlib.suppress(NoPermissionError):
        info = await client.info("server")
    vendor, version = vendor_and_version(info)
    return answered(
        target.where, vendor=vendor, version=plain(version) if version else None, round_trip=round_trip
    )


async def _second_look(target: _Target, reason: Reason) -> Reason | None:
    """Return what lies behind a connection that was closed or kept silent, if a look past redis-py shows it.

    A TLS port closes a plain connection without a word. A plain Redis takes the TLS greeting for the start
    of a command and waits for its end. A full or a protected Redis says so and hangs up at once, so that a
    client that has begun to send loses the answer. redis-py says "closed" of any line that ends without CR.
    """
    if target.path or reason not in {Reason.CLOSED, Reason.TIMED_OUT}:
        return None
    try:
        async with asyncio.timeout(_SECOND_LOOK):
            if target.tls:
                line = await _first_line(target)
                return Reason.TLS_UNEXPECTED if line[:1] in {b"+", b"-"} else None
            return await _why_closed(target) if reason is Reason.CLOSED else None
    except TimeoutError:
        log.debug("second look at %s timed out", target.where)
    return None


async def _why_closed(target: _Target) -> Reason | None:
    from redis.exceptions import ResponseError  # noqa: PLC0415 - late, as in _look

    if await _speaks_tls(target):
        return Reason.TLS_NEEDED
    line = await _first_line(target)
    if line.startswith(b"-"):
        return reason_of(ResponseError(line[1:].decode(errors="replace")))
    return Reason.NOT_REDIS if line else None


async def _speaks_tls(target: _Target) -> bool:
    context = ssl.create_default_context()
    # Nothing is sent over it; what matters is only whether there is a handshake.
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        _, writer = await asyncio.open_connection(target.host, target.port, ssl=context)
    except ssl.SSLError as error:
        # An alert (a client certificate is asked for, say) is TLS too; other bytes are not.
        return "ALERT" in (error.reason or "")
    except OSError:
        return False
    writer.transport.abort()
    return True


async def _first_line(target: _Target) -> bytes:
    """Return the first line that is heard unasked, else in answer to PING; empty if there is none."""
    try:
        reader, writer = await asyncio.open_connection(target.host, target.port)
    except OSError:
        return b""
    try:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_UNASKED):
                return await reader.readline()
        writer.write(b"PING\r\n")
        return await reader.readline()
    except (OSError, ValueError):  # ValueError: a line without an end
        return b""
    finally:
        writer.transport.abort()


def reason_of(error: BaseException) -> Reason:
    """Return why a look failed, from what redis-py or the system raised."""
    chain = list(_chain(error))
    for rule in (_system_reason, _protocol_reason):
        for each in chain:
            reason = rule(each)
            if reason is not None:
                return reason
    return Reason.ERROR


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and what lies under it: redis-py wraps what the system said."""
    current: BaseException | None = error
    while current is not None:
        yield current
        current = current.__cause__ or current.__context__


# A name with several addresses fails with one error that has no number, only the texts of all of them
# (asyncio.BaseEventLoop.create_connection); 1225 and 10061 are Windows' "refused".
_REFUSED = (f"[Errno {errno.ECONNREFUSED}]", "[WinError 1225]", "[WinError 10061]")


def _system_reason(error: BaseException) -> Reason | None:
    by_type = (
        (ssl.SSLCertVerificationError, Reason.CERTIFICATE),
        (ssl.SSLError, Reason.TLS_UNEXPECTED),
        (socket.gaierror, Reason.NAME_UNKNOWN),
        (FileNotFoundError, Reason.NO_SOCKET),
        (ConnectionRefusedError, Reason.REFUSED),
        (ConnectionResetError, Reason.CLOSED),
        (BrokenPipeError, Reason.CLOSED),
        (TimeoutError, Reason.TIMED_OUT),
    )
    if isinstance(error, OSError) and any(sign in str(error) for sign in _REFUSED):
        return Reason.REFUSED
    return next((reason for kind, reason in by_type if isinstance(error, kind)), None)


def _protocol_reason(error: BaseException) -> Reason | None:
    from redis import exceptions  # noqa: PLC0415 - late, as in _look

    text = str(error).lower()
    by_text = (
        ("authentication required", Reason.LOGIN_NEEDED),
        ("without any password configured", Reason.LOGIN_UNEXPECTED),
        ("but no password is set", Reason.LOGIN_UNEXPECTED),
        ("max number of clients", Reason.TOO_MANY_CLIENTS),
        ("denied redis is running in protected mode", Reason.PROTECTED_MODE),
        ("connection closed by server", Reason.CLOSED),
    )
    by_type = (
        (exceptions.AuthenticationError, Reason.LOGIN_REFUSED),
        (exceptions.NoPermissionError, Reason.NO_PERMISSION),
        (exceptions.BusyLoadingError, Reason.LOADING),
        (exceptions.TimeoutError, Reason.TIMED_OUT),
        (exceptions.InvalidResponse, Reason.NOT_REDIS),
        (OSError, Reason.UNREACHABLE),
        (ValueError, Reason.NOT_REDIS),
        (RecursionError, Reason.NOT_REDIS),
    )
    if isinstance(error, exceptions.RedisError):
        for sign, reason in by_text:
            if sign in text:
                return reason
    return next((reason for kind, reason in by_type if isinstance(error, kind)), None)


def _detail(error: BaseException) -> str:
    """Return what was said, from the innermost system error where there is one."""
    innermost = list(_chain(error))[-1]
    if isinstance(innermost, ssl.SSLCertVerificationError):
        return plain(innermost.verify_message)
    if isinstance(innermost, OSError) and innermost.strerror:
        return plain(innermost.strerror)
    return plain(str(error))
