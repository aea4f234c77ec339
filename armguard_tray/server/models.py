"""The event log, and what the app's processes tell each other through the database."""

from django.db import models
from django.utils import timezone


class Head(models.Model):
    """Where the log stands: one row, with id 1. Whoever gives out numbers holds its lock until the commit."""

    epoch = models.CharField(max_length=32)
    """Changes when the numbering can no longer be trusted, as after a backup was restored."""
    seq = models.BigIntegerField(default=0)
    """The newest event's number, 0 before the first."""
    began = models.BigIntegerField(default=1)
    """The epoch's first number."""
    oldest = models.BigIntegerField(default=1)
    """The oldest number that is still kept; `seq + 1` where none is."""
    watermark = models.BigIntegerField(default=0)
    """Transactions up to this number need no announcement any more."""

    class Meta:
        """Nobody edits it."""

        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.epoch} at {self.seq}"


class Event(models.Model):
    """One event, as it is sent to clients for as long as it is kept."""

    seq = models.BigIntegerField(primary_key=True)
    stream = models.CharField(max_length=20)
    user_id = models.CharField(max_length=64, null=True)  # noqa: DJ001 - NULL is everybody, '' would be a user
    origin = models.CharField(max_length=120, null=True, unique=True)  # noqa: DJ001 - NULL is not unique
    body = models.TextField()
    created = models.DateTimeField(default=timezone.now)

    class Meta:
        """Nobody edits it."""

        default_permissions = ()

    def __str__(self) -> str:
        return f"#{self.seq} {self.stream}"


class Outbox(models.Model):
    """What was published within a transaction of the project's, or while the log could not be written.

    Its rows are committed with what they tell of, and moved into the log in the order of their ids.
    """

    stream = models.CharField(max_length=20)
    user_id = models.CharField(max_length=64, null=True)  # noqa: DJ001 - as the event's
    origin = models.CharField(max_length=120, null=True)  # noqa: DJ001 - as the event's
    frame = models.TextField()
    item_id = models.TextField(null=True)  # noqa: DJ001 - NULL where it tells no item's status
    status = models.TextField(null=True)  # noqa: DJ001 - likewise
    at = models.CharField(max_length=40)
    """When it was published, as the event will say it: a column of times would lose the offset."""

    class Meta:
        """Nobody edits it."""

        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.stream} of {self.at}"


class ItemState(models.Model):
    """The status that clients know of an item, or that it had when the app was installed.

    It outlives the events, so that trimming the log never makes an old change look like a new one.
    """

    # No length limits: they are the other project's values, of which one must never be refused here.
    item_id = models.TextField(primary_key=True)
    status = models.TextField()

    class Meta:
        """Nobody edits it."""

        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.item_id} is {self.status}"


class Lease(models.Model):
    """A connection's slot, where the layer is not Redis. It is free again when its time has run out."""

    id = models.CharField(primary_key=True, max_length=32)
    user_id = models.CharField(max_length=64)
    endpoint = models.CharField(max_length=60)
    client = models.CharField(max_length=64, blank=True)
    process = models.CharField(max_length=32)
    expires = models.DateTimeField(db_index=True)

    class Meta:
        """Nobody edits it."""

        default_permissions = ()
        indexes = (
            models.Index(fields=["user_id", "endpoint"], name="armguard_live_lease_user"),
            models.Index(fields=["process"], name="armguard_live_lease_process"),
        )

    def __str__(self) -> str:
        return f"{self.user_id} on {self.endpoint}"


class ServerProcess(models.Model):
    """What a process that serves sockets says of itself, every few seconds."""

    id = models.CharField(primary_key=True, max_length=32)
    pid = models.IntegerField()
    host = models.CharField(max_length=200)
    started = models.DateTimeField()
    seen = models.DateTimeField(db_index=True)
    layer = models.CharField(max_length=20)
    layer_why = models.TextField(blank=True)
    bells = models.BigIntegerField(default=0)
    healed = models.BigIntegerField(default=0)
    last_error = models.TextField(blank=True)
    last_error_at = models.DateTimeField(null=True)
    connections = models.JSONField(default=list)

    class Meta:
        """Nobody edits it."""

        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.pid} on {self.host}"
