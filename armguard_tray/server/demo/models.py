"""What an armory keeps: items, personnel, and the transactions between them.

The rules of issuing are in the database too: an item has one holder at most, a person holds one item at
most, and exactly an item whose status is Issued has a holder (so none in maintenance or retired can be out).
"""

from typing import Any

import django
from django.conf import settings
from django.db import models
from django.db.models import F, Max, Q
from django.utils import timezone


class ItemType(models.TextChoices):
    """The kinds of weapon."""

    M14 = "M14", "M14"
    M16 = "M16", "M16"
    M4 = "M4", "M4"
    GLOCK = "GLOCK", "GLOCK"
    COLT_45 = "45", "45"


class ItemStatus(models.TextChoices):
    """Where an item is in its life; only transactions lead to and from Issued."""

    AVAILABLE = "Available", "Available"
    ISSUED = "Issued", "Issued"
    MAINTENANCE = "Maintenance", "Maintenance"
    RETIRED = "Retired", "Retired"


class Action(models.TextChoices):
    """What a transaction did; people read "Withdrawal" where the wire says Take."""

    TAKE = "Take", "Withdrawal"
    RETURN = "Return", "Return"


def _check(name: str, condition: Q) -> models.CheckConstraint:
    # Django 5.1 has renamed the argument.
    keyword = "condition" if django.VERSION >= (5, 1) else "check"
    rule: dict[str, Any] = {keyword: condition}
    return models.CheckConstraint(name=name, **rule)


class Personnel(models.Model):
    """A person who may be issued a weapon. `id` is what is printed on the badge's QR code."""

    id = models.CharField(primary_key=True, max_length=100)
    firstname = models.CharField(max_length=100)
    surname = models.CharField(max_length=100)
    rank = models.CharField(max_length=20)
    serial = models.CharField(max_length=20)
    group = models.CharField(max_length=40)
    classification = models.CharField(max_length=40)
    status = models.CharField(max_length=20, default="Active")

    def __str__(self) -> str:
        return self.get_full_name()

    def get_full_name(self) -> str:
        """Return first name and surname, as written in every frame and on every page."""
        return f"{self.firstname} {self.surname}"


class Item(models.Model):
    """A weapon. `id` is what is printed on its QR code."""

    id = models.CharField(primary_key=True, max_length=100)
    item_number = models.PositiveIntegerField(unique=True)
    item_type = models.CharField(max_length=10, choices=ItemType.choices)
    serial = models.CharField(max_length=20)
    status = models.CharField(max_length=20, choices=ItemStatus.choices, default=ItemStatus.AVAILABLE)
    condition = models.CharField(max_length=20, default="Good")
    description = models.TextField(blank=True, default="")
    holder = models.OneToOneField(
        Personnel, null=True, blank=True, on_delete=models.PROTECT, related_name="held_item"
    )

    class Meta:
        """Rules and order."""

        ordering = ("item_number",)
        constraints = (
            _check(
                "issued_items_and_only_they_have_a_holder",
                Q(status=ItemStatus.ISSUED, holder__isnull=False)
                | (~Q(status=ItemStatus.ISSUED) & Q(holder__isnull=True)),
            ),
        )

    def __str__(self) -> str:
        return f"{self.item_type} - {self.serial}"


class Transaction(models.Model):
    """One weapon handed out or taken back. Ids are one ascending sequence, both actions together."""

    action = models.CharField(max_length=10, choices=Action.choices)
    personnel = models.ForeignKey(Personnel, on_delete=models.PROTECT, related_name="transactions")
    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="transactions")
    issued_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT)
    duty_type = models.CharField(max_length=40, blank=True, default="")
    mags = models.PositiveIntegerField(null=True, blank=True)
    rounds = models.PositiveIntegerField(null=True, blank=True)
    notes = models.TextField(blank=True, default="")
    made_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        """Newest first, by the sequence and not by the clock."""

        ordering = ("-id",)

    def __str__(self) -> str:
        return f"#{self.pk} {self.action} {self.item}"


def issued_now() -> models.QuerySet[Transaction]:
    """Return the transactions by which the items that are out went out, newest first."""
    takes = Transaction.objects.filter(action=Action.TAKE, item__holder=F("personnel"))
    last_takes = takes.order_by().values("item").annotate(last=Max("id")).values("last")
    return Transaction.objects.filter(id__in=last_takes).select_related("item", "personnel")
