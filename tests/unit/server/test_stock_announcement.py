"""What is announced to everybody looks to a page like any notification of the stock server."""

import json
from typing import Any

from armguard_tray.server.frames import stock_announcement

LOGGED: dict[str, Any] = {
    "type": "notification",
    "stream": "notifications",
    "id": "0f" * 16,
    "epoch": "e1" * 16,
    "seq": 7,
    "timestamp": "2026-11-24T11:25:26.900538+08:00",
    "title": "Recount",
    "message": "Every rack, José <B>X</B> Peña's too",
    "level": "warning",
    "data": {},
}


def _told(**fields: Any) -> Any:
    text = stock_announcement(json.dumps({**LOGGED, **fields}))
    return text and json.loads(text)


def test_it_has_the_stock_fields_and_the_servers_own_time_without_its_zone() -> None:
    assert _told() == {
        "type": "notification",
        "title": "Recount",
        "message": "Every rack, José <B>X</B> Peña's too",
        "level": "warning",
        "timestamp": "2026-11-24T11:25:26.900538",
        "data": {},
    }


def test_a_time_on_the_full_second_is_written_as_the_others_are() -> None:
    assert _told(timestamp="2026-11-24T11:25:26+08:00")["timestamp"] == "2026-11-24T11:25:26.000000"


def test_a_page_is_told_of_no_type_that_it_does_not_know() -> None:
    assert _told(type="made_up") is None
