"""What a reader is warned of."""

from dataclasses import replace

import pytest

from armguard_tray.connection.failures import Failure, FailureKind
from armguard_tray.connection.health import Health, health_of
from armguard_tray.connection.phase import End, Phase, StreamFacts
from armguard_tray.messages.streams import Stream
from armguard_tray.ui.log_window.not_live import Remedy, not_live
from tests.fakes import stream_health
from tests.fakes.stream_health import MANILA, NOW, backing_off, before, live, starting


@pytest.mark.parametrize(
    "health", [None, stream_health.healthy(), health_of([starting(Phase.CONNECTING)], NOW)]
)
def test_no_warning_while_live_or_on_the_way_there(health: Health | None) -> None:
    assert not_live(health, NOW, MANILA) is None


def test_offline_says_since_when_why_and_what_to_do() -> None:
    warning = not_live(stream_health.broken(), NOW, MANILA)
    assert warning is not None
    assert warning.headline == "This log has not been live since 11:22: what happens now is not shown."
    assert warning.explanation == (
        "Server refused the connection. Start ArmGuard, or check address and port in Settings, Server."
    )


def waiting(stream: Stream) -> StreamFacts:
    ends = (End(before(seconds=40), Failure(FailureKind.REFUSED)),)
    return replace(backing_off(stream), ends=ends)


WAITS = "It waits for its next try at 11:26:52; the last one, at 11:26:00, was refused."


def test_a_refusal_of_a_while_ago_is_not_told_as_present() -> None:
    warning = not_live(health_of([waiting(Stream.INVENTORY)], NOW), NOW, MANILA)
    assert warning is not None
    assert warning.explanation.startswith(f"{WAITS} Start ArmGuard")


def test_beside_a_live_stream_nobody_is_sent_to_start_the_server() -> None:
    warning = not_live(health_of([live(), waiting(Stream.INVENTORY)], NOW), NOW, MANILA)
    assert warning is not None
    assert warning.explanation == WAITS


def test_one_stream_of_two_is_named() -> None:
    warning = not_live(health_of([live(), backing_off(Stream.INVENTORY)], NOW), NOW, MANILA)
    assert warning is not None
    assert warning.headline.startswith("What the server sends on inventory has not been live since 11:22")


def test_without_a_server_it_says_what_to_do() -> None:
    warning = not_live(health_of([], NOW), NOW, MANILA)
    assert warning is not None
    assert warning.headline == "No server is set up, so nothing arrives."
    assert warning.remedy is Remedy.SETTINGS


def test_what_only_the_user_can_mend_leads_to_the_settings_and_all_else_to_another_try() -> None:
    for health, remedy in (
        (stream_health.locked_out(), Remedy.SETTINGS),
        (stream_health.broken(), Remedy.RECONNECT),
    ):
        warning = not_live(health, NOW, MANILA)
        assert warning is not None
        assert warning.remedy is remedy
