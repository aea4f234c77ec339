"""Numbers without a hole, in the order of the commits, however many write at once."""

import threading
import time
from collections.abc import Callable

import pytest

from armguard_tray.server import event_log
from armguard_tray.server.event_log import Logged
from tests.server.event_log.armory import (
    PATIENCE,
    atomic,
    elsewhere,
    frames,
    note,
    numbers,
    roll_back,
    together,
    told,
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
        published = event_log.publish(note("news"))
        assert bells == []

    assert bells == [(published, [])]


def test_a_slow_writer_holds_back_a_fast_one() -> None:
    slow_has_published, fast_is_about_to = threading.Event(), threading.Event()
    seen: list[int] = []

    def slow() -> None:
        with atomic():
            event_log.publish(note("slow"))
            slow_has_published.set()
            assert fast_is_about_to.wait(PATIENCE)
            # Neither the slow one's event, nor one with a higher number, is to be seen now.
            seen.extend(together(numbers)[0])

    def fast() -> None:
        assert slow_has_published.wait(PATIENCE)
        fast_is_about_to.set()
        event_log.publish(note("fast"))

    together(slow, fast)

    assert seen == []
    assert told() == ["slow", "fast"]


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


def test_an_origin_is_published_once_in_a_race() -> None:
    won = together(*[lambda: event_log.publish(note(origin="x"), note("mine"))] * 4)

    assert sorted(len(each) for each in won) == [1, 1, 1, 2]
    assert numbers() == [1, 2, 3, 4, 5]


def test_the_log_begins_once_in_a_race() -> None:
    heads = together(*[event_log.head] * 4)

    assert len(set(heads)) == 1
