"""What is too old or too much goes, from the oldest on; the rest stays without a hole."""

from datetime import timedelta

import pytest
from django.utils import timezone

from armguard_tray.server import event_log
from armguard_tray.server.models import Event, Head
from armguard_tray.server.reconcile import SETTLED_AFTER, reconcile
from tests.fakes.stock_project.inventory.models import Item
from tests.server.event_log.armory import Live, item, note, numbers, take, together, told

NOW = timezone.now()


def _publish(count: int) -> None:
    event_log.publish(*[note(str(number)) for number in range(1, count + 1)])


def _age(days: float, *seqs: int) -> None:
    Event.objects.filter(seq__in=seqs).update(created=NOW - timedelta(days=days))


def test_what_is_more_than_the_settings_keep_goes(live: Live) -> None:
    live.change(retention_events=3)
    _publish(5)

    assert event_log.trim(NOW) == 2
    assert numbers() == [3, 4, 5]
    assert event_log.head().oldest == 3
    assert event_log.trim(NOW) == 0


def test_what_is_older_than_the_settings_keep_goes(live: Live) -> None:
    live.change(retention_days=7)
    _publish(4)
    _age(7.1, 1, 2)
    _age(6.9, 3)

    assert event_log.trim(NOW) == 2
    assert numbers() == [3, 4]
    assert event_log.head().oldest == 3


def test_a_clock_that_went_back_makes_no_hole() -> None:
    _publish(3)
    _age(8, 2)

    assert event_log.trim(NOW) == 0
    assert numbers() == [1, 2, 3]


def test_when_nothing_is_kept_the_oldest_is_the_next_one(live: Live) -> None:
    live.change(retention_events=0)
    _publish(3)

    assert event_log.trim(NOW) == 3
    head = event_log.head()
    assert (head.seq, head.oldest) == (3, 4)
    [following] = event_log.publish(note("next"))
    assert following.seq == 4
    assert event_log.head().oldest == 4


def test_much_goes_in_bounded_chunks(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_log, "_TRIMMED_AT_ONCE", 4)
    live.change(retention_events=1)
    _publish(11)

    assert event_log.trim(NOW) == 10
    assert numbers() == [11]


def test_an_empty_log_can_be_trimmed() -> None:
    assert event_log.trim(NOW) == 0
    Head.objects.all().delete()
    assert event_log.trim(NOW) == 0


def test_a_transaction_stays_until_it_is_settled_and_is_never_announced_again(live: Live) -> None:
    live.change(retention_events=0)
    event_log.publish(note("goes"))
    made = take()

    assert event_log.trim(NOW) == 1
    assert told()[0] == ("Take", made.pk)

    Event.objects.update(created=NOW - SETTLED_AFTER - timedelta(minutes=1))
    assert reconcile() == 0
    assert event_log.trim(NOW) == 2
    assert reconcile() == 0
    assert told() == []


def test_a_status_is_never_announced_again_because_its_event_is_gone(live: Live) -> None:
    weapon = item()
    weapon.status = "Retired"
    weapon.save()
    live.change(retention_events=0)

    assert event_log.trim(NOW) == 1
    assert reconcile() == 0
    Item.objects.update(status="Available")
    assert reconcile() == 1
    assert told() == [(weapon.pk, "Retired", "Available")]


def test_publishers_at_work_are_not_disturbed(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_log, "_TRIMMED_AT_ONCE", 2)
    live.change(retention_events=5)

    def publish() -> int:
        return sum(len(event_log.publish(note())) for _ in range(30))

    def trim() -> int:
        return sum(event_log.trim(NOW) for _ in range(20))

    published, also, trimmed, too = together(publish, publish, trim, trim)
    last = event_log.trim(NOW)

    head = event_log.head()
    assert published + also == head.seq == 60
    assert trimmed + too + last == 55
    assert numbers() == list(range(head.oldest, 61)) == list(range(56, 61))
