"""What clients know of each item's status.

The caller holds the log's lock where it writes; everything is in the log's database.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery, TextField
from django.db.models.functions import Cast

from armguard_tray.server import project_models
from armguard_tray.server.conf import live_settings
from armguard_tray.server.frames import Draft, ItemStatus
from armguard_tray.server.models import ItemState, Outbox

CHUNK: Final = 500


@dataclass(frozen=True, slots=True)
class Known:
    """An item's status in its own table, and the one that clients know; None where there is none."""

    actual: str | None = None
    said: str | None = None


def known(item_ids: Collection[str]) -> dict[str, Known]:
    """Return what is known of these items."""
    said = dict(_states().filter(item_id__in=item_ids).values_list("item_id", "status"))
    actual: dict[str, str] = {}
    model = project_models.item_model()
    if model is not None:
        column = project_models.status_column()
        found = project_models.rows(model).filter(pk__in=item_ids)
        actual = {str(pk): _text(status) for pk, status in found.values_list("pk", column)}
    return {each: Known(actual.get(each), said.get(each)) for each in item_ids}


def remember(told: Iterable[ItemStatus]) -> None:
    """Take down what clients know from now on."""
    latest = {each.item_id: ItemState(item_id=each.item_id, status=each.status) for each in told}
    if latest:
        _states().bulk_create(
            latest.values(), update_conflicts=True, unique_fields=["item_id"], update_fields=["status"]
        )


def seed() -> None:
    """Take all items as known in their present status, unless something is known of them already."""
    model = project_models.item_model()
    if model is None or not project_models.has_table(model):
        return
    present = project_models.rows(model).values_list("pk", project_models.status_column())
    states = [ItemState(item_id=str(pk), status=_text(status)) for pk, status in present.iterator(CHUNK)]
    _states().bulk_create(states, batch_size=CHUNK, ignore_conflicts=True)


def forget() -> None:
    """Know nothing of any item."""
    _states().delete()


def differing(limit: int) -> list[tuple[Any, str]]:
    """Return items whose status is not the one that clients know, each with that one."""
    same = Q(armguard_said=F(project_models.status_column()))
    found = _compared().filter(~same, armguard_said__isnull=False)[:limit]
    return [(item, item.armguard_said) for item in found]


def get_to_know(limit: int) -> None:
    """Take items of which clients know no status as known in their present one.

    Not those of which something waits to be told.
    """
    waits = Outbox.objects.filter(item_id=Cast(OuterRef("pk"), TextField()))
    present = _compared().filter(~Exists(waits), armguard_said__isnull=True)
    found = present.values_list("pk", project_models.status_column())[:limit]
    _states().bulk_create(
        [ItemState(item_id=str(pk), status=_text(status)) for pk, status in found], ignore_conflicts=True
    )


def draft_after(item_id: str, action: str) -> Draft | None:
    """Return what announces the item's status after a transaction; None where clients know it.

    Of an item that they have never heard of, only the status to which the action leads is news.
    """
    model, item = project_models.item_model(), known([item_id])[item_id]
    if model is None or item.actual in {None, item.said}:
        return None
    if item.said is None and item.actual != live_settings().item_status_after.get(action):
        return None
    found = project_models.rows(model).filter(pk=item_id).first()
    return project_models.draft_of_status(found, item.said) if found else None


def _compared() -> QuerySet[Any]:
    model = project_models.item_model()
    if model is None:
        return ItemState.objects.none().annotate(armguard_said=F("status"))
    said = ItemState.objects.filter(item_id=Cast(OuterRef("pk"), TextField())).values("status")
    compared: QuerySet[Any] = project_models.rows(model).annotate(armguard_said=Subquery(said[:1]))
    return compared


def _text(status: object) -> str:
    return "" if status is None else str(status)


def _states() -> QuerySet[ItemState]:
    return ItemState.objects.using(live_settings().database)
