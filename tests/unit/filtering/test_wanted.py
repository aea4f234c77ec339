"""What a reader asks of the log."""

from dataclasses import fields
from datetime import UTC, datetime, time

from armguard_tray.filtering.wanted import EVERYTHING, Wanted
from armguard_tray.filtering.when import Dates, When
from armguard_tray.messages.event import Category, Source
from armguard_tray.storage.log_filter import LogFilter
from tests.fakes.events import MANILA

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)  # 11:00 in Manila
SHIFTS = (time(6), time(18))


def test_who_asks_for_nothing_gets_everything() -> None:
    assert EVERYTHING.at(NOW, MANILA, SHIFTS) == LogFilter()


def test_each_condition_is_passed_on() -> None:
    wanted = Wanted(
        text=" reyes ",
        categories=frozenset({Category.ISSUED}),
        item_types=frozenset({"M4"}),
        duties=frozenset({"Guard Duty"}),
        issuers=frozenset({"armorer1"}),
        statuses=frozenset({"Available"}),
        sources=frozenset({Source.LIVE}),
        needs_look=True,
        person="Juan Dela Cruz",
        item="M4 - 00077",
        when=When.SHIFT,
    )
    assert wanted.at(NOW, MANILA, SHIFTS) == LogFilter(
        text="reyes",
        categories=frozenset({Category.ISSUED}),
        item_types=frozenset({"M4"}),
        duties=frozenset({"Guard Duty"}),
        issuers=frozenset({"armorer1"}),
        statuses=frozenset({"Available"}),
        sources=frozenset({Source.LIVE}),
        needs_look=True,
        person="Juan Dela Cruz",
        item="M4 - 00077",
        since=datetime(2026, 11, 24, 6, tzinfo=MANILA),
    )


def test_no_condition_of_the_log_is_out_of_reach() -> None:
    asked = {each.name for each in fields(Wanted)} - {"when"} | {"since", "until"}
    assert asked == {each.name for each in fields(LogFilter)}


def test_fixed_dates_have_an_end() -> None:
    until = datetime(2026, 11, 1, tzinfo=MANILA)
    assert Wanted(when=Dates(until=until)).at(NOW, MANILA, SHIFTS) == LogFilter(until=until)
