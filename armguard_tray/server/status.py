"""What is known of the app now, from the database and from this process. `status_words` judges it."""

import platform
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final

from django.db import connections
from django.urls import reverse
from django.utils import timezone

from armguard_tray import __version__
from armguard_tray.messages.streams import Stream
from armguard_tray.server import event_log
from armguard_tray.server.conf import LiveSettings, live_settings
from armguard_tray.server.layers import LayerStatus, layer_status
from armguard_tray.server.layers.status import DEAF, several_warning
from armguard_tray.server.models import Event
from armguard_tray.server.resume import HeadState
from armguard_tray.server.sockets.report import serving
from armguard_tray.server.status_words import counted

PROTOCOL: Final = 1
SOCKET: Final = "/ws/live/"
_PACKAGES: Final = (
    "Django",
    "channels",
    "channels-redis",
    "redis",
    "daphne",
    "uvicorn",
    "Twisted",
    "msgspec",
)


@dataclass(frozen=True, slots=True)
class Connection:
    """An open socket.

    Attributes:
        user: its user's name.
        endpoint: its path.
        streams: what it hears.
        since: when it was opened, ISO 8601; None if that is not known.

    """

    user: str
    endpoint: str
    streams: tuple[str, ...]
    since: str | None


@dataclass(frozen=True, slots=True)
class Process:
    """A process that serves sockets, as it last described itself.

    Attributes:
        pid, host: which one.
        started, seen: when it began to serve, and when it said so last.
        layer, layer_why: what carries its messages: redis, memory or none.
        bells: events that doorbells told it of.
        healed: events that it found by looking at the log, as no doorbell had told it.
        last_error, last_error_at: empty and None if there was none.
        connections: its open sockets.

    """

    pid: int
    host: str
    started: datetime
    seen: datetime
    layer: str
    layer_why: str
    bells: int
    healed: int
    last_error: str
    last_error_at: datetime | None
    connections: tuple[Connection, ...]


@dataclass(frozen=True, slots=True)
class Layer:
    """What carries messages to the sockets.

    Attributes:
        in_use: redis, memory or none; the worst of all processes that serve sockets.
        why: in words.
        since: None if it is not known.
        warning: what an admin should do something about.
        address: of Redis, without a password.

    """

    in_use: str
    why: str
    since: datetime | None
    warning: str | None
    address: str


@dataclass(frozen=True, slots=True)
class Failure:
    """The newest error of all processes that are known here."""

    at: datetime | None
    text: str
    where: str


@dataclass(frozen=True, slots=True)
class Status:
    """All of it.

    Attributes:
        now: when it was gathered.
        settings: the settings in force.
        head: where the event log stands.
        newest: when the newest event was published; None if none is kept.
        layer: what carries messages.
        processes: those that serve sockets now.
        last_error: None if there is none.
        versions: of what takes part, by name.

    """

    now: datetime
    settings: LiveSettings
    head: HeadState
    newest: datetime | None
    layer: Layer
    processes: tuple[Process, ...]
    last_error: Failure | None
    versions: Mapping[str, str]

    @property
    def connections(self) -> tuple[Connection, ...]:
        """All open sockets."""
        return tuple(each for process in self.processes for each in process.connections)

    @property
    def kept(self) -> int:
        """How many events the log holds."""
        return self.head.seq - self.head.oldest + 1

    def for_everybody(self) -> dict[str, Any]:
        """Return what every user may know; `views.status` documents it."""
        layer = {name: value for name, value in asdict(self.layer).items() if name != "address"}
        return {
            "app": "armguard-live",
            "protocol": PROTOCOL,
            "version": __version__,
            "real_time": self.settings.real_time,
            "socket": SOCKET,
            "events": reverse("armguard_live_events"),
            "epoch": self.head.epoch,
            "head": self.head.seq,
            "oldest": self.head.oldest,
            "layer": layer,
            "server_time": self.now,
        }

    def for_staff(self) -> dict[str, Any]:
        """Return that, and what is only for staff; `views.status` documents it."""
        return self.for_everybody() | {
            "address": self.layer.address,
            "versions": dict(self.versions),
            "processes": [asdict(process) for process in self.processes],
            "connections": {
                "total": len(self.connections),
                "by_user": counted(each.user for each in self.connections),
                "by_endpoint": counted(each.endpoint for each in self.connections),
                "by_stream": counted(stream for each in self.connections for stream in each.streams),
            },
            "bells": {
                "heard": sum(process.bells for process in self.processes),
                "healed": sum(process.healed for process in self.processes),
            },
            "last_error": asdict(self.last_error) if self.last_error else None,
            "retention": {
                "days": self.settings.retention_days,
                "events": self.settings.retention_events,
                "kept": self.kept,
            },
            "newest": self.newest,
        }


def gather() -> Status:
    """Look at the database and at this process. Raises django.db.Error if the database cannot tell."""
    settings, now = live_settings(), timezone.localtime()
    head = event_log.head()
    newest = (
        Event.objects.using(settings.database).filter(seq=head.seq).values_list("created", flat=True).first()
    )
    processes = tuple(_processes())
    return Status(
        now=now,
        settings=settings,
        head=head,
        newest=newest and timezone.localtime(newest),
        layer=_layer(processes, layer_status()),
        processes=processes,
        last_error=_last_error(processes),
        versions=_versions(settings),
    )


def _processes() -> Iterable[Process]:
    for row in list(serving().order_by("host", "pid")):
        yield Process(
            pid=row.pid,
            host=row.host,
            started=timezone.localtime(row.started),
            seen=timezone.localtime(row.seen),
            layer=row.layer,
            layer_why=row.layer_why,
            bells=row.bells,
            healed=row.healed,
            last_error=row.last_error,
            last_error_at=row.last_error_at and timezone.localtime(row.last_error_at),
            connections=tuple(_connection(each) for each in row.connections),
        )


def _connection(given: Mapping[str, Any]) -> Connection:
    endpoint = str(given.get("endpoint", ""))
    # A stock path is a stream of its own.
    streams = given.get("streams") or [each.value for each in Stream if each.path == endpoint]
    return Connection(
        user=str(given.get("user", "")),
        endpoint=endpoint,
        streams=tuple(streams),
        since=given.get("since"),
    )


def _layer(processes: tuple[Process, ...], here: LayerStatus) -> Layer:
    """Return the worst layer of those who serve sockets; this process's where nobody serves any.

    A process that serves pages only may have another layer than they, or none yet.
    """
    worst = min(processes, key=lambda each: ("none", "memory", "redis").index(each.layer), default=None)
    warning = _warning(worst, here, several=len({(each.host, each.pid) for each in processes}) > 1)
    if worst is None or worst.layer == here.in_use:
        return Layer(here.in_use, here.why, timezone.localtime(here.since), warning, here.address)
    return Layer(worst.layer, worst.layer_why, None, warning, here.address)


def _warning(worst: Process | None, here: LayerStatus, *, several: bool) -> str | None:
    """Return what is wrong with the worst layer, where one process or several serve sockets."""
    if worst is not None and worst.layer == "memory" and several:
        return several_warning(alone=here.alone)
    if worst is None or worst.layer == here.in_use:
        return here.warning
    # Whoever answers with another layer is another process than the one that serves the sockets.
    return DEAF if worst.layer == "memory" and not here.alone else None


def _last_error(processes: tuple[Process, ...]) -> Failure | None:
    known = [
        Failure(process.last_error_at, process.last_error, f"process {process.pid} on {process.host}")
        for process in processes
        if process.last_error
    ]
    own = event_log.last_error()
    if own is not None:
        known.append(Failure(timezone.localtime(own.at), own.text, "the process that answers"))
    return max(known, key=lambda each: each.at.timestamp() if each.at else 0.0, default=None)


def _versions(settings: LiveSettings) -> dict[str, str]:
    connection = connections[settings.database]
    found = {"ArmGuard Tray": __version__, "Python": platform.python_version()}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found | {connection.display_name: _database_version(connection)}


def _database_version(connection: Any) -> str:
    return ".".join(str(number) for number in connection.get_database_version())
