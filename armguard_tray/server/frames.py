"""What is announced, built from the other project's objects. Pure: reads attributes, asks no database itself.

A model's method or a broken row must not keep a transaction from being announced: what cannot be read is
left empty, and the log says so.
"""

import json
import logging
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final, TypeVar

from django.db import DatabaseError

from armguard_tray.messages.streams import Stream

log = logging.getLogger(__name__)

T = TypeVar("T")
Paths = Mapping[str, str]

TRANSACTION_PATHS: Final[Paths] = MappingProxyType(
    {
        "id": "pk",
        "action": "action",
        "personnel": "personnel.get_full_name",
        "personnel_id": "personnel.pk",
        "item": "item.__str__",
        "item_id": "item.pk",
        "duty_type": "duty_type",
        "issued_by": "issued_by.username",
        "mags": "mags",
        "rounds": "rounds",
    }
)
"""Where a transaction frame's fields are found on the transaction."""

ITEM_PATHS: Final[Paths] = MappingProxyType(
    {"item_id": "pk", "item": "__str__", "item_type": "item_type", "serial": "serial", "status": "status"}
)
"""Where an inventory frame's fields are found on the item."""

_STOCK_RETURN: Final = ("id", "action", "personnel", "item", "issued_by")


@dataclass(frozen=True, slots=True)
class ItemStatus:
    """An item's status, as an event tells it."""

    item_id: str
    status: str


@dataclass(frozen=True, slots=True)
class Draft:
    """What is to be announced.

    Attributes:
        stream: NOTIFICATIONS, TRANSACTIONS or INVENTORY.
        frame: has a "type"; "id", "epoch", "seq", "stream" and "timestamp" are the log's to give.
        user_id: only this user (`str(user.pk)`); None: everybody.
        origin: published once only, whatever publishes it again, as in "transaction:48211".
        tells: published only while this is the item's status and clients do not know it.

    """

    stream: Stream
    frame: Mapping[str, Any]
    user_id: str | None = None
    origin: str | None = None
    tells: ItemStatus | None = None


def transaction_origin(number: object) -> str:
    """Return the origin of the event that announces a transaction."""
    return f"transaction:{number}"


def transaction_draft(made: object, paths: Paths = TRANSACTION_PATHS) -> Draft:
    """Announce a transaction, with the same fields whether it is a Take or a Return."""
    read = _Reader(made, paths)
    fields = {
        "id": read("id", _number),
        "action": read("action", _text),
        "personnel": read("personnel", _text),
        "personnel_id": read("personnel_id", _text_or_none),
        "item": read("item", _text),
        "item_id": read("item_id", _text_or_none),
        "duty_type": read("duty_type", _text_or_none),
        "issued_by": read("issued_by", _text_or_none),
        "mags": read("mags", _number),
        "rounds": read("rounds", _number),
    }
    kind = "transaction_returned" if fields["action"] == "Return" else "transaction_created"
    number = read("id", _text)
    return Draft(
        Stream.TRANSACTIONS,
        {"type": kind, "transaction": fields},
        origin=transaction_origin(number) if number else None,
    )


def inventory_draft(item: object, previous: str | None, paths: Paths = ITEM_PATHS) -> Draft:
    """Announce an item's status, and the one it had, if known."""
    read = _Reader(item, paths)
    tells = ItemStatus(read("item_id", _text), read("status", _text))
    frame = {
        "type": "inventory_updated",
        "item_id": tells.item_id,
        "item": read("item", _text),
        **{name: read(name, _text_or_none) for name in ("item_type", "serial") if read.has(name)},
        "status": tells.status,
        "previous_status": _text_or_none(previous),
    }
    return Draft(Stream.INVENTORY, frame, tells=tells)


def notification_draft(
    user_id: str | None, title: str, message: str, level: str, data: Mapping[str, Any] | None
) -> Draft:
    """Tell a user, or everybody, something."""
    frame = {
        "type": "notification",
        "title": _text(title),
        "message": _text(message),
        "level": _text(level),
        "data": plain(data or {}),
    }
    return Draft(Stream.NOTIFICATIONS, frame, user_id=user_id)


def stock_message(draft: Draft, at: datetime, issued: str | None = None) -> tuple[str, dict[str, Any]] | None:
    """Return the group and message by which the stock server tells its pages of `draft`; None if it does not.

    It has no group for announcements to everybody (see `stock_announcement`), and tells of no item's move to
    or from `issued`. `at` becomes a naive timestamp in its own zone, as all of that server's are.
    """
    frame = draft.frame
    timestamp = _naive(at)
    match frame["type"]:
        case "notification" if draft.user_id is not None:
            named = {name: frame[name] for name in ("title", "message", "level")}
            message = {"type": "notification_message", **named, "timestamp": timestamp, "data": frame["data"]}
            return f"notifications_{draft.user_id}", message
        case "transaction_created":
            return "transactions_feed", {**frame, "timestamp": timestamp}
        case "transaction_returned":
            fields = {name: frame["transaction"][name] for name in _STOCK_RETURN}
            return "transactions_feed", {"type": frame["type"], "transaction": fields, "timestamp": timestamp}
        case "inventory_updated" if issued not in {frame["status"], frame["previous_status"]}:
            named = {name: frame[name] for name in ("type", "item_id", "status", "previous_status")}
            return "inventory_updates", {**named, "timestamp": timestamp}
        case _:
            return None


@lru_cache(maxsize=4)  # the same one is wanted for all pages at about the same time
def stock_announcement(body: str) -> str | None:
    """Return, as the stock server's notifications are worded, an announcement that the log holds.

    `body` is the JSON of an event's frame. None if it is of another type: a page would not know it.
    """
    frame = json.loads(body)
    if frame["type"] != "notification":
        return None
    named = {name: frame.get(name) for name in ("title", "message", "level")}
    timestamp = _naive(datetime.fromisoformat(frame["timestamp"]))
    return json.dumps(
        {"type": "notification", **named, "timestamp": timestamp, "data": frame.get("data")},
        ensure_ascii=False,
    )


def plain(value: object) -> Any:
    """Return `value` as JSON can hold it: keys and unknown objects by their text, no NaN or infinity."""
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            return value if math.isfinite(value) else None
        case date():  # and datetime
            return value.isoformat()
        case Mapping():
            return {str(key): plain(each) for key, each in value.items()}
        case list() | tuple() | set() | frozenset():
            return [plain(each) for each in value]
        case _:
            return str(value)


def _naive(at: datetime) -> str:
    return at.replace(tzinfo=None).isoformat(timespec="microseconds")


class _Reader:
    """Reads the fields of one object where `paths` say."""

    def __init__(self, thing: object, paths: Paths) -> None:
        self._thing = thing
        self._paths = paths

    def has(self, field: str) -> bool:
        """Whether the object has such a field at all."""
        return hasattr(self._thing, self._paths[field].split(".", 1)[0])

    def __call__(self, field: str, convert: Callable[[Any], T]) -> T:
        try:
            return convert(_at(self._thing, self._paths[field]))
        except DatabaseError:  # the caller's transaction is broken, and whoever guards it must know
            raise
        except Exception:  # a foreign model's code may raise anything; see the module's docstring
            log.warning("%s cannot be read for an event", self._paths[field], exc_info=True)
            return convert(None)


def _at(thing: Any, path: str) -> object:
    for name in path.split("."):
        if thing is None:
            return None
        thing = getattr(thing, name)
        if callable(thing):
            thing = thing()
    return thing


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _text_or_none(value: object) -> str | None:
    return None if value is None else str(value)


def _number(value: Any) -> int | None:
    return None if value is None else int(value)
