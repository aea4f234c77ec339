"""The other project's models, found by the names in the settings, and the drafts made of them.

A model that is named wrongly is None here; the system checks say so.
"""

from typing import Any

from django.apps import apps
from django.db import connections
from django.db.models import IntegerField, Max, Model, QuerySet

from armguard_tray.server.conf import live_settings
from armguard_tray.server.frames import (
    ITEM_PATHS,
    TRANSACTION_PATHS,
    Draft,
    Paths,
    inventory_draft,
    transaction_draft,
)


def transaction_model() -> type[Model] | None:
    """Return the model of transactions."""
    return _model(live_settings().transaction_model)


def item_model() -> type[Model] | None:
    """Return the model of items."""
    return _model(live_settings().item_model)


def rows(model: type[Model]) -> QuerySet[Any]:
    """Return all of a model's rows in the log's database, also those that its own manager hides."""
    return model._base_manager.using(live_settings().database)  # noqa: SLF001 - documented by Django


def has_integer_key(model: type[Model]) -> bool:
    """Whether a model's rows are numbered."""
    return isinstance(model._meta.pk, IntegerField)  # noqa: SLF001 - documented by Django


def draft_of_transaction(made: object) -> Draft:
    """Return what announces a transaction."""
    return transaction_draft(made, transaction_paths())


def draft_of_status(item: object, previous: str | None) -> Draft:
    """Return what announces an item's present status."""
    return inventory_draft(item, previous, item_paths())


def transaction_paths() -> Paths:
    """Return where the fields of a transaction's frame are."""
    return {**TRANSACTION_PATHS, **live_settings().transaction_fields}


def item_paths() -> Paths:
    """Return where the fields of an item's frame are."""
    return {**ITEM_PATHS, **live_settings().item_fields}


def status_column() -> str:
    """Return the name by which queries find an item's status."""
    return item_paths()["status"].replace(".", "__")


def has_table(model: type[Model]) -> bool:
    """Whether the model's table exists, which it may not while a project's first migrations run."""
    connection = connections[live_settings().database]
    with connection.cursor() as cursor:
        return model._meta.db_table in connection.introspection.table_names(cursor)  # noqa: SLF001


def highest_transaction() -> int:
    """Return the highest transaction number so far; 0 where there is none, or numbers are no integers."""
    model = transaction_model()
    if model is None or not has_table(model):
        return 0
    highest = rows(model).aggregate(highest=Max("pk"))["highest"]
    return highest if isinstance(highest, int) else 0


def _model(name: str) -> type[Model] | None:
    try:
        return apps.get_model(name)
    except (LookupError, ValueError):
        return None
