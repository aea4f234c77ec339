"""A log that cannot be written leaves the business alone, and is healed afterwards."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connections

from armguard_tray.server import announce, event_log
from armguard_tray.server.conf import live_settings
from armguard_tray.server.models import Event, Head, ItemState
from armguard_tray.server.reconcile import reconcile
from tests.fakes.stock_project.inventory.models import Item
from tests.fakes.stock_project.transactions.models import Transaction
from tests.server.event_log.armory import (
    PATIENCE,
    Live,
    atomic,
    install,
    item,
    note,
    numbers,
    person,
    roll_back,
    take,
    together,
    told,
)


@contextmanager
def _without(table: str) -> Iterator[None]:
    """Take a table away."""
    with connections[live_settings().database].cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} RENAME TO taken_away")
        try:
            yield
        finally:
            cursor.execute(f"ALTER TABLE taken_away RENAME TO {table}")


@pytest.mark.parametrize("model", [Event, Head, ItemState])
@pytest.mark.parametrize("nested", [True, False])
def test_without_its_tables_the_business_goes_on_and_is_announced_later(model: Any, nested: bool) -> None:  # noqa: FBT001 - both ways
    weapon, who = item(), person()
    install()
    with _without(model._meta.db_table):
        if nested:
            with atomic():
                taken = take(weapon, who)
        else:
            taken = take(weapon, who)
        announce.broadcast_transaction_created(taken)
        announce.broadcast_announcement("Lost", "and said so in the log")

    assert Transaction.objects.get().pk == taken.pk
    assert Item.objects.get().status == "Issued"
    failure = event_log.last_error()
    assert failure is not None
    assert "Error" in failure.text
    reconcile()
    assert [each for each in told() if each != "notification"] == [
        ("Take", taken.pk),
        (weapon.pk, "Available", "Issued"),
    ]


def test_what_fails_inside_a_transaction_is_tried_again_after_it() -> None:
    weapon, who = item(), person()
    install()
    with atomic():
        with _without("armguard_live_event"):
            taken = take(weapon, who)
            event_log.publish(note("not lost"))
        assert numbers() == []

    assert told() == [("Take", taken.pk), (weapon.pk, "Available", "Issued"), "not lost"]


def test_what_fails_in_a_transaction_that_is_rolled_back_is_not_tried_again() -> None:
    with atomic():
        with _without("armguard_live_event"):
            event_log.publish(note("never was"))
        roll_back()

    assert told() == []


@pytest.mark.parametrize("database", ["postgres"], indirect=True)  # SQLite has one writer at a time anyway
def test_a_forgotten_transaction_does_not_stop_the_armory(live: Live) -> None:
    live.change(lock_timeout=0.05)
    weapon, who = item(), person()
    holds, done = threading.Event(), threading.Event()

    def forgotten() -> None:
        with atomic():
            event_log.publish(note("slow"))
            holds.set()
            assert done.wait(PATIENCE)

    def business() -> None:
        assert holds.wait(PATIENCE)
        with atomic():
            take(weapon, who)
        done.set()

    together(forgotten, business)

    assert Item.objects.get().status == "Issued"
    assert told() == ["slow"]
    failure = event_log.last_error()
    assert failure is not None
    assert "lock timeout" in failure.text
    assert reconcile() == 2


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
def test_the_business_keeps_its_own_lock_timeout(database: str) -> None:
    with atomic(), connections[database].cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '7s'")
        event_log.publish(note())
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() == ("7s",)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_reader_that_begins_to_write_too_late_publishes_after_its_commit(database: str) -> None:
    """SQLite refuses at once to let a transaction write that has read what others have changed since."""
    with connections[database].cursor() as cursor:
        cursor.execute("PRAGMA journal_mode=WAL")
    weapon = item()
    try:
        with atomic():
            assert Item.objects.get() == weapon
            together(person)
            event_log.publish(note("late"))
            assert event_log.last_error() is not None
    finally:
        with connections[database].cursor() as cursor:
            cursor.execute("PRAGMA journal_mode=DELETE")

    assert told() == ["late"]


def test_a_wrong_setting_keeps_nobody_from_saving(live: Live, caplog: pytest.LogCaptureFixture) -> None:
    live.change(item_fields={"status": "no.such"})
    taken = take()

    assert Item.objects.get().status == "Issued"
    assert told()[0] == ("Take", taken.pk)
    assert "could not be published" in caplog.text
