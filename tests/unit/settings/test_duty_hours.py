"""After how long a weapon is overdue, as people write it."""

from datetime import timedelta

import pytest

from armguard_tray.settings.duty_hours import DEFAULT_HOURS, check_duty_hours, parse_duty_hours
from armguard_tray.settings.model import LogSettings, problems


def test_each_duty_has_its_hours_and_all_others_those_of_other() -> None:
    hours = parse_duty_hours("Guard Duty 12, Training 4, other 24")

    assert hours.limit("Guard Duty") == timedelta(hours=12)
    assert hours.limit("Training") == timedelta(hours=4)
    assert hours.limit("VIP Escort") == timedelta(hours=24)


def test_what_is_not_known_counts_as_other() -> None:
    assert parse_duty_hours("Guard Duty 12, other 24").limit(None) == timedelta(hours=24)


@pytest.mark.parametrize(
    "text",
    ["guard  duty: 12 h; OTHER 24", "Guard Duty = 12 hours, other 24 h,", "Guard Duty 12\nother 24"],
)
def test_people_write_it_in_many_ways(text: str) -> None:
    assert parse_duty_hours(text) == parse_duty_hours("Guard Duty 12, other 24")


def test_a_duty_may_have_a_number_in_its_name() -> None:
    assert parse_duty_hours("Range Training 2 6, other 24").limit("Range Training 2") == timedelta(hours=6)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "Say what goes for all other duties, for example “other 24”."),
        ("Guard Duty 12", "Say what goes for all other duties, for example “other 24”."),
        ("Guard Duty, other 24", "“Guard Duty” is no duty with its hours, such as “Guard Duty 12”."),
        ("other 0", "For “other” give 1 to 9999 hours."),
        ("other 10000", "For “other” give 1 to 9999 hours."),
        ("Patrol 4, PATROL 5, other 24", "“patrol” stands there twice."),
        ("other 1.5", "“other 1.5” is no duty with its hours, such as “Guard Duty 12”."),
        ("other -4", "“other -4” is no duty with its hours, such as “Guard Duty 12”."),
        ("other ٤", "“other ٤” is no duty with its hours, such as “Guard Duty 12”."),
    ],
)
def test_what_means_nothing_is_told_in_words(text: str, sentence: str) -> None:
    assert check_duty_hours(text) == sentence
    assert problems(LogSettings(duty_hours=text)) == {"duty_hours": sentence}


def test_without_a_setting_everything_is_overdue_after_a_day() -> None:
    assert check_duty_hours(DEFAULT_HOURS) is None
    assert LogSettings().hours.limit("Guard Duty") == timedelta(hours=24)


def test_a_text_that_means_nothing_does_as_if_there_were_none() -> None:
    assert LogSettings(duty_hours="soon").hours == LogSettings().hours
