"""The rules of issuing: an item is out once, a person holds one item, only an available item goes out."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from armguard_tray.server.demo.models import Action, Item, ItemStatus, Personnel, Transaction


class RuleViolation(Exception):  # noqa: N818 - named for what was done, not for how Python says so
    """The armory's rules forbid this; the text says why, for the person who asked."""


@dataclass(frozen=True)
class Load:
    """What goes out with a weapon, and what for; counts are None where they were not taken down."""

    duty_type: str = ""
    mags: int | None = None
    rounds: int | None = None
    notes: str = ""


def issue(
    personnel_id: str, item_id: str, issued_by: User, load: Load, at: datetime | None = None
) -> Transaction:
    """Hand an available item to a person who holds none.

    Raises RuleViolation if either is unknown, the item is not available or the person holds one already.
    """
    with transaction.atomic():
        item, person = _locked_item(item_id), _person(personnel_id)
        if item.status != ItemStatus.AVAILABLE:
            raise RuleViolation(f"{item} cannot be issued: it is {item.status}.")
        held = Item.objects.filter(holder=person).first()
        if held is not None:
            raise RuleViolation(f"{person} already holds {held}.")
        item.status, item.holder = ItemStatus.ISSUED, person
        item.save(update_fields=["status", "holder"])
        return _record(Action.TAKE, item, person, issued_by, load, at)


def take_back(
    personnel_id: str, item_id: str, issued_by: User, load: Load, at: datetime | None = None
) -> Transaction:
    """Take an item back from the person who holds it.

    Raises RuleViolation if either is unknown or the person does not hold that item.
    """
    with transaction.atomic():
        item, person = _locked_item(item_id), _person(personnel_id)
        if item.holder != person:
            raise RuleViolation(f"{person} does not hold {item}.")
        item.status, item.holder = ItemStatus.AVAILABLE, None
        item.save(update_fields=["status", "holder"])
        return _record(Action.RETURN, item, person, issued_by, load, at)


def change_status(item_id: str, status: str) -> tuple[Item, str]:
    """Set an item's status by hand; return the item and the status it had.

    Raises RuleViolation for an unknown item or status, and for any change to or from Issued.
    """
    if status not in ItemStatus.values:
        raise RuleViolation(f"There is no status {status}.")
    with transaction.atomic():
        item = _locked_item(item_id)
        previous = item.status
        if ItemStatus.ISSUED in {previous, status}:
            raise RuleViolation(f"{item} is {previous}: only a transaction issues an item or takes it back.")
        item.status = status
        item.save(update_fields=["status"])
        return item, previous


def _locked_item(item_id: str) -> Item:
    try:
        return Item.objects.select_for_update().get(pk=item_id)
    except Item.DoesNotExist:
        raise RuleViolation(f"There is no item {item_id}.") from None


def _person(personnel_id: str) -> Personnel:
    try:
        return Personnel.objects.get(pk=personnel_id)
    except Personnel.DoesNotExist:
        raise RuleViolation(f"There is no person {personnel_id}.") from None


def _record(  # noqa: PLR0913, PLR0917 - a row's columns
    action: Action, item: Item, person: Personnel, issued_by: User, load: Load, at: datetime | None
) -> Transaction:
    return Transaction.objects.create(
        action=action,
        item=item,
        personnel=person,
        issued_by=issued_by,
        duty_type=load.duty_type,
        mags=load.mags,
        rounds=load.rounds,
        notes=load.notes,
        made_at=at or timezone.now(),
    )
