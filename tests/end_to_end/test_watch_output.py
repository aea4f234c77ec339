"""`armguard-tray watch` on outputs that take little or nothing, and with what no server should send."""

import json
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from armguard_tray.messages.streams import Stream
from tests.end_to_end.watch_process import WatchProcess
from tests.fakes.scripted_server import PASSWORD, ScriptedServer, hang
from tests.unit.messages.frames import RETURN, TAKE, take

LAST_YEAR = TAKE.replace("2026-11-24T11:25:26.899686", "9999-12-31T23:59:59Z")


@pytest_asyncio.fixture
async def server() -> AsyncIterator[ScriptedServer]:
    async with ScriptedServer().running() as running:
        yield running


def account(server: ScriptedServer) -> list[str]:
    return ["--server", server.url, "--username", "armorer1"]


async def lines_of(watch: WatchProcess, count: int) -> list[str]:
    assert watch.process.stdout is not None
    return [(await watch.process.stdout.readline()).decode() for _ in range(count)]


async def ended(watch: WatchProcess) -> tuple[int | None, str, str]:
    """Wait until it has ended; return its exit code and what was still to be read from both outputs."""
    out, err = await watch.process.communicate()
    return watch.process.returncode, out.decode(), err.decode()


@pytest.mark.parametrize("json_lines", [True, False], ids=["JSON", "table"])
async def test_a_hostile_time_hides_no_other_event(
    server: ScriptedServer, tmp_path: Path, *, json_lines: bool
) -> None:
    async with WatchProcess.start(
        *account(server), password=PASSWORD, home=tmp_path, json_lines=json_lines
    ) as watch:
        peer = await server.peer(Stream.TRANSACTIONS)
        for frame in (LAST_YEAR, RETURN):
            await peer.send(frame)
        lines = await lines_of(watch, 2 if json_lines else 3)
    assert "issued" in lines[-2].lower()
    assert "returned" in lines[-1].lower()


@pytest.mark.parametrize("json_lines", [True, False], ids=["JSON", "table"])
@pytest.mark.parametrize("redirect", ["2>/dev/full", "2>&-"], ids=["full", "closed"])
async def test_without_a_standard_error_there_are_events_and_nothing_else(
    server: ScriptedServer, tmp_path: Path, redirect: str, *, json_lines: bool
) -> None:
    async with WatchProcess.start(
        *account(server), password=PASSWORD, home=tmp_path, json_lines=json_lines, redirect=redirect
    ) as watch:
        peer = await server.peer(Stream.TRANSACTIONS)
        await peer.send(TAKE)
        *head, event = await lines_of(watch, 1 if json_lines else 2)
        watch.process.send_signal(signal.SIGTERM)
        code, rest, _ = await ended(watch)
    assert "Juan Dela Cruz" in event
    assert [line.split()[0] for line in head] == ([] if json_lines else ["Time"])
    assert (code, rest) == (0, "")


@pytest.mark.parametrize("json_lines", [True, False], ids=["JSON", "table"])
async def test_an_output_on_a_full_disk_ends_it_with_1_and_a_sentence(
    server: ScriptedServer, tmp_path: Path, *, json_lines: bool
) -> None:
    async with WatchProcess.start(
        *account(server), password=PASSWORD, home=tmp_path, json_lines=json_lines, redirect=">/dev/full"
    ) as watch:
        peer = await server.peer(Stream.TRANSACTIONS)
        await peer.send(TAKE)
        code, _, said = await ended(watch)
    assert code == 1
    assert said.splitlines()[-1] == (
        "armguard-tray: The events cannot be written to standard output: No space left on device. "
        "What had arrived is in the journal."
    )


async def test_a_reader_that_leaves_before_all_is_live_ends_it_with_0_too(
    server: ScriptedServer, tmp_path: Path
) -> None:
    server.on_handshake(Stream.INVENTORY, hang)
    async with WatchProcess.start(*account(server), password=PASSWORD, home=tmp_path) as watch:
        peer = await server.peer(Stream.TRANSACTIONS)
        await watch.hang_up()
        await peer.send(TAKE)
        code, *_ = await ended(watch)
    assert code == 0


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
async def test_a_pipe_carries_utf_8_whatever_the_locale(
    server: ScriptedServer, tmp_path: Path, encoding: str
) -> None:
    async with WatchProcess.start(
        *account(server),
        password=PASSWORD,
        home=tmp_path,
        json_lines=False,
        environment={"PYTHONIOENCODING": encoding},
    ) as watch:
        peer = await server.peer(Stream.TRANSACTIONS)
        await peer.send(take(1, person="José Peña"))
        _, row = await lines_of(watch, 2)
    assert "→ Issued" in row
    assert "José Peña" in row


async def test_the_raw_frame_cannot_drive_a_terminal(server: ScriptedServer, tmp_path: Path) -> None:
    frame = TAKE.replace("Juan", "\x9b2J\u202e\x7f")
    async with WatchProcess.start(*account(server), password=PASSWORD, home=tmp_path) as watch:
        peer = await server.peer(Stream.TRANSACTIONS)
        await peer.send(frame)
        (line,) = await lines_of(watch, 1)
    assert line.rstrip("\n").isprintable()
    assert json.loads(line)["data"] == json.loads(frame)
