"""Hears what is announced: the doorbell's listener for this process, its group for the others."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Any, Final

from channels.layers import get_channel_layer

from armguard_tray.server import doorbell
from armguard_tray.server.event_log import Logged
from armguard_tray.server.layers import time_limit

log = logging.getLogger(__name__)

_REPLACED: Final = "armguard_live.replaced"


class Bells:
    """One process's ears, for all its connections.

    Other processes are heard through the channel layer, this one directly.
    """

    def __init__(
        self,
        on_events: Callable[[Sequence[Logged]], None],
        on_replaced: Callable[[Sequence[str]], None],
        *,
        seconds: float,
        pause: float,
    ) -> None:
        """Hear nothing yet.

        Args:
            on_events: is called in the loop with what was announced.
            on_replaced: is called in the loop with leases that newer connections have taken over.
            seconds: that the layer may take to send or to join; one of ours is let take its own time.
            pause: seconds until a layer that failed is tried again.

        """
        self._on_events = on_events
        self._on_replaced = on_replaced
        self._seconds = seconds
        self._pause = pause
        self._channel: str | None = None

    async def run(self) -> None:
        """Hear until cancelled."""
        loop = asyncio.get_running_loop()
        end_listening = doorbell.listen(lambda events: _call(loop, self._on_events, events))
        try:
            while True:
                try:
                    await self._hear_others()
                except Exception as error:  # noqa: BLE001 - a foreign layer raises what it likes when it loses Redis
                    log.warning("other processes are not heard at the moment: %r", error)
                await asyncio.sleep(self._pause)
        finally:
            end_listening()
            await self._leave()

    async def join_again(self) -> None:
        """Renew the membership, which ends with a group's expiry or a flush. Raises what the layer raises."""
        layer: Any = get_channel_layer()
        if layer is not None and self._channel is not None:
            async with asyncio.timeout(time_limit(layer, self._seconds)):
                await layer.group_add(doorbell.GROUP, self._channel)

    async def tell_replaced(self, leases: Sequence[str]) -> None:
        """Tell all processes of leases that were taken over. One that is not told notices when it renews."""
        layer: Any = get_channel_layer()
        if layer is None:
            return
        try:
            async with asyncio.timeout(time_limit(layer, self._seconds)):
                await layer.group_send(doorbell.GROUP, {"type": _REPLACED, "leases": list(leases)})
        except Exception as error:  # noqa: BLE001 - as in run
            log.warning("other processes were not told of a replaced connection: %r", error)

    async def _hear_others(self) -> None:
        layer: Any = get_channel_layer()
        if layer is None:
            await asyncio.get_running_loop().create_future()  # nobody else to hear, ever
        if self._channel is None:
            self._channel = await layer.new_channel()
        await self.join_again()
        while True:
            self._take(await layer.receive(self._channel))

    def _take(self, message: dict[str, Any]) -> None:
        if message.get("type") == doorbell.BELL:
            self._on_events([Logged(**event) for event in message["events"]])
        elif message.get("type") == _REPLACED:
            self._on_replaced(message["leases"])

    async def _leave(self) -> None:
        layer: Any = get_channel_layer()
        if layer is None or self._channel is None:
            return
        try:
            async with asyncio.timeout(self._seconds):
                await layer.group_discard(doorbell.GROUP, self._channel)
        except Exception as error:  # noqa: BLE001 - as in run; the group's expiry will do it
            log.warning("the doorbell's group was not left: %r", error)


def _call(
    loop: asyncio.AbstractEventLoop, callback: Callable[[Sequence[Logged]], None], events: Sequence[Logged]
) -> None:
    """Call back in the loop, from whichever thread."""
    try:
        loop.call_soon_threadsafe(callback, events)
    except RuntimeError:
        log.debug("the loop is closed: nobody is left to hear")
