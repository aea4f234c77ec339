"""The connection's health on screen."""

import asyncio
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QPushButton, QToolButton
from pytestqt.qtbot import QtBot

from armguard_tray.connection.failures import Failure, FailureKind
from armguard_tray.connection.health import Health, health_of
from armguard_tray.connection.live_app import LiveApp
from armguard_tray.connection.phase import End, Phase
from armguard_tray.diagnosis.codes import Code
from armguard_tray.diagnosis.ladder import Cause, Diagnosis, Status
from armguard_tray.errors import JournalError
from armguard_tray.messages.streams import Stream
from armguard_tray.ui.health_panel import HealthPanel, Sources, checker
from armguard_tray.ui.health_panel.copy_button import COPIED, COPY
from armguard_tray.ui.health_panel.ladder_view import RowView
from armguard_tray.ui.health_panel.panel import BROKE_DOWN, CHECKING, UNKNOWN
from armguard_tray.ui.health_panel.sign import Sign
from armguard_tray.ui.health_panel.stream_table import StreamRow
from armguard_tray.ui.tone_label import Tone
from tests.fakes.clock import FakeClock
from tests.fakes.diagnoses import CA_UNKNOWN, HEALTHY, ORIGIN, REFUSED, diagnosis
from tests.fakes.signals import Recorder, emitted, settled
from tests.fakes.stream_health import MANILA, NOW, before, broken, healthy, live, locked_out, mixed, starting
from tests.ui.health_panel.conftest import FakeCheck, sources

NOTIFICATIONS = Stream.NOTIFICATIONS


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOW)


@pytest.fixture
def check() -> FakeCheck:
    return FakeCheck()


@pytest.fixture
def panel(clock: FakeClock, qtbot: QtBot) -> HealthPanel:
    """Return a panel that has nothing to check and to count with, and so needs no event loop."""
    panel = HealthPanel(clock, MANILA, replace(sources(), count_events=None))
    qtbot.addWidget(panel)
    return panel


@pytest.fixture
def checking(clock: FakeClock, check: FakeCheck, qtbot: QtBot) -> HealthPanel:
    """Return a panel that checks."""
    panel = HealthPanel(clock, MANILA, sources(check))
    qtbot.addWidget(panel)
    return panel


async def checked(panel: HealthPanel, check: FakeCheck, health: Health) -> None:
    """Show `panel` until it has checked."""
    check.go_on.set()
    panel.show_health(health)
    panel.show()
    await emitted(panel.checker.changed, lambda: not panel.checker.is_running)


def row(panel: HealthPanel, name: str) -> RowView:
    return next(row for row in panel.ladder.rows if row.name.text() == name)


def stream(panel: HealthPanel, which: Stream = Stream.TRANSACTIONS) -> StreamRow:
    return panel.streams.rows[which]


# The answer


def test_before_the_first_report_it_is_unknown(panel: HealthPanel) -> None:
    panel.show()

    assert panel.headline.text() == UNKNOWN
    assert panel.sign.sign is Sign.UNKNOWN
    assert panel.streams.rows == {}


def test_with_nothing_to_check_the_streams_answer_and_no_verdict_is_claimed(panel: HealthPanel) -> None:
    panel.show_health(broken())
    panel.show()

    assert panel.headline.text() == "○ Offline for 4 min · server refused the connection · retry in 12 s"
    assert "Start ArmGuard" in panel.remedy.text()
    assert panel.sign.sign is Sign.UNKNOWN
    assert not panel.check_button.isEnabled()


async def test_it_claims_no_more_than_was_seen(checking: HealthPanel, check: FakeCheck) -> None:
    check.found = diagnosis(replace(HEALTHY, audit=None))

    await checked(checking, check, healthy())

    assert "was not seen" in checking.headline.text()
    assert checking.verdict.text() == "Well, as far as it was seen · checked 11:26:40"
    assert checking.sign.sign is Sign.SO_FAR, "the green tick would promise what nobody saw"
    assert checking.sign.accessibleName() == "Well, as far as it was seen"


async def test_all_is_well(checking: HealthPanel, check: FakeCheck) -> None:
    await checked(checking, check, healthy())

    assert checking.headline.text() == "Everything works."
    assert checking.sign.sign is Sign.OK
    assert checking.verdict.text() == "All well · checked 11:26:40"
    assert checking.state.text() == "● Live since 07:58 · last event 2 min ago"
    assert checking.cause.isHidden()


async def test_the_first_failed_rung_is_the_headline_with_what_to_do(
    checking: HealthPanel, check: FakeCheck
) -> None:
    check.found = diagnosis(ORIGIN)
    await checked(checking, check, health_of(ORIGIN.streams, NOW))

    assert checking.headline.text().startswith("The server refuses this desk's Origin")
    assert checking.sign.sign is Sign.FAILED
    assert checking.verdict.text().startswith("Failed · ")
    assert "settings.py" in checking.cause.remedy.text()
    assert checking.cause.text.isHidden(), "the headline says it"
    assert checking.remedy.isHidden(), "it is said once"


async def test_what_there_is_to_copy_goes_to_the_clipboard(checking: HealthPanel, check: FakeCheck) -> None:
    check.found = diagnosis(ORIGIN)
    await checked(checking, check, health_of(ORIGIN.streams, NOW))
    assert checking.cause.copy_button.text() == COPY

    checking.cause.copy_button.click()

    assert QGuiApplication.clipboard().text() == 'ALLOWED_HOSTS += ["armory.local"]'
    assert checking.cause.copy_button.text() == COPIED

    checking.cause.copy_button.timer.timeout.emit()
    assert checking.cause.copy_button.text() == COPY, "what was done a while ago is not said for ever"


async def test_an_unknown_ca_can_be_trusted_and_nothing_else(checking: HealthPanel, check: FakeCheck) -> None:
    wanted = Recorder(checking.trust_wanted)
    check.found = diagnosis(CA_UNKNOWN)
    await checked(checking, check, broken())
    assert not checking.cause.trust_button.isHidden()
    checking.cause.trust_button.click()
    assert len(wanted.calls) == 1

    check.found = diagnosis(REFUSED)
    checking.checker.check_now()
    await emitted(checking.checker.changed, lambda: not checking.checker.is_running)

    assert checking.cause.trust_button.isHidden()


async def test_further_causes_stand_below_the_ladder_with_their_own_words(
    checking: HealthPanel, check: FakeCheck
) -> None:
    first = Cause(Code.CLOCKS_APART, "The clocks are apart.", "Set them.")
    second = Cause(Code.TOASTS_OFF, "No toasts.", "Allow them.", "copy me")
    check.found = Diagnosis(Status.WARNING, f"It works, with a warning: {first.text}", (), (first, second))
    await checked(checking, check, healthy())

    (box,) = [box for box in checking.more_causes if not box.isHidden()]
    assert (box.text.text(), box.remedy.text()) == ("No toasts.", "Allow them.")
    assert box.snippet.toPlainText() == "copy me"
    assert checking.sign.sign is Sign.WARNING

    check.found = diagnosis(HEALTHY)
    checking.checker.check_now()
    await emitted(checking.checker.changed, lambda: not checking.checker.is_running)
    assert all(box.isHidden() for box in checking.more_causes)


async def test_a_check_that_breaks_down_is_no_good_news(clock: FakeClock, qtbot: QtBot) -> None:
    async def broken_check(_: object) -> Diagnosis:
        raise RuntimeError("a bug")

    panel = HealthPanel(clock, MANILA, Sources(check=broken_check))
    qtbot.addWidget(panel)
    panel.show_health(healthy())
    panel.show()
    await emitted(panel.checker.changed, lambda: not panel.checker.is_running)

    assert panel.headline.text() == BROKE_DOWN
    assert panel.sign.sign is Sign.UNKNOWN
    assert panel.check_button.isEnabled()


# While it is checked


async def test_the_rungs_are_ticked_off_one_by_one(checking: HealthPanel, check: FakeCheck) -> None:
    checking.show_health(healthy())
    checking.show()
    await settled()

    assert checking.headline.text() == CHECKING
    assert checking.sign.sign is Sign.PENDING
    assert row(checking, "TLS").sign.sign is Sign.OK
    assert row(checking, "HTTP").sign.sign is Sign.PENDING
    assert row(checking, "HTTP").evidence.text() == ""
    assert not checking.check_button.isEnabled()
    check.go_on.set()
    await emitted(checking.checker.changed)
    assert row(checking, "HTTP").sign.sign is Sign.OK
    assert checking.check_button.isEnabled()


async def test_what_failed_is_said_before_the_rest_is_looked_at(
    checking: HealthPanel, check: FakeCheck, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.ui.health_panel.conftest.STEPS", (replace(REFUSED, toasts=None, redis=None),))
    checking.show_health(broken())
    checking.show()
    await settled()

    assert check.begun == 1
    assert checking.checker.is_running
    assert "refuses the connection" in checking.headline.text()
    assert checking.sign.sign is Sign.FAILED


# When it checks


async def test_hidden_it_neither_checks_nor_counts(checking: HealthPanel, check: FakeCheck) -> None:
    checking.show_health(broken())
    checking.show_health(healthy())
    await settled()
    assert (check.begun, checking._timer.isActive()) == (0, False)

    checking.show()
    await settled()
    assert (check.begun, checking._timer.isActive()) == (1, True)

    checking.hide()
    await settled()
    assert (check.cancelled, checking._timer.isActive()) == (1, False)
    assert not checking.checker._timer.isActive()


async def test_after_a_change_the_old_answer_no_longer_stands(
    checking: HealthPanel, check: FakeCheck, clock: FakeClock
) -> None:
    await checked(checking, check, healthy())
    clock.advance(2)
    checking.show_health(broken())

    assert checking.headline.text().startswith("○ Offline")
    assert checking.sign.sign is not Sign.OK
    assert "checked again in a moment" in checking.verdict.text()
    assert check.begun == 1, "the last one was only just begun"
    assert checking.checker._timer.isActive()


async def test_a_change_is_checked_at_once_when_the_last_check_is_a_while_ago(
    checking: HealthPanel, check: FakeCheck, clock: FakeClock
) -> None:
    await checked(checking, check, healthy())
    clock.advance(30)
    check.found = diagnosis(REFUSED)
    checking.show_health(broken())
    await emitted(checking.checker.changed, lambda: not checking.checker.is_running)

    assert check.begun == 2
    assert checking.sign.sign is Sign.FAILED


async def test_what_changes_while_it_is_checked_is_checked_again(
    checking: HealthPanel, check: FakeCheck, clock: FakeClock
) -> None:
    checking.show_health(healthy())
    checking.show()
    await settled()
    clock.advance(11)
    checking.show_health(broken())
    check.go_on.set()
    await emitted(checking.checker.changed, lambda: check.begun == 2 and not checking.checker.is_running)

    assert check.begun == 2


async def test_while_the_connection_is_made_a_check_waits_for_it(
    checking: HealthPanel, check: FakeCheck
) -> None:
    checking.show_health(health_of([starting(Phase.CONNECTING)], NOW))
    checking.show()
    await settled()
    assert check.begun == 0

    checking.show_health(healthy())
    await settled()
    assert check.begun == 1


async def test_but_not_for_long(checking: HealthPanel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checker, "HELD_AT_MOST", 0.01)
    checking.show_health(health_of([starting(Phase.CONNECTING)], NOW))
    checking.show()
    assert not checking.checker.is_running

    await emitted(checking.checker.changed, lambda: checking.checker.is_running)

    assert checking.checker.is_loud, "there is nothing to show yet but its steps"


async def test_every_minute_it_is_checked_quietly(
    checking: HealthPanel, check: FakeCheck, clock: FakeClock
) -> None:
    await checked(checking, check, healthy())
    assert checking.checker._timer.interval() > 50_000
    check.go_on.clear()
    clock.advance(60)
    checking.checker._timer.timeout.emit()
    await settled()

    assert (check.begun, checking.headline.text()) == (2, "Everything works.")
    check.go_on.set()
    await emitted(checking.checker.changed)
    assert checking.verdict.text() == "All well · checked 11:27:40"
    assert row(checking, "TCP").since.text() == "11:26", "it has been so since the first look"


async def test_while_it_is_not_well_it_is_checked_more_often(checking: HealthPanel, check: FakeCheck) -> None:
    check.found = diagnosis(REFUSED)

    await checked(checking, check, broken())

    assert checking.checker._timer.isActive()
    assert checking.checker._timer.interval() <= 14_000, "a check may take another 15 s"


async def test_a_stream_that_changes_in_an_outage_is_checked_again_quietly(
    checking: HealthPanel, check: FakeCheck, clock: FakeClock
) -> None:
    check.found = diagnosis(REFUSED)
    await checked(checking, check, broken())
    clock.advance(11)
    knocking = [replace(each, phase=Phase.CONNECTING) for each in broken().streams]
    assert health_of(knocking, NOW).coverage is broken().coverage

    checking.show_health(health_of(knocking, NOW))
    await emitted(checking.checker.changed, lambda: check.begun == 2 and not checking.checker.is_running)

    assert checking.verdict.text() == "Failed · checked 11:26:51"


async def test_a_stream_that_changes_while_it_is_checked_is_checked_soon_after(
    checking: HealthPanel, check: FakeCheck
) -> None:
    checking.show_health(broken())
    checking.show()
    await settled()
    checking.show_health(health_of([replace(each, phase=Phase.CONNECTING) for each in broken().streams], NOW))
    check.go_on.set()

    await emitted(checking.checker.changed, lambda: not checking.checker.is_running)

    assert checking.checker._timer.isActive()
    assert checking.checker._timer.interval() <= 10_001


async def test_gaps_of_today_are_no_green_tick(checking: HealthPanel, check: FakeCheck) -> None:
    assert HEALTHY.audit is not None
    check.found = diagnosis(replace(HEALTHY, audit=replace(HEALTHY.audit, gaps=1)))

    await checked(checking, check, healthy())

    assert checking.headline.text() == "Everything works now. A gap of today stands in the log."
    assert checking.verdict.text() == "Works now · checked 11:26:40"
    assert checking.sign.sign is Sign.SO_FAR


async def test_a_count_ends_with_the_page_that_shows_it(clock: FakeClock, qtbot: QtBot) -> None:
    ended = asyncio.Event()

    async def count(_: object) -> dict[Stream, int]:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()
        return {}

    panel = HealthPanel(clock, MANILA, Sources(count_events=count))
    qtbot.addWidget(panel)
    panel.show_health(healthy())
    panel.show()
    await settled()

    panel.hide()

    async with asyncio.timeout(60):
        await ended.wait()


async def test_check_now_checks_now(checking: HealthPanel, check: FakeCheck) -> None:
    await checked(checking, check, healthy())
    check.go_on.clear()

    checking.check_button.click()
    await settled()

    assert (check.begun, checking.headline.text()) == (2, CHECKING)


# The ladder


async def test_a_rung_has_its_sign_evidence_since_and_time(checking: HealthPanel, check: FakeCheck) -> None:
    await checked(checking, check, healthy())

    tls = row(checking, "TLS")
    assert tls.sign.sign is Sign.OK
    assert "214 days" in tls.evidence.text()
    assert (tls.since.text(), tls.took.text()) == ("11:26", "4 ms")
    assert tls.evidence.accessibleName().startswith("TLS: ok: TLSv1.3")


async def test_what_a_failed_rung_hides_steps_back_and_says_so(
    checking: HealthPanel, check: FakeCheck
) -> None:
    check.found = diagnosis(REFUSED)
    await checked(checking, check, broken())

    login = row(checking, "Login")
    assert login.sign.sign is Sign.UNKNOWN
    assert login.evidence.text() == "unknown while TCP fails"
    assert login.name.tone is Tone.HELP


async def test_from_the_channel_layer_it_goes_to_redis(checking: HealthPanel, check: FakeCheck) -> None:
    await checked(checking, check, healthy())
    opened = Recorder(checking.open_redis)
    button = row(checking, "Channel layer").redis
    assert button is not None

    button.click()

    assert len(opened.calls) == 1


# The streams


async def test_a_live_stream_in_words(checking: HealthPanel) -> None:
    panel = checking
    panel.show_health(healthy())
    panel.show()
    await emitted(panel.today.counted)

    transactions = stream(panel)
    assert transactions.state.text() == "● Live since 07:58"
    assert transactions.came.text() == "1,204 events today · last 2 min ago"
    assert transactions.round_trip.text() == "round trip 3.2 ms"
    assert transactions.usual.text() == "trips: half in 2.3 ms, 95 % in 2.5 ms"
    assert transactions.reconnects.text() == "0 reconnects"
    assert not transactions.reconnects.isEnabled()
    assert transactions.trouble.isHidden()
    assert stream(panel, NOTIFICATIONS).came.text() == "1 event today · last 2 min ago"


def test_what_a_round_trip_is_is_explained_to_eye_and_ear(panel: HealthPanel) -> None:
    panel.show_health(healthy())
    panel.show()

    for label in (stream(panel).round_trip, stream(panel).usual):
        assert "there and back" in label.accessibleDescription()
        assert "half of them within 2.3 ms, 95 of 100 within 2.5 ms" in label.accessibleDescription()
        assert "there and back" in label.toolTip()


def test_the_chart_has_a_bar_a_minute_and_gaps_where_nothing_was_measured(panel: HealthPanel) -> None:
    panel.show_health(healthy())
    panel.show()

    bars = stream(panel).chart.bars
    assert bars[:9] == (None,) * 9
    assert [bar is not None and bar > 0.02 for bar in bars].count(True) == 3
    assert (
        stream(panel).chart.accessibleName().endswith("half of them within 2.3 ms, 95 of 100 within 2.5 ms")
    )


def test_reconnects_open_to_when_how_long_and_why(panel: HealthPanel) -> None:
    panel.show_health(healthy())
    panel.show()
    button = stream(panel, NOTIFICATIONS).reconnects
    assert (button.text(), button.isEnabled()) == ("2 reconnects", True)
    assert stream(panel, NOTIFICATIONS).outages.isHidden()

    button.click()

    assert stream(panel, NOTIFICATIONS).outages.text().splitlines() == [
        "11:04:40 · away for 24 s · 1012 server restarting: restarting",
        "09:51:40 · away for 12 s · 1006 connection broke",
    ]


def test_an_offline_stream_says_why_and_counts_down(panel: HealthPanel, clock: FakeClock) -> None:
    panel.show_health(broken())
    panel.show()
    assert stream(panel).trouble.text() == "⚠ server refused the connection · retry in 12 s"

    clock.advance(10)
    panel.refresh()

    assert stream(panel).trouble.text() == "⚠ server refused the connection · retry in 2 s"
    assert "retry in 2 s" in panel.headline.text()


def test_what_the_last_try_met_is_told_with_when_that_was(panel: HealthPanel) -> None:
    ends = (End(before(seconds=50), Failure(FailureKind.REFUSED)),)
    panel.show_health(health_of([replace(each, ends=ends) for each in broken().streams], NOW))
    panel.show()

    assert stream(panel).trouble.text() == (
        "⚠ server refused the connection · last seen 11:25:50 · retry in 12 s"
    )


def test_what_was_not_measured_is_said_to_be_unknown(clock: FakeClock, qtbot: QtBot) -> None:
    panel = HealthPanel(clock, MANILA)
    qtbot.addWidget(panel)
    panel.show_health(mixed())
    panel.show()

    notifications = stream(panel, NOTIFICATIONS)
    assert notifications.round_trip.text() == "round trip not measured"
    assert notifications.usual.isHidden()
    assert notifications.came.text() == "events today unknown · none since the start"


async def test_events_that_cannot_be_counted_are_unknown(clock: FakeClock, qtbot: QtBot) -> None:
    async def unreadable(_: object) -> dict[Stream, int]:
        raise JournalError("The disk is full.")

    panel = HealthPanel(clock, MANILA, Sources(count_events=unreadable))
    qtbot.addWidget(panel)
    panel.show_health(healthy())
    panel.show()
    await emitted(panel.today.counted)

    assert stream(panel).came.text().startswith("events today unknown")


async def test_events_are_counted_again_when_more_have_come_but_not_all_the_time(
    clock: FakeClock, qtbot: QtBot
) -> None:
    counted = []

    async def count(_: object) -> dict[Stream, int]:
        counted.append(clock.monotonic())
        return {}

    panel = HealthPanel(clock, MANILA, Sources(count_events=count))
    qtbot.addWidget(panel)
    panel.show_health(healthy())
    panel.show()
    await emitted(panel.today.counted)
    more = health_of([replace(each, events=each.events + 1) for each in healthy().streams], NOW)
    clock.advance(1)
    panel.show_health(more)
    await settled()
    assert len(counted) == 1

    clock.advance(5)
    panel.refresh()
    await settled()
    assert len(counted) == 2


async def test_an_event_that_is_stored_after_it_was_counted_is_counted_soon(
    clock: FakeClock, qtbot: QtBot
) -> None:
    stored = 0

    async def count(_: object) -> dict[Stream, int]:
        counted.append(stored)
        return {Stream.TRANSACTIONS: stored}

    counted: list[int] = []
    panel = HealthPanel(clock, MANILA, Sources(count_events=count))
    qtbot.addWidget(panel)
    panel.show_health(healthy())
    panel.show()
    await emitted(panel.today.counted)

    stored = 1
    clock.advance(5)
    panel.refresh()
    await emitted(panel.today.counted)
    assert "1 event today" in stream(panel).came.text()

    clock.advance(50)
    panel.refresh()
    await settled()
    assert counted == [0, 1], "nothing has come since"


def test_rows_are_kept_while_the_streams_are_the_same_and_follow_when_not(panel: HealthPanel) -> None:
    panel.show_health(healthy())
    panel.show()
    kept = stream(panel, Stream.INVENTORY)

    panel.show_health(broken())
    assert stream(panel, Stream.INVENTORY) is kept

    panel.show_health(health_of([live(), live(Stream.PRESENCE)], NOW))
    assert list(panel.streams.rows) == [Stream.TRANSACTIONS, Stream.PRESENCE]


# The whole


def test_server_account_and_live_app_are_named(panel: HealthPanel) -> None:
    warning = "Several processes: events come late."
    app = LiveApp("1.2", layer="memory", why="Redis <b>refused</b>", warning=warning)
    panel.show_account("armory.local · as sgt.reyes")
    panel.show_health(health_of([replace(each, app=app) for each in healthy().streams], NOW))
    panel.show()

    assert panel.account.text() == (
        "armory.local · as sgt.reyes · ArmGuard live app, in-memory · version 1.2"
    )
    assert panel.warning.text() == f"⚠ {warning}"
    assert panel.warning.tone is Tone.PROBLEM


def test_with_no_server_it_says_so(panel: HealthPanel) -> None:
    panel.show_health(health_of([], NOW))
    panel.show()

    assert "no server set up" in panel.headline.text()
    assert "Server" in panel.remedy.text()


def test_it_is_up_to_date_when_it_comes_into_view(panel: HealthPanel, clock: FakeClock) -> None:
    panel.show_health(broken())
    clock.advance(5)

    panel.show()

    assert "retry in 7 s" in panel.headline.text()


async def test_every_word_is_plain_text_and_every_control_has_a_name(
    checking: HealthPanel, check: FakeCheck
) -> None:
    hostile = "<img src=x>" + "A" * 2000
    check.found = replace(
        diagnosis(CA_UNKNOWN),
        headline=hostile,
        causes=(Cause(Code.CA_UNKNOWN, hostile, hostile, hostile),),
    )
    await checked(checking, check, locked_out())

    labels = [label for label in checking.findChildren(QLabel) if label.text()]
    assert all(label.textFormat() is Qt.TextFormat.PlainText for label in labels)
    buttons = [*checking.findChildren(QPushButton), *checking.findChildren(QToolButton)]
    assert all(button.accessibleName() or button.text() for button in buttons)
    assert "<img" not in checking.headline.toolTip()
    assert checking.minimumSizeHint().width() < 400, "no word of theirs makes the window wider"


@pytest.mark.parametrize("width", [330, 560])
async def test_all_of_it_fits_into_any_width(checking: HealthPanel, check: FakeCheck, width: int) -> None:
    check.found = diagnosis(CA_UNKNOWN)
    checking.resize(width, 900)
    await checked(checking, check, broken())
    await settled()

    assert checking.width() == width
    for each in (checking.ladder, checking.streams):
        shown = [label for label in each.findChildren(QLabel) if label.isVisible()]
        assert all(label.geometry().right() <= each.width() for label in shown)


async def test_buttons_say_what_the_user_wants(clock: FakeClock, qtbot: QtBot) -> None:
    panel = HealthPanel(clock, MANILA, Sources(can_report=True))
    qtbot.addWidget(panel)
    reconnect, report = Recorder(panel.reconnect), Recorder(panel.report)

    panel.reconnect_button.click()
    panel.report_button.click()

    assert (len(reconnect.calls), len(report.calls)) == (1, 1)
    assert not panel.report_button.isHidden()


def test_no_report_is_offered_where_nobody_makes_one(panel: HealthPanel) -> None:
    assert panel.report_button.isHidden()
