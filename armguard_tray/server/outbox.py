"""What is committed with the business and waits for its number in the event log.

A caller's transaction only adds rows here, which no other transaction waits for. Afterwards `event_log` moves
them, in a short transaction of the app's own, which alone takes the lock of the log's head. So nobody waits
for that lock while holding the business's own locks, nor holds it while waiting for those.
"""

import json
import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connections
from django.db.models import Model

from armguard_tray.messages.streams import Stream
from armguard_tray.server import plain_sql
from armguard_tray.server.conf import live_settings
from armguard_tray.server.frames import Draft, ItemStatus
from armguard_tray.server.models import Outbox

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Posted:
    """A draft on its way to the log.

    Attributes:
        draft: what is to be announced.
        at: when it was published, as its event says it: ISO 8601 with the server's offset.

    """

    draft: Draft
    at: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """The oldest rows: their ids, and what is in them."""

    ids: Sequence[int]
    posted: Sequence[Posted]

    @property
    def last(self) -> int:
        """The highest of the ids, or 0."""
        return self.ids[-1] if self.ids else 0


def put(posted: Sequence[Posted]) -> None:
    """Add rows. Raises django.db.Error, or ValueError for a frame that is no JSON."""
    Outbox.objects.using(live_settings().database).bulk_create([_row(each) for each in posted])


def count(limit: int) -> int:
    """Return how many rows wait, counting no further than `limit`."""
    counted = "SELECT COUNT(*) FROM (SELECT id FROM {table} LIMIT %s) AS counted"
    ((found,),) = plain_sql.rows(live_settings().database, counted, Outbox, [limit])
    return int(found)


def waiting(limit: int) -> Waiting:
    """Return the oldest rows, in the order in which they were put."""
    oldest = (
        "SELECT id, stream, user_id, origin, frame, item_id, status, at FROM {table} ORDER BY id LIMIT %s"
    )
    rows = plain_sql.rows(live_settings().database, oldest, Outbox, [limit])
    posted = [each for _, *row in rows if (each := _posted(*row))]
    return Waiting([row[0] for row in rows], posted)


def statuses_after(last: int, item_ids: Collection[str]) -> list[ItemStatus]:
    """Return the statuses of these items that wait in rows after `last`, in their order."""
    rows = Outbox.objects.using(live_settings().database).filter(pk__gt=last, item_id__in=item_ids)
    found = rows.exclude(status=None).order_by("pk").values_list("item_id", "status")
    return [ItemStatus(item_id or "", status or "") for item_id, status in found]


def remove(ids: Sequence[int]) -> None:
    """Remove these rows, and no others: lower numbers may be committed at any time."""
    if ids:
        places = ", ".join(["%s"] * len(ids))
        these = "DELETE FROM {table} WHERE id IN (" + places + ")"  # noqa: S608 - as many places as ids
        plain_sql.change(live_settings().database, these, Outbox, ids)


def lock_before_reading(alias: str, model: type[Model] = Outbox) -> None:
    """Take SQLite's write lock, in a transaction that is about to read and then to write `model`'s table.

    A transaction that has read is refused at once when it begins to write while somebody else does, or has
    done since: https://www.sqlite.org/isolation.html. One that begins with writing waits for its turn.
    """
    connection = connections[alias]
    if connection.vendor == "sqlite":
        options = model._meta  # noqa: SLF001 - documented by Django
        table = connection.ops.quote_name(options.db_table)
        key = connection.ops.quote_name(str(options.pk.column))
        # Not by the ORM, where a failure would also break the caller's transaction.
        with connection.cursor() as cursor:
            cursor.execute(f"UPDATE {table} SET {key} = {key} WHERE 0")  # noqa: S608 - both names are quoted


def encoded(frame: Mapping[str, Any]) -> str:
    """Return a frame's JSON text. Raises ValueError for NaN and infinity, TypeError for unknown objects."""
    text = json.dumps(frame, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    # No database and no socket takes a lone surrogate.
    return text.encode("utf-8", "replace").decode("utf-8")


def storable(text: str | None) -> str | None:
    """Return a text as PostgreSQL can hold it: without zero bytes, which are escapes in JSON only."""
    return text and text.replace("\0", "\ufffd")


def _row(posted: Posted) -> Outbox:
    draft, tells = posted.draft, posted.draft.tells
    return Outbox(
        stream=draft.stream.value,
        user_id=storable(draft.user_id),
        origin=storable(draft.origin),
        frame=encoded(draft.frame),
        item_id=tells.item_id if tells else None,
        status=tells.status if tells else None,
        at=posted.at,
    )


def _posted(  # noqa: PLR0913, PLR0917 - the columns
    stream: str,
    user_id: str | None,
    origin: str | None,
    frame: str,
    item_id: str | None,
    status: str | None,
    at: str,
) -> Posted | None:
    try:
        tells = None if item_id is None or status is None else ItemStatus(item_id, status)
        draft = Draft(Stream(stream), json.loads(frame), user_id, origin, tells)
    except ValueError:  # somebody's hand was in the table; this row must not hold up the others for ever
        log.exception("An event in the outbox cannot be read, and is lost")
        return None
    return Posted(draft, at)
