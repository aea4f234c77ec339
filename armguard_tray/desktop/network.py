"""Tells when the network comes back: a reason to try the server at once instead of waiting out a delay."""

import logging

from PySide6.QtCore import QObject, Signal
from PySide6.QtNetwork import QNetworkInformation

log = logging.getLogger(__name__)

Reachability = QNetworkInformation.Reachability
_CONNECTED = {Reachability.Local, Reachability.Site, Reachability.Online}


class NetworkWatcher(QObject):
    """Watches whether this machine is on a network.

    Signals:
        came_back: it is on one again. Never told where the platform gives no such information.

    """

    came_back = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        """Begin to watch."""
        super().__init__(parent)
        self._connected = True
        if not QNetworkInformation.loadBackendByFeatures(QNetworkInformation.Feature.Reachability):
            log.info("this platform does not tell whether there is a network")
            return
        information = QNetworkInformation.instance()
        self._connected = information.reachability() in _CONNECTED
        information.reachabilityChanged.connect(self.see)

    def see(self, reachability: Reachability) -> None:
        """Take note of a change. A LAN without internet counts: the server is there."""
        before, self._connected = self._connected, reachability in _CONNECTED
        if self._connected and not before:
            log.info("the network is back")
            self.came_back.emit()
