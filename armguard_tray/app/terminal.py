"""The front end without a display: events on standard output, states on standard error."""

import asyncio
import json
import logging
import os
import random
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any, Protocol

import msgspec
from rich.cells import set_cell_size
from rich.console import Console
from rich.text import Text

from armguard_tray.app.core import Core, PasswordSource
from armguard_tray.clock import SystemClock
from armguard_tray.connection.health import Coverage, Health
from armguard_tray.connection.phase import Need
from armguard_tray.errors import JournalError
from armguard_tray.exit_codes import ExitCode
from armguard_tray.messages.decoding import UNDECODABLE
from armguard_tray.messages.event import Category, Event, StoredEvent
from armguard_tray.rules.storm import Single, Summary
from armguard_tray.settings.model import Settings
from armguard_tray.storage.folder_lock import FolderLock
from armguard_tray.storage.journal import Journal

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchOptions:
    """What to watch and how.

    Attributes:
        settings: server and the rest.
        password: where the password comes from.
        data_dir: folder of the journal.
        as_json: one JSON object a line instead of a table.
        seconds: end after so long; None: when stopped.

    """

    settings: Settings
    password: PasswordSource
    data_dir: Path
    as_json: bool = False
    seconds: float | None = None


class Printer(Protocol):
    """How events and states are written."""

    def event(self, event: Event) -> None:
        """Write one event."""
        ...

    def state(self, health: Health) -> None:
        """Write what the connection does."""
        ...

    def trouble(self, error: JournalError | None) -> None:
        """Write that events cannot be stored, or again can."""
        ...


def as_object(event: Event, zone: tzinfo) -> dict[str, Any]:
    """Return an event as `watch --json` writes it; times are ISO 8601 with offset."""
    return {
        "stream": event.stream.value,
        "kind": event.kind,
        "id": _id(event),
        "time": event.time.astimezone(zone).isoformat() if event.time else None,
        "received": event.received.astimezone().isoformat(),
        "source": event.source.value,
        "text": event.text,
        "data": event.raw if event.kind == UNDECODABLE else msgspec.Raw(_on_one_line(event.raw)),
    }


def _id(event: Event) -> int | str | None:
    """Return the transaction's number or the item's id; a notice refers to a transaction by number."""
    if event.transaction_id is not None:
        return event.transaction_id
    if event.category is Category.NOTICE and event.ref is not None and event.ref.isdecimal():
        return int(event.ref)
    return event.ref


def _on_one_line(raw: str) -> bytes:
    return msgspec.json.format(raw.encode(), indent=-1)


class JsonPrinter:
    """One JSON object a line."""

    def __init__(self, zone: tzinfo) -> None:
        """Write the server's times in its `zone`."""
        self._zone = zone

    def event(self, event: Event) -> None:
        """Write one event to standard output."""
        sys.stdout.buffer.write(msgspec.json.encode(as_object(event, self._zone)) + b"\n")
        sys.stdout.buffer.flush()

    def state(self, health: Health) -> None:
        """Write the states to standard error."""
        self._say(
            {
                "state": health.coverage.value,
                "since": health.since.astimezone().isoformat(),
                "trouble": health.trouble.summary if health.trouble else None,
                "streams": {facts.stream.value: facts.phase.value for facts in health.streams},
            }
        )

    def trouble(self, error: JournalError | None) -> None:
        """Write the journal's state to standard error."""
        self._say({"journal": str(error) if error else "ok"})

    def _say(self, content: Mapping[str, Any]) -> None:
        print(json.dumps(content), file=sys.stderr, flush=True)  # noqa: T201 - this is the output


class _PipedConsole(Console):
    def on_broken_pipe(self) -> None:
        # The library would end the program with 1; that whoever read us has gone is no failure.
        raise BrokenPipeError


_COLUMNS = (("Time", 17), ("What", 12), ("Item", 18), ("Person", 26), ("Details", 0))
_WHAT = {
    Category.ISSUED: ("→ Issued", "bold"),
    Category.RETURNED: ("← Returned", "green"),
    Category.STATUS: ("◇ Status", "cyan"),
    Category.NOTICE: ("✉ Notice", ""),
    Category.PRESENCE: ("○ Presence", "dim"),
    Category.OTHER: ("⚠ Other", "yellow"),
}


class TablePrinter:
    """A table for people that grows at its end."""

    def __init__(self, zone: tzinfo, out: Console | None = None, err: Console | None = None) -> None:
        """Write the server's times in its `zone`."""
        self._zone = zone
        self._out = out or _PipedConsole(soft_wrap=True, highlight=False)
        self._err = err or Console(stderr=True, soft_wrap=True, highlight=False)
        self._headed = False
        self._state = ""

    def event(self, event: Event) -> None:
        """Write one row, the first time below a head."""
        if not self._headed:
            self._headed = True
            self._out.print(self._row([name for name, _ in _COLUMNS], "dim"))
        what, style = _WHAT[event.category]
        self._out.print(self._row([self._time(event), what, *_item_person_details(event)], style))

    def _row(self, cells: Sequence[str], style: str) -> Text:
        padded = [
            set_cell_size(cell, width) if width else cell
            for cell, (_, width) in zip(cells, _COLUMNS, strict=True)
        ]
        return Text("  ".join(padded).rstrip(), style=style)

    def _time(self, event: Event) -> str:
        return (event.time or event.received).astimezone(self._zone).strftime("%d/%m/%y %H:%M:%S")

    def state(self, health: Health) -> None:
        """Write what the connection does, unless it only does so in another way."""
        words = health.coverage.value
        if health.trouble:
            words += f" · {health.trouble.summary}"
            if health.trouble.remedy and health.coverage is Coverage.NEEDS_YOU:
                words += f". {health.trouble.remedy}"
        if words != self._state:
            self._state = words
            self._err.print(Text(f"-- {_clock_time(health.since)} {words}", style="dim"))

    def trouble(self, error: JournalError | None) -> None:
        """Write that events cannot be stored, or again can."""
        self._err.print(Text(f"-- {error or 'events are stored again'}", style="yellow"))


def _item_person_details(event: Event) -> tuple[str, str, str]:
    match event.category:
        case Category.ISSUED | Category.RETURNED:
            # The person stands first in the detail and has a column of its own.
            _, _, details = event.detail.partition(" · ")
            return event.item or "", event.person or "", details
        case Category.STATUS:
            return event.item or "", "", event.detail
        case _:
            return "", event.person or "", event.text


def _clock_time(time: datetime) -> str:
    return time.astimezone().strftime("%H:%M:%S")


class _Watch:
    """Prints what the core reports, and knows how the watch is to end."""

    def __init__(self, printer: Printer) -> None:
        self._printer = printer
        self._last_state: tuple[object, ...] | None = None
        self.was_live = False
        self.login_refused = False
        self._over = False
        self.ended = asyncio.Event()

    def on_stored(self, events: Sequence[StoredEvent]) -> None:
        try:
            for stored in events:
                self._printer.event(stored.event)
        except BrokenPipeError:
            # Whoever read us has gone (`watch | head`). A null device keeps the final flush from failing too.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            self.ended.set()

    def on_toast(self, toast: Single | Summary) -> None:
        """Ignore it: a terminal shows every event as it is."""

    def on_storage_trouble(self, error: JournalError | None) -> None:
        self._printer.trouble(error)

    def finish(self) -> None:
        """Take no more notice of the connection: it is being closed, and that is no outage."""
        self._over = True

    def on_health(self, health: Health) -> None:
        if self._over:
            return
        self.was_live = self.was_live or health.coverage is Coverage.LIVE
        state = (health.coverage, health.trouble, tuple(facts.phase for facts in health.streams))
        if state != self._last_state:
            self._last_state = state
            self._printer.state(health)
        if health.trouble is not None and health.trouble.need is Need.LOGIN:
            self.login_refused = True
            self.ended.set()


async def watch(options: WatchOptions) -> ExitCode:
    """Print events until stopped or until the time is up, and return how it went.

    Raises:
        UserError: the data folder or the journal cannot be used.

    """
    zone = options.settings.server.zone
    seen = _Watch(JsonPrinter(zone) if options.as_json else TablePrinter(zone))
    stopped = _on_signals(seen.ended.set)
    with FolderLock(options.data_dir):
        journal = await Journal.open(options.data_dir / "journal.sqlite3")
        core = Core(journal, seen, options.password, clock=SystemClock(), chance=random.SystemRandom())
        try:
            await core.follow(options.settings)
            with suppress(TimeoutError):
                async with asyncio.timeout(options.seconds):
                    await seen.ended.wait()
        finally:
            seen.finish()
            await core.close()
    if seen.login_refused:
        return ExitCode.LOGIN_REFUSED
    if not seen.was_live and not stopped():
        return ExitCode.UNREACHABLE
    return ExitCode.OK


def _on_signals(stop: Callable[[], None]) -> Callable[[], bool]:
    """Call `stop` on Ctrl+C and on SIGTERM; the result tells whether that has happened."""
    loop = asyncio.get_running_loop()
    received = False

    def on_signal() -> None:
        nonlocal received
        received = True
        stop()

    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(number, on_signal)
        except NotImplementedError:
            # Windows' loops have no signal handlers; its signals interrupt the main thread instead.
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(on_signal))
    return lambda: received
