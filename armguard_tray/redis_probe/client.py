"""redis-py's client as this program uses it: one connection, and nothing sent twice or unasked."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from redis.asyncio import ConnectionPool, Redis
from redis.asyncio.connection import Connection, SSLConnection, UnixDomainSocketConnection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import InvalidResponse

from armguard_tray.redis_probe.address import Target


def client_for(target: Target, password: str | None, tls: ssl.SSLContext | None) -> Redis:
    """Return a client that has not connected yet; closing it closes its connection.

    Args:
        target: where.
        password: None for none; then no user name is sent either.
        tls: whom to trust, where the address asks for TLS; None: the system's certificates.

    """
    options: dict[str, Any] = {
        "db": target.database,
        "username": target.username if password else None,
        "password": password,
        # RESP2: HELLO, which RESP3 begins with, is unknown to Redis 5 and to some of its likes.
        "protocol": 2,
        "encoding_errors": "replace",
        "decode_responses": True,
        # By default a wrong password is sent again for over 4 s.
        "retry": Retry(NoBackoff(), 0),
    }
    connection, place = _way_to(target, tls)
    pool: ConnectionPool = ConnectionPool(connection_class=connection, max_connections=1, **place, **options)
    return Redis.from_pool(pool)


@contextmanager
def understood() -> Iterator[None]:
    """Raise InvalidResponse for what redis-py stumbles over when an answer is not of the kind it expects."""
    try:
        yield
    except (TypeError, AttributeError, LookupError) as error:
        raise InvalidResponse("an answer of another kind than was asked for") from error


def _way_to(target: Target, tls: ssl.SSLContext | None) -> tuple[type[Any], dict[str, Any]]:
    if target.path:
        return _Unix, {"path": target.path}
    place: dict[str, Any] = {"host": target.host, "port": target.port}
    return (_Tls, place | {"context": tls}) if target.tls else (_Plain, place)


class _Quiet:
    """Does not introduce itself: CLIENT SETINFO is no read, and a refusal of it stands in Redis's ACL log."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        # Not through an option: that has had several names since redis-py 5.
        for name in ("driver_info", "lib_name", "lib_version"):
            if hasattr(self, name):
                setattr(self, name, None)


class _Plain(_Quiet, Connection):
    """Over TCP."""


class _Unix(_Quiet, UnixDomainSocketConnection):
    """Over a Unix socket."""


class _Tls(_Quiet, SSLConnection):
    """Over TLS, with a context from outside."""

    def __init__(self, *, context: ssl.SSLContext | None, **options: Any) -> None:
        super().__init__(**options)
        if context is not None:
            # It makes a context of its own only if it has none; there is no option to pass one.
            self.ssl_context.context = context
