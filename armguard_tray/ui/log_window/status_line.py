"""The line at the foot: are we live, how complete is the log, and how much of it is on show."""

from dataclasses import dataclass
from datetime import timedelta, tzinfo

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from armguard_tray.catchup.completeness import UNKNOWN as NOTHING_KNOWN
from armguard_tray.catchup.completeness import Completeness
from armguard_tray.clock import Clock
from armguard_tray.connection.health import Health
from armguard_tray.ui.completeness_words import claims, evidence
from armguard_tray.ui.log_window.labels import ElidedLabel
from armguard_tray.ui.state_words import state_line
from armguard_tray.ui.wording import plain_tooltip

_EACH_SECOND_MS = 1000
_SLOW_MS = 20_000
_A_SECOND, _A_MILLISECOND = 0.9995, 0.0005  # from where on it is one when rounded
UNKNOWN = "◌ State of the connection not known yet"


@dataclass(frozen=True, slots=True)
class Counts:
    """How much of the log is on show.

    Attributes:
        matching: how many rows match, as far as is known.
        is_all: whether that is all of them; else there are more.
        total: how many rows there are, whether they match or not; None while that is not known.
        seconds: how long the first rows took to come.

    """

    matching: int
    is_all: bool
    total: int | None
    seconds: float

    @property
    def in_words(self) -> str:
        """The counts as one says them: "1,204 of 31,772 rows · 6 ms"."""
        if not self.is_all:
            rows = f"{self.matching:,}+ rows…"
        elif self.total is None or self.matching == self.total:
            rows = f"{self.matching:,} {'row' if self.matching == 1 else 'rows'}"
        else:
            rows = f"{self.matching:,} of {self.total:,} rows"
        return f"{rows} · {_short(self.seconds)}"


def _short(seconds: float) -> str:
    if seconds < _A_MILLISECOND:
        return "< 1 ms"
    return f"{seconds * 1000:.0f} ms" if seconds < _A_SECOND else f"{seconds:.1f} s"


class StatusLine(QWidget):
    """Shows the state by shape and words, and the counts. Its clock ticks only while it can be seen.

    Signals:
        ticked(): time went by; what depends on it is to be said anew.

    """

    ticked = Signal()

    def __init__(self, clock: Clock, zone: tzinfo | None, parent: QWidget | None = None) -> None:
        """Tell times by `clock` in `zone`, this machine's if None."""
        super().__init__(parent)
        self._clock = clock
        self._zone = zone
        self._health: Health | None = None
        self._completeness = NOTHING_KNOWN
        self._state = ElidedLabel()
        self._state.setAccessibleName("State of the connection")
        self._counts = QLabel()
        self._counts.setTextFormat(Qt.TextFormat.PlainText)
        self._counts.setAccessibleName("Rows on show")
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 4, 10, 6)
        row.setSpacing(16)
        row.addWidget(self._state, stretch=1)
        row.addWidget(self._counts)
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.refresh)
        self._timer.timeout.connect(self.ticked)

    @property
    def state(self) -> str:
        """The state as it is shown."""
        return self._state.text()

    @property
    def counts(self) -> str:
        """The counts as they are shown."""
        return self._counts.text()

    def show_health(self, health: Health | None) -> None:
        """Show this state from now on."""
        self._health = health
        self.refresh()

    def show_completeness(self, completeness: Completeness) -> None:
        """Say from now on that the log is so complete."""
        self._completeness = completeness
        self.refresh()

    def show_counts(self, counts: Counts | None) -> None:
        """Show how many rows match, of how many, and how soon that was known; None: nobody knows."""
        self._counts.setText("" if counts is None else counts.in_words)

    def show_searching(self) -> None:
        """Say that rows are being looked for."""
        self._counts.setText("searching…")

    def refresh(self) -> None:
        """Tell the state anew, as time goes by."""
        now = self._clock.now()
        if self._health is None:
            self._state.setText(UNKNOWN)
        else:
            said = claims(self._completeness, now, self._zone)
            self._state.setText(state_line(self._health, now, self._zone, said))
            whole = f"{self._state.text()}\n{evidence(self._completeness, now, self._zone)}"
            self._state.setToolTip(plain_tooltip(whole))
        if self.isVisible():
            self._timer.start(self._interval())

    def _interval(self) -> int:
        """Return milliseconds until the text may read differently: a second only where it counts seconds."""
        health, now = self._health, self._clock.now()
        if health is None:
            return _SLOW_MS
        counts_down = health.retry_at is not None and health.retry_at > now
        recent = timedelta(minutes=1)
        counts_up = now - health.since < recent or (
            health.last_event is not None and now - health.last_event < recent
        )
        return _EACH_SECOND_MS if counts_down or counts_up else _SLOW_MS

    def showEvent(self, event: QShowEvent) -> None:
        """Begin to tick."""
        super().showEvent(event)
        self.refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        """Stop ticking."""
        super().hideEvent(event)
        self._timer.stop()
