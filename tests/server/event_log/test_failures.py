"""A log that cannot be written leaves the business alone, and is healed afterwards."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connections
from django.db.models import F

from armguard_tray.messages.streams import Stream
from armguard_tray.server import announce, event_log
from armguard_tray.server.conf import live_settings
from armguard_tray.server.models import Event, Head, ItemState, Outbox
from armguard_tray.server.outbox import Posted
from armguard_tray.server.reconcile import reconcile
from tests.fakes.stock_project.inventory.models import Item
from tests.fakes.stock_project.transactions.models import Transaction
from tests.server.event_log.armory import (
    PATIENCE,
    Live,
    atomic,
    elsewhere,
    install,
    item,
    note,
    numbers,
    person,
    roll_back,
    take,
    together,
    told,
    waiting,
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


@pytest.mark.parametrize("model", [Event, Head, ItemState, Outbox])
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


@contextmanager
def _held(lock: Callable[[], object]) -> Iterator[None]:
    """Have another connection take a lock, and hold it until the end; who waits for it, waits until then."""
    holds, done = threading.Event(), threading.Event()

    def hold() -> None:
        with atomic():
            lock()
            holds.set()
            done.wait(PATIENCE)

    with ThreadPoolExecutor(1) as thread:
        holding = thread.submit(lambda: together(hold))
        assert holds.wait(PATIENCE)
        try:
            yield
            assert not holding.done()
        finally:
            done.set()
            holding.result(PATIENCE)


def _lock_head() -> None:
    Head.objects.update(seq=F("seq"))


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[None]:
    """Return one entry for each time that somebody waits for the lock of the log's head."""
    counted: list[None] = []
    locked = event_log._locked

    def counting(*arguments: Any) -> Head:
        counted.append(None)
        return locked(*arguments)

    monkeypatch.setattr(event_log, "_locked", counting)
    return counted


@pytest.mark.parametrize("database", ["postgres"], indirect=True)  # SQLite has one writer at a time anyway
@pytest.mark.parametrize("nested", [True, False])
def test_a_forgotten_transaction_does_not_stop_the_armory(
    live: Live,
    nested: bool,  # noqa: FBT001 - both ways
    waits: list[None],
) -> None:
    live.change(lock_timeout=0.05)
    weapon, who = item(), person()
    install()
    with _held(_lock_head):
        with atomic() if nested else nullcontext():
            taken = take(weapon, who)
            announce.send_user_notification(7, "Not", "lost")
        announce.broadcast_announcement("Not", "lost either")
        assert numbers() == []
        assert len(waits) == 1, "a request waits once, however much it publishes"

    assert Item.objects.get().status == "Issued"
    failure = event_log.last_error()
    assert failure is not None
    assert "lock timeout" in failure.text
    assert reconcile() == 4
    assert told() == [
        ("Take", taken.pk),
        (weapon.pk, "Available", "Issued"),
        "notification",
        "notification",
    ]
    assert waiting() == 0


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
def test_after_some_seconds_a_stuck_log_is_tried_again(
    live: Live, waits: list[None], monkeypatch: pytest.MonkeyPatch
) -> None:
    live.change(lock_timeout=0.05)
    now = 1000.0
    monkeypatch.setattr(event_log, "time", SimpleNamespace(monotonic=lambda: now))
    with _held(_lock_head):
        event_log.publish(note("1"))
    event_log.publish(note("2"))
    assert (len(waits), waiting()) == (1, 2)

    now += 5.1
    event_log.publish(note("3"))
    assert told() == ["1", "2", "3"]
    event_log.publish(note("4"))
    assert told()[3:] == ["4"]


def test_once_the_log_is_seen_to_be_writable_it_is_written_again() -> None:
    event_log._stuck.found(wholly=False)
    event_log.publish(note("1"))
    assert waiting() == 1

    reconcile()
    event_log.publish(note("2"))

    assert (told(), waiting()) == (["1", "2"], 0)


@pytest.mark.parametrize("order", ["the log first", "the item first"])
@pytest.mark.parametrize("database", ["postgres"], indirect=True)
def test_nobody_holds_the_log_while_waiting_for_the_business(database: str, order: str) -> None:
    """One holds an item and publishes; the other one has published and wants that item: no deadlock."""
    held, wanted = item(), item()
    install()
    both_hold = threading.Barrier(2)
    about_to = {"the log first": threading.Event(), "the item first": threading.Event()}

    def save(weapon: Item) -> None:
        weapon.status = "Maintenance"
        weapon.save()

    def holds_an_item() -> None:
        with atomic():
            Item.objects.select_for_update().get(pk=wanted.pk)
            both_hold.wait(PATIENCE)
            if order == "the item first":
                assert about_to[order].wait(PATIENCE)
            else:
                about_to[order].set()
            save(wanted)

    def has_published() -> None:
        with atomic():
            save(held)
            both_hold.wait(PATIENCE)
            if order == "the log first":
                assert about_to[order].wait(PATIENCE)
            with connections[database].execute_wrapper(tell):
                Item.objects.filter(pk=wanted.pk).update(description="looked at")

    def tell(execute: Any, *statement: Any) -> Any:
        about_to["the item first"].set()
        return execute(*statement)

    together(holds_an_item, has_published)

    assert event_log.last_error() is None
    assert sorted(told()) == [(each.pk, "Available", "Maintenance") for each in (held, wanted)]


@pytest.mark.parametrize("nested", [True, False])
def test_what_can_be_put_nowhere_is_said_and_does_not_stop_what_follows(
    nested: bool,  # noqa: FBT001 - both ways
    caplog: pytest.LogCaptureFixture,
) -> None:
    with _without("armguard_live_outbox"), atomic() if nested else nullcontext():
        event_log.publish(note("lost"))
    assert "could not be published" in caplog.text or "events wait" in caplog.text
    event_log.publish(note("after"))
    reconcile()

    assert "after" in told()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # it has one lock for everything
def test_while_nothing_can_be_written_events_are_held_and_only_the_first_waits(
    database: str, live: Live, waits: list[None]
) -> None:
    live.change(lock_timeout=0.05)
    with _held(_lock_head):
        for number in "123":
            event_log.publish(note(number))

    assert (told(), len(waits)) == ([], 1)
    with connections[database].cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout")
        assert cursor.fetchone()[0] > 1000, "the project's own patience is as it was"
    assert event_log.deliver_outbox() == 3
    assert told() == ["1", "2", "3"]


def test_what_is_held_and_can_never_be_stored_holds_up_nothing(caplog: pytest.LogCaptureFixture) -> None:
    bad = event_log.Draft(Stream.NOTIFICATIONS, {"type": "note", "text": float("nan")})
    event_log._held.hold([Posted(bad, "2026-11-25T08:00:00+08:00")])

    event_log.publish(note("after"))

    assert told() == ["after"]
    assert "could not be published" in caplog.text


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
@pytest.mark.parametrize("model", [Event, Outbox, ItemState])
@pytest.mark.parametrize("nested", [True, False])
def test_a_table_that_somebody_has_locked_delays_nobody_for_long(
    live: Live, database: str, model: Any, *, nested: bool
) -> None:
    """As VACUUM FULL and ALTER TABLE do, for minutes."""
    live.change(lock_timeout=0.05)
    weapon, who = item(), person()
    install()

    def lock() -> None:
        with connections[database].cursor() as cursor:
            cursor.execute(f"LOCK TABLE {model._meta.db_table} IN ACCESS EXCLUSIVE MODE")

    with _held(lock), atomic() if nested else nullcontext():
        taken = take(weapon, who)
        announce.broadcast_transaction_created(taken)
        announce.broadcast_announcement("Not", "lost")
    reconcile()
    reconcile()
    assert set(told()) == {("Take", taken.pk), (weapon.pk, "Available", "Issued"), "notification"}


def test_what_the_log_refuses_waits_in_the_outbox() -> None:
    with _without("armguard_live_event"):
        event_log.publish(note("1"))
        with atomic():
            event_log.publish(note("2"))
        assert waiting() == 2

    assert event_log.deliver_outbox() == 2
    assert told() == ["1", "2"]
    assert event_log.deliver_outbox() == 0


def test_a_process_that_ends_right_after_its_commit_loses_nothing(environment: dict[str, str]) -> None:
    assert elsewhere(environment, "die_before_the_delivery", "news").wait(PATIENCE) == 9
    assert told() == []

    assert reconcile() == 1
    assert told() == ["news"]


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
