"""Opens sockets of `/ws/notifications/` as a desk does, without one."""

import contextlib
from collections.abc import AsyncIterator

from websockets.exceptions import InvalidStatus

from armguard_tray.checkup.proof import NoSocket
from armguard_tray.checkup.rounds import OpenSocket
from tests.fakes.demo_server import DemoClient
from tests.server.sockets import next_frame, socket_of


def opener(client: DemoClient) -> OpenSocket:
    """Return what opens them with the session of `client`."""

    @contextlib.asynccontextmanager
    async def opened() -> AsyncIterator[int]:
        try:
            async with socket_of(client, "notifications") as socket:
                yield (await next_frame(socket))["user_id"]
        except InvalidStatus as refused:
            raise NoSocket(f"answered with {refused.response.status_code}") from refused

    return opened
