"""Hooks on the models named in the settings: what is saved is announced, by whatever code.

What announces a new transaction is committed with it. So is what announces a change of an item's status;
where `update()` changes that, which gives no signal, the item is looked at when a transaction commits.
"""

import logging
from collections.abc import Callable
from functools import partial, wraps
from typing import Any, Final

from django.db import connections, transaction
from django.db.models import Model
from django.db.models.signals import post_migrate, post_save, pre_save

from armguard_tray.server import event_log, item_states, outbox, project_models
from armguard_tray.server.conf import live_settings
from armguard_tray.server.event_log import Draft
from armguard_tray.server.models import Head

log = logging.getLogger(__name__)

_BEFORE: Final = "_armguard_live_status"  # on an item between pre_save and post_save


def connect() -> None:
    """Connect the hooks; models that do not exist are left out, and named by the system checks."""
    post_migrate.connect(_migrated, dispatch_uid="armguard_live")
    transactions, items = project_models.transaction_model(), project_models.item_model()
    if transactions is not None:
        post_save.connect(_transaction_saved, sender=transactions, dispatch_uid="armguard_live")
    if items is not None:
        pre_save.connect(_before_item_saved, sender=items, dispatch_uid="armguard_live")
        post_save.connect(_item_saved, sender=items, dispatch_uid="armguard_live")


def _harmless(handler: Callable[..., None]) -> Callable[..., None]:
    """Keep a handler's failure from the code that saves; what is missed, `reconcile` finds."""

    @wraps(handler)
    def handle(**event: Any) -> None:
        try:
            handler(**event)
        except Exception:  # other people's settings, models and transactions
            log.exception("An event could not be published")

    return handle


def _migrated(sender: Any, using: str, **_: Any) -> None:
    """Begin the log at its installation: what is there by then is not announced."""
    is_ours = sender.label == "armguard_live" and using == live_settings().database
    if is_ours and project_models.has_table(Head):  # not where the migrations were taken back
        event_log.head()


@_harmless
def _transaction_saved(instance: Model, *, created: bool, raw: bool, using: str, **_: Any) -> None:
    if raw or not created or using != live_settings().database:
        return
    event_log.publish_built(lambda: [project_models.draft_of_transaction(instance)])
    if connections[using].in_atomic_block or connections[using].get_autocommit():
        transaction.on_commit(partial(_look_at_item, instance), using=using, robust=True)
    # Else Django does not say when that is committed, and it is left to `reconcile`.


def _look_at_item(made: Model) -> None:
    event_log.publish_built(partial(_status_after, made))


def _status_after(made: Model) -> list[Draft]:
    fields = project_models.draft_of_transaction(made).frame["transaction"]
    draft = item_states.draft_after(fields["item_id"], fields["action"]) if fields["item_id"] else None
    return [draft] if draft else []


@_harmless
def _before_item_saved(instance: Model, *, raw: bool, using: str, update_fields: Any, **_: Any) -> None:
    """Remember the status that the item has in the database, if this may change it."""
    instance.__dict__.pop(_BEFORE, None)
    column = project_models.status_column()
    if (
        raw
        or using != live_settings().database
        or (update_fields is not None and column not in update_fields)
    ):
        return
    if connections[using].in_atomic_block:
        outbox.lock_before_reading(using, type(instance))
    # Without a savepoint: where this cannot be locked or read, the row cannot be saved either.
    before = project_models.rows(type(instance)).filter(pk=instance.pk).values_list(column, flat=True).first()
    if before is not None:
        instance.__dict__[_BEFORE] = str(before)


@_harmless
def _item_saved(instance: Model, **_: Any) -> None:
    before = instance.__dict__.pop(_BEFORE, None)
    if before is not None:
        event_log.publish_built(partial(_status_drafts, instance, before))


def _status_drafts(item: Model, before: str) -> list[Draft]:
    draft = project_models.draft_of_status(item, before)
    return [draft] if draft.frame["status"] != before else []
