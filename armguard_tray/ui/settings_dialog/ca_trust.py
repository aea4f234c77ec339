"""Which CA files the user has seen and trusts: none gets into use through a dialog before that.

What was trusted is remembered by its fingerprints, so that a file in whose place another was put is asked
about again.
"""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import tzinfo
from typing import TYPE_CHECKING

import shiboken6
from PySide6.QtCore import QObject, QSettings, Signal
from PySide6.QtWidgets import QWidget

from armguard_tray.clock import Clock
from armguard_tray.ui.settings_dialog.ca_question import SERVER, CaQuestion, Peer

if TYPE_CHECKING:
    from armguard_tray.connection.ca_file import CaCertificate


class CaTrust(QObject):
    """Asks once about each CA file, and again when it holds something else.

    Attributes:
        file: the one that is saved, or the last that was trusted here; empty if none.
        peer: whom it vouches for.

    Signals:
        declined(str): the user does not trust the file of this name. Whoever waits for it is cancelled.

    """

    declined = Signal(str)

    def __init__(  # noqa: PLR0913 - what it asks about, with what, and over which window
        self,
        file: str,
        clock: Clock,
        store: QSettings,
        zone: tzinfo | None,
        parent: QWidget,
        *,
        peer: Peer = SERVER,
    ) -> None:
        """Begin with the saved `file`; `store` remembers what it held when it was trusted."""
        super().__init__(parent)
        self.file = file
        self.peer = peer
        self._key_file = f"{peer.key}/file"
        self._key_fingerprints = f"{peer.key}/fingerprints"
        self._clock = clock
        self._store = store
        self._zone = zone
        self._parent = parent
        self._trusted: dict[str, frozenset[str]] = {}
        remembered = str(store.value(self._key_fingerprints) or "").split()
        if remembered and store.value(self._key_file) == file:
            self._trusted[file] = frozenset(remembered)

    async def vouched(self, file: str, then: str) -> None:
        """Return once the user trusts `file`, at once if that is known; `then` says what follows.

        Raises:
            UserError: it cannot be read, or holds no certificate.
            asyncio.CancelledError: the user does not.

        """
        # It may lie on a share that does not answer.
        found = await asyncio.to_thread(_read, file)
        fingerprints = frozenset(each.fingerprint for each in found)
        if self._trusted.get(file) != fingerprints:
            await self._ask(file, found, then)
            self._trusted[file] = fingerprints
        self.file = file

    def remember(self, file: str) -> None:
        """Remember what a vouched file holds, now that it is saved."""
        self._store.setValue(self._key_file, file)
        self._store.setValue(self._key_fingerprints, _joined(self._trusted[file]))

    async def _ask(self, file: str, found: "Sequence[CaCertificate]", then: str) -> None:
        answer: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        question = CaQuestion(
            file, found, self._clock.now(), self._zone, self._parent, then=then, peer=self.peer
        )

        def trusted() -> None:
            if not answer.done():
                answer.set_result(None)

        def declined() -> None:
            self.declined.emit(file)
            answer.cancel()

        question.accepted.connect(trusted)
        question.rejected.connect(declined)
        question.open()
        try:
            await answer
        finally:
            # The dialog under it may have gone, and it with that.
            if shiboken6.isValid(question):
                question.blockSignals(True)
                question.hide()
                question.deleteLater()


def _read(file: str) -> "tuple[CaCertificate, ...]":
    # Reading certificates costs 10 MiB, which few desks ever need, and a tenth of a second.
    from armguard_tray.connection.ca_file import read_ca_file  # noqa: PLC0415 - as the comment says

    return read_ca_file(file)


def _joined(fingerprints: Iterable[str]) -> str:
    return " ".join(sorted(fingerprints))
