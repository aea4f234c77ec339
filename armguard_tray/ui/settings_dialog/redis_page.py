"""Redis: which engine drives the server, is it well, and what to do."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, tzinfo

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from armguard_tray.checkup.redis_source import RedisAsked, RedisSeen, RedisSource
from armguard_tray.redis_probe.report import RedisState
from armguard_tray.settings.model import RedisSettings, settings_of
from armguard_tray.ui.settings_dialog.ca_field import CaField
from armguard_tray.ui.settings_dialog.ca_trust import CaTrust
from armguard_tray.ui.settings_dialog.fold import OptionFold
from armguard_tray.ui.settings_dialog.form import SectionForm
from armguard_tray.ui.settings_dialog.page import Page
from armguard_tray.ui.settings_dialog.redis_looker import Looker
from armguard_tray.ui.settings_dialog.redis_options import OPTIONS, read_only_option
from armguard_tray.ui.settings_dialog.redis_views import AnswerView, CauseList, FoundView, Halves
from armguard_tray.ui.settings_dialog.redis_words import answer_of, server_says, words_of
from armguard_tray.ui.settings_dialog.server_form import PasswordField, SecretState
from armguard_tray.ui.tone_label import Tone, ToneLabel, bold

EDITED = "Changed: press Look now to look there, or Save."
IN_CLEAR = "Over redis:// it crosses the network readable."
_CA_FILE = "ca_file"
_PASSWORD = "password"  # noqa: S105 - the name of a field


@dataclass(frozen=True, slots=True)
class RedisSecret:
    """What is known of the password of Redis.

    Attributes:
        state: where it lies now.
        note: one sentence on where one goes that is entered now.

    """

    state: SecretState
    note: str


class RedisForm(SectionForm[RedisSettings]):
    """The fields of where to look.

    Attributes:
        ca_file: the one that is asked about before it gets into use.

    Signals:
        ca_refused(): its CA file is not to be used; why stands beside its field until another one is entered.

    """

    ca_refused = Signal()

    def __init__(self, settings: RedisSettings, password: PasswordField, trust: CaTrust) -> None:
        """Show `settings`."""
        super().__init__(settings, ("address",))
        self.add_field(_PASSWORD, password)
        self.ca_file = CaField(dict(settings_of(settings))[_CA_FILE], trust)
        self.add_field(_CA_FILE, self.ca_file)
        self.add_settings(("prefix",))
        self._is_refused = False
        self.ca_file.refused.connect(self._refuse_ca)

    @property
    def is_at_refusal(self) -> bool:
        """Whether the focus is in the field beside which stands why its CA file is not to be used."""
        return self._is_refused and self.window().focusWidget() is self.ca_file.editor

    def _refuse_ca(self, words: str) -> None:
        self._is_refused = True
        self.ca_file.show_problem(words)
        self.ca_refused.emit()
        self.ca_file.editor.setFocus()

    def _edited(self, name: str) -> None:
        if name == _CA_FILE:
            self._is_refused = False
        super()._edited(name)

    def _left(self, name: str) -> None:
        if name != _CA_FILE or not self._is_refused:
            super()._left(name)


class RedisPage(Page):
    """The page of Redis: what was found, what the server does with it, and where to look.

    It looks only while it can be seen, every 10 s at most, and never at what is only half typed.

    Attributes:
        form: its fields.
        looker: looks, and proves.
        found: the left half, the Redis that was found.
        answer: the right half, what the server does with it.
        causes: what is wrong.
        options: what can be done.
        account: how this desk gets an account that can only read.
        look_button: *Look now*.
        forget_button: forgets the stored password.

    """

    def __init__(
        self,
        settings: RedisSettings,
        source: RedisSource,
        secret: RedisSecret,
        zone: tzinfo | None,
        trust: CaTrust,
    ) -> None:
        """Show `settings`; nothing is looked at before the page is seen. `trust` asks about its CA file."""
        super().__init__("Redis", "The engine that joins the server's processes, looked at from this desk.")
        self._source = source
        self._zone = zone
        self._secret = secret
        self._forget = False
        self._password = PasswordField(f"Only where it asks for one. {secret.note} {IN_CLEAR}")
        self.form = RedisForm(settings, self._password, trust)
        self.look_button = QPushButton("&Look now")
        self.forget_button = QPushButton("For&get it")
        self.state = ToneLabel()
        self.state.setAccessibleName("State of the look")
        self.looker = Looker(source, self)
        self.found, self.answer, self.causes = FoundView(), AnswerView(), CauseList()
        self.options = [OptionFold(option) for option in OPTIONS]
        self.account = OptionFold(read_only_option(None))
        # What is shown, and looked at again: not what stands in the fields while they are being edited.
        self._target = self.asked
        # What the server said and when was looked, the last time; and the look that is older than a change.
        self._last: tuple[tuple[str, ...], datetime | None] = ((), None)
        self._old_look: datetime | None = None
        self._build()
        self._show_placeholder()
        self.refresh()

    @property
    def asked(self) -> RedisAsked:
        """Where to look, as it stands in the fields."""
        return RedisAsked(self.form.value, self.password)

    @property
    def password(self) -> str | None:
        """The password that was typed, empty to forget the stored one; None leaves it as it is."""
        return self._password.value or ("" if self._forget else None)

    @property
    def changed(self) -> bool:
        """Whether something waits for *Save*."""
        return self.form.changed or self.password is not None

    def show_problems(self) -> bool:
        """Say what is wrong beside each field, go to the first, and tell whether there is any."""
        wrong = self.form.show_problems()
        if wrong:
            self.ensureWidgetVisible(self.form)
        return wrong

    def when_ca_is_trusted(self, then: Callable[[], None]) -> None:
        """Go on with `then`, which saves, once the user trusts the CA file; at once if nothing changed."""
        if self.changed:
            self.form.ca_file.before_save(then)
        else:
            then()

    def leave(self) -> None:
        """End what is under way, for the dialog closes."""
        self.looker.sleep()
        self.form.ca_file.leave()

    def refresh(self) -> None:
        """Show what is known now."""
        seen = self._source.seen(self._target)
        self._note_change(seen)
        is_old = seen.at is not None and seen.at == self._old_look
        words = words_of(seen, self._zone, changed=is_old)
        answer = answer_of(seen.facts, self._zone)
        is_edited = self.asked != self._target
        report = seen.facts.redis
        is_there = report is not None and report.state is not RedisState.DOWN
        guessed = seen.facts.redis_guessed and is_there and seen.address != self.form.value.address
        self.found.show_words(words, looking=self.looker.is_looking, can_use=guessed and not is_edited)
        self.answer.show_answer(
            answer,
            proving=self.looker.is_proving,
            failed=self.looker.failed,
            can_prove=bool(seen.address) and not is_edited,
        )
        self.causes.show_causes((*answer.causes, *words.causes))
        self.account.show_option(read_only_option(report.version if report is not None else None))
        self.look_button.setEnabled(not self.looker.is_looking)
        self.state.say(EDITED if is_edited else "", Tone.HELP)

    def showEvent(self, event: QShowEvent) -> None:
        """Begin to look."""
        super().showEvent(event)
        self.refresh()
        if self.asked == self._target and not self.form.problems():
            self.looker.look_at(self._target)

    def hideEvent(self, event: QHideEvent) -> None:
        """Stop looking."""
        super().hideEvent(event)
        self.looker.sleep()
        self.form.ca_file.end_look()

    def _note_change(self, seen: RedisSeen) -> None:
        """Look again where the server says something else than before: what was found may be over."""
        before, self._last = self._last, (server_says(seen.facts), seen.at)
        # A look that ended just now is newer than the change.
        if self._last[0] != before[0] and seen.at is not None and seen.at == before[1]:
            self._old_look = seen.at
            self.looker.look_soon()

    def _edited(self) -> None:
        if self._password.value:
            self._forget = False
        self.looker.sleep()
        self.form.ca_file.end_look()
        self._show_placeholder()
        self.refresh()
        self.edited.emit()

    def _look_now(self) -> None:
        if self.show_problems():
            return
        if not self.form.value.address:
            self.form.fields["address"].show_problem("Enter an address to look at.")
            return
        self.form.ca_file.before_look(self._look)

    def _look(self) -> None:
        self._target = self.asked
        self.looker.look_at(self._target, anew=True)

    def _keep_refusal_visible(self) -> None:
        if self.form.is_at_refusal:
            self.ensureWidgetVisible(self.form.ca_file)

    def _use_address(self) -> None:
        self.form.fields["address"].value = self._source.seen(self._target).address
        self.form.fields["address"].editor.setFocus()

    def _forget_password(self) -> None:
        self._forget = True
        self._edited()
        self._password.editor.setFocus()

    def _show_placeholder(self) -> None:
        is_kept = self._secret.state is not SecretState.NONE
        place = (
            "to be forgotten with Save" if self._forget else self._secret.state.value if is_kept else "none"
        )
        self._password.editor.setPlaceholderText(place)
        self.forget_button.setVisible(is_kept and not self._forget)

    def _build(self) -> None:
        for button in (self.look_button, self.forget_button):
            button.setAutoDefault(False)
        self.forget_button.setAccessibleName("Forget the stored password of Redis")
        self._password.add_beside(self.forget_button)
        prefix = self.form.fields["prefix"].editor
        if isinstance(prefix, QLineEdit):
            prefix.setPlaceholderText("armguard:")
        look = QWidget()
        row = QHBoxLayout(look)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.look_button)
        row.addWidget(self.state, stretch=1)
        row.addStretch()
        self.form.add_row(look)
        self.look_button.clicked.connect(self._look_now)
        self.forget_button.clicked.connect(self._forget_password)
        self.form.edited.connect(self._edited)
        self.found.use_wanted.connect(self._use_address)
        self.answer.prove_wanted.connect(lambda: self.looker.prove(self._target))
        self.looker.changed.connect(self.refresh)
        # What is found grows above the fields, and has its place only after that.
        self.verticalScrollBar().rangeChanged.connect(
            lambda: QTimer.singleShot(0, self, self._keep_refusal_visible)
        )
        for widget in (Halves(self.found, self.answer), self.causes, _heading("What to do")):
            self.body.addWidget(widget)
        folds = QVBoxLayout()
        folds.setSpacing(0)
        for fold in (*self.options, self.account):
            folds.addWidget(fold)
        self.body.addLayout(folds)
        self.body.addWidget(_heading("Where to look"))
        self.body.addWidget(self.form)
        self.body.addStretch()


def _heading(text: str) -> QLabel:
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    bold(label)
    return label
