"""What one event loop has of the layer: its connections to Redis, and while somebody receives, two tasks.

`mind` looks for Redis while it is lost, checks it and renews the memberships while it is there, and ends when
nobody has received for a while. `pump` takes messages from Redis and puts them into the mailboxes, so that a
receive() only ever waits for its mailbox and does not notice what becomes of Redis.
"""

import asyncio
import contextlib
import logging
import time
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from armguard_tray.server.layers.mailboxes import Mailboxes, Membership
from armguard_tray.server.layers.options import LayerOptions
from armguard_tray.server.layers.switch import Switch
from armguard_tray.tasks import TaskKeeper

if TYPE_CHECKING:
    from armguard_tray.server.layers.redis_layer import RedisLayer

log = logging.getLogger(__name__)

_LINGER: Final = 10.0  # seconds without a receive() after which the tasks end


class Station:
    """The layer in one event loop.

    Attributes:
        redis: channels_redis's layer, with connections of this loop only.

    """

    def __init__(  # noqa: PLR0913 - what a process has, shared by its stations
        self,
        redis: "RedisLayer",
        *,
        where: str,
        switch: Switch,
        mailboxes: Mailboxes,
        owed: set[tuple[str, str]],
        options: LayerOptions,
    ) -> None:
        """Belong to the running loop.

        Args:
            redis: of this loop.
            where: Redis's address for people's eyes.
            switch, mailboxes: of the process.
            owed: memberships (group, channel) that Redis must still be told to forget, of the process.
            options: of the layer.

        """
        self.redis = redis
        self._where = where
        self._switch = switch
        self._mailboxes = mailboxes
        self._owed = owed
        self._options = options
        self._loop = asyncio.get_running_loop()
        self._keeper = TaskKeeper("channel layer")
        self._names: Counter[str] = Counter()
        self._last_received = self._last_failure = self._last_renewal = float("-inf")
        self._mind: asyncio.Task[None] | None = None
        self._pumps: dict[str, asyncio.Task[None]] = {}
        self._changed = asyncio.Event()

    async def is_redis_usable(self) -> bool:
        """Return whether to use Redis now, after a look where one is due."""
        if self._switch.look_is_due():
            await self._look()
        return self._switch.state.in_use == "redis"

    @contextlib.contextmanager
    def receiving(self, channel: str) -> Iterator[None]:
        """Let the two tasks run while somebody waits for a message of `channel`."""
        name = channel[: channel.find("!") + 1] or channel
        is_new = name not in self._names
        self._names[name] += 1
        if self._mind is None or self._mind.done():
            self._mind = self._keeper.start(self._attend(), name="mind")
        elif is_new:
            self._changed.set()
        try:
            yield
        finally:
            self._names[name] -= 1
            self._last_received = time.monotonic()

    def lost(self, error: BaseException) -> None:
        """Go on in memory, since Redis failed with `error`."""
        self._switch.use_memory(f"Redis at {self._where} was lost: {self.redis.why_not(error)}.")

    async def close(self) -> None:
        """End the tasks and close the connections."""
        await self._keeper.close()
        await self.redis.close_pools()

    async def _look(self) -> bool:
        why = await self.redis.why_unusable()
        if why is None:
            self._switch.use_redis(f"It answers at {self._where}.")
        else:
            self._switch.use_memory(f"Redis at {self._where} cannot be used: {why}.")
        return why is None

    async def _attend(self) -> None:
        end = self._switch.subscribe(self._notice)
        self._last_renewal = float("-inf")
        try:
            while self._is_wanted():
                self._changed.clear()
                await self._wait(await self._set_right())
        finally:
            end()
            self._stop_pumps()
            self._names = +self._names

    async def _set_right(self) -> float:
        """Do what is to be done now, and return after how many seconds to look again."""
        if not await self.is_redis_usable():
            self._stop_pumps()
            return self._switch.seconds_to_look()
        if not await (self._renew() if self._seconds_to_renewal() <= 0 else self._check()):
            return 0
        for name in self._names:
            if name not in self._pumps or self._pumps[name].done():
                self._pumps[name] = self._keeper.start(self._pump(name), name=f"pump {name}")
        return min(self._options.check_every, self._seconds_to_renewal())

    def _seconds_to_renewal(self) -> float:
        return self._last_renewal + self._options.renew_every - time.monotonic()

    async def _check(self) -> bool:
        """Return whether Redis still answers: to a read that waits, a frozen one looks like an idle one."""
        try:
            async with asyncio.timeout(self._options.send_timeout):
                await self.redis.connection(0).ping()
        except self.redis.TROUBLE as error:
            return await self._bears(error)
        return True

    async def _renew(self) -> bool:
        """Make Redis's groups right; return whether it could be done.

        A FLUSHALL, a restart or the group's expiry would otherwise leave consumers deaf without an error.
        """
        self._owed.update(self._mailboxes.tidy(self._options.renew_every))
        current = self._mailboxes.memberships()
        self._last_renewal = time.monotonic()  # first: what changes meanwhile asks for another one
        try:
            async with asyncio.timeout(self._options.send_timeout):
                await self._write(current)
                # Who left while it was written may have been written after having left.
                left = [each for each in current if not self._mailboxes.is_member(each[0], each[1])]
                self._owed.update((group, channel) for group, channel, _ in left)
                if left:
                    await self._write([])
                await self.redis.roll.call({group for group, _, _ in current})
        except self.redis.TROUBLE as error:
            self.lost(error)
            return False
        return True

    async def _write(self, current: list[tuple[str, str, Membership]]) -> None:
        ended = tuple(self._owed)
        groups: dict[str, dict[str, float]] = {}
        for group, channel, membership in current:
            if time.time() - membership.joined > self._options.group_expiry / 2:
                membership.joined = time.time()  # group_send() drops members of more than that age
            groups.setdefault(group, {})[channel] = membership.joined
        pipeline = self.redis.connection(0).pipeline(transaction=False)
        for group, channel in ended:
            pipeline.zrem(self.redis.group_key(group), channel)
        for group, members in groups.items():
            pipeline.zadd(self.redis.group_key(group), dict(members))
            pipeline.expire(self.redis.group_key(group), self._options.group_expiry)
        if ended or groups:
            await pipeline.execute()
        for _, _, membership in current:
            membership.in_redis = True
        self._owed.difference_update(ended)

    async def _pump(self, name: str) -> None:
        while True:
            try:
                channels, message = await self.redis.receive_single(name)
            except (
                Exception
            ) as error:  # whatever redis-py makes of a broken connection, nobody may be left deaf
                if not isinstance(error, self.redis.TROUBLE):
                    log.exception("channel layer: reading from Redis failed")
                await self._bears(error)
                self._renew_soon()  # it may have been restarted, and be empty
                return
            for channel in [channels] if isinstance(channels, str) else channels:
                # Messages for consumers that are gone would lie here for ever.
                if "!" not in channel or self._mailboxes.is_open(channel):
                    self._mailboxes.put(
                        channel,
                        message,
                        capacity=self.redis.get_capacity(channel),
                        expiry=self._options.expiry,
                        newest_wins=True,
                    )

    async def _bears(self, error: BaseException) -> bool:
        """Go on with Redis if only a connection was lost, but not again and again; return whether so."""
        again = time.monotonic() - self._last_failure < self._options.look_every
        self._last_failure = time.monotonic()
        if again or isinstance(error, TimeoutError):  # the latter has been waited for already
            self.lost(error)
            return False
        answers = await self._look()
        if answers:
            log.info("a connection to Redis was lost and made anew")
        return answers

    def _notice(self) -> None:
        with contextlib.suppress(RuntimeError):  # the loop was closed while it still attended
            self._loop.call_soon_threadsafe(self._renew_soon)

    def _renew_soon(self) -> None:
        self._last_renewal = float("-inf")
        self._changed.set()

    async def _wait(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._changed.wait()

    def _is_wanted(self) -> bool:
        return self._names.total() > 0 or time.monotonic() - self._last_received < _LINGER

    def _stop_pumps(self) -> None:
        for pump in self._pumps.values():
            pump.cancel()
        self._pumps.clear()
