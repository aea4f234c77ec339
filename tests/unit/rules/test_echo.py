"""One transaction, one toast."""

from dataclasses import replace
from datetime import UTC

import pytest

from armguard_tray.messages.event import Event, Received, event_of
from armguard_tray.messages.streams import Stream
from armguard_tray.rules.echo import (
    LATELY,
    REMEMBERED,
    SILENCE,
    EchoState,
    is_echo,
    may_be_echo,
    seen,
)
from tests.fakes.clock import FakeClock

NOW = 1000.0


def announced(state: EchoState, event: Event, now: float) -> EchoState:
    return seen(state, event, now, announced=True)


def kept_silent(state: EchoState, event: Event, now: float) -> EchoState:
    return seen(state, event, now, announced=False)


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
    assert len(state.came) == REMEMBERED
    assert not is_echo(state, notice(0), NOW)
    assert is_echo(state, notice(REMEMBERED), NOW)


def move(item_id: str, status: str, previous: str) -> Event:
    frame = (
        f'{{"type": "inventory_updated", "timestamp": "2026-11-24T11:25:26", "item_id": "{item_id}", '
        f'"status": "{status}", "previous_status": "{previous}"}}'
    )
    return event(Stream.INVENTORY, frame)


def taken(item_id: str) -> Event:
    return replace(transaction(7), item_id=item_id)


@pytest.mark.parametrize(("status", "previous"), [("Issued", "Available"), ("Available", "Issued")])
def test_the_move_that_a_transaction_makes_is_an_echo_even_of_one_kept_silent(
    status: str, previous: str
) -> None:
    state = kept_silent(SILENCE, taken("IR-1"), NOW)

    assert is_echo(state, move("IR-1", status, previous), NOW + 1)
    assert not is_echo(state, move("IR-2", status, previous), NOW + 1)
    assert not is_echo(state, move("IR-1", status, previous), NOW + LATELY)
    assert not is_echo(SILENCE, move("IR-1", status, previous), NOW), "somebody did it by hand"


def test_a_change_to_another_status_is_by_hand_and_waits_for_nothing() -> None:
    assert not may_be_echo(move("IR-1", "Maintenance", "Available"))
    assert may_be_echo(move("IR-1", "Issued", "Available"))


def test_only_the_last_moves_are_remembered() -> None:
    state = SILENCE
    for number in range(REMEMBERED + 1):
        state = kept_silent(state, taken(f"IR-{number}"), NOW)

    assert len(state.came) == REMEMBERED
    assert not is_echo(state, move("IR-0", "Issued", "Available"), NOW)
    assert is_echo(state, move(f"IR-{REMEMBERED}", "Issued", "Available"), NOW)


def test_what_names_no_item_moved_none() -> None:
    state = announced(SILENCE, transaction(7), NOW)

    assert not is_echo(state, replace(move("IR-1", "Issued", "Available"), item_id="None"), NOW)
    assert seen(SILENCE, status_of_item("IR-1"), NOW, announced=True) == SILENCE


def test_a_transaction_kept_silent_hides_no_notice() -> None:
    assert not is_echo(kept_silent(SILENCE, transaction(7), NOW), notice(7), NOW)
