"""When shifts begin, as people write it."""

from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from armguard_tray.settings.model import LogSettings, problems
from armguard_tray.settings.shift_starts import parse, problem, tidy


@pytest.mark.parametrize(
    ("text", "starts"),
    [
        ("06:00, 18:00", (time(6), time(18))),
        ("22:00 6:00;14:00", (time(6), time(14), time(22))),
        ("00:00,00:00", (time(0),)),
    ],
)
def test_times_are_read_however_they_are_listed(text: str, starts: tuple[time, ...]) -> None:
    assert parse(text) == starts


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "Enter when shifts begin"),
        (" , ", "Enter when shifts begin"),
        ("25:00", "“25:00” is not a time of day"),
        ("06:60", "not a time of day"),
        ("six", "not a time of day"),
        ("06:00-18:00", "not a time of day"),
        ("\u0666:00", "not a time of day"),
        (" ".join(f"{hour:02}:{minute}" for hour in range(24) for minute in (10, 20)), "At most 24"),
    ],
)
def test_what_is_no_time_is_told(text: str, told: str) -> None:
    assert told in (problem(text) or "")
    assert problems(LogSettings(shift_starts=text)).keys() == {"shift_starts"}
    assert LogSettings(shift_starts=text).shifts == ()


@given(st.lists(st.times(), min_size=1, max_size=24))
def test_tidy_times_mean_the_same(starts: list[time]) -> None:
    text = " ; ".join(f"{start:%H:%M}" for start in starts)
    assert parse(tidy(text)) == parse(text)
    assert tidy(tidy(text)) == tidy(text)


@given(st.text())
def test_no_text_does_harm(text: str) -> None:
    assert tidy(text) == text or problem(text) is None
