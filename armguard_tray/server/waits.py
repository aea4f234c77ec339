"""How long the app waits for locks of the database: never as long as the project's own code may."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from django.db import connections, transaction

from armguard_tray.server.conf import live_settings

_SQLITE_DEFAULT: Final = 5.0  # seconds: sqlite3.connect(), unless the project's OPTIONS name a timeout


@contextmanager
def bounded(alias: str) -> Iterator[None]:
    """Return the context in which the app reads, and adds rows, without waiting long for locks.

    In a caller's transaction it is a savepoint. On PostgreSQL it waits for each lock no longer than
    `lock_timeout`, unless that is 0: a table may be locked for minutes, as by CREATE INDEX. The caller's own
    limit holds again afterwards. On SQLite reading waits for nobody, and a caller that publishes in a
    transaction has the one lock for writing, or is about to wait for it anyway.
    """
    callers = connections[alias].in_atomic_block
    if connections[alias].vendor == "postgresql" and live_settings().lock_timeout:
        with transaction.atomic(using=alias):
            before = _limit_of(alias) if callers else ""
            _set_limit(alias, _milliseconds(live_settings().lock_timeout))
            yield
            if before:  # rolled back, the savepoint takes the limit back by itself
                _set_limit(alias, before)
    elif callers or not connections[alias].get_autocommit():
        with transaction.atomic(using=alias):
            yield
    else:
        yield


@contextmanager
def bounded_transaction(alias: str) -> Iterator[None]:
    """Return a transaction of the app's own, in which it does not wait long for locks, on SQLite either.

    Raises:
        RuntimeError: within a transaction.

    """
    seconds = live_settings().lock_timeout
    # Where BEGIN takes SQLite's lock already (`transaction_mode`), it must not wait long either.
    with _bounded_writing(alias, seconds), transaction.atomic(using=alias, durable=True):
        if connections[alias].vendor == "postgresql" and seconds:
            _set_limit(alias, _milliseconds(seconds))
        yield


@contextmanager
def _bounded_writing(alias: str, seconds: float) -> Iterator[None]:
    """Return the context in which SQLite's one lock for writing is waited for so long."""
    connection = connections[alias]
    if connection.vendor != "sqlite" or not seconds:
        yield
        return
    own = float(connection.settings_dict["OPTIONS"].get("timeout", _SQLITE_DEFAULT))
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA busy_timeout = {min(own, seconds) * 1000:.0f}")
        try:
            yield
        finally:
            cursor.execute(f"PRAGMA busy_timeout = {own * 1000:.0f}")


def _milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.0f}ms"


def _limit_of(alias: str) -> str:
    """Return PostgreSQL's present limit."""
    with connections[alias].cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        (limit,) = cursor.fetchone()
    return str(limit)


def _set_limit(alias: str, limit: str) -> None:
    """Set PostgreSQL's limit for the rest of the transaction."""
    with connections[alias].cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [limit])
