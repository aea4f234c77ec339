"""One transaction, one toast."""

from datetime import UTC

from armguard_tray.messages.event import Event, Received, event_of
from armguard_tray.messages.streams import Stream
from armguard_tray.rules.echo import REMEMBERED, SILENCE, announced, is_echo
from tests.fakes.clock import FakeClock


def transaction(number: int) -> Event:
    frame = (
        f'{{"type": "transaction_created", "timestamp": "2026-11-24T11:25:26", "transaction": '
        f'{{"id": {number}, "action": "Take", "personnel": "Juan Dela Cruz", "item": "M4 - 00077"}}}}'
    )
    return event(Stream.TRANSACTIONS, frame)


def notice(number: int, level: str = "success") -> Event:
    frame = (
        f'{{"type": "notification", "timestamp": "2026-11-24T11:25:26", "title": "Transaction Created", '
        f'"message": "issued", "level": "{level}", "data": {{"transaction_id": {number}}}}}'
    )
    return event(Stream.NOTIFICATIONS, frame)


def event(stream: Stream, frame: str) -> Event:
    return event_of(Received.of(stream, frame, FakeClock().now()), UTC)


def test_the_notice_about_an_announced_transaction_is_an_echo() -> None:
    assert is_echo(announced(SILENCE, transaction(7)), notice(7))


def test_the_transaction_after_its_notice_is_an_echo_too() -> None:
    assert is_echo(announced(SILENCE, notice(7)), transaction(7))


def test_what_warns_is_no_echo() -> None:
    assert not is_echo(announced(SILENCE, transaction(7)), notice(7, "warning"))


def test_another_transaction_is_no_echo() -> None:
    assert not is_echo(announced(SILENCE, transaction(7)), notice(8))


def test_a_second_notice_about_the_same_transaction_says_something_new() -> None:
    assert not is_echo(announced(SILENCE, notice(7)), notice(7))


def test_a_transaction_that_was_not_announced_has_no_echo() -> None:
    assert not is_echo(SILENCE, notice(7))


def test_only_the_latest_are_remembered() -> None:
    state = SILENCE
    for number in range(REMEMBERED + 1):
        state = announced(state, transaction(number))
    assert not is_echo(state, notice(0))
    assert is_echo(state, notice(REMEMBERED))
