"""What a process that serves sockets says of itself, in the log and in the database."""

import contextlib
import logging
import os
import socket
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import QuerySet
from django.utils import timezone

from armguard_tray.server import event_log
from armguard_tray.server.conf import live_settings
from armguard_tray.server.layers import LayerStatus, layer_status
from armguard_tray.server.models import ServerProcess

log = logging.getLogger(__name__)

_FORGOTTEN_AFTER: Final = timedelta(minutes=10)


class Complaints:
    """Logs what fails now and then once, not each time, and that it works again."""

    def __init__(self, name: str, tell: Callable[[str, BaseException], None]) -> None:
        self._name = name
        self._tell = tell
        self._last = ""

    @contextlib.contextmanager
    def about_failure(self) -> Iterator[None]:
        """Return a context that takes in any failure of what is done in it."""
        try:
            yield
        except Exception as error:  # noqa: BLE001 - the database's, a layer's, other people's models'; tried again
            self._tell(self._name, error)
            if repr(error) != self._last:
                log.warning("%s: failed, and is tried again: %r", self._name, error)
            self._last = repr(error)
        else:
            if self._last:
                log.info("%s: works again", self._name)
            self._last = ""


class LayerWarnings:
    """Logs what is wrong with a layer in memory once, however often the process's hubs come and go."""

    def __init__(self) -> None:
        self._last: str | None = None

    def note(self, layer: LayerStatus) -> None:
        """Log the warning, or that it has gone, if that is news; what is not known yet is none."""
        if layer.in_use == "none":
            return
        warning = layer.warning if layer.in_use == "memory" else None
        if warning == self._last:
            return
        self._last = warning
        if warning is not None:
            log.warning("channel layer: %s", warning)
        elif layer.in_use == "memory":  # of Redis that answers again the layer itself tells
            log.info("channel layer: no other process serves sockets now, so that memory will do.")


def serving() -> QuerySet[ServerProcess]:
    """Return the processes that spoke within the time that their connections' slots outlive them."""
    settings = live_settings()
    fresh = timezone.now() - timedelta(seconds=settings.lease_seconds)
    return ServerProcess.objects.using(settings.database).filter(seen__gte=fresh)


class Report:
    """What this process says of itself in the database.

    Attributes:
        bells: events that were heard of.
        healed: events that were found in the log without having been heard of.
        written: whether it stands in the database.

    """

    def __init__(self, process: str) -> None:
        self.bells = 0
        self.healed = 0
        self.written = False
        self._error = ""
        self._error_at: datetime | None = None
        self._row = ServerProcess(
            id=process, pid=os.getpid(), host=socket.gethostname(), started=timezone.now()
        )

    def note_error(self, text: str) -> None:
        """Remember what went wrong last."""
        self._error = text
        self._error_at = timezone.now()

    def write(self, connections: list[dict[str, Any]]) -> bool:
        """Write it down, and return `has_company`; for a thread. Raises what the database raises."""
        self.written = True
        row = self._row
        layer = layer_status()
        row.seen = timezone.now()
        row.layer = layer.in_use
        row.layer_why = layer.why
        row.bells = self.bells
        row.healed = self.healed
        row.last_error, row.last_error_at = self._last_error()
        row.connections = connections
        row.save(using=live_settings().database)
        self._rows().filter(seen__lt=row.seen - _FORGOTTEN_AFTER).delete()
        return self.has_company()

    def has_company(self) -> bool:
        """Return whether other processes serve sockets now; for a thread. Raises what the database raises.

        The hub of another event loop of this process is no other: they share the layer's memory.
        """
        return serving().exclude(pid=self._row.pid, host=self._row.host).exists()

    def remove(self) -> None:
        """Take it away; for a thread. Raises what the database raises."""
        self._rows().filter(pk=self._row.pk).delete()

    def _last_error(self) -> tuple[str, datetime | None]:
        failure = event_log.last_error()
        if failure is not None and (self._error_at is None or failure.at > self._error_at):
            return failure.text, failure.at
        return self._error, self._error_at

    def _rows(self) -> Any:
        return ServerProcess.objects.using(live_settings().database)
