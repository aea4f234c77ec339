"""How times are written."""

from datetime import UTC, datetime, timedelta

from armguard_tray.errors import JournalError
from armguard_tray.ui.wording import failure_words, plain_tooltip, since
from tests.fakes.events import MANILA

NOW = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)


def test_since_names_the_day_only_where_it_is_another() -> None:
    assert since(NOW - timedelta(hours=4, minutes=2), NOW, MANILA) == "07:58"
    assert since(NOW - timedelta(hours=13), NOW, MANILA) == "23/11/26 23:00"


def test_a_tooltip_shows_markup_as_it_stands() -> None:
    assert plain_tooltip("<b>José</b>\nPeña") == "<qt>&lt;b&gt;José&lt;/b&gt;<br>Peña</qt>"


def test_an_error_for_people_is_shown_in_its_own_words_and_a_bug_is_not() -> None:
    error = JournalError("The disk is full.", "Free some space.")
    assert failure_words(error) == "The disk is full. Free some space."
    assert "secret" not in failure_words(RuntimeError("secret"))
