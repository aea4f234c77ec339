"""Who is told what when something happens in the armory."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import Q

from armguard_tray.server.demo.models import Action, Item, Transaction


def transaction_made(made: Transaction) -> None:
    """Announce a transaction to everyone, and notify whoever made it and the admins."""
    if made.action == Action.TAKE:
        _broadcasts().broadcast_transaction_created(made)
        title, deed = "Transaction Created", "issued to"
    else:
        _broadcasts().broadcast_transaction_returned(made)
        title, deed = "Item Returned", "returned by"
    message = f"✓ {made.item} {deed} {made.personnel.get_full_name()}"
    for user in User.objects.filter(Q(pk=made.issued_by.pk) | Q(is_superuser=True)):
        notify(user.pk, title, message, "success", {"transaction_id": made.pk})


def status_changed(item: Item, previous: str) -> None:
    """Announce that an item's status was changed by hand."""
    _broadcasts().broadcast_inventory_update(item, previous)


def notify(user_id: int, title: str, message: str, level: str, data: Mapping[str, Any]) -> None:
    """Send a personal notification; `level` is info, success, warning or error."""
    _broadcasts().send_user_notification(user_id, title, message, level, data)


def _broadcasts() -> Any:
    # Not imported above: that of the app needs the app's tables, which the stock server has not.
    return import_module(settings.BROADCASTS)
