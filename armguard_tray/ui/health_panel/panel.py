"""The Connection page's content: the answer, what to do, the ladder, the streams."""

from datetime import tzinfo

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from armguard_tray.clock import Clock
from armguard_tray.connection.health import Coverage, Health
from armguard_tray.connection.phase import Phase
from armguard_tray.diagnosis.ladder import Cause, Diagnosis, Status
from armguard_tray.diagnosis.verdict import STREAMS_WORK, is_well_so_far
from armguard_tray.messages.streams import Stream
from armguard_tray.ui.health_panel.cause_box import CauseBox
from armguard_tray.ui.health_panel.checker import Checker
from armguard_tray.ui.health_panel.ladder_rows import rows_of
from armguard_tray.ui.health_panel.ladder_view import LadderView
from armguard_tray.ui.health_panel.sign import Sign, SignLabel, sign_of
from armguard_tray.ui.health_panel.sources import Sources
from armguard_tray.ui.health_panel.sparkline import bars_of
from armguard_tray.ui.health_panel.stream_table import StreamTable
from armguard_tray.ui.health_panel.text_label import TextLabel
from armguard_tray.ui.health_panel.today import Today
from armguard_tray.ui.health_panel.words import (
    app_warning,
    checked_words,
    first_remedy,
    server_app,
    stream_words,
    with_headline,
)
from armguard_tray.ui.state_words import state_line
from armguard_tray.ui.tone_label import Tone, ToneLabel, bold

UNKNOWN = "Not known yet: the connection has not reported."
CHECKING = "Checking…"
BROKE_DOWN = "The check failed in an unforeseen way; the log says more."
_STALE = "changed since; checked again in a moment"
_EACH_SECOND_MS = 1000
_SIGN = 32
_SO_FAR = "Well, as far as it was seen"
_WITH_GAPS = "Works now"
_VERDICT = {
    Status.OK: "All well",
    Status.WARNING: "Warning",
    Status.FAILED: "Failed",
    Status.UNKNOWN: "Not known",
}


class HealthPanel(QWidget):
    """Shows whether events reach this desk, and why not.

    It works only while it can be seen: then it checks, and counts seconds.

    Signals:
        reconnect(): try all streams now.
        report(): the user wants a report for the admin.
        trust_wanted(): the user wants to choose a CA file.
        open_redis(): the user wants to know more of Redis.

    """

    reconnect = Signal()
    report = Signal()
    trust_wanted = Signal()
    open_redis = Signal()

    def __init__(
        self,
        clock: Clock,
        zone: tzinfo | None = None,
        sources: Sources | None = None,
        parent: QWidget | None = None,
    ) -> None:
        """Know nothing yet. `zone` is this desk's unless a test says otherwise."""
        super().__init__(parent)
        self._clock = clock
        self._zone = zone
        self._sources = sources or Sources()
        self._health: Health | None = None
        self._account = ""
        self.checker = Checker(self._sources.check, clock, self)
        self.checker.changed.connect(self.refresh)
        self.today = Today(self._sources.count_events, clock, zone, self)
        self.today.counted.connect(self.refresh)
        self.sign = SignLabel(_SIGN)
        self.headline = TextLabel(UNKNOWN)
        bold(self.headline, 1.15)
        self.verdict = ToneLabel()
        self.state = ToneLabel()
        self.account = ToneLabel()
        self.warning = ToneLabel()
        self.warning.setAccessibleName("What the server warns of")
        self.remedy = ToneLabel()
        self.remedy.setAccessibleName("What to do")
        self.cause = CauseBox()
        self.check_button = QPushButton("Chec&k now")
        self.reconnect_button = QPushButton("&Reconnect now")
        self.report_button = QPushButton("Re&port…")
        self.ladder = LadderView()
        self.streams = StreamTable()
        self._more = QVBoxLayout()
        self.more_causes: list[CauseBox] = []
        self._build()
        self._timer = QTimer(self)
        self._timer.setInterval(_EACH_SECOND_MS)
        self._timer.timeout.connect(self.refresh)

    def show_account(self, text: str) -> None:
        """Say which server this is, and as whom; empty: say nothing of it."""
        self._account = text
        self._show_account()

    def show_health(self, health: Health) -> None:
        """Show this health from now on."""
        before, self._health = self._health, health
        self.checker.hold(held=health.coverage is Coverage.WAITING)
        if before is not None and _has_changed(before, health):
            self.checker.connection_changed()
        elif before is not None and _phases(before) != _phases(health):
            self.checker.stream_changed()
        # Hidden, it is shown when it comes into view.
        if not self.isHidden():
            self.refresh()

    def refresh(self) -> None:
        """Say anew what is true now: lengths of time have grown."""
        self._show_answer()
        self._show_account()
        self._show_ladder()
        self._show_streams()

    def showEvent(self, event: QShowEvent) -> None:
        """Begin to check and to count."""
        super().showEvent(event)
        self.checker.wake()
        self.refresh()
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Stop checking and counting."""
        super().hideEvent(event)
        self._timer.stop()
        self.checker.sleep()
        self.today.stop()

    # What is shown

    @property
    def _shown(self) -> Diagnosis | None:
        """What was found, as far as it can stand as the answer."""
        diagnosis, checker = self.checker.diagnosis, self.checker
        if diagnosis is None or checker.is_stale:
            return None
        # Only part of it was looked at: what failed has failed all the same.
        return diagnosis if not checker.is_loud or diagnosis.verdict is Status.FAILED else None

    def _show_answer(self) -> None:
        checker, diagnosis = self.checker, self._shown
        live = state_line(self._health, self._clock.now(), self._zone) if self._health else ""
        if diagnosis is not None:
            headline, sign, verdict = diagnosis.headline, sign_of(diagnosis), _verdict_of(diagnosis)
        elif checker.failed:
            headline, sign, verdict = BROKE_DOWN, Sign.UNKNOWN, _VERDICT[Status.UNKNOWN]
        elif checker.is_running:
            headline, sign, verdict = CHECKING, Sign.PENDING, CHECKING
        else:
            headline, sign, verdict = live or UNKNOWN, Sign.UNKNOWN, ""
        self.headline.show_text(headline)
        self.headline.setAccessibleName(f"State of the connection: {verdict} {headline}")
        self.sign.show_sign(sign, verdict or sign.value)
        self.verdict.say(self._verdict_words(verdict), Tone.HELP)
        self.state.say(live if live != headline else "")
        self._show_causes(diagnosis)
        self.check_button.setEnabled(self._sources.check is not None and not checker.is_running)

    def _verdict_words(self, verdict: str) -> str:
        checker = self.checker
        if checker.is_loud or checker.checked_at is None:
            return verdict if verdict != CHECKING else ""
        words = checked_words(checker.checked_at, verdict or "Checked", self._zone)
        return f"{words} · {_STALE}" if checker.is_stale else words

    def _show_causes(self, diagnosis: Diagnosis | None) -> None:
        causes = with_headline(diagnosis.causes, diagnosis.headline) if diagnosis is not None else []
        first = causes[0] if causes else ("", None)
        self.cause.show_cause(*first)
        self._show_more(causes[1:])
        told = diagnosis is not None or self._health is None
        self.remedy.say("" if told or self._health is None else first_remedy(self._health))

    def _show_more(self, causes: list[tuple[str, Cause]]) -> None:
        while len(self.more_causes) < len(causes):
            box = CauseBox()
            box.trust_wanted.connect(self.trust_wanted)
            self.more_causes.append(box)
            self._more.addWidget(box)
        for number, box in enumerate(self.more_causes):
            box.show_cause(*(causes[number] if number < len(causes) else ("", None)))

    def _show_account(self) -> None:
        app = self._health.app if self._health is not None else None
        self.account.say(" · ".join(part for part in (self._account, server_app(app)) if part), Tone.HELP)
        self.account.setAccessibleName(f"Server and account: {self.account.text()}")
        self.warning.say(app_warning(app, self.checker.diagnosis), Tone.PROBLEM)

    def _show_ladder(self) -> None:
        diagnosis = self.checker.diagnosis
        rungs = diagnosis.rungs if diagnosis is not None else ()
        checking = self.checker.is_loud
        self.ladder.show_rows(rows_of(rungs, self._clock.now(), self._zone, checking=checking))

    def _show_streams(self) -> None:
        now, health = self._clock.now(), self._health
        streams = health.streams if health is not None else ()
        if streams and self.isVisible():
            self.today.look(sum(facts.events for facts in streams))
        record, counts = self._sources.record(), self.today.counts
        rows = {}
        for facts in streams:
            of_stream = record.of(facts.stream, now)
            today = counts.get(facts.stream, 0) if counts is not None else None
            words = stream_words(facts, of_stream, today, now, self._zone)
            rows[facts.stream] = words, bars_of(of_stream.round_trips, now)
        self.streams.show_streams(rows)

    # How it is laid out

    def _build(self) -> None:
        self.check_button.clicked.connect(self.checker.check_now)
        self.reconnect_button.clicked.connect(self.reconnect)
        self.report_button.clicked.connect(self.report)
        self.report_button.setVisible(self._sources.can_report)
        self.cause.trust_wanted.connect(self.trust_wanted)
        self.ladder.open_redis.connect(self.open_redis)
        self._more.setSpacing(8)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(10)
        layout.addLayout(self._top())
        layout.addWidget(self.warning)
        layout.addWidget(self.remedy)
        layout.addWidget(self.cause)
        layout.addLayout(self._buttons())
        layout.addWidget(self.ladder)
        layout.addWidget(self.streams)
        layout.addLayout(self._more)
        layout.addStretch()

    def _top(self) -> QHBoxLayout:
        top = QHBoxLayout()
        top.setSpacing(12)
        top.addWidget(self.sign, alignment=Qt.AlignmentFlag.AlignTop)
        said = QVBoxLayout()
        said.setSpacing(2)
        for label in (self.headline, self.verdict, self.state, self.account):
            said.addWidget(label)
        said.addStretch()
        top.addLayout(said, stretch=1)
        return top

    def _buttons(self) -> QHBoxLayout:
        buttons = QHBoxLayout()
        for button in (self.check_button, self.reconnect_button, self.report_button):
            button.setAutoDefault(False)
            buttons.addWidget(button)
        buttons.addStretch()
        return buttons


def _has_changed(before: Health, now: Health) -> bool:
    """Tell whether what was found is of another state: of the streams, or of what the server's app says."""
    said = [(each.app.layer, each.app.warning) if each.app is not None else None for each in (before, now)]
    return before.coverage is not now.coverage or said[0] != said[1]


def _phases(health: Health) -> list[tuple[Stream, Phase]]:
    return [(each.stream, each.phase) for each in health.streams]


def _verdict_of(diagnosis: Diagnosis) -> str:
    """Return the verdict in a few words: no more than was seen."""
    if not is_well_so_far(diagnosis):
        return _VERDICT[diagnosis.verdict]
    return _SO_FAR if diagnosis.headline == STREAMS_WORK else _WITH_GAPS
