"""A gap in words, as far as is known now."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from armguard_tray.messages.gap import Gap, Reason, detail_of
from armguard_tray.ui.gap_words import gap_line, gap_times, is_closed_gap, text_now
from tests.fakes import gaps
from tests.fakes.events import MANILA, issued

DASH = "\N{EN DASH}"


@pytest.mark.parametrize(
    ("now", "line"),
    [
        (
            gaps.numbers(reason=Reason.TOO_OLD),
            (
                f"11:02{DASH}11:09 · 3 transactions (#48195{DASH}48197) not received · server restarted"
                " · the server's history does not go back that far"
            ),
        ),
        (
            gaps.numbers(reason=Reason.TOO_OLD, missing=2, cause=""),
            (
                f"11:02{DASH}11:09 · 2 of 3 transactions (#48195{DASH}48197) not received"
                " · the server's history does not go back that far"
            ),
        ),
        (gaps.closed(), f"11:02{DASH}11:09 · 3 transactions (#48195{DASH}48197) received later"),
        (
            gaps.of_time(),
            (
                f"11:02{DASH}11:09 · Notices and status changes may have been missed · server restarted"
                " · not connected, and the server repeats nothing"
            ),
        ),
        (
            gaps.of_time(reason=Reason.NOT_ANNOUNCED, cause=""),
            (
                f"11:02{DASH}11:09 · Notices and status changes may have been missed"
                " · connected, but the server did not announce to this desk, and it repeats nothing"
            ),
        ),
    ],
    ids=["open", "partly filled", "closed", "a time", "on sockets that were deaf"],
)
def test_a_gap_reads_as_it_is_now(now: Gap, line: str) -> None:
    assert gap_line(gaps.found(gaps.numbers(), now), MANILA) == line


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_has_words(reason: Reason) -> None:
    assert detail_of(gaps.of_time(reason=reason, cause=""))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, f"11:02{DASH}11:09"),
        ({"until": gaps.SINCE + timedelta(seconds=20)}, "11:02"),
        ({"since": gaps.SINCE - timedelta(days=1)}, f"23/11/26 11:02 {DASH} 24/11/26 11:09"),
        ({"until": None}, "since 24/11/26 11:02"),
        ({"since": None}, "until 24/11/26 11:09"),
        ({"since": None, "until": None}, ""),
    ],
)
def test_times_are_told_in_the_zone_of_the_log_and_what_is_not_known_is_left_out(
    changes: dict[str, datetime | None], words: str
) -> None:
    assert gap_times(gaps.numbers(**changes), MANILA) == words


def test_another_zone_may_make_two_days_of_it() -> None:
    gap = gaps.of_time(
        since=datetime(2026, 11, 24, 23, 58, tzinfo=UTC), until=datetime(2026, 11, 25, tzinfo=UTC)
    )
    assert gap_times(gap, MANILA) == f"07:58{DASH}08:00"
    assert gap_times(gap, ZoneInfo("UTC")) == f"24/11/26 23:58 {DASH} 25/11/26 00:00"


def test_what_is_no_gap_reads_as_ever() -> None:
    assert text_now(issued(2)) == issued(2).text
    assert not is_closed_gap(issued(2))
    assert not is_closed_gap(gaps.found(gaps.numbers()))
    assert is_closed_gap(gaps.found(gaps.closed()))
