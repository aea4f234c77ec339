"""One type for each message that the server sends.

The shapes are the observed ones of the stock server; Hello, Gap and Position come from its live app alone.
Unknown fields are ignored here and kept in the raw text. Numbers are bounded by what SQLite can hold (64-bit
signed).
"""

from datetime import datetime
from typing import Annotated

import msgspec

from armguard_tray.messages.position import MAX_EPOCH

Id = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
Count = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
Epoch = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_EPOCH)]


class Frame(msgspec.Struct, frozen=True):
    """Any decoded message; `type` on the wire says which."""


class ConnectionEstablished(Frame, frozen=True):
    """The welcome: the client is subscribed."""

    message: str = ""
    user_id: int | None = None


class Pong(Frame, frozen=True):
    """The answer to an application ping."""

    timestamp: int | float | None = None


class ServerError(Frame, frozen=True):
    """The server could not use what it was sent, or is about to refuse."""

    message: str
    code: int | None = None


class Notification(Frame, frozen=True):
    """A note for this user. What `data` holds differs from note to note, so it is left as it came."""

    title: str
    message: str
    timestamp: datetime
    level: str = "info"
    data: msgspec.Raw = msgspec.Raw(b"null")


class Transaction(msgspec.Struct, frozen=True):
    """Who takes or returns what. A return carries fewer fields than a take on the stock server."""

    id: Id
    action: str
    personnel: str
    item: str
    personnel_id: str | None = None
    item_id: str | None = None
    duty_type: str | None = None
    issued_by: str | None = None
    mags: Count | None = None
    rounds: Count | None = None


class Reference(msgspec.Struct, frozen=True):
    """What the `data` of a note about a transaction holds."""

    transaction_id: int | str | None = None


class TransactionCreated(Frame, frozen=True):
    """A weapon was issued."""

    transaction: Transaction
    timestamp: datetime


class TransactionReturned(Frame, frozen=True):
    """A weapon came back."""

    transaction: Transaction
    timestamp: datetime


class InventoryUpdated(Frame, frozen=True):
    """An item's status was changed: by hand, or with the live app also by a transaction."""

    item_id: str
    status: str
    timestamp: datetime
    previous_status: str | None = None
    item: str | None = None


class UserOnline(Frame, frozen=True):
    """A user opened the site."""

    user_id: int
    username: str


class UserOffline(Frame, frozen=True):
    """A user left the site."""

    user_id: int
    username: str


class Layer(msgspec.Struct, frozen=True):
    """What the server's process says of its channel layer."""

    in_use: str = ""
    why: str = ""
    warning: str | None = None


class Hello(Frame, frozen=True):
    """The live app's first frame: the client is subscribed, and its log stands so.

    Attributes:
        epoch: under which its numbers count.
        head, oldest: the newest number, and the oldest that is still kept.
        position: delivery goes on after it.
        layer: what wakes the server's processes; None if it does not say.

    """

    epoch: Epoch
    head: Id
    oldest: Id
    position: Id
    layer: Layer | None = None


class Gap(Frame, frozen=True, rename={"first": "from", "last": "to"}):
    """Events that the live app can no longer deliver.

    Attributes:
        epoch: the log's present epoch.
        first, last: their numbers; None where nobody can say which ones are missing.
        reason: "trimmed", "ahead" or "epoch", as the server's `resume` has it.

    """

    epoch: Epoch
    first: Id | None = None
    last: Id | None = None
    reason: str = ""


class Position(Frame, frozen=True):
    """The client was sent everything that is for it, up to this number.

    Attributes:
        layer: what wakes the server's processes now; None if it does not say.

    """

    epoch: Epoch
    seq: Id
    layer: Layer | None = None


class Unknown(Frame, frozen=True):
    """A message of a type that this version does not know; kept and shown as it is."""

    type: str


TYPES: dict[str, type[Frame]] = {
    "connection_established": ConnectionEstablished,
    "pong": Pong,
    "error": ServerError,
    "notification": Notification,
    "transaction_created": TransactionCreated,
    "transaction_returned": TransactionReturned,
    "inventory_updated": InventoryUpdated,
    "user_online": UserOnline,
    "user_offline": UserOffline,
    "hello": Hello,
    "gap": Gap,
    "position": Position,
}
