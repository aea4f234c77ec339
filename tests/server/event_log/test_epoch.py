"""A new epoch begins where the old one's numbers can no longer be trusted."""

import pytest

from armguard_tray.server import event_log
from armguard_tray.server.models import Head
from armguard_tray.server.reconcile import reconcile
from tests.fakes.stock_project.inventory.models import Item
from tests.server.event_log.armory import (
    atomic,
    install,
    item,
    note,
    numbers,
    person,
    take,
    together,
    told,
    unannounced,
)


def test_nothing_is_kept_and_the_numbers_go_on() -> None:
    event_log.publish(note("1"), note("2"))
    before = event_log.head()

    after = event_log.new_epoch()

    assert after.epoch != before.epoch
    assert (after.seq, after.oldest, after.began) == (2, 3, 3)
    assert after == event_log.head()
    assert numbers() == []
    [following] = event_log.publish(note("3"))
    assert (following.seq, following.epoch) == (3, after.epoch)


def test_what_the_restored_database_holds_counts_as_announced() -> None:
    weapon, who = item(), person()
    install()
    unannounced(weapon, who)
    Item.objects.update(status="Retired")

    event_log.new_epoch()

    assert reconcile() == 0
    later = take(item(), who)
    assert told()[0] == ("Take", later.pk)


def test_an_origin_of_the_old_epoch_can_be_published_in_the_new_one() -> None:
    event_log.publish(note("old", origin="x"))
    event_log.new_epoch()
    event_log.publish(note("new", origin="x"))

    assert told() == ["new"]


def test_a_log_whose_head_was_deleted_begins_again_after_its_last_number() -> None:
    event_log.publish(note("1"), note("2"))
    before = event_log.head()
    Head.objects.all().delete()

    [following] = event_log.publish(note("3"))

    after = event_log.head()
    assert following.seq == 3
    assert following.epoch == after.epoch != before.epoch
    assert (after.seq, after.oldest, after.began) == (3, 3, 3)
    assert numbers() == [3]


def test_whoever_only_looks_begins_a_deleted_head_again_too() -> None:
    event_log.publish(note("1"), note("2"))
    Head.objects.all().delete()

    heads = together(*[event_log.head] * 4)

    assert {(each.seq, each.oldest, each.began) for each in heads} == {(2, 3, 3)}
    assert event_log.publish(note("3"))[0].seq == 3


def test_a_deleted_head_is_begun_once_in_a_race() -> None:
    event_log.publish(note())
    Head.objects.all().delete()

    together(*[lambda: event_log.publish(note())] * 4)

    assert numbers() == [2, 3, 4, 5]


def test_what_waits_in_the_outbox_is_announced_in_the_new_epoch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_log, "_deliver_if_possible", lambda: None)
    with atomic():
        event_log.publish(note("waits"))

    event_log.new_epoch()

    assert reconcile() == 1
    assert told() == ["waits"]


def test_an_event_always_bears_the_epoch_that_it_is_of() -> None:
    def publish() -> int:
        return sum(len(event_log.publish(note())) for _ in range(20))

    def begin() -> int:
        return len({event_log.new_epoch().epoch for _ in range(5)})

    def read() -> int:
        return sum(event.epoch not in event.body for _ in range(50) for event in event_log.read_after(0, 100))

    assert together(publish, begin, read) == [20, 5, 0]
