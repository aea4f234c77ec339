"""The status in words and shapes, for the page. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from armguard_tray.server.status import Layer, Process, Status

_RECENT: Final = timedelta(hours=1)
_UNKNOWN: Final = "unknown"
_FOUND: Final[Mapping[str, str]] = {
    "redis": "times one found it by looking at the log, as no word had come; desks got it a little later",
    "memory": "times one found what another process announced by looking at the log, a little later",
}

SHAPES: Final[Mapping[str, str]] = {"good": "●", "attention": "▲", "bad": "■", "off": "◇", "unknown": "○"}
"""Each state has its own shape and word: colour alone tells nothing."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something to do something about.

    Attributes:
        what: a sentence.
        remedy: what to do; empty if there is nothing to be done.

    """

    what: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Fact:
    """A line of the page.

    Attributes:
        name: what it is about.
        value: how it is.
        note: how that is known, or since when.

    """

    name: str
    value: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the page.

    Attributes:
        kind: "wide", or "count" for a name and a number.
        title: its caption.
        columns: its header cells.
        rows: its cells.
        empty: what is said instead if there are no rows.

    """

    kind: Literal["wide", "count"]
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    empty: str = "There are none."

    @property
    def named_rows(self) -> tuple[tuple[tuple[str, str], ...], ...]:
        """Each row's cells with the names of their columns."""
        return tuple(tuple(zip(self.columns, row, strict=True)) for row in self.rows)


@dataclass(frozen=True, slots=True)
class Page:
    """What the page shows.

    Attributes:
        state: a key of `SHAPES`.
        word: the state in a word.
        sentence: the whole of it in a sentence.
        problems: what should be done.
        facts, tables: all else.
        at: when this was so.

    """

    state: str
    word: str
    sentence: str
    problems: tuple[Problem, ...]
    facts: tuple[Fact, ...]
    tables: tuple[Table, ...]
    at: str

    @property
    def shape(self) -> str:
        """The state's shape."""
        return SHAPES[self.state]


def page_of(status: "Status") -> Page:
    """Return the page for a status."""
    problems = tuple(_problems(status))
    state, word = _state(status, problems)
    return Page(
        state=state,
        word=word,
        sentence=_sentence(status),
        problems=problems,
        facts=tuple(_facts(status)),
        tables=tuple(_tables(status)),
        at=stamp(status.now),
    )


def page_without_database(error: str, now: datetime) -> Page:
    """Return the page for a database that cannot tell."""
    remedy = "Are the app's tables there? manage.py migrate armguard_live makes them."
    problem = Problem(f"The event log cannot be read: {error}", remedy)
    sentence = "Nothing is recorded, and desks hear nothing."
    return Page("bad", "Broken", sentence, (problem,), (), (), stamp(now))


def stamp(time: datetime | None) -> str:
    """Return a time as the armory writes it."""
    return time.strftime("%d/%m/%y %H:%M:%S") if time else _UNKNOWN


def ago(time: datetime | None, now: datetime) -> str:
    """Return how long ago something was."""
    if time is None:
        return ""
    seconds = (now - time).total_seconds()
    for unit, length in (("days", 86400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * length or (unit != "days" and seconds >= length):
            return f"{int(seconds // length)} {unit} ago"
    return f"{max(0, int(seconds))} s ago"


def counted(names: Iterable[str]) -> dict[str, int]:
    """Return how often each name occurs, the most frequent first."""
    return dict(Counter(names).most_common())


def _state(status: "Status", problems: tuple[Problem, ...]) -> tuple[str, str]:
    if not status.settings.real_time:
        return "off", "Switched off"
    if not status.processes:
        return "unknown", "Nobody is connected"
    return ("attention", "Needs attention") if problems else ("good", "Live")


def _sentence(status: "Status") -> str:
    if not status.settings.real_time:
        return "Real time is switched off: desks fetch what is new over HTTP."
    if not status.processes:
        return "No desk is connected now; the first connection shows whether and how real time works."
    desks, processes = len(status.connections), len(status.processes)
    served = f"{_count(desks, 'connection')} at {_count(processes, 'process', 'processes')}"
    return f"{served}, {_through(status.layer)}."


def _through(layer: "Layer") -> str:
    return {"redis": "joined by Redis", "memory": "each on its own: the channel layer is in memory"}.get(
        layer.in_use, "through a channel layer that is not known"
    )


def _problems(status: "Status") -> Iterator[Problem]:
    if status.settings.real_time and not status.processes:
        yield Problem(
            "If desks should be connected, they do not get through.",
            "Does daphne (or uvicorn) run, does the proxy send /ws/ there, and does the project's asgi.py "
            "end with application = with_live(application)? manage.py check_websockets tries all of it.",
        )
    if status.layer.warning:
        yield Problem(
            status.layer.warning,
            "Start Redis, and name it in REDIS_URL or in channel_layers(…); it is noticed by itself.",
        )
    error = status.last_error
    if error and error.at and status.now - error.at < _RECENT:
        yield Problem(
            f"The last error, {ago(error.at, status.now)} in {error.where}: {error.text}",
            "The log of that process says more. What was not announced is found and announced later.",
        )


def _facts(status: "Status") -> Iterator[Fact]:
    head, settings = status.head, status.settings
    yield _layer_fact(status)
    newest = f"{stamp(status.newest)}, {ago(status.newest, status.now)}" if status.newest else "none is kept"
    yield Fact("Newest event", f"#{head.seq:,}" if head.seq else "none yet", newest if head.seq else "")
    yield Fact(
        "Events kept",
        f"{status.kept:,}",
        f"at most {settings.retention_events:,}, and none older than {settings.retention_days:g} days",
    )
    yield Fact("Event log", head.epoch, "its name, until armguard_live_epoch begins another one")
    if status.processes:
        told = sum(process.bells for process in status.processes)
        found = sum(process.healed for process in status.processes)
        yield Fact("Told at once", f"{told:,}", "times a process below was told of an event when it happened")
        yield Fact("Found later", f"{found:,}", _FOUND.get(status.layer.in_use, _FOUND["redis"]))
    yield Fact(
        "Connections a user",
        f"at most {settings.connections_per_user}",
        "on each endpoint, over all processes",
    )


def _layer_fact(status: "Status") -> Fact:
    layer = status.layer
    if layer.in_use == "none" and not status.processes:
        return Fact("Channel layer", "not known yet", "the first connection shows which one is used")
    since = f"Since {stamp(layer.since)}, {ago(layer.since, status.now)}." if layer.since else ""
    name = {"redis": "Redis", "memory": "in memory", "none": _UNKNOWN}.get(layer.in_use, layer.in_use)
    where = f"{name} {layer.address if layer.in_use == 'redis' else ''}".strip()
    return Fact("Channel layer", where, f"{layer.why} {since}".strip())


def _tables(status: "Status") -> Iterator[Table]:
    now = status.now
    yield Table(
        "wide",
        "Processes that serve sockets",
        ("Process", "Serves since", "Seen", "Connections", "Layer", "Told", "Found", "Last error"),
        tuple(_process_row(process, now) for process in status.processes),
        "There is none: a process is listed while somebody is connected to it.",
    )
    if status.processes:
        yield from _connection_tables(status)
    yield Table("count", "Versions", ("What", "Version"), tuple(status.versions.items()))


def _connection_tables(status: "Status") -> Iterator[Table]:
    connections = status.connections
    streams = (stream for each in connections for stream in each.streams)
    yield _counts("Users connected", "User", counted(each.user for each in connections))
    yield _counts("Streams followed", "Stream", counted(streams))
    yield _counts("Endpoints used", "Endpoint", counted(each.endpoint for each in connections))


def _process_row(process: "Process", now: datetime) -> tuple[str, ...]:
    error = f"{stamp(process.last_error_at)} {process.last_error}" if process.last_error else "none"
    return (
        f"{process.pid} on {process.host}",
        stamp(process.started),
        ago(process.seen, now),
        str(len(process.connections)),
        process.layer,
        f"{process.bells:,}",
        f"{process.healed:,}",
        error,
    )


def _counts(title: str, column: str, counts: Mapping[str, int]) -> Table:
    rows = tuple((name, str(count)) for name, count in counts.items())
    return Table("count", title, (column, "Number"), rows)


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"
