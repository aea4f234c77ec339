"""The front end without a display: events on standard output, states on standard error."""

import asyncio
import json
import logging
import os
import random
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from pathlib import Path
from typing import IO, Any, Protocol

import msgspec
from rich.cells import set_cell_size
from rich.console import Console
from rich.text import Text

from armguard_tray.app.core import Core, PasswordSource
from armguard_tray.app.signals import on_signals
from armguard_tray.catchup.completeness import Completeness
from armguard_tray.clock import Clock, SystemClock, in_zone
from armguard_tray.connection.health import Coverage, Health
from armguard_tray.connection.live_app import LiveApp
from armguard_tray.connection.phase import Need
from armguard_tray.errors import JournalError, UserError
from armguard_tray.exit_codes import ExitCode
from armguard_tray.messages.decoding import UNDECODABLE
from armguard_tray.messages.event import Category, Event, StoredEvent
from armguard_tray.messages.plain_text import escaped
from armguard_tray.rules.storm import Single, Summary
from armguard_tray.settings.model import Settings
from armguard_tray.storage.folder_lock import FolderLock
from armguard_tray.storage.journal import Journal
from armguard_tray.storage.salvage import Salvaged
from armguard_tray.ui.completeness_words import claims, kind_of_claim, progress_words
from armguard_tray.ui.gap_words import gap_line, text_now
from armguard_tray.ui.state_words import app_words
from armguard_tray.ui.wording import stamp, what_with_sign

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

    def changed(self, event: Event) -> None:
        """Write an event that was written before and reads differently now."""
        ...

    def stand_in(self, stored: StoredEvent) -> None:
        """Write a line in place of an event that `event` failed to write."""
        ...

    def state(self, health: Health) -> None:
        """Write what the connection does."""
        ...

    def completeness(self, completeness: Completeness) -> None:
        """Write how complete the journal is."""
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
        "time": in_zone(event.time, zone).isoformat() if event.time else None,
        "received": in_zone(event.received, None).isoformat(),
        "source": event.source.value,
        "epoch": event.epoch,
        "seq": event.seq,
        "text": text_now(event),
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
    """One JSON object a line, in which every character can be seen: the rest is escaped."""

    def __init__(self, zone: tzinfo) -> None:
        """Write the server's times in its `zone`."""
        self._zone = zone

    def event(self, event: Event) -> None:
        """Write one event to standard output."""
        self._write(as_object(event, self._zone))

    def changed(self, event: Event) -> None:
        """Write it once more, marked."""
        self._write(as_object(event, self._zone) | {"changed": True})

    def stand_in(self, stored: StoredEvent) -> None:
        """Write an object of the same form with the least that must be said."""
        event = stored.event
        self._write(
            {
                "stream": event.stream.value,
                "kind": event.kind,
                "id": None,
                "time": None,
                "received": in_zone(event.received, None).isoformat(),
                "source": event.source.value,
                "epoch": event.epoch,
                "seq": event.seq,
                "text": _stand_in_words(stored),
                "data": None,
            }
        )

    def _write(self, content: Mapping[str, Any]) -> None:
        line = escaped(msgspec.json.encode(content).decode())
        sys.stdout.buffer.write(line.encode() + b"\n")
        sys.stdout.buffer.flush()

    def state(self, health: Health) -> None:
        """Write the states to standard error."""
        self._say(
            {
                "state": health.coverage.value,
                "since": health.since.astimezone().isoformat(),
                "trouble": health.trouble.summary if health.trouble else None,
                "app": _app_object(health.app),
                "streams": {facts.stream.value: facts.phase.value for facts in health.streams},
            }
        )

    def completeness(self, completeness: Completeness) -> None:
        """Write all that is known of it to standard error."""
        self._say({"completeness": _completeness_object(completeness)})

    def trouble(self, error: JournalError | None) -> None:
        """Write the journal's state to standard error."""
        self._say({"journal": str(error) if error else "ok"})

    def _say(self, content: Mapping[str, Any]) -> None:
        print(json.dumps(content), file=sys.stderr, flush=True)  # noqa: T201 - this is the output


def _app_object(app: LiveApp | None) -> dict[str, Any] | None:
    """Return the server's live app as `watch --json` writes it."""
    if app is None:
        return None
    return {
        "version": app.version,
        "in_use": app.in_use,
        "real_time": app.real_time,
        "layer": app.layer or None,
        "warning": app.warning,
    }


def _completeness_object(completeness: Completeness) -> dict[str, Any]:
    """Return how complete the journal is as `watch --json` writes it."""
    progress = completeness.progress
    return {
        "begins": completeness.begins,
        "complete_to": completeness.complete_to,
        "as_of": _iso(completeness.as_of),
        "is_current": completeness.is_current,
        "checked": _iso(completeness.checked),
        "failure": completeness.failure or None,
        "gaps_today": completeness.gaps_today,
        "unannounced_today": completeness.unannounced_today,
        "fetching": None if progress is None else ("last month" if progress.backlog else "missed"),
    }


def _iso(time: datetime | None) -> str | None:
    return None if time is None else in_zone(time, None).isoformat()


class _PipedConsole(Console):
    def on_broken_pipe(self) -> None:
        # The library would end the program with 1; that whoever read us has gone is no failure.
        raise BrokenPipeError


_COLUMNS = (("Time", 17), ("What", 12), ("Item", 18), ("Person", 26), ("Details", 0))
_STYLE = {
    Category.ISSUED: "bold",
    Category.RETURNED: "green",
    Category.STATUS: "cyan",
    Category.NOTICE: "",
    Category.PRESENCE: "dim",
    Category.GAP: "bold yellow",
    Category.OTHER: "yellow",
}


class TablePrinter:
    """A table for people that grows at its end."""

    def __init__(
        self,
        zone: tzinfo,
        out: Console | None = None,
        err: Console | None = None,
        clock: Clock | None = None,
    ) -> None:
        """Write the server's times in its `zone`, and say by `clock` what is of today."""
        self._zone = zone
        self._clock = clock or SystemClock()
        self._out = out or _PipedConsole(soft_wrap=True, highlight=False)
        self._err = err or _PipedConsole(stderr=True, soft_wrap=True, highlight=False)
        self._headed = False
        self._state = ""

    def event(self, event: Event) -> None:
        """Write one row, the first time below a head."""
        self._print(self._cells(event), _STYLE[event.category])

    def changed(self, event: Event) -> None:
        """Write the row once more, marked."""
        *cells, details = self._cells(event)
        self._print([*cells, f"now: {details}"], _STYLE[event.category])

    def _cells(self, event: Event) -> list[str]:
        time = stamp(event.time or event.received, self._zone)
        details = ("", "", gap_line(event, self._zone)) if event.gap else _item_person_details(event)
        return [time, what_with_sign(event), *details]

    def stand_in(self, stored: StoredEvent) -> None:
        """Write a row that says which event is missing."""
        self._print(["", "⚠ Missing", "", "", _stand_in_words(stored)], _STYLE[Category.OTHER])

    def _print(self, cells: Sequence[str], style: str) -> None:
        if not self._headed:
            self._headed = True
            self._out.print(self._row([name for name, _ in _COLUMNS], "dim"))
        self._out.print(self._row(cells, style))

    def _row(self, cells: Sequence[str], style: str) -> Text:
        padded = [
            set_cell_size(cell, width) if width else cell
            for cell, (_, width) in zip(cells, _COLUMNS, strict=True)
        ]
        return Text("  ".join(padded).rstrip(), style=style)

    def state(self, health: Health) -> None:
        """Write what the connection does, unless it only does so in another way."""
        words = health.coverage.value
        if health.app is not None:
            words += f" · {app_words(health.app)}"
            words += f" · warning: {health.app.warning}" if health.app.warning else ""
        if health.trouble:
            words += f" · {health.trouble.summary}"
            if health.trouble.remedy and health.coverage is Coverage.NEEDS_YOU:
                words += f". {health.trouble.remedy}"
        if words != self._state:
            self._state = words
            self._err.print(Text(f"-- {_clock_time(health.since)} {words}", style="dim"))

    def completeness(self, completeness: Completeness) -> None:
        """Write it as the log window says it."""
        now = self._clock.now()
        parts = claims(completeness, now, None)
        progress = completeness.progress
        if progress is not None and progress.backlog:
            parts.append(progress_words(replace(progress, fetched=0, back_to=None), None))
        self._err.print(Text(f"-- {_clock_time(now)} {' · '.join(parts)}", style="dim"))

    def trouble(self, error: JournalError | None) -> None:
        """Write that events cannot be stored, or again can."""
        self._err.print(Text(f"-- {error or 'events are stored again'}", style="yellow"))


def _item_person_details(event: Event) -> tuple[str, str, str]:
    match event.category:
        case Category.ISSUED | Category.RETURNED:
            # The person stands first in the detail and has a column of its own. Its name may hold " · ", too.
            person = event.person or ""
            return event.item or "", person, event.detail.removeprefix(person).removeprefix(" · ")
        case Category.STATUS:
            return event.item or "", "", event.detail
        case _:
            return "", event.person or "", event.text


def _clock_time(time: datetime) -> str:
    return time.astimezone().strftime("%H:%M:%S")


def _stand_in_words(stored: StoredEvent) -> str:
    return f"Row {stored.row} of the journal cannot be shown here; the log says why"


class _Watch:
    """Prints what the core reports, and knows how the watch is to end.

    Attributes:
        ended: set when there is no more to print, or nobody to print it for.
        was_live: whether all was well at any time.
        login_refused: whether the server has refused the login.
        stopped: whether a person or the system has asked for the end, or the reader has gone.
        unwritable: what keeps events from being written, when that is no reader who has gone.

    """

    def __init__(self, printer: Printer) -> None:
        self._printer = printer
        self._last_state: tuple[object, ...] | None = None
        self._last_claim: tuple[object, ...] | None = None
        self._over = False
        self.ended = asyncio.Event()
        self.was_live = False
        self.login_refused = False
        self.stopped = False
        self.unwritable: OSError | None = None

    def on_stored(self, events: Sequence[StoredEvent]) -> None:
        self._print_all(events, self._printer.event)

    def on_changed(self, events: Sequence[StoredEvent]) -> None:
        """Print them once more: what was printed cannot be taken back, and nothing is to be kept silent."""
        self._print_all(events, self._printer.changed)

    def _print_all(self, events: Sequence[StoredEvent], write: Callable[[Event], None]) -> None:
        try:
            for stored in events:
                self._print(stored, write)
        except BrokenPipeError:
            # Whoever read us has gone (`watch | head`), and that is how they end it.
            self.stopped = True
            self._close_output()
        except OSError as error:
            log.warning("standard output cannot be written: %s", error)
            self.unwritable = error
            self._close_output()

    def _print(self, stored: StoredEvent, write: Callable[[Event], None]) -> None:
        try:
            write(stored.event)
        except OSError:
            raise
        except Exception:
            # A fault in writing one event must not swallow those behind it.
            log.exception("row %d cannot be written", stored.row)
            self._printer.stand_in(stored)

    def _close_output(self) -> None:
        _to_nowhere(sys.stdout)
        self.ended.set()

    def on_toast(self, toast: Single | Summary) -> None:
        """Ignore it: a terminal shows every event as it is."""

    def on_storage_trouble(self, error: JournalError | None) -> None:
        self._say(lambda: self._printer.trouble(error))

    def on_salvaged(self, salvaged: Salvaged) -> None:
        """Say that the journal was damaged, and that it works again."""
        self.on_storage_trouble(salvaged.told_to_user)
        self.on_storage_trouble(None)

    def stop(self) -> None:
        """End, because somebody wants it."""
        self.stopped = True
        self.ended.set()

    def finish(self) -> None:
        """Take no more notice of the connection: it is being closed, and that is no outage."""
        self._over = True

    def on_health(self, health: Health) -> None:
        if self._over:
            return
        self.was_live = self.was_live or health.coverage in {Coverage.LIVE, Coverage.DELAYED}
        if health.trouble is not None and health.trouble.need is Need.LOGIN:
            self.login_refused = True
            self.ended.set()
        phases = tuple(facts.phase for facts in health.streams)
        state = (health.coverage, health.trouble, health.app, phases)
        if state != self._last_state:
            self._last_state = state
            self._say(lambda: self._printer.state(health))

    def on_completeness(self, completeness: Completeness) -> None:
        """Tell it when something else is to be said of it than before: not for each transaction."""
        kind = kind_of_claim(completeness)
        if not self._over and kind != self._last_claim:
            self._last_claim = kind
            self._say(lambda: self._printer.completeness(completeness))

    def _say(self, what: Callable[[], None]) -> None:
        """Write to standard error; where it takes nothing, the events still count, and go on without."""
        try:
            what()
        except OSError as error:
            log.warning("standard error cannot be written, states are no longer told: %s", error)
            _to_nowhere(sys.stderr)


def _to_nowhere(stream: IO[str]) -> None:
    """Send what `stream` still holds, and all that follows, to the null device: the last flush would fail."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, stream.fileno())
    os.close(null)


async def watch(options: WatchOptions) -> ExitCode:
    """Print events until stopped or until the time is up, and return how it went.

    Raises:
        UserError: the data folder, the journal or standard output cannot be used, or what had arrived could
            not be stored.

    """
    zone = options.settings.server.zone
    seen = _Watch(JsonPrinter(zone) if options.as_json else TablePrinter(zone))
    on_signals(seen.stop)
    with FolderLock(options.data_dir):
        journal = await Journal.open(options.data_dir / "journal.sqlite3", on_salvaged=seen.on_salvaged)
        core = Core(journal, seen, options.password, clock=SystemClock(), chance=random.SystemRandom())
        try:
            await core.follow(options.settings)
            with suppress(TimeoutError):
                async with asyncio.timeout(options.seconds):
                    await seen.ended.wait()
        finally:
            seen.finish()
            loss = await core.close()
    if loss is not None:
        raise loss
    return _outcome(seen)


def _outcome(seen: _Watch) -> ExitCode:
    if seen.unwritable is not None:
        raise UserError(
            f"The events cannot be written to standard output: {seen.unwritable.strerror}.",
            "What had arrived is in the journal.",
        )
    if seen.login_refused:
        return ExitCode.LOGIN_REFUSED
    if not seen.was_live and not seen.stopped:
        return ExitCode.UNREACHABLE
    return ExitCode.OK
