"""What is saved is announced, whoever saves it, once, and only if it was committed."""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connections
from django.db.models.signals import post_save

from armguard_tray.server import announce
from tests.fakes.stock_project.inventory.models import Item
from tests.fakes.stock_project.personnel.models import Personnel
from tests.fakes.stock_project.transactions.models import Transaction
from tests.server.event_log.armory import (
    PATIENCE,
    Live,
    atomic,
    frames,
    install,
    item,
    person,
    roll_back,
    take,
    together,
    told,
    unannounced,
)

Way = Callable[[], AbstractContextManager[None]]


@pytest.fixture(params=["as the stock server", "in one transaction", "in nested transactions"])
def way(request: pytest.FixtureRequest) -> Way:
    """How the code that saves treats transactions; the last is ATOMIC_REQUESTS with a view's own block."""
    ways: dict[str, Way] = {
        "as the stock server": nullcontext,
        "in one transaction": atomic,
        "in nested transactions": _nested,
    }
    return ways[request.param]


@contextmanager
def _nested() -> Iterator[None]:
    with atomic(), atomic():
        yield


def _insert(action: str, weapon: Item, who: Personnel) -> Transaction:
    """Save a transaction's row as code does that does not save the item."""
    made = Transaction(action=action, item=weapon, personnel=who)
    made.save_base(force_insert=True)
    return made


def test_a_take_and_a_return_carry_all_fields(way: Way) -> None:
    weapon, who, armorer = item(), person(), User.objects.create(username="armorer1")
    with way():
        taken = take(weapon, who, issued_by=armorer, duty_type="Guard Duty", mags=3, rounds=90)
        back = Transaction.objects.create(action="Return", item=weapon, personnel=who, issued_by=armorer)

    created, _, returned, _ = frames()
    assert created["type"] == "transaction_created"
    assert created["stream"] == "transactions"
    assert created["transaction"] == {
        "id": taken.pk,
        "action": "Take",
        "personnel": "Juan Dela Cruz",
        "personnel_id": who.pk,
        "item": "M4 - 00000",
        "item_id": weapon.pk,
        "duty_type": "Guard Duty",
        "issued_by": "armorer1",
        "mags": 3,
        "rounds": 90,
    }
    assert returned["type"] == "transaction_returned"
    assert returned["transaction"] == created["transaction"] | {
        "id": back.pk,
        "action": "Return",
        "duty_type": None,
        "mags": None,
        "rounds": None,
    }


def test_the_move_of_an_item_is_announced_with_its_transaction(way: Way) -> None:
    weapon, who = item(), person()
    with way():
        taken = take(weapon, who)
    with way():
        back = Transaction.objects.create(action="Return", item=weapon, personnel=who)

    assert told() == [
        ("Take", taken.pk),
        (weapon.pk, "Available", "Issued"),
        ("Return", back.pk),
        (weapon.pk, "Issued", "Available"),
    ]


def test_an_inventory_event_names_the_item() -> None:
    weapon = item()
    weapon.status = "Maintenance"
    weapon.save()

    [frame] = frames()
    assert {name: frame[name] for name in ("type", "stream", "item_id", "item", "item_type", "serial")} == {
        "type": "inventory_updated",
        "stream": "inventory",
        "item_id": "IR-00000",
        "item": "M4 - 00000",
        "item_type": "M4",
        "serial": "00000",
    }
    assert (frame["previous_status"], frame["status"]) == ("Available", "Maintenance")


def test_every_status_that_an_item_had_for_a_while_is_announced(way: Way) -> None:
    weapon = item()
    install()
    with way():
        for status in ("Maintenance", "Retired", "Available"):
            weapon.status = status
            weapon.save()
            weapon.save()

    assert told() == [
        (weapon.pk, "Available", "Maintenance"),
        (weapon.pk, "Maintenance", "Retired"),
        (weapon.pk, "Retired", "Available"),
    ]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("fields", [None, ["status"]])
@pytest.mark.parametrize("mode", ["DELETE", "WAL"])
def test_whoever_saves_an_item_waits_for_another_writer_and_is_not_refused(
    database: str, mode: str, fields: list[str] | None
) -> None:
    """SQLite refuses at once to let a transaction write that began by reading while somebody else wrote."""
    weapon = item()

    def save() -> None:
        weapon.status = "Maintenance"
        weapon.save(update_fields=fields)

    _beside_another_writer(database, mode, save)

    assert told() == [(weapon.pk, "Available", "Maintenance")]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("mode", ["DELETE", "WAL"])
def test_whoever_announces_before_saving_is_not_refused_either(database: str, mode: str) -> None:
    weapon, other = item("Maintenance"), item()

    def announce_and_save() -> None:
        announce.broadcast_inventory_update(weapon, "Available")
        other.save(update_fields=["description"])

    _beside_another_writer(database, mode, announce_and_save)

    assert told() == [(weapon.pk, "Available", "Maintenance")]


def _beside_another_writer(database: str, mode: str, work: Callable[[], None]) -> None:
    """Do `work` in a transaction while another connection writes, and commits when `work` begins to write."""
    other_writes, about_to_write = threading.Event(), threading.Event()

    def other() -> None:
        with atomic():
            person()
            other_writes.set()
            assert about_to_write.wait(PATIENCE)

    def tell(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        if sql.startswith(("UPDATE", "INSERT")):
            about_to_write.set()
        return execute(sql, *rest)

    def beside() -> None:
        assert other_writes.wait(PATIENCE)
        try:
            with connections[database].execute_wrapper(tell), atomic():
                work()
        finally:
            about_to_write.set()

    _journal(database, mode)
    try:
        together(other, beside)
    finally:
        _journal(database, "DELETE")


def _journal(database: str, mode: str) -> None:
    with connections[database].cursor() as cursor:
        cursor.execute(f"PRAGMA journal_mode={mode}")
        assert cursor.fetchall() == [(mode.lower(),)]
    connections[database].close()  # and what it has cached: in WAL, changes are counted in another way


def test_what_is_rolled_back_is_not_announced(bells: list[Any]) -> None:
    weapon, who = item(), person()
    with atomic():
        take(weapon, who)
        roll_back()

    assert told() == []
    assert bells == []


def test_an_item_saved_with_no_new_status_is_not_announced(way: Way) -> None:
    weapon = item()
    with way():
        weapon.description = "scratched"
        weapon.save()

    assert told() == []


def test_a_stale_object_that_saves_only_other_fields_changes_no_status() -> None:
    weapon = item()
    stale = Item.objects.get(pk=weapon.pk)
    take(weapon)
    before = told()

    stale.description = "scratched"
    stale.save(update_fields=["description"])

    assert told() == before


@pytest.mark.parametrize(("was_known", "before"), [(True, "Available"), (False, None)])
def test_an_item_issued_by_update_beside_its_transaction_is_announced(
    was_known: bool,  # noqa: FBT001 - both cases
    before: str | None,
) -> None:
    weapon, who = item(), person()
    if was_known:
        install()
    with atomic():
        made = _insert("Take", weapon, who)
        Item.objects.filter(pk=weapon.pk).update(status="Issued")

    assert told() == [("Take", made.pk), (weapon.pk, before, "Issued")]


def test_a_status_changed_by_update_is_announced_with_the_one_that_was_known() -> None:
    weapon, who = item(), person()
    take(weapon, who)
    with atomic():
        back = _insert("Return", weapon, who)
        Item.objects.filter(pk=weapon.pk).update(status="Maintenance")

    assert told()[2:] == [("Return", back.pk), (weapon.pk, "Issued", "Maintenance")]


def test_a_transaction_that_leaves_an_unknown_item_alone_says_nothing_of_it() -> None:
    weapon, who = item(), person()
    with atomic():
        made = _insert("Take", weapon, who)

    assert told() == [("Take", made.pk)]


def test_a_transaction_of_the_time_before_the_app_is_not_announced_when_it_is_changed() -> None:
    made = unannounced(item("Issued"), person())
    install()
    made.rounds = 7
    made.save()

    assert told() == []


def test_a_transaction_that_is_changed_later_is_not_announced_again() -> None:
    made = take()
    before = told()
    made.rounds = 7
    made.save()

    assert told() == before


@pytest.mark.parametrize("first", ["the signal", "the drop-in"])
def test_the_drop_ins_announce_nothing_twice(first: str, way: Way, live: Live, bells: list[Any]) -> None:
    weapon, who = item(), person()
    with way():
        if first == "the signal":
            taken = take(weapon, who)
        else:
            taken = unannounced(weapon, who)
            announce.broadcast_transaction_created(taken)
            post_save.send(Transaction, instance=taken, created=True, raw=False, using=live.database)
            Item.objects.update(status="Issued")
            weapon.refresh_from_db()
            announce.broadcast_inventory_update(weapon, "Available")
            weapon.save()
        announce.broadcast_transaction_created(taken)
        announce.broadcast_inventory_update(weapon, "Available")

    assert told() == [("Take", taken.pk), (weapon.pk, "Available", "Issued")]
    assert sum(len(events) for events, _ in bells) == 2


def test_a_status_is_only_announced_while_it_is_true() -> None:
    weapon = item()
    other = Item.objects.get(pk=weapon.pk)
    other.status = "Retired"
    # Another process saved this in between, and has announced it first.
    weapon.status = "Maintenance"
    weapon.save()

    announce.broadcast_inventory_update(other, "Available")

    assert told() == [(weapon.pk, "Available", "Maintenance")]


@pytest.mark.parametrize("name", ["José <B>X</B> Peña", 'a"b\\c', "\u202e\u0007\n", "😀" * 100])
def test_hostile_names_go_through_as_they_are(name: str) -> None:
    take(who=person(name))

    assert frames()[0]["transaction"]["personnel"] == f"{name} Dela Cruz"


def test_a_zero_byte_reaches_the_client_where_the_database_cannot_hold_one() -> None:
    who = person()
    who.firstname = "Ju\0an"  # not in the database
    take(who=who)

    assert frames()[0]["transaction"]["personnel"] == "Ju\0an Dela Cruz"


def test_a_row_that_cannot_be_read_is_announced_without_what_is_broken(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_: object) -> str:
        raise TypeError("no name")

    monkeypatch.setattr("tests.fakes.stock_project.personnel.models.Personnel.get_full_name", broken)
    made = take()

    assert told()[0] == ("Take", made.pk)
    assert frames()[0]["transaction"]["personnel"] == ""
    assert "personnel.get_full_name cannot be read" in caplog.text


def test_the_stock_groups_hear_of_it_too(live: Live, bells: list[Any]) -> None:
    live.change(relay_to_stock=True)
    taken = take()
    by_hand = item()
    by_hand.status = "Maintenance"
    by_hand.save()
    announce.broadcast_transaction_created(taken)
    announce.send_user_notification(2, "Title", "Text", "warning", {"transaction_id": taken.pk})
    announce.broadcast_announcement("To", "everybody")

    relayed = [relay for _, relays in bells for relay in relays]
    assert [(group, message["type"]) for group, message in relayed] == [
        ("transactions_feed", "transaction_created"),
        ("inventory_updates", "inventory_updated"),
        ("notifications_2", "notification_message"),
    ]
    assert len(told()) == 5
