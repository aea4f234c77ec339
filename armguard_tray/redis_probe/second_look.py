"""A look past redis-py, at a connection that was closed or kept silent.

A TLS port closes a plain connection without a word. A plain Redis takes the TLS greeting for the start of a
command and waits for its end. A full or a protected Redis says so and hangs up at once, so that a client that
has begun to send loses the answer; so it may with the alert of one that demands a certificate. redis-py says
"closed" of any line that ends without CR.
"""

import asyncio
import contextlib
import logging
import ssl
import sys

from redis.exceptions import ResponseError

from armguard_tray.redis_probe.address import Target
from armguard_tray.redis_probe.reasons import reason_of
from armguard_tray.redis_probe.report import Reason

log = logging.getLogger(__name__)

WITHIN = 1.0  # seconds
_UNASKED = 0.3  # seconds to wait for words that come unasked


async def second_look(target: Target, reason: Reason) -> Reason | None:
    """Return what lies behind `reason`, if that shows; it takes a second at most, and sends no password."""
    if reason not in {Reason.CLOSED, Reason.TIMED_OUT}:
        return None
    try:
        async with asyncio.timeout(WITHIN):
            if target.tls:
                line = await _first_line(target)
                if line[:1] in {b"+", b"-"}:
                    return Reason.TLS_UNEXPECTED
                return await _why_closed_over_tls(target) if reason is Reason.CLOSED else None
            return await _why_closed(target) if reason is Reason.CLOSED else None
    except TimeoutError:
        log.debug("second look at %s timed out", target.where)
    return None


async def _why_closed(target: Target) -> Reason | None:
    if not target.path and await _speaks_tls(target):
        return Reason.TLS_NEEDED
    line = await _first_line(target)
    if line.startswith(b"-"):
        return reason_of(ResponseError(line[1:].decode(errors="replace")))
    return Reason.NOT_REDIS if line else None


async def _why_closed_over_tls(target: Target) -> Reason | None:
    """Return what a TLS alert says that came when the handshake seemed to be over, as it does in TLS 1.3.

    Where something has been sent by then, the connection is reset, and the alert may be lost.
    """
    writer = None
    try:
        reader, writer = await asyncio.open_connection(target.host, target.port, ssl=_trusting_anybody())
        async with asyncio.timeout(_UNASKED):
            await reader.read(1)
    except ssl.SSLError as error:
        reason = reason_of(error)
        return reason if reason is Reason.CLIENT_CERTIFICATE else None
    except OSError:  # TimeoutError is one
        return None
    finally:
        if writer is not None:
            writer.transport.abort()
    return None


def _trusting_anybody() -> ssl.SSLContext:
    """Return a context for a handshake over which nothing is sent."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


async def _speaks_tls(target: Target) -> bool:
    try:
        _, writer = await asyncio.open_connection(target.host, target.port, ssl=_trusting_anybody())
    except ssl.SSLError as error:
        # An alert (a client certificate is asked for, say) is TLS too; other bytes are not.
        return "ALERT" in (error.reason or "")
    except OSError:
        return False
    writer.transport.abort()
    return True


async def _first_line(target: Target) -> bytes:
    """Return the first line that is heard unasked, else in answer to PING; empty if there is none."""
    try:
        reader, writer = await _connect(target)
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


async def _connect(target: Target) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    if sys.platform != "win32" and target.path:
        return await asyncio.open_unix_connection(target.path)
    return await asyncio.open_connection(target.host, target.port)
