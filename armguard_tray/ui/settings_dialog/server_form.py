"""Which server, as whom, with which password, and *Test*; the first start and the Server page share it."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCompleter, QFileDialog, QLineEdit, QPushButton, QWidget

from armguard_tray.connection.phase import Need
from armguard_tray.messages.plain_text import plain
from armguard_tray.settings.model import ServerSettings, Setting
from armguard_tray.ui.settings_dialog.attempt import Attempt, Work
from armguard_tray.ui.settings_dialog.fields import Field, TextField
from armguard_tray.ui.settings_dialog.form import SectionForm
from armguard_tray.ui.settings_dialog.test_result import Tester
from armguard_tray.ui.tone_label import Tone

_CONSENT = "allow_plain_http"
_PASSWORD = "password"  # noqa: S105 - the name of a field
_NO_CONSENT = (
    "Check this box, or use https://: passwords and events would be readable for anyone on the network."
)
# The field in which the user can mend it.
_FIELD_FOR = {
    Need.LOGIN: _PASSWORD,
    Need.ADDRESS: "address",
    Need.CERTIFICATE: "ca_file",
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

    """

    def __init__(
        self,
        settings: ServerSettings,
        tester: Tester,
        password: PasswordFacts,
        more: Sequence[str] = ("ca_file",),
        switches: Sequence[QWidget] = (),
    ) -> None:
        """Show address, account, the settings named in `more`, and `switches` of other things below them."""
        super().__init__(settings, ("address", _CONSENT, "username"))
        self._tester = tester
        self._facts = password
        self.fields[_CONSENT].explain(Tone.PROBLEM)
        self._password = PasswordField(password.note)
        self.add_field(_PASSWORD, self._password)
        self.add_settings(more)
        for switch in switches:
            self.add_row(switch)
        self._blamed: tuple[str, str] | None = None
        self.attempt = Attempt("T&est", "Testing…", self._test)
        self.add_row(self.attempt)
        # Before anything else listens: what was tested is not what stands there now.
        self.edited.connect(self.attempt.forget)
        self.edited.connect(partial(self.blame, None))
        self.edited.connect(self._show_state)
        address = self.fields["address"].editor
        assert isinstance(address, QLineEdit)  # noqa: S101 - a text setting has a line
        address.setPlaceholderText("https://armory.local:8443")
        # Consent is to one address, so another one needs its own.
        address.textEdited.connect(self._withdraw_consent)
        if "ca_file" in self.fields:
            add_browse(self.fields["ca_file"], "Browse for the CA file")
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

    def _test(self) -> Work | None:
        if self.show_problems():
            return None
        return self._tried(self.value, self.password)

    async def _tried(self, settings: ServerSettings, password: str | None) -> tuple[str, Tone]:
        result = await self._tester(settings, password)
        self.blame(result.need, result.message)
        text = plain(f"{result.message} {result.remedy}".strip())
        return text, Tone.GOOD if result.ok else Tone.PROBLEM


def add_browse(field: Field, name: str) -> None:
    """Add a button beside a field that chooses the file of a certificate; `name` is for screen readers."""
    browse = QPushButton("&Browse…")
    browse.setAccessibleName(name)
    browse.setAutoDefault(False)
    browse.clicked.connect(partial(_browse, field))
    field.add_beside(browse)


def _browse(field: Field) -> None:
    dialog = QFileDialog(field, "Certificate of a private CA")
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    dialog.setNameFilters(["Certificates (*.pem *.crt *.cer)", "All files (*)"])
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.fileSelected.connect(partial(setattr, field, "value"))
    dialog.open()
