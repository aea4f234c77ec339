"""The project's ASGI application in the app's hands; its pages are the demo's."""

import asyncio
import gc
import logging
import os
import tracemalloc
from typing import Any

from channels.auth import AuthMiddlewareStack
from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from django.core.asgi import get_asgi_application
from django.urls import path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "armguard_tray.server.demo.live.settings")
pages = get_asgi_application()

from armguard_tray.server import announce  # noqa: E402 - Django must be set up
from armguard_tray.server.sockets.asgi import with_live  # noqa: E402 - as above

log = logging.getLogger(__name__)

GROUP = "troubled"


class Echo(AsyncWebsocketConsumer):
    """Answers what it is told."""

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Send it back."""
        await self.send(text_data, bytes_data)


class Strict(Echo):
    """Lets in nobody who is not logged in."""

    async def connect(self) -> None:
        """Refuse as the stock consumers do."""
        user = self.scope["user"]
        if user is not None and user.is_authenticated:
            await self.accept()
        else:
            await self.close(4001)


class Member(AsyncWebsocketConsumer):
    """Leaves its group when its client has gone, as the stock consumers do."""

    async def disconnect(self, code: int) -> None:  # noqa: ARG002 - the interface's
        """Leave."""
        await self.channel_layer.group_discard(GROUP, self.channel_name)


class HangsAtConnect(Member):
    """Never answers the handshake."""

    async def connect(self) -> None:
        """Wait for ever."""
        await self.channel_layer.group_add(GROUP, self.channel_name)
        await asyncio.Event().wait()


class FailsAtConnect(Member):
    """Fails before it answers the handshake."""

    async def connect(self) -> None:
        """Fail."""
        await self.channel_layer.group_add(GROUP, self.channel_name)
        raise LookupError("no table of that name")


class FailsAtReceive(Member):
    """Fails at the first message."""

    async def connect(self) -> None:
        """Join a group."""
        await self.channel_layer.group_add(GROUP, self.channel_name)
        await self.accept()

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Fail."""
        raise LookupError(text_data or bytes_data)


class HangsAtReceive(Member):
    """Is busy for ever with the first message."""

    async def connect(self) -> None:
        """Join a group."""
        await self.channel_layer.group_add(GROUP, self.channel_name)
        await self.accept()

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Answer, so that it is known that the message has come, and wait for ever."""
        await self.send(text_data, bytes_data)
        await asyncio.Event().wait()


class HangsAtDisconnect(Echo):
    """Does not get done with tidying up."""

    async def disconnect(self, code: int) -> None:  # noqa: ARG002 - the interface's
        """Wait for ever."""
        await asyncio.Event().wait()


class Floods(AsyncWebsocketConsumer):
    """Sends fifty megabytes as fast as it is let; no more, so that a server that keeps it all survives it."""

    async def connect(self) -> None:
        """Send, and say so when all has been taken."""
        await self.accept()
        for _ in range(500):
            await self.send("x" * 100_000)
        log.warning("all of the flood was taken")


class TellsMemory(AsyncWebsocketConsumer):
    """Answers with the bytes that Python holds of what was made since the first question.

    Unlike the process's size, that is free of what the allocator keeps, and of what was held for a moment.
    """

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:  # noqa: ARG002 - the interface's
        """Count."""
        tracemalloc.start()  # does nothing the second time
        gc.collect()
        await self.send(str(tracemalloc.get_traced_memory()[0]))


class Announces(AsyncWebsocketConsumer):
    """Announces what it is told, from within the process that serves the sockets."""

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:  # noqa: ARG002 - the interface's
        """Announce it."""
        await database_sync_to_async(announce.broadcast_announcement)(text_data or "", "")


async def returns(scope: Any, receive: Any, send: Any) -> None:  # noqa: ARG001 - the interface's
    """Open and be gone."""
    await send({"type": "websocket.accept"})


SOCKETS: dict[str, Any] = {
    "echo": Echo,
    "strict": Strict,
    "hangs-at-connect": HangsAtConnect,
    "fails-at-connect": FailsAtConnect,
    "fails-at-receive": FailsAtReceive,
    "hangs-at-receive": HangsAtReceive,
    "hangs-at-disconnect": HangsAtDisconnect,
    "floods": Floods,
    "memory": TellsMemory,
    "announces": Announces,
    # Where the stock server's are; these let in whoever comes.
    "notifications": Echo,
    "transactions": Echo,
}
routes = URLRouter(
    [path(f"ws/{name}/", consumer.as_asgi()) for name, consumer in SOCKETS.items()]
    + [path("ws/returns/", returns)]  # type: ignore[arg-type] # typed for views only
)
application = with_live(
    ProtocolTypeRouter(
        {"http": pages, "websocket": AllowedHostsOriginValidator(AuthMiddlewareStack(routes))}  # type: ignore[arg-type] # channels' own vocabulary
    )
)
