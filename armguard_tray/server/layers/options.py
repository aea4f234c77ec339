"""What can be set of the layer. Imports nothing of Django: a settings file reads it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal


class Secret(str):
    """Text that does not show itself: Django's debug page, and whoever logs settings, prints their repr()."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'********'"


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerOptions:
    """How the layer behaves. Times are seconds.

    Attributes:
        use, redis_url, host, port, password, db, prefix: see `channel_layers`.
        capacity, expiry: messages that may lie unread in Redis for a process, and how long one lives there.
        group_expiry: how long a membership in Redis outlives its process.
        channel_capacity: capacities of certain channels, by glob pattern.
        memory_capacity, memory_expiry: the same for each channel while Redis is not in use.
        symmetric_encryption_keys: of the messages in Redis; SECRET_KEY and its fallbacks unless given.
        blocking_read: how long Redis is asked to wait for a message.
        socket_timeout: without an answer to a blocking read for so long Redis counts as lost. It must be
            longer than the read: redis-py 8's default equals it, and closes idle connections all the time.
        connect_timeout, look_timeout, send_timeout: for a connection, for a look whether Redis can be used,
            and for one operation, after which Redis counts as lost.
        look_every: between two looks at a Redis that is lost.
        check_every: between two checks that Redis still answers, while somebody waits for a message; a frozen
            one is noticed after that and a `send_timeout`.
        renew_every: between two renewals of this process's memberships.
        max_connections: to Redis, of one event loop.
        single_process: whether nothing but this process announces or serves anything, so that memory will do.

    """

    use: Literal["auto", "redis", "memory"] = "auto"
    redis_url: str | None = field(default=None, repr=False)
    host: str | None = None
    port: int | str | None = None
    password: str | None = field(default=None, repr=False)
    db: int | str | None = None
    prefix: str = "armguard:"
    capacity: int = 300
    expiry: int = 60
    group_expiry: int = 86400
    channel_capacity: Mapping[str, int] = field(default_factory=dict)
    memory_capacity: int = 50
    memory_expiry: float = 30.0
    symmetric_encryption_keys: Sequence[str | bytes] | None = field(default=None, repr=False)
    blocking_read: float = 5.0
    socket_timeout: float = 15.0
    connect_timeout: float = 1.0
    look_timeout: float = 1.0
    send_timeout: float = 2.0
    look_every: float = 5.0
    check_every: float = 3.0
    renew_every: float = 30.0
    max_connections: int = 20
    single_process: bool = False

    def __post_init__(self) -> None:
        if self.use not in {"auto", "redis", "memory"}:
            raise ValueError(f"use must be 'auto', 'redis' or 'memory', not {self.use!r}")
        if not isinstance(self.prefix, str):
            raise ValueError("prefix must be text")  # noqa: TRY004 - one kind of error for every wrong value
        if self.socket_timeout <= self.blocking_read:
            raise ValueError(
                f"socket_timeout ({self.socket_timeout:g} s) must be longer than blocking_read "
                f"({self.blocking_read:g} s), or idle connections are closed again and again"
            )
        if isinstance(self.symmetric_encryption_keys, str | bytes):
            raise ValueError("symmetric_encryption_keys must be a list of keys")  # noqa: TRY004 - as above
