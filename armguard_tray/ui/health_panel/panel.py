"""The Connection page's content: the answer first, then stream by stream."""

from datetime import tzinfo
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from armguard_tray.clock import Clock
from armguard_tray.connection.health import Health
from armguard_tray.ui.health_panel.stream_card import StreamCard
from armguard_tray.ui.health_panel.words import card_words, headline, server_app
from armguard_tray.ui.icons import tray_icon
from armguard_tray.ui.state_words import TrayState, tray_state
from armguard_tray.ui.tone_label import Tone, ToneLabel, bold

if TYPE_CHECKING:
    from armguard_tray.messages.streams import Stream

UNKNOWN = "Not known yet: the connection has not reported."
_EACH_SECOND_MS = 1000
_ICON = 32


class HealthPanel(QWidget):
    """Shows the health of the connection; counts seconds only while it can be seen.

    Signals:
        reconnect(): try all streams now.

    """

    reconnect = Signal()

    def __init__(self, clock: Clock, zone: tzinfo | None = None, parent: QWidget | None = None) -> None:
        """Know nothing yet. `zone` is this desk's unless a test says otherwise."""
        super().__init__(parent)
        self._clock = clock
        self._zone = zone
        self._health: Health | None = None
        self._state: TrayState | None = None
        self.cards: dict[Stream, StreamCard] = {}
        self.icon = QLabel()
        self.icon.setFixedSize(QSize(_ICON, _ICON))
        self.headline = ToneLabel(UNKNOWN)
        bold(self.headline, 1.1)
        self.headline.setAccessibleName("State of the connection")
        self.account = ToneLabel()
        self.account.setAccessibleName("Server and account")
        self.app = ToneLabel()
        self.app.setAccessibleName("The server's live app")
        self.warning = ToneLabel()
        self.warning.setAccessibleName("What the server warns of")
        self.remedy = ToneLabel()
        self.remedy.setAccessibleName("What to do")
        self.reconnect_button = QPushButton("&Reconnect now")
        self.reconnect_button.clicked.connect(self.reconnect)
        self._stack = QVBoxLayout()
        self._stack.setSpacing(8)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(10)
        layout.addLayout(self._top())
        layout.addWidget(self.warning)
        layout.addWidget(self.remedy)
        layout.addLayout(self._stack)
        layout.addStretch()
        self._timer = QTimer(self)
        self._timer.setInterval(_EACH_SECOND_MS)
        self._timer.timeout.connect(self.refresh)

    def show_account(self, text: str) -> None:
        """Say which server this is, and as whom; empty: say nothing of it."""
        self.account.say(text, Tone.HELP)

    def show_health(self, health: Health) -> None:
        """Show this health from now on."""
        self._health = health
        self.refresh()

    def refresh(self) -> None:
        """Say anew what is true now: lengths of time have grown."""
        health = self._health
        if health is None:
            return
        now = self._clock.now()
        words = headline(health, now, self._zone)
        self.headline.say(words.text)
        self.remedy.say(words.remedy)
        app = server_app(health.app)
        self.app.say(app.text, Tone.HELP)
        self.warning.say(app.warning, Tone.PROBLEM)
        self._show_icon(tray_state(health, None, now))
        self._match_cards(health)
        for facts in health.streams:
            self.cards[facts.stream].say(card_words(facts, now, self._zone))

    def showEvent(self, event: QShowEvent) -> None:
        """Begin to count."""
        super().showEvent(event)
        self.refresh()
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Stop counting."""
        super().hideEvent(event)
        self._timer.stop()

    def _top(self) -> QHBoxLayout:
        top = QHBoxLayout()
        top.setSpacing(10)
        top.addWidget(self.icon, alignment=Qt.AlignmentFlag.AlignTop)
        said = QVBoxLayout()
        said.setSpacing(2)
        said.addWidget(self.headline)
        said.addWidget(self.account)
        said.addWidget(self.app)
        said.addStretch()
        top.addLayout(said, stretch=1)
        top.addWidget(self.reconnect_button, alignment=Qt.AlignmentFlag.AlignTop)
        return top

    def _show_icon(self, state: TrayState) -> None:
        if state is not self._state:
            self._state = state
            self.icon.setPixmap(tray_icon(state).pixmap(self.icon.size(), self.devicePixelRatioF()))

    def _match_cards(self, health: Health) -> None:
        """Have one card for each stream, in their order."""
        wanted = [facts.stream for facts in health.streams]
        if list(self.cards) == wanted:
            return
        for card in self.cards.values():
            self._stack.removeWidget(card)
            card.deleteLater()
        self.cards = {
            facts.stream: StreamCard(card_words(facts, self._clock.now(), self._zone))
            for facts in health.streams
        }
        for card in self.cards.values():
            self._stack.addWidget(card)
