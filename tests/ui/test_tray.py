"""The tray icon's menu: what it says and what it asks for."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QSystemTrayIcon
from pytestqt.qtbot import QtBot

from armguard_tray.catchup.completeness import Completeness
from armguard_tray.connection.health import Health, health_of
from armguard_tray.connection.phase import Trouble
from armguard_tray.ui.tray import REFRESH_MS, TrayIcon
from tests.fakes.clock import FakeClock
from tests.fakes.stream_health import NOW, backing_off, broken, healthy, locked_out


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOW)


@pytest.fixture
def tray(clock: FakeClock, qtbot: QtBot) -> TrayIcon:  # noqa: ARG001 - qtbot makes the application
    icon = TrayIcon(clock)
    icon.update(healthy(), None, 0, NOW)
    return icon


def entries(menu: QMenu) -> list[QAction]:
    """Return all entries, those of submenus too."""
    found = []
    for action in menu.actions():
        submenu = action.menu()
        found += entries(submenu) if isinstance(submenu, QMenu) else [action]
    return [action for action in found if action.isVisible() and not action.isSeparator()]


def entry(tray: TrayIcon, text: str) -> QAction:
    return next(action for action in entries(tray.menu) if text in action.text().replace("&", ""))


def test_the_menu_names_everything_in_reading_order(tray: TrayIcon) -> None:
    texts = [action.text().replace("&", "") for action in entries(tray.menu)]

    assert texts[0].startswith("● Live since ")
    assert texts[1:] == [
        "Open live log",
        "Who holds what",
        "Shift report",
        "Pictures",
        "Export the log…",
        "30 minutes",
        "1 hour",
        "Until tomorrow 06:00",
        "Resume",
        "Reconnect now",
        "Settings…",
        "Quit",
    ]


def test_each_entry_of_a_menu_has_an_access_key_of_its_own(tray: TrayIcon) -> None:
    for level in (tray.menu.actions()[1:], entries(tray.menu)[6:10]):
        texts = [action.text() for action in level if action.isVisible() and not action.isSeparator()]
        keys = [text[text.index("&") + 1].lower() for text in texts]
        assert len(set(keys)) == len(keys)


@pytest.mark.parametrize(
    ("text", "signal"),
    [
        ("● Live", "open_connection"),
        ("Open live log", "open_log"),
        ("Shift report", "open_shift_report"),
        ("Pictures", "open_pictures"),
        ("Reconnect now", "reconnect"),
        ("Settings", "open_settings"),
        ("Quit", "quit"),
    ],
)
def test_an_entry_asks_for_one_thing(tray: TrayIcon, qtbot: QtBot, text: str, signal: str) -> None:
    with qtbot.waitSignal(getattr(tray, signal)):
        entry(tray, text).trigger()


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("30 minutes", lambda now: now + timedelta(minutes=30)),
        ("1 hour", lambda now: now + timedelta(hours=1)),
    ],
)
def test_a_pause_is_asked_for_until_a_point_in_time(
    tray: TrayIcon, qtbot: QtBot, text: str, end: Callable[[datetime], datetime]
) -> None:
    with qtbot.waitSignal(tray.pause_until) as asked:
        entry(tray, text).trigger()

    assert asked.args == [end(NOW)]


def test_a_pause_until_tomorrow_ends_at_six(tray: TrayIcon, qtbot: QtBot) -> None:
    with qtbot.waitSignal(tray.pause_until) as asked:
        entry(tray, "tomorrow").trigger()

    assert asked.args is not None
    assert asked.args[0].astimezone().hour == 6


def test_resume_is_offered_while_paused(tray: TrayIcon, qtbot: QtBot) -> None:
    assert not entry(tray, "Resume").isEnabled()

    tray.update(healthy(), NOW + timedelta(hours=1), 0, NOW)
    assert "paused until" in entry(tray, "Resume").text()
    with qtbot.waitSignal(tray.pause_until) as asked:
        entry(tray, "Resume").trigger()

    assert asked.args == [None]


@pytest.mark.parametrize("health", [healthy(), broken(), locked_out(), health_of([], NOW)])
def test_the_state_line_can_be_clicked_in_every_state(tray: TrayIcon, health: Health) -> None:
    tray.update(health, None, 0, NOW)

    assert entries(tray.menu)[0].isEnabled()


def test_an_ampersand_in_a_cause_is_no_access_key(tray: TrayIcon) -> None:
    trouble = Trouble("Smith & Sons refused")
    stream = backing_off()
    health = Health(broken().coverage, stream.since, (stream,), trouble)

    tray.update(health, None, 0, NOW)

    assert "Smith && Sons" in entries(tray.menu)[0].text()


def test_server_and_account_stand_under_the_state(tray: TrayIcon, qtbot: QtBot) -> None:
    tray.set_account("armory.local · as smith&wesson")
    tray.rebuild()

    line = entries(tray.menu)[1]
    assert line.text() == "armory.local · as smith&&wesson"
    with qtbot.waitSignal(tray.open_connection):
        line.trigger()

    tray.set_account("")
    assert entries(tray.menu)[1].text() == "Open live &log"


def test_a_left_click_opens_the_log(tray: TrayIcon, qtbot: QtBot) -> None:
    with qtbot.waitSignal(tray.open_log):
        tray.icon.activated.emit(QSystemTrayIcon.ActivationReason.Trigger)


def test_a_right_click_opens_the_menu_only(tray: TrayIcon, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(tray.open_log):
        tray.icon.activated.emit(QSystemTrayIcon.ActivationReason.Context)


def test_lengths_of_time_are_right_when_the_menu_opens(tray: TrayIcon, clock: FakeClock) -> None:
    tray.update(broken(), None, 0, NOW)
    clock.advance(10)

    tray.menu.aboutToShow.emit()

    assert "retry in 2 s" in entries(tray.menu)[0].text()


def test_the_tooltip_ages_and_is_sent_only_when_it_changed(tray: TrayIcon, clock: FakeClock) -> None:
    before = tray.icon.toolTip()
    clock.advance(REFRESH_MS / 1000)

    tray._refresh()

    assert "2 min ago" in before
    assert "3 min ago" in tray.icon.toolTip()


def test_the_icon_is_drawn_anew_only_when_it_looks_different(tray: TrayIcon) -> None:
    first = tray.icon.icon().cacheKey()

    tray.update(healthy(), None, 0, NOW + timedelta(minutes=5))
    assert tray.icon.icon().cacheKey() == first

    tray.update(healthy(), None, 2, NOW)
    assert tray.icon.icon().cacheKey() != first


# Qt says so wherever there is no tray at all, as under offscreen.
@pytest.mark.qt_log_ignore("No such signal QPlatformNativeInterface::systemTrayWindowChanged")
def test_a_rebuilt_icon_shows_and_does_the_same(tray: TrayIcon, qtbot: QtBot) -> None:
    tray.show()
    old = tray.icon
    tray.update(broken(), None, 4, NOW)

    tray.rebuild()

    assert tray.icon is not old
    assert "offline since" in tray.icon.toolTip()
    assert not tray.icon.icon().isNull()
    assert tray.icon.isVisible()
    with qtbot.waitSignal(tray.reconnect):
        entry(tray, "Reconnect now").trigger()


def test_a_rebuilt_icon_stays_hidden_if_it_was(tray: TrayIcon) -> None:
    tray.rebuild()

    assert not tray.icon.isVisible()


def test_tooltip_and_menu_say_how_complete_the_log_is(tray: TrayIcon) -> None:
    assert "completeness not known yet" in tray.icon.toolTip()
    tray.set_completeness(Completeness(begins=1, complete_to=48_211, is_current=True, gaps_today=2))
    assert "· complete to #48211 · 2 gaps today · last event" in tray.icon.toolTip()
    assert "· complete to #48211 · 2 gaps today · last event" in entry(tray, "Live since").text()
