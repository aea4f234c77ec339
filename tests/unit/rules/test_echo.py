"""One transaction, one toast."""

from datetime import UTC

from armguard_tray.messages.event import Event, Received, event_of
from armguard_tray.messages.streams import Stream
from armguard_tray.rules.echo import LATELY, REMEMBERED, SILENCE, announced, is_echo
from tests.fakes.clock import FakeClock

NOW = 1000.0


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


def status_of_item(name: str) -> Event:
    frame = (
        f'{{"type": "inventory_updated", "timestamp": "2026-11-24T11:25:26", "item_id": "{name}", '
        f'"status": "Maintenance"}}'
    )
    return event(Stream.INVENTORY, frame)


def test_the_notice_about_an_announced_transaction_is_an_echo() -> None:
    assert is_echo(announced(SILENCE, transaction(7), NOW), notice(7), NOW + 1)


def test_the_transaction_itself_never_is() -> None:
    state = announced(announced(SILENCE, notice(7), NOW), transaction(7), NOW)
    assert not is_echo(state, transaction(7), NOW)


def test_what_warns_is_no_echo_and_hides_nothing() -> None:
    assert not is_echo(announced(SILENCE, transaction(7), NOW), notice(7, "warning"), NOW)
    assert not is_echo(announced(SILENCE, notice(7, "warning"), NOW), transaction(7), NOW)


def test_another_transaction_is_no_echo() -> None:
    assert not is_echo(announced(SILENCE, transaction(7), NOW), notice(8), NOW)


def test_an_item_whose_id_is_the_same_number_is_no_echo() -> None:
    state = announced(announced(SILENCE, notice(777), NOW), transaction(777), NOW)
    assert not is_echo(state, status_of_item("777"), NOW)


def test_a_second_notice_about_the_same_transaction_says_something_new() -> None:
    assert not is_echo(announced(SILENCE, notice(7), NOW), notice(7), NOW)


def test_a_transaction_that_was_not_announced_has_no_echo() -> None:
    assert not is_echo(SILENCE, notice(7), NOW)


def test_what_was_announced_long_ago_is_forgotten() -> None:
    assert not is_echo(announced(SILENCE, transaction(7), NOW), notice(7), NOW + LATELY)


def test_in_a_burst_only_the_latest_are_remembered() -> None:
    state = SILENCE
    for number in range(REMEMBERED + 1):
        state = announced(state, transaction(number), NOW)
    assert len(state.announced) == REMEMBERED
    assert not is_echo(state, notice(0), NOW)
    assert is_echo(state, notice(REMEMBERED), NOW)
