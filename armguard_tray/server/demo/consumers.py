"""The four WebSocket endpoints of the stock server."""

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

from channels.generic.websocket import AsyncWebsocketConsumer

from armguard_tray.server.demo import broadcasts

# Sent before the socket is accepted, so that a client sees it as a plain 403.
UNAUTHORIZED = 4001


class FeedConsumer(AsyncWebsocketConsumer, ABC):
    """Passes on what is announced to one group, and ignores what it is sent.

    Attributes:
        group: the name of the group it has joined, None until then.
        fields: what of a group's message goes into the frame, besides its type.

    """

    group: str | None = None
    fields: tuple[str, ...] = ()

    @abstractmethod
    def group_for(self, user: Any) -> str:
        """Return the name of the group that this user hears."""

    def welcome(self, user: Any) -> dict[str, Any] | None:  # noqa: ARG002 - for those that greet
        """Return the first frame that this user gets, or None for none."""
        return None

    async def connect(self) -> None:
        """Refuse a client that is not logged in; let any other join its group and greet it."""
        user = self.scope["user"]
        if user is None or not user.is_authenticated:
            await self.close(code=UNAUTHORIZED)
            return
        self.group = self.group_for(user)
        await self.channel_layer.group_add(self.group, self.channel_name)
        await self.accept()
        welcome = self.welcome(user)
        if welcome is not None:
            await self.send_frame(welcome)

    async def disconnect(self, code: int) -> None:  # noqa: ARG002 - all ends are alike
        """Leave the group."""
        if self.group is not None:
            await self.channel_layer.group_discard(self.group, self.channel_name)

    async def pass_on(self, event: Mapping[str, Any]) -> None:
        """Pass on a group's message, which is the frame itself, but for what a later version may add."""
        await self.send_frame({name: event[name] for name in ("type", *self.fields)})

    async def send_frame(self, frame: Mapping[str, Any]) -> None:
        """Send a frame as JSON text."""
        await self.send(text_data=json.dumps(frame))


class NotificationConsumer(FeedConsumer):
    """One user's own notifications; answers the application's ping."""

    fields = ("title", "message", "level", "timestamp", "data")

    def group_for(self, user: Any) -> str:
        """Each user has a group."""
        return broadcasts.notifications_of(user.pk)

    def welcome(self, user: Any) -> dict[str, Any]:
        """Greet with the user's id."""
        return {
            "type": "connection_established",
            "message": "Connected to notification stream",
            "user_id": user.pk,
        }

    async def notification_message(self, event: Mapping[str, Any]) -> None:
        """Pass a notification on, whose message in the group bears another type."""
        await self.pass_on({**event, "type": "notification"})

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Answer a ping, complain about text that is not JSON, fail (1011) on a binary frame."""
        if text_data is None:
            raise ValueError(f"a binary frame of {len(bytes_data or b'')} bytes on notifications")
        try:
            said = json.loads(text_data)
        except json.JSONDecodeError:
            await self.send_frame({"type": "error", "message": "Invalid JSON format"})
            return
        if isinstance(said, dict) and said.get("type") == "ping":
            await self.send_frame({"type": "pong", "timestamp": said.get("timestamp")})


class TransactionConsumer(FeedConsumer):
    """Every transaction."""

    fields = ("transaction", "timestamp")

    def group_for(self, user: Any) -> str:  # noqa: ARG002 - the same for all
        """All hear the same."""
        return broadcasts.TRANSACTIONS

    def welcome(self, user: Any) -> dict[str, Any]:  # noqa: ARG002 - the same for all
        """Greet without a user's id."""
        return {"type": "connection_established", "message": "Connected to live transaction feed"}

    async def transaction_created(self, event: Mapping[str, Any]) -> None:
        """Pass it on."""
        await self.pass_on(event)

    async def transaction_returned(self, event: Mapping[str, Any]) -> None:
        """Pass it on."""
        await self.pass_on(event)


class InventoryConsumer(FeedConsumer):
    """Every status change made by hand."""

    fields = ("item_id", "status", "previous_status", "timestamp")

    def group_for(self, user: Any) -> str:  # noqa: ARG002 - the same for all
        """All hear the same."""
        return broadcasts.INVENTORY

    async def inventory_updated(self, event: Mapping[str, Any]) -> None:
        """Pass it on."""
        await self.pass_on(event)


class PresenceConsumer(FeedConsumer):
    """Who comes and goes; a newcomer hears of itself first."""

    fields = ("user_id", "username")

    def group_for(self, user: Any) -> str:  # noqa: ARG002 - the same for all
        """All hear the same."""
        return broadcasts.PRESENCE

    async def connect(self) -> None:
        """Join, then tell everyone, oneself included."""
        await super().connect()
        await self._tell("user_online")

    async def disconnect(self, code: int) -> None:
        """Leave, then tell those who stay."""
        await super().disconnect(code)
        await self._tell("user_offline")

    async def user_online(self, event: Mapping[str, Any]) -> None:
        """Pass it on."""
        await self.pass_on(event)

    async def user_offline(self, event: Mapping[str, Any]) -> None:
        """Pass it on."""
        await self.pass_on(event)

    async def _tell(self, kind: str) -> None:
        user = self.scope["user"]
        if self.group is None or user is None:  # was refused: nobody came or went
            return
        frame = {"type": kind, "user_id": user.pk, "username": user.username}
        await self.channel_layer.group_send(self.group, frame)
