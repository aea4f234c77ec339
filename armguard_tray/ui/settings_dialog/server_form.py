"""Which server, as whom, with which password, and *Test*; the first start and the Server page share it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCompleter, QLineEdit, QWidget

from armguard_tray.connection.phase import Need
from armguard_tray.errors import UserError
from armguard_tray.messages.plain_text import plain
from armguard_tray.settings.model import ServerSettings, Setting, settings_of
from armguard_tray.ui.settings_dialog.attempt import Attempt, Work
from armguard_tray.ui.settings_dialog.ca_field import CaField
from armguard_tray.ui.settings_dialog.ca_question import IN_TEST
from armguard_tray.ui.settings_dialog.ca_trust import CaTrust
from armguard_tray.ui.settings_dialog.fields import TextField
from armguard_tray.ui.settings_dialog.form import SectionForm
from armguard_tray.ui.settings_dialog.test_result import Progress, Tester, TestResult
from armguard_tray.ui.tone_label import Tone

_CA_FILE = "ca_file"
_CONSENT = "allow_plain_http"
_PASSWORD = "password"  # noqa: S105 - the name of a field
_NO_CONSENT = (
    "Check this box, or use https://: passwords and events would be readable for anyone on the network."
)
# The field in which the user can mend it.
_FIELD_FOR = {
    Need.LOGIN: _PASSWORD,
    Need.ADDRESS: "address",
    Need.CERTIFICATE: _CA_FILE,
    Need.CONSENT: _CONSENT,
}


class SecretState(StrEnum):
    """Where the password of the account that is set up lies now."""

    KEYRING = "stored in the system keyring"
    THIS_RUN = "kept for this run only"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class PasswordFacts:
    """What the form says of the account's password.

    Attributes:
        state: where it lies now.
        note: one sentence on where it goes when it is entered.
        must_be_entered: whether there is no doing without.

    """

    state: SecretState
    note: str
    must_be_entered: bool = False


class PasswordField(TextField):
    """A line that shows dots. It never holds the stored password, only one that is typed."""

    def __init__(self, where_it_goes: str) -> None:
        """Say under the line where the password goes."""
        super().__init__(Setting("Pass&word", where_it_goes))
        self.editor.setEchoMode(QLineEdit.EchoMode.Password)
        self.editor.setInputMethodHints(
            Qt.InputMethodHint.ImhSensitiveData | Qt.InputMethodHint.ImhHiddenText
        )

    @property
    def value(self) -> str:
        """The password as it was typed; spaces count."""
        return self.editor.text()

    @value.setter
    def value(self, value: str) -> None:
        self.editor.setText(value)


class ServerForm(SectionForm[ServerSettings]):
    """The fields of a server and its account.

    Attributes:
        attempt: the *Test* button and what came of it.

    Signals:
        ca_refused(): its CA file is not to be used; beside its field stands why.

    """

    ca_refused = Signal()

    def __init__(  # noqa: PLR0913 - what it works with, and what it shows
        self,
        settings: ServerSettings,
        tester: Tester,
        password: PasswordFacts,
        trust: CaTrust,
        *,
        more: Sequence[str] = (),
        switches: Sequence[QWidget] = (),
    ) -> None:
        """Show address, account and CA file.

        Args:
            settings: what stands in the fields at first.
            tester: tries to log in.
            password: what is said of it.
            trust: asks about each CA file before it gets into use.
            more: the names of further settings to show.
            switches: of other things, below them.

        """
        super().__init__(settings, ("address", _CONSENT, "username"))
        self._tester = tester
        self._facts = password
        self._trust = trust
        self.fields[_CONSENT].explain(Tone.PROBLEM)
        self._password = PasswordField(password.note)
        self.add_field(_PASSWORD, self._password)
        self._ca_file = CaField(dict(settings_of(settings))[_CA_FILE], trust)
        self.add_field(_CA_FILE, self._ca_file)
        self.add_settings(more)
        for switch in switches:
            self.add_row(switch)
        self._blamed: tuple[str, str] | None = None
        self.attempt = Attempt(self._test)
        self.add_row(self.attempt, whole=True)
        # Before anything else listens: what was tested is not what stands there now.
        self.edited.connect(self.attempt.forget)
        self.edited.connect(partial(self.blame, None))
        self.edited.connect(self.end_save)
        self.edited.connect(self._show_state)
        address = self.fields["address"].editor
        assert isinstance(address, QLineEdit)  # noqa: S101 - a text setting has a line
        address.setPlaceholderText("https://armory.local:8443")
        # Consent is to one address, so another one needs its own.
        address.textEdited.connect(self._withdraw_consent)
        self._ca_file.refused.connect(self._refuse_ca)
        trust.declined.connect(self.attempt.forget)
        self._show_state()

    @property
    def password(self) -> str | None:
        """The password that was typed; None leaves the stored one as it is."""
        return self._password.value or None

    @property
    def changed(self) -> bool:
        """Whether the user wants something else than there was."""
        return super().changed or self.password is not None

    def problems(self) -> dict[str, str]:
        """Return what is wrong: name of the field -> sentence."""
        found = super().problems()
        if "address" not in found and self.value.plain_http_refused:
            found[_CONSENT] = _NO_CONSENT
        if self._facts.must_be_entered and self.password is None:
            found[_PASSWORD] = "Enter the password."
        return found

    def blame(self, need: Need | None, words: str = "") -> None:
        """Say beside the field that `need` is mended in what the server, or the way to it, found wrong there.

        It goes with the next edit, or with a `need` of None.
        """
        if self._blamed is not None and self._is_blamed(self._blamed[0]):
            self.fields[self._blamed[0]].show_problem(None)
        self._blamed = (_FIELD_FOR[need], plain(words)) if need is not None else None
        if self._blamed is not None:
            name, problem = self._blamed
            self.fields[name].show_problem(problem)

    def when_ca_is_trusted(self, then: Callable[[], None]) -> None:
        """Go on with `then`, which saves, once the user trusts the CA file that stands here, if one does."""
        self._ca_file.when_trusted(then)

    def end_save(self) -> None:
        """Save no longer what waits for the CA file: something else stands in the dialog now."""
        self._ca_file.end_save()

    def leave(self) -> None:
        """End what is under way, for the dialog closes."""
        self.attempt.stop()
        self._ca_file.leave()

    def _refuse_ca(self, words: str) -> None:
        self.blame(Need.CERTIFICATE, words)
        self._ca_file.editor.setFocus()
        self.ca_refused.emit()

    def suggest(self, name: str, words: Sequence[str]) -> None:
        """Complete what is typed into a text field from `words`."""
        editor = self.fields[name].editor
        assert isinstance(editor, QLineEdit)  # noqa: S101 - only text is completed
        completer = QCompleter(words, editor)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        editor.setCompleter(completer)

    def _is_blamed(self, name: str) -> bool:
        return self._blamed == (name, self.fields[name].problem)

    def _left(self, name: str) -> None:
        # What the server found wrong stays so until the value is another.
        if not self._is_blamed(name):
            super()._left(name)

    def _show_state(self) -> None:
        self.show_field(_CONSENT, visible=self._concerns_consent())
        self._password.editor.setPlaceholderText(self._placeholder())

    def _concerns_consent(self) -> bool:
        if "address" in super().problems():
            return False
        value = self.value
        return value.allow_plain_http or value.plain_http_refused

    def _placeholder(self) -> str:
        before, now = self._section, self.value
        if self._facts.must_be_entered:
            return ""
        if self._facts.state is SecretState.NONE:
            return SecretState.NONE
        if (before.address, before.username) != (now.address, now.username):
            return "empty: the one stored for this account, if any"
        return self._facts.state

    def _withdraw_consent(self) -> None:
        self.fields[_CONSENT].value = False

    def _test(self, progress: Progress) -> Work | None:
        if self.show_problems():
            return None
        return self._tried(self.value, self.password, progress)

    async def _tried(self, settings: ServerSettings, password: str | None, progress: Progress) -> TestResult:
        result = await self._trusted_result(settings.ca_file) or await self._tester(
            settings, password, progress
        )
        self.blame(result.need, result.beside or result.message)
        return result

    async def _trusted_result(self, ca_file: str) -> TestResult | None:
        """Return why the test ends before it began, for its CA file cannot be used; None: it can."""
        if not ca_file:
            return None
        try:
            await self._trust.vouched(ca_file, IN_TEST)
        except UserError as error:
            return TestResult(ok=False, message=error.message, remedy=error.remedy, need=Need.CERTIFICATE)
        return None
