"""Whose clock a time is told by, and whether that must be said."""

from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

import pytest

from armguard_tray.ui.models.clocks import Clocks, clocks_at
from tests.fakes.events import MANILA, MORNING

BERLIN, LONDON = ZoneInfo("Europe/Berlin"), ZoneInfo("Europe/London")
SUMMER = datetime(2026, 7, 1, tzinfo=UTC)


@pytest.mark.parametrize("desk", [MANILA, ZoneInfo("Asia/Singapore"), timezone(timedelta(hours=8))])
def test_while_both_clocks_read_the_same_nothing_need_be_said(desk: tzinfo) -> None:
    clocks = clocks_at(MORNING, MANILA, desk)
    assert clocks == Clocks(MANILA, MANILA)
    assert (clocks.of_server("Time"), clocks.of_desk("Received")) == ("Time", "Received")


def test_where_they_differ_both_are_named() -> None:
    clocks = clocks_at(MORNING, MANILA, BERLIN)
    assert clocks.of_server("Time") == "Time (server, Manila)"
    assert clocks.of_desk("Received") == "Received (this desk)"
    assert clocks.explanation == (
        "The server's clock (Asia/Manila) reads 08:00 (UTC+08:00) when this desk's reads 01:00 (UTC+01:00)."
    )


@pytest.mark.parametrize(("now", "place"), [(MORNING, ""), (SUMMER, "UTC")])
def test_summer_time_sets_them_apart(now: datetime, place: str) -> None:
    assert clocks_at(now, ZoneInfo("UTC"), LONDON).place == place


@pytest.mark.parametrize(
    ("server", "place"),
    [
        (ZoneInfo("America/Argentina/Buenos_Aires"), "Buenos Aires"),
        (timezone(timedelta(hours=-3)), "UTC-03:00"),
    ],
)
def test_a_place_is_one_word_where_the_zone_has_one(server: tzinfo, place: str) -> None:
    assert clocks_at(MORNING, server, BERLIN).place == place
