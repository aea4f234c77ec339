"""One running program a user and data folder; a second start brings the first one's window forward.

Who listens on the socket is the first. That is found out by connecting, never from a file that a crash may
leave behind: the kernel refuses the connection as soon as the process is gone, however it ended. A lock
file guards only the moment between looking and listening.
"""

import enum
import hashlib
import logging
import os
import sys
from pathlib import Path

from PySide6.QtCore import QLockFile, QObject, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

from armguard_tray.errors import UserError

log = logging.getLogger(__name__)

_REQUEST = b"show\n"
_ANSWER = b"shown\n"
_CONNECT_MS = 1000
_ANSWER_MS = 3000
_LOCK_MS = 5000
_ASFW_ANY = -1


class SingleInstanceError(UserError):
    """It cannot be told whether the program runs already."""


class Role(enum.Enum):
    """What `acquire` has found."""

    PRIMARY = "primary"
    SECONDARY = "secondary"


class SingleInstance(QObject):
    """The one instance for a data folder, or the messenger to it.

    Attributes:
        answered: on a second start, whether the first one has taken the request.

    Signals:
        activation_requested: another start has asked for the window.

    """

    activation_requested = Signal()

    def __init__(self, data_folder: Path, parent: QObject | None = None) -> None:
        """Speak for the program that uses `data_folder`; nothing happens before `acquire`."""
        super().__init__(parent)
        self.answered = False
        self._data_folder = data_folder
        self._server: QLocalServer | None = None

    def acquire(self) -> Role:
        """Become the one instance, or ask the one that runs to show its window. May block for some seconds.

        Raises:
            SingleInstanceError: neither worked.

        """
        folder = self._socket_folder()
        name = _socket_name(self._data_folder)
        lock = QLockFile(str(folder / f"{name}.lock"))
        # It is held for milliseconds: an old one was left by a crash just then.
        lock.setStaleLockTime(2 * _LOCK_MS)
        if not lock.tryLock(_LOCK_MS):
            raise SingleInstanceError(
                "ArmGuard Tray cannot tell whether it runs already.", f"See {lock.fileName()}."
            )
        try:
            address = name if sys.platform == "win32" else str(folder / name)
            if self._ask_primary(address):
                return Role.SECONDARY
            self._listen(address)
        finally:
            lock.unlock()
        return Role.PRIMARY

    def release(self) -> None:
        """Stop being the one instance."""
        if self._server is not None:
            self._server.close()
            self._server = None

    def _socket_folder(self) -> Path:
        """Return a folder that only this user can reach, short enough for a socket's path where possible."""
        runtime = os.environ.get("XDG_RUNTIME_DIR", "")
        if runtime and Path(runtime).is_dir():
            return Path(runtime)
        try:
            self._data_folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise SingleInstanceError(
                f"The folder {self._data_folder} cannot be made: {error.strerror}.",
                "Check the permissions there, or name another folder: --data-dir.",
            ) from error
        return self._data_folder

    def _ask_primary(self, address: str) -> bool:
        """Say whether an instance listens at `address`; if so it has been asked for its window."""
        socket = QLocalSocket()
        socket.connectToServer(address)
        if not socket.waitForConnected(_CONNECT_MS):
            return False
        _allow_to_come_forward()
        socket.write(_REQUEST)
        socket.flush()
        while socket.bytesAvailable() < len(_ANSWER) and socket.waitForReadyRead(_ANSWER_MS):
            pass
        self.answered = socket.readAll().data() == _ANSWER
        if not self.answered:
            log.warning("ArmGuard Tray runs already, but does not answer")
        socket.disconnectFromServer()
        return True

    def _listen(self, address: str) -> None:
        # What a crash left behind; nobody listens on it, as has just been found.
        QLocalServer.removeServer(address)
        server = QLocalServer(self)
        server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        server.newConnection.connect(self._greet)
        if not server.listen(address):
            raise SingleInstanceError("ArmGuard Tray cannot listen for a second start.", server.errorString())
        self._server = server

    def _greet(self) -> None:
        while self._server is not None and self._server.hasPendingConnections():
            _Visitor(self._server.nextPendingConnection(), self)


class _Visitor(QObject):
    """A connection of a second start: one request, one answer."""

    def __init__(self, socket: QLocalSocket, host: SingleInstance) -> None:
        super().__init__(socket)
        self._socket = socket
        self._host = host
        socket.setReadBufferSize(len(_REQUEST))
        socket.disconnected.connect(socket.deleteLater)
        socket.readyRead.connect(self._read)
        self._read()

    def _read(self) -> None:
        if self._socket.bytesAvailable() < len(_REQUEST):
            return
        if self._socket.readAll().data() == _REQUEST:
            self._socket.write(_ANSWER)
            self._host.activation_requested.emit()
        self._socket.disconnectFromServer()


def _socket_name(data_folder: Path) -> str:
    # On Windows pipes are seen by the whole machine, so the folder, which lies in the user's own, tells
    # users apart.
    fingerprint = hashlib.sha256(str(data_folder.resolve()).encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return f"armguard-tray-{fingerprint}"


def _allow_to_come_forward() -> None:
    """Let the first instance raise its window, which Windows grants at the word of the program in front."""
    if sys.platform == "win32":
        import ctypes  # noqa: PLC0415 - only here

        ctypes.windll.user32.AllowSetForegroundWindow(_ASFW_ANY)
