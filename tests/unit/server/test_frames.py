"""Frames are built of any objects that have the attributes."""

import json
from datetime import datetime, timedelta, timezone
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import OperationalError

from armguard_tray.messages.decoding import Undecodable, decode
from armguard_tray.messages.streams import Stream
from armguard_tray.server.frames import (
    TRANSACTION_PATHS,
    Draft,
    inventory_draft,
    notification_draft,
    plain,
    stock_message,
    transaction_draft,
)

MANILA = timezone(timedelta(hours=8))
AT = datetime(2026, 11, 24, 11, 25, 26, 900538, tzinfo=MANILA)


class _Item(SimpleNamespace):
    def __str__(self) -> str:
        return f"{self.item_type} - {self.serial}"


def _transaction(action: str = "Take", **changes: Any) -> SimpleNamespace:
    fields = {
        "pk": 2,
        "action": action,
        "personnel": SimpleNamespace(pk="PE-1", get_full_name=lambda: "Juan Dela Cruz"),
        "item": _Item(pk="IR-1", item_type="M4", serial="00077", status="Issued"),
        "issued_by": SimpleNamespace(username="armorer1"),
        "duty_type": "Guard Duty",
        "mags": 3,
        "rounds": 90,
    }
    return SimpleNamespace(**fields | changes)


def _fields(made: object, **paths: str) -> dict[str, Any]:
    fields: dict[str, Any] = transaction_draft(made, {**TRANSACTION_PATHS, **paths}).frame["transaction"]
    return fields


@pytest.mark.parametrize(
    ("action", "kind"), [("Take", "transaction_created"), ("Return", "transaction_returned")]
)
def test_a_transaction_has_the_same_fields_whichever_it_is(action: str, kind: str) -> None:
    draft = transaction_draft(_transaction(action))

    assert (draft.stream, draft.user_id, draft.origin) == (Stream.TRANSACTIONS, None, "transaction:2")
    assert draft.frame == {
        "type": kind,
        "transaction": {
            "id": 2,
            "action": action,
            "personnel": "Juan Dela Cruz",
            "personnel_id": "PE-1",
            "item": "M4 - 00077",
            "item_id": "IR-1",
            "duty_type": "Guard Duty",
            "issued_by": "armorer1",
            "mags": 3,
            "rounds": 90,
        },
    }


def test_what_is_empty_is_null() -> None:
    fields = _fields(_transaction(issued_by=None, duty_type=None, mags=None, rounds=None))

    assert [fields[name] for name in ("issued_by", "duty_type", "mags", "rounds")] == [None] * 4


def test_the_settings_say_where_another_model_has_a_field() -> None:
    made = _transaction(
        personnel=SimpleNamespace(pk="PE-1", full_name="Ana Cruz"), load=SimpleNamespace(full=7)
    )
    fields = _fields(made, personnel="personnel.full_name", rounds="load.full")

    assert (fields["personnel"], fields["rounds"]) == ("Ana Cruz", 7)


def test_what_cannot_be_read_is_left_empty(caplog: pytest.LogCaptureFixture) -> None:
    fields = _fields(_transaction(mags="three"), duty_type="no.such")

    assert (fields["mags"], fields["duty_type"]) == (None, None)
    assert "no.such cannot be read" in caplog.text


def test_a_failure_of_the_database_is_not_swallowed() -> None:
    def gone() -> str:
        raise OperationalError

    with pytest.raises(OperationalError):
        transaction_draft(_transaction(personnel=SimpleNamespace(pk="PE-1", get_full_name=gone)))


def test_a_transaction_without_a_number_has_no_origin() -> None:
    assert transaction_draft(_transaction(pk=None)).origin is None


def test_an_item_without_type_or_serial_has_none_in_its_frame() -> None:
    draft = inventory_draft(SimpleNamespace(pk=7, status="Retired"), None)

    assert "item_type" not in draft.frame
    assert "serial" not in draft.frame
    assert (draft.frame["item_id"], draft.frame["status"], draft.frame["previous_status"]) == (
        "7",
        "Retired",
        None,
    )


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        (True, True),
        (1.5, 1.5),
        (float("inf"), None),
        (AT, "2026-11-24T11:25:26.900538+08:00"),
        ({1: ("a", {"b"})}, {"1": ["a", ["b"]]}),
        (1 + 2j, "(1+2j)"),
    ],
)
def test_anything_becomes_json(value: object, expected: object) -> None:
    assert plain(value) == expected


def _stock(draft: Draft) -> tuple[str, dict[str, Any]] | None:
    return stock_message(draft, AT, issued="Issued")


def test_the_stock_pages_get_what_the_stock_server_sends() -> None:
    assert _stock(notification_draft("2", "Title", "Text", "success", {"transaction_id": 2})) == (
        "notifications_2",
        {
            "type": "notification_message",
            "title": "Title",
            "message": "Text",
            "level": "success",
            "timestamp": "2026-11-24T11:25:26.900538",
            "data": {"transaction_id": 2},
        },
    )
    taken = transaction_draft(_transaction())
    assert _stock(taken) == ("transactions_feed", {**taken.frame, "timestamp": "2026-11-24T11:25:26.900538"})
    assert _stock(transaction_draft(_transaction("Return"))) == (
        "transactions_feed",
        {
            "type": "transaction_returned",
            "transaction": {
                "id": 2,
                "action": "Return",
                "personnel": "Juan Dela Cruz",
                "item": "M4 - 00077",
                "issued_by": "armorer1",
            },
            "timestamp": "2026-11-24T11:25:26.900538",
        },
    )
    item = _Item(pk="IR-1", item_type="M4", serial="00077", status="Maintenance")
    assert _stock(inventory_draft(item, "Available")) == (
        "inventory_updates",
        {
            "type": "inventory_updated",
            "item_id": "IR-1",
            "status": "Maintenance",
            "previous_status": "Available",
            "timestamp": "2026-11-24T11:25:26.900538",
        },
    )


@pytest.mark.parametrize(
    "draft",
    [
        notification_draft(None, "To", "everybody", "info", None),
        inventory_draft(_transaction().item, "Available"),
        inventory_draft(_Item(pk="IR-1", item_type="M4", serial="1", status="Available"), "Issued"),
    ],
    ids=["an announcement", "issued", "taken back"],
)
def test_what_the_stock_server_does_not_send_is_not_relayed(draft: Draft) -> None:
    assert _stock(draft) is None


@pytest.mark.parametrize(
    "draft", [transaction_draft(_transaction()), transaction_draft(_transaction("Return"))]
)
def test_the_tray_understands_what_is_relayed(draft: Draft) -> None:
    relay = _stock(draft)
    assert relay is not None
    assert not isinstance(decode(json.dumps(relay[1])), Undecodable)
