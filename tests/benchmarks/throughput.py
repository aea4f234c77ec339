"""How many events a second go from the socket through the journal into a visible table, and at what price.

The parts of the tray run in a process of their own (`programs.loaded_desk`), the server in another. Once
as fast as it goes, in turn with the floors: a bare client on the same loop, and a bare insert; and at a
steady rate, with an idle process beside it that tells how long the machine itself makes a process wait.
"""

import sqlite3
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

from armguard_tray.paths import paths_below
from tests.benchmarks.figures import Figure, always, never_over
from tests.benchmarks.processes import heard, program, running, say
from tests.fakes.desktop_session import DesktopSession
from tests.fakes.private_desktop import PrivateDesktop

RATE = 5000
SECONDS = 20
# A little more than what is to be sustained: the last rows reach the table up to 0.2 s after they were sent.
SENT_RATE = 5100
STEADY = SENT_RATE * SECONDS
STEADY_TIMES = 2
FLAT_OUT = 60_000
TIMES = 3
PATIENCE = 90.0

Result = dict[str, Any]


async def measure(session: DesktopSession, folder: Path) -> list[Figure]:
    """Measure both on the private desktop of `session`."""
    flat_out = await _flat_out(session, folder)
    return [*await _steady(session, folder), *flat_out]


async def _steady(session: DesktopSession, folder: Path) -> list[Figure]:
    desks: list[Result] = []
    floors: list[Result] = []
    for _ in range(STEADY_TIMES):
        async with running(program("bare_heartbeat"), session.env) as idle:
            await heard(idle, PATIENCE)
            desks.append(await _desk(session, folder, STEADY, SENT_RATE))
            say(idle, "stop")
            floors.append(await heard(idle, PATIENCE))

    def of(name: str, results: list[Result]) -> list[float]:
        return [each[name] for each in results]

    when = f"at {RATE:,} a second"
    return [
        Figure(
            what="sustained for 20 s: journalled and in the table",
            unit="events/s",
            samples=[STEADY / each for each in of("seconds", desks)],
            goal=always(RATE),
        ),
        Figure(
            what=f"longest stall of the UI thread {when}",
            unit="ms",
            samples=of("stall_longest", desks),
            floor=of("stall_longest", floors),
            goal=never_over(50),
        ),
        Figure(
            what=f"stall of the UI thread {when}, 99 %",
            unit="ms",
            samples=of("stall_p99", desks),
            floor=of("stall_p99", floors),
        ),
        Figure(what=f"sent to in the table {when}, median", unit="ms", samples=of("latency_median", desks)),
        Figure(what=f"sent to in the table {when}, 99 %", unit="ms", samples=of("latency_p99", desks)),
        Figure(what=f"processor of the tray {when}", unit="% of a core", samples=of("cpu", desks)),
        Figure(what=f"resident memory after {STEADY:,} events", unit="MiB", samples=of("resident", desks)),
    ]


async def _flat_out(session: DesktopSession, folder: Path) -> list[Figure]:
    desk: list[Result] = []
    reader: list[float] = []
    insert: list[float] = []
    for _ in range(TIMES):
        desk.append(await _desk(session, folder, FLAT_OUT, None))
        reader.append(FLAT_OUT / (await _bare_reader(session))["seconds"])
        insert.append(FLAT_OUT / (await _bare_insert(session, folder))["seconds"])
    events = [FLAT_OUT / each["seconds"] for each in desk]
    what = "flat out: journalled and in the table"
    return [
        Figure(what=f"{what}; floor: bare client", unit="events/s", samples=events, floor=reader),
        Figure(what=f"{what}; floor: bare insert", unit="events/s", samples=events, floor=insert),
        Figure(
            what="longest stall of the UI thread flat out",
            unit="ms",
            samples=[each["stall_longest"] for each in desk],
        ),
    ]


async def _desk(session: DesktopSession, folder: Path, count: int, rate: int | None) -> Result:
    """Let the tray take `count` events, at `rate` a second or as fast as it can; return what it measured."""
    with tempfile.TemporaryDirectory(dir=folder) as data:
        async with (
            _surroundings(session),
            running(program("frame_server", count, rate or 0), session.env) as server,
        ):
            url = (await heard(server, PATIENCE))["url"]
            async with running(program("loaded_desk", url, data, count), session.env) as desk:
                await heard(desk, PATIENCE)
                say(server, "go")
                result = await heard(desk, PATIENCE)
        _check_journal(paths_below(Path(data)).journal_file, count)
    return result


@asynccontextmanager
async def _surroundings(session: DesktopSession) -> AsyncIterator[None]:
    """Have a tray and toasts on the desktop, where Qt shows its windows on one."""
    if session.env["QT_QPA_PLATFORM"] == "offscreen":
        yield
    else:
        async with PrivateDesktop(session):
            yield


def _check_journal(file: Path, count: int) -> None:
    with closing(sqlite3.connect(file)) as journal:
        query = "SELECT count(*), count(DISTINCT transaction_id) FROM event"
        assert journal.execute(query).fetchone() == (count, count), "the journal has not each event once"


async def _bare_reader(session: DesktopSession) -> Result:
    async with running(program("frame_server", FLAT_OUT, 0), session.env) as server:
        url = (await heard(server, PATIENCE))["url"]
        async with running(program("bare_reader", url, FLAT_OUT), session.env) as reader:
            await heard(reader, PATIENCE)
            say(server, "go")
            return await heard(reader, PATIENCE)


async def _bare_insert(session: DesktopSession, folder: Path) -> Result:
    with tempfile.TemporaryDirectory(dir=folder) as data:
        async with running(
            program("bare_insert", Path(data) / "bare.sqlite3", FLAT_OUT), session.env
        ) as insert:
            return await heard(insert, PATIENCE)
