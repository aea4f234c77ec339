"""Tells the project's own pages what is announced to everybody, for which its consumers have no group.

It comes from the log, which every process follows, and nothing else waits for a page. As with all that these
pages are told, nothing is made up for: neither what was announced before a page came, nor what is held in
memory no more when a page that reads slowly gets to it.
"""

import asyncio
import logging
from typing import TYPE_CHECKING, Final

from armguard_tray.messages.streams import Stream
from armguard_tray.server.frames import stock_announcement

if TYPE_CHECKING:
    from collections.abc import Sequence

    from armguard_tray.server.event_log import Logged
    from armguard_tray.server.sockets.hub import Hub
    from armguard_tray.server.sockets.socket import Socket

log = logging.getLogger(__name__)

PATH: Final = "/ws/notifications/"
"""The stock server's socket for what is told to a user."""

_NOWHERE: Final = -1


class Announcements:
    """What one page is told of the log; the hub's `Follower`.

    Attributes:
        position: the last event that it was sent, or that is not for it.
        idle: whether it has all there is.

    """

    def __init__(self, hub: "Hub", socket: "Socket") -> None:
        self.position = _NOWHERE
        self.idle = False
        self._hub = hub
        self._socket = socket
        self._news = asyncio.Event()

    async def begin(self, seconds: float) -> None:
        """Take down where the log stands: what was announced before is not for this page.

        If that is not found out within `seconds`, it begins with what the hub hears next.
        """
        try:
            async with asyncio.timeout(seconds):
                await self._hub.feed.look()
        except Exception as error:  # noqa: BLE001 - the database's; the page has its use without announcements
            self._hub.failed("announcements", error)
            log.warning("%r: it is not known where the log stands: %r", self._socket.endpoint, error)
        else:
            self.position = self._hub.feed.recent.last

    async def run(self) -> None:
        """Tell the page, once it is open, of each announcement, until cancelled."""
        self._hub.follow(self)
        try:
            if self.position == _NOWHERE:
                await self._wait_for_news()
            while True:
                await self._tell(self._fresh())
                await self._wait_for_news()
        except (OSError, RuntimeError) as gone:  # how uvicorn says so; the socket's reading hears of it too
            log.debug("%r: gone: %r", self._socket.endpoint, gone)
        except Exception as error:
            self._hub.failed("announcements", error)
            log.exception("%r: is told of no more announcements", self._socket.endpoint)
        finally:
            self._hub.unfollow(self)

    def wants(self, event: "Logged") -> bool:
        """Whether an event is for everybody, and no transaction or status."""
        return event.stream == Stream.NOTIFICATIONS.value and event.user_id is None

    def wake(self) -> None:
        """Let it look for news."""
        self._news.set()

    def say_position(self) -> None:
        """Say nothing: a page knows of no positions."""

    def _fresh(self) -> "Sequence[Logged]":
        recent = self._hub.feed.recent
        # None at all after a later number than the log's, as it was before a backup was restored.
        events = recent.after(max(self.position, recent.first - 1))
        self.position = recent.last
        return events or ()

    async def _tell(self, events: "Sequence[Logged]") -> None:
        for event in filter(self.wants, events):
            text = stock_announcement(event.body)
            if text is not None:
                await self._socket.send_text(text)

    async def _wait_for_news(self) -> None:
        self.idle = True
        try:
            await self._news.wait()
        finally:
            self.idle = False
        self._news.clear()
