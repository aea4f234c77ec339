"""What a checkup's own socket hears of the transactions, for as long as it is open."""

import asyncio

from armguard_tray.messages.decoding import Decoded
from armguard_tray.messages.event import Received
from armguard_tray.messages.wire import TransactionCreated, TransactionReturned


class Hearing:
    """A short listening.

    Attributes:
        begun: set once the server has shown that it has subscribed us.
        ended: set once nobody listens any more.
        heard: the ids of the transactions that were announced up to now.

    """

    def __init__(self) -> None:
        """Hear nothing yet."""
        self.begun = asyncio.Event()
        self.ended = asyncio.Event()
        self.heard: set[int] = set()

    def hear(self, received: Received | None) -> None:
        """Take what the socket brought."""
        match received:
            case Received(content=Decoded(frame=TransactionCreated() | TransactionReturned() as frame)):
                self.heard.add(frame.transaction.id)
