"""What a process delivers to its own consumers: a queue for each channel, and who is in which group.

channels' InMemoryChannelLayer does much the same, but its queues may only be touched in their own event loop;
a message that lay unread for too long throws its consumer out of all groups, which is deaf from then on; and
in channels 4.0 receive() may fail with KeyError when such a message was removed (channels/layers.py,
`_clean_expired` and `receive`). Here any thread may deliver, and a member stays a member.
"""

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, Final

Message = dict[str, Any]

_ABANDONED: Final = 600.0  # seconds without a receive() after which nobody is expected back


@dataclass(slots=True)
class _Box:
    seen: float
    messages: deque[tuple[float, Message]] = field(default_factory=deque)
    waiters: deque["asyncio.Future[None]"] = field(default_factory=deque)


@dataclass(slots=True)
class Membership:
    """A channel's place in a group.

    Attributes:
        joined: Unix seconds, the score in Redis.
        in_redis: whether Redis has been told.

    """

    joined: float
    in_redis: bool = False


class Mailboxes:
    """The queues and groups of one process; every method may be called in any thread."""

    def __init__(
        self, *, clock: Callable[[], float] = time.monotonic, wall_clock: Callable[[], float] = time.time
    ) -> None:
        """Begin empty; `clock` only goes forward, `wall_clock` gives Unix seconds."""
        self._clock = clock
        self._wall_clock = wall_clock
        self._lock = threading.Lock()
        self._boxes: dict[str, _Box] = {}
        self._groups: dict[str, dict[str, Membership]] = {}
        self._tidied = clock()

    def open(self, channel: str) -> None:
        """Take messages for `channel` from now on."""
        with self._lock:
            self._box(channel)

    def is_open(self, channel: str) -> bool:
        """Return whether somebody here receives, or is about to."""
        return channel in self._boxes

    def put(
        self, channel: str, message: Message, *, capacity: int, expiry: float, newest_wins: bool = False
    ) -> bool:
        """Deliver a copy of `message`, and return whether there was room.

        Args:
            channel: its full name.
            message: what to deliver.
            capacity: how many unread messages the channel holds.
            expiry: seconds after which an unread message is dropped.
            newest_wins: make room by dropping the oldest message.

        """
        with self._lock:
            box = self._box(channel)
            now = self._clock()
            while box.messages and box.messages[0][0] <= now:
                box.messages.popleft()
            if len(box.messages) >= capacity:
                if not newest_wins:
                    return False
                box.messages.popleft()
            box.messages.append((now + expiry, deepcopy(message)))
            _wake(box)
            return True

    async def get(self, channel: str) -> Message:
        """Wait for a message and return it; the first to wait gets the first to come."""
        while True:
            with self._lock:
                box = self._box(channel)
                message = self._take(box)
                if message is not None:
                    return message
                waiter = asyncio.get_running_loop().create_future()
                box.waiters.append(waiter)
            try:
                await waiter
            finally:
                self._leave(box, waiter)

    def join(self, group: str, channel: str) -> Membership:
        """Make `channel` a member of `group`, as from now, and return that."""
        with self._lock:
            self._box(channel)
            members = self._groups.setdefault(group, {})
            membership = members.setdefault(channel, Membership(0.0))
            membership.joined = self._wall_clock()
            return membership

    def leave(self, group: str, channel: str) -> Membership | None:
        """End a membership, and return what it was."""
        with self._lock:
            members = self._groups.get(group, {})
            membership = members.pop(channel, None)
            if not members:
                self._groups.pop(group, None)
            return membership

    def members(self, group: str) -> tuple[str, ...]:
        """Return the channels of this process that are in `group`."""
        with self._lock:
            return tuple(self._groups.get(group, ()))

    def memberships(self) -> list[tuple[str, str, Membership]]:
        """Return every (group, channel, membership) of the channels that are still received from."""
        with self._lock:
            return [
                (group, channel, membership)
                for group, members in self._groups.items()
                for channel, membership in members.items()
                if "!" in channel and not self._is_abandoned(channel)
            ]

    def is_member(self, group: str, channel: str) -> bool:
        """Return whether `channel` is in `group` still."""
        return channel in self._groups.get(group, ())

    def tidy(self, every: float) -> list[tuple[str, str]]:
        """Forget channels that nobody has received from for long; return what Redis must forget too.

        Does nothing within `every` seconds after the last time.
        """
        with self._lock:
            if self._clock() - self._tidied < every:
                return []
            self._tidied = self._clock()
            gone = {channel for channel in self._boxes if self._is_abandoned(channel)}
            for channel in gone:
                del self._boxes[channel]
            return list(self._expel(gone))

    def clear(self) -> None:
        """Forget every message and every group; who waits goes on waiting."""
        with self._lock:
            self._groups.clear()
            for channel, box in list(self._boxes.items()):
                box.messages.clear()
                if not box.waiters:
                    del self._boxes[channel]

    def _expel(self, channels: set[str]) -> Iterator[tuple[str, str]]:
        for group, members in list(self._groups.items()):
            for channel in channels & members.keys():
                if members.pop(channel).in_redis:
                    yield group, channel
            if not members:
                del self._groups[group]

    def _box(self, channel: str) -> _Box:
        box = self._boxes.get(channel)
        if box is None:
            box = self._boxes[channel] = _Box(self._clock())
        return box

    def _take(self, box: _Box) -> Message | None:
        now = self._clock()
        box.seen = now
        while box.messages:
            expires, message = box.messages.popleft()
            if expires > now:
                return message
        return None

    def _leave(self, box: _Box, waiter: "asyncio.Future[None]") -> None:
        with self._lock:
            box.seen = self._clock()
            if waiter in box.waiters:
                box.waiters.remove(waiter)
            if box.messages:
                _wake(box)  # it may have been woken and cancelled at once; another may take the message

    def _is_abandoned(self, channel: str) -> bool:
        if "!" not in channel:
            return False  # received from in another process, perhaps
        box = self._boxes.get(channel)
        return box is None or (not box.waiters and self._clock() - box.seen > _ABANDONED)


def _wake(box: _Box) -> None:
    while box.waiters:
        waiter = box.waiters.popleft()
        try:
            waiter.get_loop().call_soon_threadsafe(_set, waiter)
        except RuntimeError:  # its loop is closed: nobody waits there any more
            continue
        return


def _set(waiter: "asyncio.Future[None]") -> None:
    if not waiter.done():
        waiter.set_result(None)
