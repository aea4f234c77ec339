"""The state of the connection in words."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from armguard_tray.connection.explain import HELD_UP
from armguard_tray.connection.health import Health, health_of
from armguard_tray.connection.live_app import LiveApp
from armguard_tray.connection.phase import Phase, StreamFacts, Trouble
from armguard_tray.messages.streams import Stream
from armguard_tray.settings.model import ServerSettings
from armguard_tray.ui.state_words import (
    MAX_TOOLTIP,
    TrayState,
    account_words,
    ago,
    app_words,
    pause_words,
    retry_words,
    round_trip_words,
    state_line,
    stream_line,
    tomorrow_morning,
    tooltip,
    tray_state,
    trouble_sentences,
)
from tests.fakes.stream_health import (
    MANILA,
    NOW,
    backing_off,
    before,
    broken,
    healthy,
    live,
    locked_out,
    mixed,
    refused,
    starting,
)

LATER = NOW + timedelta(hours=1)
STOPPED = health_of([starting(Phase.STOPPED)], NOW)
NOTHING_YET = health_of([replace(live(), last_event=None, events=0)], NOW)
KNOCKING = health_of([replace(backing_off(), phase=Phase.CONNECTING, retry_at=None)], NOW)

APP = LiveApp("1.2", layer="redis", why="it answers")


def with_app(app: LiveApp) -> Health:
    """Return three live streams of a server that has the live app."""
    return health_of([replace(each, app=app) for each in healthy().streams], NOW)


# One stream is trying while another waits: the next try is now.
RETRYING = health_of([*KNOCKING.streams, backing_off(Stream.INVENTORY)], NOW)


@pytest.mark.parametrize(
    ("health", "line"),
    [
        (healthy(), "● Live since 07:58 · last event 2 min ago"),
        (NOTHING_YET, "● Live since 07:58 · no event since the start"),
        (broken(), "○ Offline for 4 min · server refused the connection · retry in 12 s"),
        (KNOCKING, "○ Offline for 4 min · server refused the connection · trying again now"),
        (mixed(), "○ 1 of 3 streams offline for 4 min · server refused the connection · retry in 12 s"),
        (locked_out(), "▲ Needs you since 10:55 · user name or password refused"),
        (with_app(APP), "● Live since 07:58 · last event 2 min ago"),
        (
            with_app(replace(APP, layer="memory", warning="Several processes: events come late.")),
            "● Live since 07:58 · ⚠ the server warns of its channel layer (in-memory) · last event 2 min ago",
        ),
        (
            with_app(replace(APP, real_time=False)),
            (
                "◑ Delayed since 07:58 · real time is switched off on the server; looking every 15 s"
                " · last event 2 min ago"
            ),
        ),
        (
            health_of([live(), refused(Stream.INVENTORY)], NOW),
            "▲ 1 of 2 streams needs you since 10:55 · user name or password refused",
        ),
        (health_of([starting(Phase.LOGGING_IN)], NOW), "◔ Logging in for 3 s"),
        (
            health_of([starting(Phase.CONNECTING), live(Stream.INVENTORY)], NOW),
            "◔ 1 of 2 streams connecting for 3 s",
        ),
        (STOPPED, "○ Stopped for 3 s · no retry planned"),
        (
            health_of([replace(backing_off(), trouble=None)], NOW),
            "○ Offline for 4 min · cause unknown · retry in 12 s",
        ),
        (health_of([], NOW), "▲ Needs you · no server set up"),
    ],
)
def test_the_state_in_one_line(health: Health, line: str) -> None:
    assert state_line(health, NOW, MANILA) == line


CLAIMS = ("complete to #48211", "2 gaps today")


@pytest.mark.parametrize(
    ("health", "line"),
    [
        (healthy(), "● Live since 07:58 · complete to #48211 · 2 gaps today · last event 2 min ago"),
        (
            broken(),
            (
                "○ Offline for 4 min · server refused the connection · retry in 12 s"
                " · complete to #48211 · 2 gaps today"
            ),
        ),
        (
            locked_out(),
            "▲ Needs you since 10:55 · user name or password refused · complete to #48211 · 2 gaps today",
        ),
        (health_of([], NOW), "▲ Needs you · no server set up"),
    ],
)
def test_how_complete_the_log_is_belongs_to_the_state_of_a_server(health: Health, line: str) -> None:
    assert state_line(health, NOW, MANILA, CLAIMS) == line


def test_the_tooltip_has_the_claim_before_the_last_event_and_is_cut_at_its_end() -> None:
    text = tooltip(healthy(), LATER, 12, NOW, MANILA, claims=CLAIMS)
    assert text == (
        "ArmGuard: live since 07:58 · complete to #48211 · 2 gaps today · last event 2 min ago"
        " · toasts paused until 12:26 · 12 unread"
    )
    assert len(tooltip(healthy(), LATER, 12, NOW, MANILA, claims=("x" * 90,))) == MAX_TOOLTIP
    assert "complete" not in tooltip(health_of([], NOW), None, 0, NOW, MANILA, claims=CLAIMS)


def test_another_days_time_bears_its_date() -> None:
    health = health_of([replace(live(), since=before(days=2))], NOW)

    assert state_line(health, NOW, MANILA).startswith("● Live since 22/11/26 11:26")


def test_the_line_ages_with_the_clock() -> None:
    assert "retry in 2 s" in state_line(broken(), NOW + timedelta(seconds=10), MANILA)
    assert "retrying now" in state_line(broken(), NOW + timedelta(seconds=13), MANILA)


def test_many_unread_rows_are_counted_as_people_write_numbers() -> None:
    assert tooltip(healthy(), None, 50_000, NOW, MANILA).endswith(" · 50,000 unread")


@pytest.mark.parametrize(
    ("health", "paused_until", "unread", "text"),
    [
        (healthy(), None, 0, "ArmGuard: live since 07:58 · last event 2 min ago"),
        (
            healthy(),
            LATER,
            3,
            "ArmGuard: live since 07:58 · last event 2 min ago · toasts paused until 12:26 · 3 unread",
        ),
        (
            broken(),
            None,
            0,
            "ArmGuard: offline since 11:22 · server refused the connection · next try 11:26:52",
        ),
        (
            RETRYING,
            None,
            0,
            "ArmGuard: offline since 11:22 · server refused the connection · trying again now",
        ),
        (health_of([], NOW), None, 0, "ArmGuard: needs you · no server set up"),
    ],
)
def test_the_tooltip_names_points_in_time(
    health: Health, paused_until: datetime | None, unread: int, text: str
) -> None:
    assert tooltip(health, paused_until, unread, NOW, MANILA) == text


def test_the_tooltip_is_short_enough_for_windows() -> None:
    health = health_of([replace(backing_off(), trouble=Trouble("x" * 400))], NOW)

    text = tooltip(health, None, 0, NOW, MANILA)

    assert len(text) == MAX_TOOLTIP
    assert text.endswith("…")


def test_words_of_the_server_are_no_markup_and_one_line() -> None:
    trouble = Trouble("refused: <b>bold</b>\n\x1b[31mred")
    health = health_of([replace(backing_off(), trouble=trouble)], NOW)

    assert "<" not in tooltip(health, None, 0, NOW, MANILA)
    assert "\n" not in state_line(health, NOW, MANILA)
    assert "\x1b" not in state_line(health, NOW, MANILA)


def test_nothing_claims_that_the_log_is_complete() -> None:
    for health in (healthy(), broken(), mixed(), locked_out()):
        assert "complete" not in tooltip(health, None, 0, NOW, MANILA)
        assert "complete" not in state_line(health, NOW, MANILA)


@pytest.mark.parametrize(
    ("health", "paused_until", "state"),
    [
        (healthy(), None, TrayState.LIVE),
        (healthy(), LATER, TrayState.PAUSED),
        (healthy(), NOW, TrayState.LIVE),
        (broken(), LATER, TrayState.OFFLINE),
        (locked_out(), LATER, TrayState.NEEDS_YOU),
        (health_of([starting(Phase.IDLE)], NOW), None, TrayState.WAITING),
        (health_of([], NOW), None, TrayState.NEEDS_YOU),
    ],
)
def test_a_pause_never_hides_a_fault(health: Health, paused_until: datetime | None, state: TrayState) -> None:
    assert tray_state(health, paused_until, NOW) is state


@pytest.mark.parametrize(
    ("facts", "line"),
    [
        (live(), "● Live since 07:58"),
        (backing_off(), "○ Offline for 4 min"),
        (refused(), "▲ Refused for 31 min"),
        (starting(Phase.CONNECTING), "◔ Connecting for 3 s"),
        (replace(backing_off(), phase=Phase.CONNECTING), "○ Connecting for 4 min, trying again"),
        (starting(Phase.IDLE), "◔ Not started for 3 s"),
    ],
)
def test_one_stream_in_words(facts: StreamFacts, line: str) -> None:
    assert stream_line(facts, NOW, MANILA) == line


def test_what_is_not_known_is_said_to_be_unknown() -> None:
    assert round_trip_words(None) == "not measured"
    assert retry_words(None, NOW) == "no retry planned"


def test_round_trips() -> None:
    assert round_trip_words(0.0032) == "3 ms"
    assert round_trip_words(0.00042) == "0.4 ms"


def test_how_long_ago() -> None:
    assert ago(NOW, NOW) == "just now"
    assert ago(NOW + timedelta(seconds=5), NOW) == "just now"
    assert ago(before(minutes=2), NOW) == "2 min ago"


def test_a_pause_that_is_over_is_none() -> None:
    assert pause_words(before(seconds=1), NOW, MANILA) == "Toasts are not paused"


def test_which_server_and_as_whom() -> None:
    server = ServerSettings(address="https://Armory.local:8443/", username="sgt.reyes")

    assert account_words(server) == "armory.local:8443 · as sgt.reyes"
    assert account_words(ServerSettings()) == ""


@pytest.mark.parametrize(
    ("trouble", "text"),
    [
        (Trouble("server does not answer", "Is it on?"), "Server does not answer. Is it on?"),
        (Trouble("server refused."), "Server refused."),
    ],
)
def test_a_trouble_in_sentences(trouble: Trouble, text: str) -> None:
    assert trouble_sentences(trouble) == text


def test_tomorrow_morning_is_six_oclock_of_this_desks_next_day() -> None:
    for hour in range(24):
        now = datetime(2026, 11, 24, hour, 30, tzinfo=UTC)

        morning = tomorrow_morning(now).astimezone()

        assert (morning.hour, morning.minute) == (6, 0)
        assert morning.date() - now.astimezone().date() == timedelta(days=1)


def test_a_stream_whose_frames_this_desk_cannot_take_is_not_called_live() -> None:
    facts = replace(live(), trouble=HELD_UP, troubled_since=before(seconds=40))
    assert stream_line(facts, NOW, MANILA) == "○ Held up for 40 s"
    line = state_line(health_of([facts], NOW), NOW, MANILA)
    assert line == "○ Offline for 40 s · held up by this desk: events cannot be stored"


@pytest.mark.parametrize(
    ("app", "words"),
    [
        (None, ""),
        (APP, "ArmGuard live app, Redis"),
        (replace(APP, layer="memory"), "ArmGuard live app, in-memory"),
        (replace(APP, layer=""), "ArmGuard live app, channel layer unknown"),
        (replace(APP, layer="quantum"), "ArmGuard live app, channel layer unknown"),
        (replace(APP, real_time=False), "ArmGuard live app, real time off"),
        (replace(APP, in_use=False), "ArmGuard live app not in use"),
    ],
)
def test_the_servers_app_in_a_few_words(app: LiveApp | None, words: str) -> None:
    assert app_words(app) == words


def test_a_desk_that_only_looks_now_and_then_is_not_shown_as_live() -> None:
    delayed = with_app(replace(APP, real_time=False))

    assert tray_state(delayed, None, NOW) is TrayState.WAITING
    assert stream_line(delayed.streams[0], NOW, MANILA) == "◑ Delayed since 07:58"
    assert tooltip(delayed, None, 0, NOW, MANILA).startswith(
        "ArmGuard: delayed since 07:58 · real time is switched off on the server"
    )


def test_a_warning_of_the_server_is_in_the_tooltip() -> None:
    warned = with_app(replace(APP, warning="Several processes"))

    assert "⚠ the server warns of its channel layer (Redis)" in tooltip(warned, None, 0, NOW, MANILA)
