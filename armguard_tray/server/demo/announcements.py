"""What is said on the live feed when something happens, in the stock server's frames."""

from collections.abc import Mapping
from typing import Any, Final

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.contrib.auth.models import User
from django.db.models import Q
from django.utils import timezone

from armguard_tray.server.demo.models import Action, Item, Transaction

TRANSACTIONS: Final = "transactions_feed"
INVENTORY: Final = "inventory_updates"
PRESENCE: Final = "user_presence"


def notifications_of(user_id: int) -> str:
    """Return the name of one user's own group."""
    return f"notifications_{user_id}"


def to_group(frame: Mapping[str, Any]) -> dict[str, Any]:
    """Wrap a frame into the message that consumers of a group understand."""
    return {"type": "frame.announced", "frame": dict(frame)}


def transaction_made(made: Transaction) -> None:
    """Announce a transaction to everyone, and notify whoever made it and the admins."""
    if made.action == Action.TAKE:
        _announce(
            TRANSACTIONS, {"type": "transaction_created", "transaction": _take(made), "timestamp": _now()}
        )
        title, deed = "Transaction Created", "issued to"
    else:
        _announce(
            TRANSACTIONS, {"type": "transaction_returned", "transaction": _return(made), "timestamp": _now()}
        )
        title, deed = "Item Returned", "returned by"
    message = f"✓ {made.item} {deed} {made.personnel.full_name}"
    for user in User.objects.filter(Q(pk=made.issued_by.pk) | Q(is_superuser=True)):
        notify(user.pk, title, message, "success", {"transaction_id": made.pk})


def status_changed(item: Item, previous: str) -> None:
    """Announce that an item's status was changed by hand."""
    _announce(
        INVENTORY,
        {
            "type": "inventory_updated",
            "item_id": item.pk,
            "status": str(item.status),
            "previous_status": previous,
            "timestamp": _now(),
        },
    )


def notify(user_id: int, title: str, message: str, level: str, data: Mapping[str, Any]) -> None:
    """Send a personal notification; `level` is info, success, warning or error."""
    _announce(
        notifications_of(user_id),
        {
            "type": "notification",
            "title": title,
            "message": message,
            "level": level,
            "timestamp": _now(),
            "data": dict(data),
        },
    )


def _take(made: Transaction) -> dict[str, Any]:
    return {
        "id": made.pk,
        "action": str(made.action),
        "personnel": made.personnel.full_name,
        "personnel_id": made.personnel.pk,
        "item": str(made.item),
        "item_id": made.item.pk,
        "duty_type": made.duty_type,
        "issued_by": made.issued_by.username,
        "mags": made.mags,
        "rounds": made.rounds,
    }


def _return(made: Transaction) -> dict[str, Any]:
    return {
        "id": made.pk,
        "action": str(made.action),
        "personnel": made.personnel.full_name,
        "item": str(made.item),
        "issued_by": made.issued_by.username,
    }


def _now() -> str:
    """Return the server's local time without its offset, as the stock frames have it."""
    return timezone.localtime().replace(tzinfo=None).isoformat()


def _announce(group: str, frame: Mapping[str, Any]) -> None:
    layer = get_channel_layer()
    if layer is None:
        raise RuntimeError("the demo's settings name a channel layer")
    async_to_sync(layer.group_send)(group, to_group(frame))
