"""What frames mean to people."""

import dataclasses
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings

from armguard_tray.messages.event import Category, Event, Level, Source, event_of
from armguard_tray.messages.plain_text import MAX_SHOWN
from armguard_tray.messages.position import Position
from armguard_tray.messages.streams import Stream
from tests.unit.messages import frames

MANILA = ZoneInfo("Asia/Manila")


def event(data: str | bytes, stream: Stream = Stream.TRANSACTIONS) -> Event:
    return event_of(frames.received(data, stream), MANILA)


@pytest.mark.parametrize(
    ("frame", "category", "text"),
    [
        (
            frames.TAKE,
            Category.ISSUED,
            "M4 - 00077 issued · Juan Dela Cruz · Guard Duty · 3 mags, 90 rounds · by armorer1",
        ),
        (frames.RETURN, Category.RETURNED, "M4 - 00077 returned · Juan Dela Cruz · by armorer1"),
        (frames.STATUS, Category.STATUS, "IR-00177241126 is now Maintenance · Available → Maintenance"),
        (frames.NOTICE, Category.NOTICE, "Transaction Created · ✓ M4 - 00077 issued to Juan Dela Cruz"),
        (frames.ONLINE, Category.PRESENCE, "armorer1 came online"),
        (frames.OFFLINE, Category.PRESENCE, "armorer1 went offline"),
        (frames.SERVER_ERROR, Category.OTHER, "The server reports an error · Invalid JSON format"),
        ('{"type": "weather"}', Category.OTHER, "Message of an unknown kind: weather"),
    ],
)
def test_how_it_reads(frame: str, category: Category, text: str) -> None:
    assert (event(frame).category, event(frame).text) == (category, text)


@pytest.mark.parametrize(
    ("mags", "rounds", "text"),
    [
        ("1", "1", "1 mag, 1 round"),
        ("0", "30", "0 mags, 30 rounds"),
        ("null", "1", "1 round"),
    ],
)
def test_one_magazine_is_one(mags: str, rounds: str, text: str) -> None:
    frame = frames.TAKE.replace('"mags": 3', f'"mags": {mags}').replace('"rounds": 90', f'"rounds": {rounds}')

    assert event(frame).detail == f"Juan Dela Cruz · Guard Duty · {text} · by armorer1"


def test_a_transaction_keeps_all_its_fields() -> None:
    assert event(frames.TAKE) == Event(
        stream=Stream.TRANSACTIONS,
        kind="transaction_created",
        category=Category.ISSUED,
        received=frames.AT,
        source=Source.LIVE,
        raw=frames.TAKE,
        title="M4 - 00077 issued",
        detail="Juan Dela Cruz · Guard Duty · 3 mags, 90 rounds · by armorer1",
        level=Level.SUCCESS,
        key=event(frames.TAKE).key,
        ref="2",
        transaction_id=2,
        time=datetime(2026, 11, 24, 3, 25, 26, 899686, tzinfo=UTC),
        person="Juan Dela Cruz",
        personnel_id="PE-901234241126",
        item="M4 - 00077",
        item_id="IR-00077241126",
        action="Take",
        duty="Guard Duty",
        mags=3,
        rounds=90,
        issued_by="armorer1",
    )


def test_the_recorded_action_rules_over_the_announced_type() -> None:
    contradictory = frames.TAKE.replace('"Take"', '"Return"')

    assert event(contradictory).category is Category.RETURNED


def test_a_naive_time_is_the_servers_and_an_aware_one_its_own() -> None:
    aware = frames.STATUS.replace("27.945805", "27.945805+01:00")

    assert event(frames.STATUS).time == datetime(2026, 11, 24, 3, 25, 27, 945805, tzinfo=UTC)
    assert event(aware).time == datetime(2026, 11, 24, 10, 25, 27, 945805, tzinfo=UTC)


def test_a_notice_refers_to_its_transaction() -> None:
    assert event(frames.NOTICE).ref == "2"
    assert event(frames.NOTICE.replace('{"transaction_id": 2}', "null")).ref is None
    assert event(frames.NOTICE.replace('_id": 2', '_id": true')).ref is None


def test_an_unknown_level_is_information() -> None:
    assert event(frames.NOTICE).level is Level.SUCCESS
    assert event(frames.NOTICE.replace('"success"', '"dire"')).level is Level.INFO


def test_the_same_frame_is_the_same_event_and_the_same_transaction_again_is_not() -> None:
    again = frames.TAKE.replace("2026-11-24", "2026-11-25")

    assert event(frames.TAKE).key == event(frames.TAKE).key is not None
    assert event(again).key != event(frames.TAKE).key


@pytest.mark.parametrize("frame", [frames.ONLINE, "not JSON", '{"type": "weather"}'])
def test_without_a_time_each_copy_is_an_event_of_its_own(frame: str) -> None:
    assert event(frame).key is None


def test_what_cannot_be_read_says_why_and_is_kept() -> None:
    unreadable = event("<html>502 Bad Gateway</html>")

    assert (unreadable.kind, unreadable.level) == ("undecodable", Level.WARNING)
    assert unreadable.raw == "<html>502 Bad Gateway</html>"
    assert "malformed" in unreadable.detail


def test_binary_is_kept_as_digits_and_surrogates_as_escapes() -> None:
    assert event(b"\x00\xff").raw == "00ff"
    assert event("\ud800").raw == "\\ud800"


@pytest.mark.parametrize("name", sorted(frames.HOSTILE))
def test_hostile_frames_are_kept_under_their_kind(name: str) -> None:
    data, kind = frames.HOSTILE[name]

    assert event(data).kind == kind


@settings(deadline=None)
@given(frames.any_frames())
def test_any_frame_gives_an_event_that_is_fit_to_show(data: str | bytes) -> None:
    result = event(data)

    shown = [
        value
        for name, value in dataclasses.asdict(result).items()
        if isinstance(value, str) and name not in {"raw", "detail"}
    ]
    assert all(len(text) <= MAX_SHOWN + len("Message of an unknown kind: ") for text in shown)
    assert all(len(text.splitlines()) <= 1 for text in shown)
    result.raw.encode()  # it fits into any UTF-8 file


@pytest.mark.parametrize(
    ("frame", "control", "welcome"),
    [
        (frames.WELCOME, True, True),
        (frames.PONG, True, False),
        (frames.TAKE, False, False),
        ("not JSON", False, False),
    ],
)
def test_frames_that_belong_to_the_connection(frame: str, *, control: bool, welcome: bool) -> None:
    received = frames.received(frame)

    assert (received.is_control, received.is_welcome) == (control, welcome)


def gap(frame: str, silent_since: datetime | None = None) -> Event:
    return event_of(dataclasses.replace(frames.received(frame), silent_since=silent_since), MANILA)


def test_a_gap_is_an_event_that_says_what_is_missing() -> None:
    missing = gap(frames.GAP, silent_since=datetime(2026, 11, 24, 3, 2, 11, tzinfo=UTC))

    assert missing.title == "Up to 21 events were missed"
    assert missing.detail == (
        "events #3 to #23 · between 24/11/26 11:02:11 and 24/11/26 11:25:27 · the server no longer keeps them"
    )
    assert (missing.category, missing.source, missing.level) == (Category.GAP, Source.MISSING, Level.WARNING)
    assert (missing.kind, missing.key, missing.epoch) == ("gap", None, "e1"), "each gap is one of its own"


@pytest.mark.parametrize(
    ("numbers", "reason", "title", "detail"),
    [
        (
            '"from": 3, "to": 3',
            "trimmed",
            "An event may have been missed",
            "event #3 · the server no longer keeps them",
        ),
        (
            '"from": null, "to": null',
            "epoch",
            "Events may have been missed",
            "the server began its record anew",
        ),
        (
            '"from": 3, "to": 9',
            "ahead",
            "Events may have been missed",
            "the server's record was set back, as after a backup was restored",
        ),
        ('"from": 9, "to": 3', "tr\u202eimmed", "Events may have been missed", "tr\ufffdimmed"),
    ],
)
def test_how_a_gap_reads(numbers: str, reason: str, title: str, detail: str) -> None:
    missing = gap(f'{{"type": "gap", "epoch": "e1", {numbers}, "reason": "{reason}"}}')

    assert (missing.title, missing.detail) == (title, detail)


def test_an_event_of_the_live_app_keeps_its_place() -> None:
    received = frames.received(frames.logged(frames.TAKE, 7))
    placed = event_of(dataclasses.replace(received, position=Position("e1", 7)), MANILA)

    assert (placed.epoch, placed.seq) == ("e1", 7)
    assert (event(frames.TAKE).epoch, event(frames.TAKE).seq) == (None, None)


@pytest.mark.parametrize("frame", [frames.WELCOME, frames.PONG, frames.HELLO, frames.POSITION])
def test_what_belongs_to_the_connection_is_no_event(frame: str) -> None:
    assert frames.received(frame).is_control
    assert not frames.received(frames.GAP).is_control


def test_the_live_app_says_what_an_item_is_called() -> None:
    named = event(frames.STATUS.replace('"status"', '"item": "M4 - 00177", "status"', 1), Stream.INVENTORY)

    assert (named.title, named.item, named.item_id, named.ref) == (
        "M4 - 00177 is now Maintenance",
        "M4 - 00177",
        "IR-00177241126",
        "IR-00177241126",
    )
