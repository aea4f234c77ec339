"""A CA file is shown before it is trusted: whose certificates, how long valid, with which fingerprints."""

from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING

from PySide6.QtGui import QFontDatabase, QFontMetrics
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QPlainTextEdit, QVBoxLayout, QWidget

from armguard_tray.clock import in_zone
from armguard_tray.messages.plain_text import plain
from armguard_tray.ui.tone_label import Tone, ToneLabel, bold

if TYPE_CHECKING:
    from collections.abc import Sequence

    # It would import what reads certificates, which few desks ever need.
    from armguard_tray.connection.ca_file import CaCertificate

COMPARE = (
    "Compare the SHA-256 fingerprint with the one that the server's admin reads out, not with one that came "
    "the same way as the file."
)
AT_SAVE = "It is used once you press Save."
IN_TEST = "The test goes on with it; all else uses it once you press Save."
IN_LOOK = "This page looks with it; all else uses it once you press Save."
NOW = "It is saved and used at once."
WITH_THE_REST = "It is saved with all that you changed, and used from then on."
_LINES = 14
_PAIRS_A_LINE = 16


@dataclass(frozen=True, slots=True)
class Peer:
    """Whom the certificates in a CA file vouch for.

    Attributes:
        key: under which is remembered what is trusted to vouch for it.
        ca_file: what its file is called.
        danger: what somebody can do who has the key of a CA that is trusted; a sentence.

    """

    key: str
    ca_file: str
    danger: str


SERVER = Peer("trusted_ca", "the CA file", "Whoever has the key of such a CA can pass for the server.")
REDIS = Peer(
    "trusted_redis_ca",
    "the CA file of Redis",
    "Whoever has the key of such a CA can pass for Redis, and so get its password, and with that read what "
    "the server tells it.",
)


class CaQuestion(QDialog):
    """Asks whether the certificates of a file are to be trusted: to accept it is to trust them.

    Show it with `open()`.
    """

    def __init__(  # noqa: PLR0913 - what is asked about, and what the words depend on
        self,
        file: str,
        found: "Sequence[CaCertificate]",
        now: datetime,
        zone: tzinfo | None = None,
        parent: QWidget | None = None,
        *,
        then: str = AT_SAVE,
        peer: Peer = SERVER,
    ) -> None:
        """Show what was `found` in `file` of `peer`; `then` says what becomes of it once it is trusted."""
        super().__init__(parent)
        self.setWindowTitle("Trust a CA file")
        question = ToneLabel(
            "Trust this CA?" if len(found) == 1 else f"Trust these {len(found)} certificates?"
        )
        bold(question, 1.15)
        self.doubt = ToneLabel(doubt_of(found, now), Tone.PROBLEM)
        self.certificates = QPlainTextEdit("\n\n".join(in_words(each, now, zone) for each in found))
        self.certificates.setReadOnly(True)
        self.certificates.setTabChangesFocus(True)
        self.certificates.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.certificates.setAccessibleName("Certificates in the file")
        self._fit()
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.trust_button = buttons.addButton("&Trust", QDialogButtonBox.ButtonRole.AcceptRole)
        self.trust_button.setAutoDefault(False)
        buttons.button(QDialogButtonBox.StandardButton.Cancel).setDefault(True)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setSpacing(10)
        for widget in (question, ToneLabel(plain(file), Tone.HELP), self.doubt, self.certificates):
            layout.addWidget(widget)
        layout.addWidget(ToneLabel(f"{peer.danger} {COMPARE}"))
        layout.addWidget(ToneLabel(then, Tone.HELP))
        layout.addWidget(buttons)

    def _fit(self) -> None:
        metrics = QFontMetrics(self.certificates.font())
        lines = min(_LINES, self.certificates.blockCount())
        self.certificates.setFixedHeight(lines * metrics.lineSpacing() + 14)
        # So that no line of a fingerprint is broken.
        self.certificates.setMinimumWidth(metrics.horizontalAdvance("0" * (3 * _PAIRS_A_LINE + 4)) + 24)


def in_words(certificate: "CaCertificate", now: datetime, zone: tzinfo | None = None) -> str:
    """Return whose a certificate is, until when it is valid, and its fingerprint; some lines."""
    begins, ends = (in_zone(each, zone) for each in (certificate.not_before, certificate.not_after))
    doubt = "" if certificate.is_valid(now) else ": not now"
    lines = [
        certificate.subject,
        f"  valid {begins:%d/%m/%Y} to {ends:%d/%m/%Y}{doubt}",
        "  SHA-256",
    ]
    if certificate.issuer != certificate.subject:
        lines.insert(1, f"  vouched for by {certificate.issuer}")
    pairs = certificate.fingerprint.split(":")
    starts = range(0, len(pairs), _PAIRS_A_LINE)
    lines += [f"  {':'.join(pairs[start : start + _PAIRS_A_LINE])}" for start in starts]
    return "\n".join(lines)


def doubt_of(found: "Sequence[CaCertificate]", now: datetime) -> str:
    """Return what speaks against a file; empty if nothing does."""
    said = []
    if not any(each.is_valid(now) for each in found):
        said.append("Nothing in this file is valid now: with it no server is trusted.")
    if not any(each.is_ca for each in found):
        said.append("Nothing in this file is a CA: it may be a server's own certificate.")
    if len(found) > 1:
        said.append("All of them would be trusted. A private CA has one, or two at most.")
    return " ".join(said)
