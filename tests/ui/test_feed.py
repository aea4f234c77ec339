"""The feed: rows cross in batches, the first after a quiet time at once."""

from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from armguard_tray.catchup.completeness import UNKNOWN, Completeness
from armguard_tray.errors import JournalError
from armguard_tray.ui.feed import BATCH_MS, Feed
from tests.fakes import stream_health
from tests.fakes.clock import FakeClock
from tests.fakes.events import issued, stored
from tests.fakes.signals import PATIENCE_MS, Recorder


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def feed(clock: FakeClock, qapp: object) -> Iterator[Feed]:  # noqa: ARG001  Qt must be there first
    feed = Feed(clock)
    yield feed
    feed.deleteLater()


def test_the_first_row_after_a_quiet_time_goes_out_at_once(feed: Feed) -> None:
    heard = Recorder(feed.stored)
    rows = stored(1, issued())
    feed.on_stored(rows)
    assert heard.calls == [(rows,)]


def test_rows_that_follow_soon_go_out_together(feed: Feed, qtbot: QtBot) -> None:
    heard = Recorder(feed.stored)
    feed.on_stored(stored(1, issued(1)))
    with qtbot.waitSignal(feed.stored, timeout=PATIENCE_MS):
        for row in (2, 3, 4):
            feed.on_stored(stored(row, issued(row)))
        assert len(heard.calls) == 1
    assert [each.row for each in heard.last] == [2, 3, 4]
    assert len(heard.calls) == 2


def test_a_row_after_the_batch_time_goes_out_at_once_again(feed: Feed, clock: FakeClock) -> None:
    heard = Recorder(feed.stored)
    feed.on_stored(stored(1, issued()))
    clock.advance(BATCH_MS / 1000)
    feed.on_stored(stored(2, issued()))
    assert len(heard.calls) == 2


def test_nothing_runs_while_nothing_waits(feed: Feed, qtbot: QtBot) -> None:
    feed.on_stored(stored(1, issued()))
    assert not feed._timer.isActive()
    with qtbot.waitSignal(feed.stored, timeout=PATIENCE_MS):
        feed.on_stored(stored(2, issued()))
        assert feed._timer.isActive()
    assert not feed._timer.isActive()


def test_no_rows_are_no_news(feed: Feed) -> None:
    heard = Recorder(feed.stored)
    feed.on_stored([])
    assert heard.calls == []


def test_that_rows_are_gone_is_told_behind_all_that_was_told_of_them(feed: Feed, qtbot: QtBot) -> None:
    order: list[str] = []
    feed.on_stored(stored(1, issued(1)))
    for signal, name in ((feed.stored, "stored"), (feed.changed, "changed"), (feed.trimmed, "trimmed")):
        signal.connect(lambda _, name=name: order.append(name))
    gone = Recorder(feed.trimmed)

    with qtbot.waitSignal(feed.trimmed):
        feed.on_trimmed(250)
        feed.on_changed(stored(1, issued(1)))
        feed.on_stored(stored(501, issued(2)))
        feed.on_trimmed(500)

    assert order == ["stored", "changed", "trimmed"]
    assert gone.calls == [(500,)]


def test_health_is_kept_for_those_who_come_later(feed: Feed) -> None:
    heard = Recorder(feed.healthChanged)
    health = stream_health.healthy()
    feed.on_health(health)
    assert feed.health is health
    assert heard.calls == [(health,)]


def test_changes_and_claims_go_out_behind_the_rows_that_they_are_about(feed: Feed) -> None:
    order: list[str] = []
    for signal, name in (
        (feed.stored, "stored"),
        (feed.changed, "changed"),
        (feed.completenessChanged, "claim"),
    ):
        signal.connect(lambda _, name=name: order.append(name))
    feed.on_completeness(Completeness(begins=1, complete_to=1))
    feed.on_completeness(Completeness(begins=1, complete_to=2))
    feed.on_changed(stored(1, issued(1)))
    feed.on_stored(stored(2, issued(2)))
    assert order == ["claim"]  # the first after a quiet time
    feed.flush()
    assert order == ["claim", "stored", "changed", "claim"]


def test_a_row_that_changes_twice_goes_out_as_it_reads_last(feed: Feed) -> None:
    feed.on_stored(stored(1, issued(1), issued(2)))
    heard = Recorder(feed.changed)
    for number in (5, 6):
        feed.on_changed(stored(1, issued(number)))
    feed.flush()
    assert heard.calls == [(stored(1, issued(6)),)]


def test_completeness_is_unknown_until_it_is_told_and_kept_for_those_who_come_later(feed: Feed) -> None:
    assert feed.completeness == UNKNOWN
    told = Completeness(begins=1, complete_to=7, is_current=True)
    feed.on_completeness(told)
    assert feed.completeness == told


def test_toasts_and_storage_trouble_pass_through(feed: Feed) -> None:
    toasts, troubles = Recorder(feed.toast), Recorder(feed.storageTrouble)
    toast, trouble = object(), JournalError("The disk is full.")
    feed.on_toast(toast)
    feed.on_storage_trouble(trouble)
    feed.on_storage_trouble(None)
    assert toasts.calls == [(toast,)]
    assert troubles.calls == [(trouble,), (None,)]


def test_flush_passes_on_what_waits_and_leaves_nothing_for_later(feed: Feed, qtbot: QtBot) -> None:
    heard = Recorder(feed.stored)
    first, second = stored(1, issued(1)), stored(2, issued(2))
    feed.on_stored(first)
    feed.on_stored(second)
    feed.flush()
    with qtbot.assertNotEmitted(feed.stored, wait=BATCH_MS + 50):
        feed.flush()
    assert heard.calls == [(first,), (second,)]
