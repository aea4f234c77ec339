"""The drop-in functions reach whom they should, and never raise."""

import contextlib
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from armguard_tray.server import announce, event_log
from tests.fakes.stock_project.inventory.models import Item
from tests.fakes.stock_project.transactions.models import Transaction
from tests.server.event_log.armory import atomic, frames, item, person, told


def test_a_notification_is_for_one_user() -> None:
    announce.send_user_notification(7, "Title", "Text", "success", {"transaction_id": 2})

    [event] = event_log.read_after(0, 10)
    [frame] = frames()
    assert event.user_id == "7"
    assert event.stream == frame["stream"] == "notifications"
    assert {name: frame[name] for name in ("type", "title", "message", "level", "data")} == {
        "type": "notification",
        "title": "Title",
        "message": "Text",
        "level": "success",
        "data": {"transaction_id": 2},
    }


def test_an_announcement_is_for_everybody() -> None:
    announce.broadcast_announcement("Fire drill", "At noon", "warning")

    [event] = event_log.read_after(0, 10)
    assert event.user_id is None
    assert told() == ["notification"]


def test_every_frame_says_what_and_when_it_is() -> None:
    announce.broadcast_announcement("Title", "Text")

    [event], [frame] = event_log.read_after(0, 10), frames()
    assert list(frame)[:6] == ["type", "stream", "id", "epoch", "seq", "timestamp"]
    assert (frame["epoch"], frame["seq"]) == (event.epoch, event.seq) == (event_log.head().epoch, 1)
    assert len(frame["id"]) == 32
    assert datetime.fromisoformat(frame["timestamp"]).utcoffset() == timedelta(hours=8)


@pytest.mark.parametrize("in_transaction", [False, True])
def test_a_giant_one_is_shortened_to_what_every_client_takes(*, in_transaction: bool) -> None:
    with atomic() if in_transaction else contextlib.nullcontext():
        announce.broadcast_announcement("Title", "x" * 3_000_000)

    [event], [frame] = event_log.read_after(0, 10), frames()
    assert len(event.body) < 132 * 1024
    assert frame["message"].endswith("… [shortened]")
    assert frame["shortened"] is True


def test_a_notification_for_nobody_does_not_reach_everybody(caplog: pytest.LogCaptureFixture) -> None:
    announce.send_user_notification(None, "Secret", "Text")

    assert told() == []
    assert "for nobody" in caplog.text


@pytest.mark.parametrize(
    "data",
    [
        {1: {2, 3}},
        {"x": float("nan")},
        {"x": object()},
        {"x": datetime(2026, 1, 1, tzinfo=UTC)},
        {"x": "\ud800\0"},
    ],
)
def test_data_that_is_no_json_is_sent_as_text(data: dict[Any, Any]) -> None:
    announce.send_user_notification("a\0b", "Ti\0tle", "lone \udfff", data=data)

    [frame] = frames()
    assert frame["title"] == "Ti\0tle"
    assert frame["message"] == "lone ?"


def test_a_transaction_is_announced_before_or_without_its_item() -> None:
    weapon, who = item(), person()
    [made] = Transaction.objects.bulk_create([Transaction(action="Return", item=weapon, personnel=who)])
    announce.broadcast_transaction_returned(made)
    announce.broadcast_transaction_returned(made)

    assert told() == [("Return", made.pk)]


def test_a_transaction_that_was_never_saved_is_not_announced(caplog: pytest.LogCaptureFixture) -> None:
    announce.broadcast_transaction_created(Transaction(action="Take", item=item(), personnel=person()))

    assert told() == []
    assert "before it is saved" in caplog.text


def test_things_that_are_no_models_harm_nobody(caplog: pytest.LogCaptureFixture) -> None:
    announce.broadcast_transaction_created(None)
    announce.broadcast_inventory_update("nothing")

    assert frames() == [] or told() == [("", None, "")]
    assert caplog.records


def test_a_status_by_hand_is_announced_once_by_whichever_is_first() -> None:
    weapon = item()
    Item.objects.filter(pk=weapon.pk).update(status="Maintenance")
    weapon.refresh_from_db()
    announce.broadcast_inventory_update(weapon, "Available")
    announce.broadcast_inventory_update(weapon, "Available")

    assert told() == [(weapon.pk, "Available", "Maintenance")]
