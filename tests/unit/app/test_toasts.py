"""From an event, or a summary of many, to a toast."""

import pytest

from armguard_tray.app.toasts import LOOK, toast_of
from armguard_tray.desktop.toast import Urgency
from armguard_tray.messages.event import Event, StoredEvent
from armguard_tray.rules import storm
from armguard_tray.rules.storm import Single, Summary
from tests.fakes.events import issued, notice, stored

BAD = notice("Backup failed", "no space", level="error")


def missed(*events: Event) -> Summary:
    summary: Summary | None = None
    for each in stored(11, *events):
        summary = storm.tally(summary, each)
    assert summary is not None
    return summary


@pytest.mark.parametrize("level", ["info", "success", "warning", "error"])
def test_what_happened_leaves_the_screen_by_itself_however_bad_it_is(level: str) -> None:
    event = StoredEvent(7, notice("Backup", "of the night", level=level))
    toast = toast_of(Single(event))
    assert (toast.key, toast.title, toast.body) == (7, "Backup", "of the night")
    assert toast.urgency is Urgency.NORMAL


@pytest.mark.parametrize(
    ("summary", "key"),
    [
        (missed(issued(1), issued(2)), 12),
        (missed(issued(1), BAD), LOOK),
        (missed(BAD), 11),
        (storm.Summary(2, {}, stored(12, BAD)[0], worrying=1), 12),
    ],
)
def test_a_summary_opens_what_needs_a_look_or_else_its_last_row(summary: Summary, key: int | str) -> None:
    assert toast_of(summary).key == key
