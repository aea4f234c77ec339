"""channels_redis's core layer, for one event loop: fails fast, closes quietly, and can be tried out."""

import asyncio
import contextlib
import logging
import sys
import uuid
from typing import Any, ClassVar, Final

import redis
from channels_redis.core import RedisChannelLayer, RedisLoopLayer  # type: ignore[import-untyped]  # carries no types
from channels_redis.utils import _wrap_close  # type: ignore[import-untyped]  # as above
from redis import exceptions
from redis.asyncio.connection import BlockingConnectionPool
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from armguard_tray.server.layers.address import RedisAddress
from armguard_tray.server.layers.options import LayerOptions
from armguard_tray.server.layers.reasons import CLOSED, NOT_REDIS, why_not
from armguard_tray.server.layers.roll import Roll
from armguard_tray.server.layers.tally import Tally

log = logging.getLogger(__name__)

_TROUBLE: Final = (exceptions.RedisError, OSError)  # TimeoutError is an OSError
# The latter two where what answers is not Redis.
_TROUBLE_AT_A_LOOK: Final = (*_TROUBLE, ValueError, RecursionError)
_PARTING_WORDS: Final = 0.3  # seconds
_COMPLAIN_EVERY: Final = 60.0  # seconds

Keys = tuple[str | bytes, ...]


class _LoopLayer(RedisLoopLayer):  # type: ignore[misc]  # the base class carries no types
    """The connections of an event loop."""

    async def flush(self) -> None:
        """Close the connections; it is called by the loop's close(), where an error would hit the caller."""
        while self._connections:
            _, client = self._connections.popitem()
            close = client.aclose if hasattr(client, "aclose") else client.close  # redis-py before 5.0.1
            try:
                await close(close_connection_pool=True)
            except _TROUBLE as error:
                log.debug("a connection to Redis was not closed cleanly: %s", why_not(error))


class RedisLayer(RedisChannelLayer):  # type: ignore[misc]  # as above
    """The core layer at one address, with connections of one event loop.

    Attributes:
        TROUBLE: what an operation raises when Redis cannot do it.
        why_not: says it in plain words.
        roll: of the processes that have members in groups.

    """

    TROUBLE: ClassVar = _TROUBLE
    why_not = staticmethod(why_not)

    def __init__(self, address: RedisAddress, options: LayerOptions, keys: Keys, client_prefix: str) -> None:
        """Connect to nothing yet.

        Args:
            address: of Redis.
            options: of the layer.
            keys: to encrypt messages with, the first, and to decrypt them, all; none for clear text.
            client_prefix: of this process; 32 hexadecimal digits.

        """
        super().__init__(
            hosts=[{"address": address.url}],
            prefix=options.prefix,
            expiry=options.expiry,
            group_expiry=options.group_expiry,
            capacity=options.capacity,
            channel_capacity=dict(options.channel_capacity),
            symmetric_encryption_keys=list(keys),
        )
        self.client_prefix = client_prefix
        # Redis wants a whole number before version 6; 0 would wait for ever.
        self.brpop_timeout = options.blocking_read
        self.roll = Roll(self, options.renew_every)
        self._address = address
        self._options = options
        self._unreadable = Tally(_COMPLAIN_EVERY)

    def __str__(self) -> str:
        return f"{type(self).__name__}({self._address.shown})"

    def group_key(self, group: str) -> str:
        """Return the name of the sorted set that holds the members of `group`."""
        return f"{self.prefix}:group:{group}"

    def create_pool(self, index: int) -> BlockingConnectionPool:  # noqa: ARG002 - there is one host only
        """Return a pool of the running loop."""
        # HELLO, which RESP3 begins with, is unknown to Redis 5 and its likes; redis-py 4 has no choice.
        more: dict[str, Any] = {} if redis.__version__.startswith("4.") else {"protocol": 2}
        if not self._address.path:
            more["socket_keepalive"] = True
        return BlockingConnectionPool.from_url(
            self._address.url,
            max_connections=self._options.max_connections,
            timeout=self._options.send_timeout,
            # Every operation has its own limit here. With this one redis-py sends through wait_for(), which
            # before Python 3.12 may swallow a cancellation (https://github.com/python/cpython/issues/86296).
            socket_timeout=None,
            socket_connect_timeout=self._options.connect_timeout,
            # redis-py's own ten attempts would keep a request waiting for seconds.
            retry=Retry(NoBackoff(), 0),
            **more,
        )

    def connection(self, index: int) -> "redis.asyncio.Redis":
        """Return the client of the running loop."""
        loop = asyncio.get_running_loop()
        if loop not in self._layers:
            _wrap_close(self, loop)
            self._layers[loop] = _LoopLayer(self)
        client: redis.asyncio.Redis = self._layers[loop].get_connection(index)
        return client

    def deserialize(self, message: bytes) -> dict[str, Any]:
        """Return the message; one for nobody if it cannot be read."""
        try:
            found: dict[str, Any] = super().deserialize(message)
        except Exception as error:  # noqa: BLE001 - cryptography's and msgpack's; the others must still be heard
            if count := self._unreadable.add():
                log.warning(
                    "messages in Redis that cannot be read: %d (%s). Does another process use the prefix %r "
                    "with another SECRET_KEY, or another clock?",
                    count,
                    type(error).__name__,
                    self.prefix,
                )
            return {"__asgi_channel__": []}
        return found

    async def _brpop_with_clean(
        self,
        index: int,
        channel: str,
        timeout: float,  # noqa: ASYNC109 - as in the base class
    ) -> bytes | None:
        # One look for a message, which Redis itself ends; if it does not, the connection is dead.
        async with asyncio.timeout(self._options.socket_timeout):
            member: bytes | None = await super()._brpop_with_clean(index, channel, timeout)
        return member

    async def _clean_receive_backup(self, index: int, channel: str) -> None:
        # The base class runs this as a task that nobody awaits.
        with contextlib.suppress(*_TROUBLE):
            await super()._clean_receive_backup(index, channel)

    async def why_unusable(self) -> str | None:
        """Send a message through Redis and take it out again; return why that failed, or None.

        It is done as the layer does it, so that a missing permission, a read-only replica or a full memory
        shows here. What a failed look leaves in Redis is gone after `expiry`. Takes `look_timeout` and some
        tenths of a second at most.
        """
        if sys.platform == "win32" and self._address.path:
            return "there are no unix sockets on Windows"
        try:
            async with asyncio.timeout(self._options.look_timeout):
                await self._rehearse()
        except _TROUBLE_AT_A_LOOK as error:
            why = why_not(error)
        else:
            return None
        return await self._parting_words() or why if why == CLOSED else why

    async def _rehearse(self) -> None:
        name = f"armguard-look.{uuid.uuid4().hex}"
        await self.connection(0).ping()
        await self.group_add(name, name)
        await self.connection(0).expire(self.group_key(name), self.expiry)
        try:
            await self.group_send(name, {"type": name})
            await self.receive_single(name)
            await self.wait_received()
        finally:
            await self.group_discard(name, name)

    async def _parting_words(self) -> str | None:
        """Return what a server says that hangs up at once, as one does that is full or protected.

        redis-py has begun to send by then, and loses the answer.
        """
        address = self._address
        if address.tls:
            return None
        try:
            async with asyncio.timeout(_PARTING_WORDS):
                reader, writer = await _connect(address)
                try:
                    line = await reader.readline()
                finally:
                    writer.transport.abort()
        except (OSError, ValueError):  # ValueError: a line without an end
            return None
        if line.startswith(b"-"):
            return why_not(exceptions.ResponseError(line[1:].decode(errors="replace")))
        return NOT_REDIS if line else None


async def _connect(address: RedisAddress) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    if sys.platform != "win32" and address.path:
        return await asyncio.open_unix_connection(address.path)
    return await asyncio.open_connection(address.host, address.port)
