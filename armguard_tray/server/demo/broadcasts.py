"""The stock server's functions that broadcast, by their names there, and the groups they broadcast to.

Where the app is installed its own functions of the same names (`armguard_tray.server.announce`) take their
place: see `BROADCASTS` in the settings.
"""

from collections.abc import Mapping
from typing import Any, Final

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.utils import timezone

from armguard_tray.server.demo.models import Item, Transaction

TRANSACTIONS: Final = "transactions_feed"
INVENTORY: Final = "inventory_updates"
PRESENCE: Final = "user_presence"


def notifications_of(user_id: int | str) -> str:
    """Return the name of one user's own group."""
    return f"notifications_{user_id}"


def send_user_notification(
    user_id: int | str, title: str, message: str, level: str = "info", data: Mapping[str, Any] | None = None
) -> None:
    """Send a personal notification; `level` is info, success, warning or error."""
    said = {"title": title, "message": message, "level": level, "timestamp": _now(), "data": dict(data or {})}
    _send(notifications_of(user_id), "notification_message", said)


def broadcast_transaction_created(transaction: Transaction) -> None:
    """Tell everyone that an item went out."""
    made = {
        "id": transaction.pk,
        "action": str(transaction.action),
        "personnel": transaction.personnel.get_full_name(),
        "personnel_id": transaction.personnel.pk,
        "item": str(transaction.item),
        "item_id": transaction.item.pk,
        "duty_type": transaction.duty_type,
        "issued_by": transaction.issued_by.username,
        "mags": transaction.mags,
        "rounds": transaction.rounds,
    }
    _send(TRANSACTIONS, "transaction_created", {"transaction": made, "timestamp": _now()})


def broadcast_transaction_returned(transaction: Transaction) -> None:
    """Tell everyone that an item came back; in fewer words than it went out."""
    made = {
        "id": transaction.pk,
        "action": str(transaction.action),
        "personnel": transaction.personnel.get_full_name(),
        "item": str(transaction.item),
        "issued_by": transaction.issued_by.username,
    }
    _send(TRANSACTIONS, "transaction_returned", {"transaction": made, "timestamp": _now()})


def broadcast_inventory_update(item: Item, previous_status: str | None = None) -> None:
    """Tell everyone that an item's status was changed by hand."""
    changed = {
        "item_id": item.pk,
        "status": str(item.status),
        "previous_status": previous_status,
        "timestamp": _now(),
    }
    _send(INVENTORY, "inventory_updated", changed)


def _now() -> str:
    """Return the server's local time without its offset, as the stock frames have it."""
    return timezone.localtime().replace(tzinfo=None).isoformat()


def _send(group: str, kind: str, fields: Mapping[str, Any]) -> None:
    layer = get_channel_layer()
    if layer is None:
        raise RuntimeError("the demo's settings name a channel layer")
    async_to_sync(layer.group_send)(group, {"type": kind, **fields})
