"""What one socket's frames mean, and what the live app is told in return."""

import json
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from armguard_tray.connection import lifecycle as life
from armguard_tray.connection.failures import Closure
from armguard_tray.connection.readers import (
    ACK_EVERY,
    HEARTBEAT,
    MOST_SAID,
    Acknowledgements,
    LiveReader,
    StockReader,
)
from armguard_tray.messages import wire
from armguard_tray.messages.decoding import Undecodable, decode
from armguard_tray.messages.position import Position, ResumePoint
from armguard_tray.messages.streams import Stream
from tests.unit.connection.test_resume import BEFORE, follow_all
from tests.unit.messages import frames
from tests.unit.messages.frames import AT


def live_reader() -> LiveReader:
    return LiveReader(ResumePoint("c1", Position("e1", 5), AT))


def test_it_is_known_whether_there_is_something_to_go_on_from() -> None:
    assert live_reader().resumes
    assert not LiveReader(ResumePoint("c1")).resumes


def test_the_live_app_is_asked_to_go_on_where_the_desk_left_off() -> None:
    path = urlsplit(live_reader().path)

    assert path.path == "/ws/live/"
    assert parse_qs(path.query) == {
        "streams": ["transactions,inventory,notifications"],
        "resume": ["1"],
        "client": ["c1"],
        "acks": ["1"],
        "epoch": ["e1"],
        "since": ["5"],
    }


def test_whoever_was_never_there_asks_for_no_epoch() -> None:
    query = parse_qs(urlsplit(LiveReader(ResumePoint("c1")).path).query)

    assert not query.keys() & {"epoch", "since"}


def test_an_epoch_is_the_servers_word_and_cannot_add_to_the_query() -> None:
    point = ResumePoint("c1", Position("e1&streams=presence#", 5), AT)

    query = parse_qs(urlsplit(LiveReader(point).path).query)

    assert query["epoch"] == ["e1&streams=presence#"]


def test_the_hello_is_the_proof_and_promises_a_heartbeat() -> None:
    reader = live_reader()

    assert reader.read(frames.HELLO, AT) == (None, life.Proven(HEARTBEAT))
    assert reader.layer == wire.Layer("redis", "it answers")


@pytest.mark.parametrize("text", [frames.WELCOME, frames.PONG])
def test_nothing_else_is_a_proof(text: str) -> None:
    assert live_reader().read(text, AT) == (None, None)


def test_a_position_is_handed_on_because_it_is_kept() -> None:
    received, told = live_reader().read(frames.POSITION, AT)

    assert received is not None
    assert (received.position, told) == (Position("e1", 9), None)


def test_what_carries_messages_may_change_while_connected() -> None:
    reader = live_reader()
    reader.read(frames.HELLO, AT)

    reader.read(frames.POSITION, AT)
    assert reader.layer == wire.Layer("redis", "it answers"), "a position need not say it"
    lost = {"in_use": "memory", "why": "Redis was lost", "warning": "deaf"}
    reader.read(frames.POSITION[:-1] + f', "layer": {json.dumps(lost)}}}', AT)
    assert reader.layer == wire.Layer("memory", "Redis was lost", "deaf")


def test_an_error_without_a_code_is_an_event_as_it_always_was() -> None:
    received, _ = live_reader().read(frames.SERVER_ERROR, AT)

    assert received is not None
    assert not received.is_control


def test_an_error_with_a_code_is_the_reason_of_the_end() -> None:
    reader = live_reader()
    error = json.dumps({"type": "error", "code": 4030, "message": "\u202eToo many"})

    assert reader.read(error, AT) == (None, None)
    assert reader.ended(Closure(4030)).said == "\ufffdToo many"
    assert reader.ended(Closure(1006)).said == "", "that was something else"


def test_long_words_of_an_end_are_cut() -> None:
    reader = live_reader()
    reader.read(json.dumps({"type": "error", "code": 4000, "message": "x" * 10_000}), AT)

    assert reader.ended(Closure(4000)).said == "x" * MOST_SAID


@pytest.mark.parametrize("reason", ["", "busy", "[]", '{"code": 4000}', '{"message": 7}', "[" * 100_000])
def test_a_reason_that_is_none_of_the_apps_says_nothing(reason: str) -> None:
    assert live_reader().ended(Closure(4000, reason)).said == ""


def test_a_stock_socket_has_its_own_welcome_and_no_words() -> None:
    reader = StockReader(Stream.TRANSACTIONS)

    assert reader.read(frames.WELCOME, AT) == (None, life.Proven())
    assert reader.ended(Closure(4000, '{"message": "<b>evil</b>"}')).said == ""


def test_a_stock_socket_keeps_who_the_server_says_we_are() -> None:
    reader = StockReader(Stream.NOTIFICATIONS)
    assert reader.user_id is None

    reader.read('{"type": "connection_established", "message": "Connected", "user_id": 2}', AT)
    reader.read('{"type": "pong", "timestamp": 1}', AT)

    assert reader.user_id == 2


def test_in_a_storm_the_app_is_told_once_in_a_hundred_events() -> None:
    acks = Acknowledgements()
    texts = [frames.logged(frames.take(seq), seq) for seq in range(6, 6 + 2 * ACK_EVERY)]
    told = [acks.due() for received in follow_all(BEFORE, *texts) if acks.took(received)]

    assert [json.loads(text or "") for text in told] == [
        {"type": "ack", "seq": 105},
        {"type": "ack", "seq": 205},
    ]
    assert acks.due() is None, "nothing new"


def test_a_position_needs_no_acknowledgement() -> None:
    acks = Acknowledgements()
    (reached,) = follow_all(BEFORE, frames.POSITION)

    assert not acks.took(reached)
    assert acks.due() is None


@settings(deadline=None)
@given(st.lists(frames.any_frames(), max_size=5))
def test_nothing_that_a_server_sends_raises_or_is_swallowed(texts: list[str | bytes]) -> None:
    reader = live_reader()
    for text in texts:
        received, _ = reader.read(text, AT)
        content = decode(text)
        if isinstance(content, Undecodable):
            assert received is not None, "it is kept, unread as it is"
            assert received.data == text
