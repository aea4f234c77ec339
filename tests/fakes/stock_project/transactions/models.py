"""What happens between people and weapons."""

from typing import Any, ClassVar

from django.contrib.auth.models import User
from django.db import models

from tests.fakes.stock_project.inventory.models import Item
from tests.fakes.stock_project.personnel.models import Personnel


class Transaction(models.Model):
    """A Take or a Return."""

    action = models.CharField(max_length=10)
    personnel = models.ForeignKey(Personnel, on_delete=models.CASCADE)
    item = models.ForeignKey(Item, on_delete=models.CASCADE)
    issued_by = models.ForeignKey(User, on_delete=models.CASCADE, null=True)
    duty_type = models.CharField(max_length=40, null=True)  # noqa: DJ001 - so it is on the stock server
    mags = models.PositiveIntegerField(null=True)
    rounds = models.PositiveIntegerField(null=True)

    objects: ClassVar[models.Manager["Transaction"]] = models.Manager()

    def __str__(self) -> str:
        return f"{self.action} {self.item}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save the row, then the item, each by itself, as the stock server does."""
        super().save(*args, **kwargs)
        self.item.status = "Issued" if self.action == "Take" else "Available"
        self.item.save()
