"""Redis: does it answer this desk, as what, and how fast."""

from collections.abc import Callable, Coroutine
from datetime import tzinfo
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGroupBox

from armguard_tray.clock import Clock
from armguard_tray.redis_probe.report import RedisReport, RedisState
from armguard_tray.settings.model import RedisSettings
from armguard_tray.ui.settings_dialog.attempt import Attempt, Work
from armguard_tray.ui.settings_dialog.form import SectionForm
from armguard_tray.ui.settings_dialog.page import Page, facts_grid
from armguard_tray.ui.settings_dialog.server_form import PasswordField
from armguard_tray.ui.state_words import round_trip_words
from armguard_tray.ui.tone_label import Tone, ToneLabel

# Looks once, without a retry; a password of None means none.
Look = Callable[[str, str | None], Coroutine[Any, Any, RedisReport]]

NOT_LOOKED = "unknown (not looked yet)"
UNKNOWN = "unknown"
_DETECTED = {
    RedisState.UP: "yes",
    RedisState.UNUSABLE: "yes",
    RedisState.UNCLEAR: "unknown",
    RedisState.DOWN: "no",
}
_PASSWORD = "password"  # noqa: S105 - the name of a field


class RedisPage(Page):
    """The page of the Redis settings, and what a look from this desk finds.

    Attributes:
        form: its fields; the password is for looking only and is not kept.
        attempt: the *Look now* button.
        found: what the last look found, a label for each fact.

    """

    def __init__(self, settings: RedisSettings, look: Look, clock: Clock, zone: tzinfo | None) -> None:
        """Show `settings`; nothing is looked at before the user asks."""
        super().__init__(
            "Redis", "The store that the server may pass its events through, looked at from this desk."
        )
        self._look = look
        self._clock = clock
        self._zone = zone
        self.form: SectionForm[RedisSettings] = SectionForm(settings)
        self._password = PasswordField("Only where this Redis asks for one. Used for looking, never kept.")
        self.form.add_field(_PASSWORD, self._password)
        self.attempt = Attempt("&Look now", "Looking…", self._begin)
        self.form.add_row(self.attempt)
        self.form.edited.connect(self._edited)
        self.body.addWidget(self.form)
        self.found = {
            name: ToneLabel()
            for name in (
                "Detected",
                "Vendor and version",
                "Round trip",
                "Looked from",
                "Channel layer in use",
            )
        }
        self.body.addWidget(self._group())
        self.body.addStretch()
        self._show_nothing()

    @property
    def changed(self) -> bool:
        """Whether something waits for *Save*."""
        return self.form.changed

    def show_problems(self) -> bool:
        """Say what is wrong beside each field, go to the first, and tell whether there is any."""
        return self.form.show_problems()

    def leave(self) -> None:
        """End a look that is under way."""
        self.attempt.stop()

    def _group(self) -> QGroupBox:
        group = QGroupBox("What was found")
        for label in self.found.values():
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        group.setLayout(facts_grid(self.found))
        return group

    def _edited(self) -> None:
        self.attempt.forget()
        self._show_nothing()
        self.edited.emit()

    def _begin(self) -> Work | None:
        if self.form.show_problems():
            return None
        address = self.form.value.address
        if not address:
            self.form.fields["address"].show_problem("Enter an address to look at.")
            return None
        self._show_nothing()
        return self._looked(address, self._password.value or None)

    async def _looked(self, address: str, password: str | None) -> tuple[str, Tone]:
        report = await self._look(address, password)
        self._show(report)
        text = f"{report.sentence} {report.remedy}".strip()
        return text, Tone.GOOD if report.state is RedisState.UP else Tone.PROBLEM

    def _show_nothing(self) -> None:
        for name in ("Detected", "Vendor and version", "Round trip"):
            self.found[name].say(NOT_LOOKED, Tone.HELP)
        self.found["Looked from"].say("this desk; it may see another Redis than the server does", Tone.HELP)
        self.found["Channel layer in use"].say(
            "not proven: a Redis that answers does not show that the server uses it", Tone.HELP
        )

    def _show(self, report: RedisReport) -> None:
        when = f"{self._clock.now().astimezone(self._zone):%H:%M:%S}"
        self.found["Detected"].say(
            f"{_DETECTED[report.state]}, at {when}{_why(report)}",
            Tone.GOOD if report.state is RedisState.UP else Tone.PROBLEM,
        )
        self.found["Vendor and version"].say(
            " ".join(filter(None, (report.vendor, report.version))) or UNKNOWN
        )
        self.found["Round trip"].say(round_trip_words(report.round_trip))


def _why(report: RedisReport) -> str:
    """Return what keeps this desk from using it: `, but it asks for a password`."""
    return {
        RedisState.UP: "",
        RedisState.UNUSABLE: f", but it {report.reason}",
        RedisState.UNCLEAR: f": what answers {report.reason}",
        RedisState.DOWN: f": {report.reason}",
    }[report.state]
