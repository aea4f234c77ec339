"""Numbers without a hole, in the order of the commits, however many write at once."""

import contextlib
import threading
import time
from collections.abc import Callable, Collection
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from armguard_tray.server import event_log, item_states, outbox
from armguard_tray.server.event_log import Logged
from armguard_tray.server.frames import notification_draft
from armguard_tray.server.models import Event, Outbox
from tests.fakes.stock_project.inventory.models import Item
from tests.server.event_log.armory import (
    PATIENCE,
    atomic,
    elsewhere,
    frames,
    install,
    item,
    note,
    numbers,
    roll_back,
    together,
    told,
    waiting,
)


def test_the_first_event_is_number_one() -> None:
    [first] = event_log.publish(note("first"))
    [second, third] = event_log.publish(note("second"), note("third"))

    assert [first.seq, second.seq, third.seq] == [1, 2, 3]
    assert told() == ["first", "second", "third"]
    assert event_log.head() == event_log.HeadState(first.epoch, seq=3, oldest=1, began=1)


def test_what_is_read_is_what_was_published() -> None:
    published = event_log.publish(note("for all"), note("for one", user_id="7"))

    assert event_log.read_after(0, 10) == published
    assert event_log.read_after(1, 10) == published[1:]
    assert event_log.read_after(0, 1) == published[:1]


def test_a_rollback_publishes_nothing_and_leaves_no_hole(bells: list[object]) -> None:
    event_log.publish(note("before"))
    with atomic():
        event_log.publish(note("never was"))
        roll_back()
    event_log.publish(note("after"))

    assert told() == ["before", "after"]
    assert numbers() == [1, 2]
    assert waiting() == 0
    assert len(bells) == 2


def test_a_savepoint_can_be_rolled_back_alone() -> None:
    with atomic():
        event_log.publish(note("kept"))
        with atomic():
            event_log.publish(note("never was"))
            roll_back()
        event_log.publish(note("kept too"))

    assert told() == ["kept", "kept too"]
    assert numbers() == [1, 2]


def test_the_bell_rings_after_the_commit_and_not_before(bells: list[tuple[list[Logged], object]]) -> None:
    with atomic():
        event_log.publish(note("news"))
        assert bells == []

    assert bells == [(event_log.read_after(0, 10), [])]


def test_whoever_has_given_out_a_number_holds_back_the_others_until_the_commit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    slow_has_a_number, fast_is_about_to = threading.Event(), threading.Event()
    seen: list[int] = []
    rows = event_log._row

    def row(*arguments: Any) -> Event:
        if not slow_has_a_number.is_set():
            slow_has_a_number.set()
            assert fast_is_about_to.wait(PATIENCE)
            # Neither the slow one's event, nor one with a higher number, is to be seen now.
            seen.extend(together(numbers)[0])
        return rows(*arguments)

    monkeypatch.setattr(event_log, "_row", row)

    def slow() -> None:
        event_log.publish(note("slow"))

    def fast() -> None:
        assert slow_has_a_number.wait(PATIENCE)
        fast_is_about_to.set()
        event_log.publish(note("fast"))

    together(slow, fast)

    assert seen == []
    assert told() == ["slow", "fast"]


@pytest.mark.parametrize("database", ["postgres"], indirect=True)  # SQLite has one writer at a time anyway
def test_a_transaction_that_takes_its_time_holds_nobody_back() -> None:
    with atomic():
        event_log.publish(note("slow"))
        together(lambda: event_log.publish(note("fast")), _in_a_transaction("fast too"))
        assert waiting() == 1

    assert told()[2:] == ["slow"]
    assert sorted(told()[:2]) == ["fast", "fast too"]
    assert numbers() == [1, 2, 3]


def test_what_is_published_later_comes_later() -> None:
    with atomic():
        event_log.publish(note("1"), note("2"))
        event_log.publish(note("3"))
    event_log.publish(note("4"))

    assert told() == ["1", "2", "3", "4"]


def test_what_waits_goes_first() -> None:
    for number in "123":
        _leave_waiting(number)

    [published] = event_log.publish(note("4"))

    assert told() == ["1", "2", "3", "4"]
    assert published.seq == 4
    assert waiting() == 0


@pytest.mark.parametrize("nested", [True, False])
def test_no_request_empties_a_long_outbox(monkeypatch: pytest.MonkeyPatch, *, nested: bool) -> None:
    monkeypatch.setattr(event_log, "_MOVED_AT_ONCE", 2)
    for number in "12345":
        _leave_waiting(number)

    with atomic() if nested else contextlib.nullcontext():
        assert event_log.publish(note("6")) == []
    assert told() == ["1", "2"]

    assert event_log.deliver_outbox() == 4
    assert told() == ["1", "2", "3", "4", "5", "6"]
    assert waiting() == 0


@pytest.mark.parametrize("database", ["postgres"], indirect=True)  # SQLite lets nobody write meanwhile
def test_a_status_that_another_one_follows_meanwhile_is_told_too(monkeypatch: pytest.MonkeyPatch) -> None:
    weapon = item()
    install()
    known = item_states.known

    def save(status: str) -> None:
        again = Item.objects.get(pk=weapon.pk)
        again.status = status
        with pytest.MonkeyPatch.context() as patch, atomic():
            patch.setattr(event_log, "_deliver_if_possible", lambda: None)
            again.save()

    def known_a_little_later(items: Collection[str]) -> dict[str, item_states.Known]:
        monkeypatch.setattr(item_states, "known", known)
        together(lambda: save("Available"))
        return known(items)

    save("Maintenance")
    monkeypatch.setattr(item_states, "known", known_a_little_later)
    event_log.deliver_outbox()
    event_log.deliver_outbox()

    assert told() == [
        (weapon.pk, "Available", "Maintenance"),
        (weapon.pk, "Maintenance", "Available"),
    ]


def test_statuses_that_do_not_fit_into_one_step_are_all_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_log, "_MOVED_AT_ONCE", 1)
    weapon = item()
    install()
    monkeypatch.setattr(event_log, "_deliver_if_possible", lambda: None)
    with atomic():
        for status in ("Maintenance", "Available", "Retired"):
            weapon.status = status
            weapon.save()

    event_log.deliver_outbox()

    assert [status for _, _, status in told()] == ["Maintenance", "Available", "Retired"]


def test_an_event_from_the_outbox_is_the_very_same_frame() -> None:
    draft = notification_draft(
        "7", 'Ti\0tle "\ud800"', "😀\u2028", "info", {"a": [1, 1.5, None, {"b": True}], "": 10**20}
    )
    event_log.publish(draft)
    with atomic():
        event_log.publish(draft)

    at_once, posted = frames()
    assert list(at_once) == list(posted)
    own = {"id", "seq", "timestamp"}
    assert {**at_once, **dict.fromkeys(own)} == {**posted, **dict.fromkeys(own)}
    assert [each.user_id for each in event_log.read_after(0, 2)] == ["7", "7"]


def test_an_event_bears_the_time_at_which_it_was_published() -> None:
    before = datetime.now(UTC)
    _leave_waiting("waits")
    after = datetime.now(UTC)

    assert event_log.deliver_outbox() == 1

    at = datetime.fromisoformat(frames()[0]["timestamp"])
    assert before <= at <= after
    assert at.utcoffset() == timedelta(hours=8)


def test_only_what_was_moved_is_removed_from_the_outbox(monkeypatch: pytest.MonkeyPatch) -> None:
    """A lower number may be committed between looking and removing."""
    for number in "12":
        _leave_waiting(number)
    found = outbox.waiting

    def without_the_first(limit: int) -> outbox.Waiting:
        all_of_them = found(limit)
        return outbox.Waiting(all_of_them.ids[1:], all_of_them.posted[1:])

    monkeypatch.setattr(outbox, "waiting", without_the_first)
    event_log.deliver_outbox()
    assert (told(), waiting()) == (["2"], 1)

    monkeypatch.setattr(outbox, "waiting", found)
    event_log.deliver_outbox()
    assert (told(), waiting()) == (["2", "1"], 0)


def test_a_row_that_nobody_can_read_does_not_hold_up_the_others(caplog: pytest.LogCaptureFixture) -> None:
    for number in "12":
        _leave_waiting(number)
    Outbox.objects.filter(frame__contains='"1"').update(frame="{")

    assert event_log.deliver_outbox() == 1
    assert (told(), waiting()) == (["2"], 0)
    assert "cannot be read" in caplog.text


def _leave_waiting(text: str) -> None:
    """Publish something in a process that ends before it delivers it."""
    with pytest.MonkeyPatch.context() as patch, atomic():
        patch.setattr(event_log, "_deliver_if_possible", lambda: None)
        event_log.publish(note(text))


def _in_a_transaction(text: str) -> Callable[[], list[Logged]]:
    def publish() -> list[Logged]:
        with atomic():
            return event_log.publish(note(text))

    return publish


def _rolling_back_some(name: str) -> Callable[[], None]:
    def write() -> None:
        for number in range(20):
            with atomic():
                event_log.publish(note(f"{name} {number}"))
                if number % 5 == 0:
                    roll_back()

    return write


@pytest.mark.parametrize("by", ["threads", "processes"])
def test_a_reader_never_skips_an_event_of_writers_at_work(by: str, environment: dict[str, str]) -> None:
    expected = 4 * 16
    got: list[int] = []

    def read() -> None:
        given_up = time.monotonic() + PATIENCE
        while len(got) < expected and time.monotonic() < given_up:
            got.extend(each.seq for each in event_log.read_after(got[-1] if got else 0, 3))

    if by == "threads":
        together(read, *map(_rolling_back_some, "abcd"))
    else:
        writers = [elsewhere(environment, "publish", name, "20") for name in "abcd"]
        together(read)
        assert [each.wait(PATIENCE) for each in writers] == [0, 0, 0, 0]

    assert got == list(range(1, expected + 1))
    for name in "abcd":
        own = [frame["text"] for frame in frames() if frame["text"].startswith(name)]
        assert own == [f"{name} {number}" for number in range(20) if number % 5]


def test_an_origin_is_published_once() -> None:
    event_log.publish(note("first", origin="x"))
    assert (
        event_log.publish(note("again", origin="x"), note("news", origin="y"), note("again", origin="y"))
        != []
    )

    assert told() == ["first", "news"]
    assert numbers() == [1, 2]


def test_an_origin_is_published_once_in_a_transaction_too() -> None:
    with atomic():
        event_log.publish(note("first", origin="x"))
        event_log.publish(note("again", origin="x"))
    with atomic():
        event_log.publish(note("again", origin="x"))

    assert told() == ["first"]


def test_an_origin_is_published_once_in_a_race() -> None:
    won = together(*[lambda: event_log.publish(note(origin="x"), note("mine"))] * 4)

    assert sorted(len(each) for each in won) == [1, 1, 1, 2]
    assert numbers() == [1, 2, 3, 4, 5]


def test_the_log_begins_once_in_a_race() -> None:
    heads = together(*[event_log.head] * 4)

    assert len(set(heads)) == 1
