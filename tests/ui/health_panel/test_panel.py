"""The connection's health on screen."""

from dataclasses import replace
from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from armguard_tray.connection.health import health_of
from armguard_tray.connection.live_app import LiveApp
from armguard_tray.messages.streams import Stream
from armguard_tray.ui.health_panel import HealthPanel
from armguard_tray.ui.health_panel.panel import UNKNOWN
from armguard_tray.ui.tone_label import Tone
from tests.fakes.clock import FakeClock
from tests.fakes.stream_health import MANILA, NOW, broken, healthy, live, locked_out, mixed


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOW)


@pytest.fixture
def panel(clock: FakeClock, qtbot: QtBot) -> HealthPanel:
    panel = HealthPanel(clock, MANILA)
    qtbot.addWidget(panel)
    return panel


def test_before_the_first_report_it_is_unknown(panel: HealthPanel) -> None:
    assert panel.headline.text() == UNKNOWN
    assert panel.cards == {}


def test_a_live_stream_in_words(panel: HealthPanel) -> None:
    panel.show_health(healthy())

    card = panel.cards[Stream.TRANSACTIONS]
    assert card.state.text() == "● Live since 07:58"
    assert card.trouble.text() == ""
    assert {name: label.text() for name, label in card.facts.items()} == {
        "Last event": "2 min ago (24/11/26 11:24:26)",
        "Events": "17",
        "Round trip": "3 ms",
        "Reconnects": "0",
        "Last close": "none in this run",
    }


def test_server_and_account_are_named(panel: HealthPanel) -> None:
    assert panel.account.isHidden()

    panel.show_account("armory.local · as sgt.reyes")

    assert panel.account.text() == "armory.local · as sgt.reyes"


def test_the_last_close_says_when(panel: HealthPanel) -> None:
    stream = replace(live(), last_close="1006 connection broke", last_close_at=NOW - timedelta(minutes=4))
    panel.show_health(health_of([stream], NOW))

    text = panel.cards[Stream.TRANSACTIONS].facts["Last close"].text()
    assert text == "4 min ago (24/11/26 11:22:40): 1006 connection broke"


def test_an_offline_stream_says_why_and_counts_down(panel: HealthPanel, clock: FakeClock) -> None:
    panel.show_health(broken())
    card = panel.cards[Stream.TRANSACTIONS]
    assert card.trouble.text() == "⚠ server refused the connection · retry in 12 s"

    clock.advance(10)
    panel.refresh()

    assert card.trouble.text() == "⚠ server refused the connection · retry in 2 s"
    assert "retry in 2 s" in panel.headline.text()


def test_what_to_do_stands_under_the_headline(panel: HealthPanel) -> None:
    panel.show_health(locked_out())

    assert "Enter the right one" in panel.remedy.text()
    panel.show_health(healthy())
    assert panel.remedy.text() == ""


def test_what_was_not_measured_is_said_to_be_unknown(panel: HealthPanel) -> None:
    panel.show_health(mixed())

    facts = panel.cards[Stream.NOTIFICATIONS].facts
    assert facts["Round trip"].text() == "not measured"
    assert facts["Last event"].text() == "none in this run"


def test_with_no_server_it_says_so(panel: HealthPanel) -> None:
    panel.show_health(health_of([], NOW))

    assert "no server set up" in panel.headline.text()
    assert "Server" in panel.remedy.text()


def test_cards_are_kept_while_the_streams_are_the_same_and_follow_when_not(panel: HealthPanel) -> None:
    panel.show_health(healthy())
    card = panel.cards[Stream.INVENTORY]

    panel.show_health(broken())
    assert panel.cards[Stream.INVENTORY] is card

    panel.show_health(health_of([live(), live(Stream.PRESENCE)], NOW))
    assert list(panel.cards) == [Stream.TRANSACTIONS, Stream.PRESENCE]


def test_it_counts_seconds_only_while_it_can_be_seen(panel: HealthPanel) -> None:
    panel.show_health(broken())
    assert not panel._timer.isActive()

    panel.show()
    assert panel._timer.isActive()

    panel.hide()
    assert not panel._timer.isActive()


def test_it_is_up_to_date_when_it_comes_into_view(panel: HealthPanel, clock: FakeClock) -> None:
    panel.show_health(broken())
    clock.advance(5)

    panel.show()

    assert "retry in 7 s" in panel.headline.text()


def test_words_of_the_server_are_plain_text(panel: HealthPanel) -> None:
    stream = replace(live(), last_close="1008 <img src=x>\nbye")
    panel.show_health(health_of([stream], NOW))

    label = panel.cards[Stream.TRANSACTIONS].facts["Last close"]
    assert label.textFormat() is Qt.TextFormat.PlainText
    assert "\n" not in label.text()


def test_each_card_tells_a_screen_reader_what_it_is(panel: HealthPanel) -> None:
    panel.show_health(healthy())

    assert panel.cards[Stream.INVENTORY].accessibleName() == "Inventory: ● Live since 07:58"
    assert all(label.accessibleName() for label in panel.cards[Stream.INVENTORY].facts.values())


def test_the_state_has_a_shape_beside_its_words(panel: HealthPanel) -> None:
    panel.show_health(healthy())
    well = panel.icon.pixmap().toImage()

    panel.show_health(broken())

    assert panel.icon.pixmap().toImage() != well
    assert isinstance(panel.icon, QLabel)


def test_admins_see_the_servers_app_its_layer_and_what_it_warns_of(panel: HealthPanel) -> None:
    warning = "Several processes: events come late."
    app = LiveApp("1.2", layer="memory", why="Redis <b>refused</b>", warning=warning)
    panel.show_health(healthy())
    assert (panel.app.text(), panel.warning.text()) == ("", "")

    panel.show_health(health_of([replace(each, app=app) for each in healthy().streams], NOW))

    assert panel.app.text() == "ArmGuard live app, in-memory · version 1.2 · Redis <b>refused</b>"
    assert panel.warning.text() == f"⚠ {warning}"
    assert panel.warning.tone is Tone.PROBLEM
    assert panel.headline.text().startswith("● Live since")
