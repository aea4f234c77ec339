"""Weapons."""

from typing import ClassVar

from django.db import models


class Item(models.Model):
    """A weapon."""

    id = models.CharField(primary_key=True, max_length=100)
    item_type = models.CharField(max_length=10)
    serial = models.CharField(max_length=20)
    status = models.CharField(max_length=20, default="Available")
    description = models.TextField(default="")

    objects: ClassVar[models.Manager["Item"]] = models.Manager()

    def __str__(self) -> str:
        return f"{self.item_type} - {self.serial}"
