"""The server's WebSocket streams."""

from enum import StrEnum


class Stream(StrEnum):
    """One WebSocket endpoint of the server."""

    NOTIFICATIONS = "notifications"
    TRANSACTIONS = "transactions"
    INVENTORY = "inventory"
    PRESENCE = "presence"

    @property
    def path(self) -> str:
        """The endpoint's path on the server."""
        return f"/ws/{self.value}/"

    @property
    def has_welcome(self) -> bool:
        """Whether the server greets with `connection_established` once the client is subscribed."""
        return self in {Stream.NOTIFICATIONS, Stream.TRANSACTIONS}


# At most three connections a user is the server's documented limit, so presence is left to those who ask.
DEFAULT_STREAMS = (Stream.TRANSACTIONS, Stream.INVENTORY, Stream.NOTIFICATIONS)


def followed(*, presence: bool) -> tuple[Stream, ...]:
    """Return the streams to follow, in the order in which they are opened."""
    return (*DEFAULT_STREAMS, Stream.PRESENCE) if presence else DEFAULT_STREAMS
