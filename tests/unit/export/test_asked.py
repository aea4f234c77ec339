"""What a command line asks for."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from armguard_tray.errors import FilterError
from armguard_tray.export.asked import asked
from armguard_tray.filtering.wanted import EVERYTHING, Wanted
from armguard_tray.filtering.when import Dates

MANILA = ZoneInfo("Asia/Manila")


def dates(since: str | None = None, until: str | None = None) -> Dates:
    when = asked([], since=since, until=until, zone=MANILA).when
    assert isinstance(when, Dates)
    return when


def test_nothing_asks_for_everything() -> None:
    assert asked([]) == EVERYTHING


def test_conditions_and_words_hold_together() -> None:
    wanted = asked(["duty=Guard Duty", "duty=Patrol", "text=reyes"], "m4")
    assert wanted == Wanted(duties=frozenset({"Guard Duty", "Patrol"}), text="reyes m4")


def test_a_date_means_the_whole_day_in_the_zone_of_the_server() -> None:
    when = dates("2026-11-01", "2026-11-30")
    assert when.since == datetime(2026, 11, 1, tzinfo=MANILA)
    assert when.until == datetime(2026, 12, 1, tzinfo=MANILA)


def test_a_time_means_that_moment() -> None:
    when = dates("2026-11-01T06:00", "2026-11-01T10:00Z")
    assert when.since == datetime(2026, 11, 1, 6, tzinfo=MANILA)
    assert when.until == datetime(2026, 11, 1, 10, tzinfo=UTC)


def test_one_end_may_stay_open() -> None:
    assert dates(since="2026-11-01").until is None
    assert dates(until="2026-11-01").since is None


@pytest.mark.parametrize(
    "text", ["yesterday", "", "2026-13-01", "24/11/26", "9999-12-31", "0001-01-01", "\x1b[2J"]
)
def test_absurd_times_are_refused(text: str) -> None:
    with pytest.raises(FilterError):
        dates(until=text)


def test_times_that_contradict_are_refused() -> None:
    with pytest.raises(FilterError, match="twice"):
        asked(["when=week"], since="2026-11-01")
    with pytest.raises(FilterError, match="not after its beginning"):
        dates("2026-11-02", "2026-11-01")
