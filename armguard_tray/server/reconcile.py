"""Finds what was never announced, and announces it.

Signals tell of what is saved. They do not see `bulk_create`, `update()`, raw SQL or another program, and a
process that ends between its commit and the signal tells nobody. So who serves sockets looks now and then.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import Error, OperationalError
from django.db.models import Exists, F, Max, Min, OuterRef, QuerySet, TextField, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone

from armguard_tray.server import event_log, item_states, project_models
from armguard_tray.server.conf import live_settings
from armguard_tray.server.event_log import Draft, Logged
from armguard_tray.server.frames import transaction_origin
from armguard_tray.server.models import Event, Head

log = logging.getLogger(__name__)

SETTLED_AFTER: Final = timedelta(hours=1)
"""Numbers are given before they are committed, so a lower one may yet appear; none takes that long."""

# Whether a transaction is in the log; to be used on `_open()`.
_EVENT: Final = Event.objects.filter(origin=OuterRef("armguard_origin"))


def reconcile(limit: int = 200, now: datetime | None = None) -> int:
    """Announce up to `limit` transactions, and as many statuses, that nobody announced; return how many.

    What waits in the outbox, because its publisher ended too early or could not write the log, goes first, is
    all announced, and counts too. What the database held before the app was installed is not announced. `now`
    is the present time unless given. Not to be called within a transaction. Raises django.db.Error when the
    database cannot be used.
    """
    event_log.head()
    delivered = event_log.deliver_outbox()
    found = [project_models.draft_of_transaction(made) for made in _unannounced()[:limit]]
    published = _publish(found)
    # After several transactions of an item, the last one counts.
    of_items = {each.frame["transaction"]["item_id"]: each for each in found}
    published += _publish([draft for each in of_items.values() if (draft := _status_after(each))])
    published += _publish(
        [project_models.draft_of_status(item, said) for item, said in item_states.differing(limit)]
    )
    item_states.get_to_know(limit)
    _settle(now or timezone.now())
    if published:
        log.info("%d events were announced late: nobody had announced them", len(published))
    return delivered + len(published)


def _publish(drafts: Sequence[Draft]) -> list[Logged]:
    try:
        return event_log.publish_or_raise(drafts)
    except OperationalError:  # the database is out of reach or busy: so it is for each of them
        raise
    except (Error, ValueError):  # one that cannot be stored must not hold up the others for ever
        return [logged for draft in drafts for logged in event_log.publish(draft)]


def _status_after(announced: Draft) -> Draft | None:
    fields = announced.frame["transaction"]
    return item_states.draft_after(fields["item_id"], fields["action"]) if fields["item_id"] else None


def _unannounced() -> QuerySet[Any]:
    return _open().filter(~Exists(_EVENT)).order_by("pk")


def _open() -> QuerySet[Any]:
    """Return the transactions above the watermark."""
    model = project_models.transaction_model()
    if model is None or not project_models.has_integer_key(model):
        return Event.objects.none().annotate(armguard_origin=F("origin"))
    watermark = Head.objects.using(live_settings().database).get(pk=1).watermark
    origin = Concat(Value(transaction_origin("")), Cast("pk", TextField()), output_field=TextField())
    above = project_models.rows(model).filter(pk__gt=watermark)
    numbered: QuerySet[Any] = above.annotate(armguard_origin=origin)
    return numbered


def _settle(now: datetime) -> None:
    """Move the watermark up as far as all is announced and no lower number can appear any more."""
    lowest = _unannounced().aggregate(found=Min("pk"))["found"]
    old = _EVENT.filter(created__lt=now - SETTLED_AFTER)
    highest = _open().filter(Exists(old)).aggregate(found=Max("pk"))["found"]
    if highest is not None:
        event_log.settle(highest if lowest is None else min(highest, lowest - 1))
