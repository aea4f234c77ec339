"""People."""

from typing import ClassVar

from django.db import models


class Personnel(models.Model):
    """Somebody who may be issued a weapon."""

    id = models.CharField(primary_key=True, max_length=100)
    firstname = models.CharField(max_length=100)
    surname = models.CharField(max_length=100)

    objects: ClassVar[models.Manager["Personnel"]] = models.Manager()

    def __str__(self) -> str:
        return self.get_full_name()

    def get_full_name(self) -> str:
        """First name and surname."""
        return f"{self.firstname} {self.surname}"
