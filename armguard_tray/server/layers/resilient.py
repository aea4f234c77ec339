"""The channel layer: Redis where it answers, this process's memory while it does not."""

import asyncio
import contextlib
import importlib.util
import logging
import os
import sys
import threading
import uuid
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Final

from channels.exceptions import ChannelFull
from channels.layers import BaseChannelLayer
from django.conf import settings

from armguard_tray.server.layers.address import AddressError, RedisAddress, find_address
from armguard_tray.server.layers.mailboxes import Mailboxes
from armguard_tray.server.layers.options import LayerOptions
from armguard_tray.server.layers.station import Station
from armguard_tray.server.layers.status import LayerStatus, memory_warning
from armguard_tray.server.layers.switch import Switch

if TYPE_CHECKING:
    import re

    from redis.asyncio import Redis

    from armguard_tray.server.layers.redis_layer import Keys, RedisLayer

log = logging.getLogger(__name__)

_CLEAR_TEXT: Final = (
    "Messages lie in Redis in clear text, since the package cryptography is not installed; "
    "Redis is only used because it is on this machine."
)


class _NoRedis(Exception):  # noqa: N818 - named for what is the case
    """Redis is not to be used; the text says why. `level` is that of the log line."""

    def __init__(self, why: str, level: int) -> None:
        super().__init__(why)
        self.level = level


@dataclass(frozen=True, slots=True)
class _Place:
    """Where Redis is, and what messages are encrypted with."""

    address: RedisAddress
    keys: "Keys"


class _Process:
    """What one process has of the layer; a forked child begins anew."""

    def __init__(self, options: LayerOptions) -> None:
        self.pid = os.getpid()
        self.client_prefix = uuid.uuid4().hex
        self.mailboxes = Mailboxes()
        level = logging.ERROR if options.use == "redis" else logging.WARNING
        self.switch = Switch(look_every=options.look_every, level=level)
        self.owed: set[tuple[str, str]] = set()
        self.place: _Place | None = None
        self._options = options
        self._stations: dict[asyncio.AbstractEventLoop, Station] = {}
        self._lock = threading.Lock()
        self._placed = False

    def station(self) -> Station | None:
        """Return what the running loop has, or None where Redis is not to be used at all."""
        with self._lock:
            if not self._placed:
                self._placed = True
                self._find_place()
            if self.place is None:
                return None
            loop = asyncio.get_running_loop()
            station = self._stations.get(loop)
            if station is None:
                for closed in [each for each in self._stations if each.is_closed()]:
                    del self._stations[closed]
                station = self._stations[loop] = self._new_station(self.place)
            return station

    def _find_place(self) -> None:
        try:
            self.place = _find_place(self._options)
        except _NoRedis as no:
            self.switch.use_memory(str(no), no.level)

    def _new_station(self, place: _Place) -> Station:
        from armguard_tray.server.layers.redis_layer import RedisLayer  # noqa: PLC0415 - may not be installed

        return Station(
            RedisLayer(place.address, self._options, place.keys, self.client_prefix),
            where=place.address.shown,
            switch=self.switch,
            mailboxes=self.mailboxes,
            owed=self.owed,
            options=self._options,
        )


class ResilientChannelLayer(BaseChannelLayer):
    """A layer of which no operation fails over Redis, or waits for it beyond a look's and a sending's limits.

    While Redis is lost, messages reach the consumers of this process only. Who waits in receive() goes on
    waiting when Redis goes and comes, and stays in its groups.
    """

    extensions: ClassVar = ["groups", "flush"]

    def __init__(self, **config: Any) -> None:
        """Take the options of `channel_layers`; nothing is looked for before the first use."""
        self.options = LayerOptions(**config)
        super().__init__(expiry=self.options.expiry, capacity=self.options.capacity)
        patterns: dict[str | re.Pattern[str], int] = {}
        patterns.update(self.options.channel_capacity)
        self._patterns = self.compile_capacities(patterns)
        self._process = _Process(self.options)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.status().in_use}>"

    def status(self) -> LayerStatus:
        """Return what carries messages in this process."""
        process = self._here()
        state = process.switch.state
        warning = None
        if state.in_use == "memory" and not self.options.single_process:
            warning = memory_warning(sys.argv)
        elif state.in_use == "redis" and process.place is not None and not process.place.keys:
            warning = _CLEAR_TEXT
        shown = process.place.address.shown if process.place is not None else ""
        alone = self.options.single_process
        return LayerStatus(state.in_use, state.why, state.since, address=shown, warning=warning, alone=alone)

    def on_change(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Call `callback` after each change of the status; see `on_layer_change`."""
        return self._here().switch.subscribe(callback)

    async def redis(self) -> "Redis | None":
        """Return the client of the running loop where Redis is in use; see `current_redis`."""
        station = self._here().station()
        if station is None or not await station.is_redis_usable():
            return None
        return station.redis.connection(0)

    async def send(self, channel: str, message: dict[str, Any]) -> None:
        """Send to one channel.

        Raises:
            ChannelFull: it holds as many unread messages as it may.

        """
        self._check_channel(channel)
        _check_message(message)
        if not await self._in_redis(lambda redis: redis.send(channel, message)):
            self._tidy()
            if not self._put(channel, message):
                raise ChannelFull(channel)

    async def receive(self, channel: str) -> dict[str, Any]:
        """Wait for the channel's next message, however often Redis goes and comes meanwhile."""
        self._check_channel(channel)
        process = self._here()
        with self._receiving(process, channel):
            return await process.mailboxes.get(channel)

    async def new_channel(self, prefix: str = "specific") -> str:
        """Return the name of a new channel of this process."""
        process = self._here()
        self._tidy()
        # As channels_redis has it: tools that look into Redis know the form.
        channel = f"{prefix}.{process.client_prefix}!{uuid.uuid4().hex}"
        process.mailboxes.open(channel)
        return channel

    async def group_add(self, group: str, channel: str) -> None:
        """Make a channel a member of a group."""
        self._check_group(group)
        self._check_channel(channel)
        process = self._here()
        membership = process.mailboxes.join(group, channel)
        process.owed.discard((group, channel))
        if await self._in_redis(lambda redis: redis.group_add(group, channel)):
            membership.in_redis = True

    async def group_discard(self, group: str, channel: str) -> None:
        """End a membership; none is no error."""
        self._check_group(group)
        self._check_channel(channel)
        process = self._here()
        membership = process.mailboxes.leave(group, channel)
        if membership is not None and membership.in_redis:
            process.owed.add((group, channel))
        if await self._in_redis(lambda redis: redis.group_discard(group, channel)):
            process.owed.discard((group, channel))

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        """Send to all members of a group; those that are full miss it."""
        self._check_group(group)
        _check_message(message)
        if not await self._in_redis(lambda redis: redis.group_send(group, message)):
            self._tidy()
            for channel in self._here().mailboxes.members(group):
                self._put(channel, message)

    async def flush(self) -> None:
        """Forget every message and every group."""
        self._here().mailboxes.clear()
        await self._in_redis(lambda redis: redis.flush())

    async def close(self) -> None:
        """Close what the running loop has."""
        station = self._here().station()
        if station is not None:
            await station.close()

    def _here(self) -> _Process:
        if self._process.pid != os.getpid():
            self._process = _Process(self.options)
        return self._process

    async def _in_redis(self, act: Callable[["RedisLayer"], Awaitable[None]]) -> bool:
        """Do it in Redis and return True, or return False where Redis is not in use, or now lost."""
        station = self._here().station()
        if station is None or not await station.is_redis_usable():
            return False
        try:
            async with asyncio.timeout(self.options.send_timeout):
                await act(station.redis)
        except station.redis.TROUBLE as error:
            station.lost(error)
            return False
        return True

    def _put(self, channel: str, message: dict[str, Any]) -> bool:
        mailboxes = self._here().mailboxes
        capacity = next(
            (capacity for pattern, capacity in self._patterns if pattern.match(channel)),
            self.options.memory_capacity,
        )
        return mailboxes.put(channel, message, capacity=capacity, expiry=self.options.memory_expiry)

    def _tidy(self) -> None:
        process = self._here()
        process.owed.update(process.mailboxes.tidy(self.options.renew_every))

    @contextlib.contextmanager
    def _receiving(self, process: _Process, channel: str) -> Iterator[None]:
        station = process.station()
        with station.receiving(channel) if station is not None else contextlib.nullcontext():
            yield

    # channels 4.0 has only the first name, and 4.3 warns of it.
    def _check_channel(self, name: str) -> None:
        check = getattr(self, "require_valid_channel_name", None) or self.valid_channel_name
        check(name)

    def _check_group(self, name: str) -> None:
        check = getattr(self, "require_valid_group_name", None) or self.valid_group_name
        check(name)


def _check_message(message: Any) -> None:
    if not isinstance(message, dict):
        raise TypeError("A message is a dictionary.")


def _find_place(options: LayerOptions) -> _Place:
    if options.use == "memory":
        raise _NoRedis("The server's settings say so.", logging.INFO)
    for package in ("channels_redis", "redis", "msgpack"):
        if importlib.util.find_spec(package) is None:
            raise _NoRedis(f"The package {package} is not installed.", logging.WARNING)
    given = {name: getattr(options, name) for name in ("redis_url", "host", "port", "password", "db")}
    names = (
        () if options.redis_url else ("REDIS_URL", "REDIS_HOST", "REDIS_PORT", "REDIS_PASSWORD", "REDIS_DB")
    )
    try:
        address = find_address(given, {name: getattr(settings, name, None) for name in names}, os.environ)
    except AddressError as error:
        raise _NoRedis(f"Redis has no usable address. {error}.", logging.ERROR) from None
    keys = _keys(options)
    if not keys and not address.local:
        raise _NoRedis(
            f"Redis at {address.shown} is on another machine, and messages hold names: they are only sent "
            "there encrypted, for which the package cryptography must be installed.",
            logging.ERROR,
        )
    if not keys:
        log.warning("channel layer: %s", _CLEAR_TEXT)
    return _Place(address, keys)


def _keys(options: LayerOptions) -> "Keys":
    if importlib.util.find_spec("cryptography") is None:
        return ()
    if options.symmetric_encryption_keys is not None:
        return tuple(options.symmetric_encryption_keys)
    # The fallbacks read what processes with the old key still send while a new one is rolled out.
    return (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
