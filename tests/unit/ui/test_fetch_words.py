"""What has come of fetching a gap again, in words."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from armguard_tray.catchup.search import Searched
from armguard_tray.messages.gap import Gap
from armguard_tray.ui.fetch_words import fetched_words
from armguard_tray.ui.models.clocks import Clocks
from tests.fakes import gaps
from tests.fakes.events import MANILA

AT = datetime(2026, 11, 24, 6, 12, tzinfo=UTC)
BACK = Searched(at=AT, back_to=gaps.SINCE)
ONE = gaps.numbers(last=48_195, missing=1)


@pytest.mark.parametrize(
    ("before", "after", "searched", "words"),
    [
        (gaps.numbers(), gaps.numbers(), BACK, "Looked back to 24/11/26 11:02: still not there (14:12)"),
        (gaps.numbers(), gaps.numbers(missing=1), BACK, "2 of 3 came"),
        (gaps.numbers(missing=2), gaps.closed(), BACK, "All 2 came"),
        (ONE, replace(ONE, missing=0, closed_at=AT), BACK, "It came"),
        (
            gaps.numbers(),
            gaps.numbers(),
            replace(BACK, is_too_old=True),
            "The server's history does not go back that far",
        ),
        (gaps.numbers(), gaps.numbers(missing=2), replace(BACK, failure="the disk is full."), "1 of 3 came"),
        (
            gaps.numbers(),
            gaps.numbers(),
            replace(BACK, failure="no page \u202e was had."),
            "Could not look: no page \N{REPLACEMENT CHARACTER} was had (14:12)",
        ),
        (gaps.numbers(), gaps.numbers(), Searched(at=AT), "Still not there (14:12)"),
        (
            gaps.of_time(),
            gaps.of_time(),
            Searched(at=AT),
            "All that the server's history shows is in the log (14:12)",
        ),
    ],
)
def test_words(before: Gap, after: Gap, searched: Searched, words: str) -> None:
    assert fetched_words(before, after, searched, AT, Clocks(MANILA, MANILA)) == words
