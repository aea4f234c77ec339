"""Which events are announced."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from armguard_tray.messages.event import Event, event_of
from armguard_tray.rules.verdict import Verdict, judge, paused
from armguard_tray.settings.model import NotificationSettings
from tests.unit.messages import frames

MANILA = timezone(timedelta(hours=8))
NOW = datetime(2026, 11, 24, 12, 0, tzinfo=MANILA)
ANNOUNCED = Verdict(toast=True, badge=True, reason="announced")


def event(frame: str) -> Event:
    return event_of(frames.received(frame), MANILA)


@pytest.mark.parametrize("frame", [frames.TAKE, frames.RETURN, frames.STATUS, frames.NOTICE])
def test_what_concerns_the_desk_is_announced_by_default(frame: str) -> None:
    assert judge(event(frame), NotificationSettings(), NOW) == ANNOUNCED


@pytest.mark.parametrize(
    ("frame", "switch"),
    [
        (frames.TAKE, "issued"),
        (frames.RETURN, "returned"),
        (frames.STATUS, "status"),
        (frames.NOTICE, "notices"),
    ],
)
def test_each_category_has_its_switch(frame: str, switch: str) -> None:
    off: dict[str, Any] = {switch: False}

    verdict = judge(event(frame), NotificationSettings(**off), NOW)

    assert verdict == Verdict(toast=False, badge=True, reason="switched off in the settings")


@pytest.mark.parametrize("frame", ["not JSON", '{"type": "weather"}', frames.SERVER_ERROR])
def test_what_is_not_understood_is_listed_and_counted_but_not_announced(frame: str) -> None:
    verdict = judge(event(frame), NotificationSettings(), NOW)

    assert verdict == Verdict(toast=False, badge=True, reason="only listed in the log")


def test_people_who_come_and_go_are_only_listed() -> None:
    verdict = judge(event(frames.ONLINE), NotificationSettings(), NOW)

    assert verdict == Verdict(toast=False, badge=False, reason="only listed in the log")


@pytest.mark.parametrize(
    ("level", "minimum", "toast"),
    [
        ("info", "info", True),
        ("success", "warning", False),
        ("warning", "warning", True),
        ("error", "warning", True),
        ("warning", "error", False),
        ("no such level", "success", False),
    ],
)
def test_notices_below_the_level_are_not_announced(level: str, minimum: Any, *, toast: bool) -> None:
    notice = event(frames.NOTICE.replace('"success"', f'"{level}"'))

    verdict = judge(notice, NotificationSettings(minimum_level=minimum), NOW)

    assert verdict.toast is toast
    assert verdict.reason == ("announced" if toast else f"below the level {minimum}")


def test_the_level_concerns_notices_alone() -> None:
    assert judge(event(frames.TAKE), NotificationSettings(minimum_level="error"), NOW) == ANNOUNCED


def test_while_paused_events_are_counted_but_not_announced() -> None:
    settings = NotificationSettings(paused_until=datetime(2026, 11, 24, 4, 30, tzinfo=UTC))

    verdict = judge(event(frames.TAKE), settings, NOW)

    assert verdict == Verdict(toast=False, badge=True, reason="paused until 12:30")


def test_a_pause_ends_at_its_time() -> None:
    settings = NotificationSettings(paused_until=NOW)

    assert paused(settings, NOW - timedelta(microseconds=1))
    assert not paused(settings, NOW)
    assert judge(event(frames.TAKE), settings, NOW) == ANNOUNCED
    assert not paused(NotificationSettings(), NOW)


def test_no_switch_silences_a_gap_but_a_pause_does() -> None:
    gap = event(frames.GAP)
    off = NotificationSettings(issued=False, returned=False, status=False, notices=False)

    assert judge(gap, off, NOW).toast
    assert judge(gap, off, NOW).badge
    assert not judge(gap, replace(off, paused_until=NOW + timedelta(hours=1)), NOW).toast
