"""`armguard-tray watch`: what happens on the server appears in the terminal."""

import re
import signal
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from armguard_tray.server.demo.process import DemoServer
from tests.end_to_end.watch_process import WatchProcess
from tests.fakes.demo_server import JOSE, JUAN, M4_00077, M4_00177, DemoClient, RestartableDemo


def account(server: DemoServer) -> list[str]:
    return ["--server", server.url, "--username", server.username]


def files_with(content: bytes, folder: Path) -> list[Path]:
    return [file for file in folder.rglob("*") if file.is_file() and content in file.read_bytes()]


async def test_a_transaction_made_over_http_is_a_line_and_a_row_in_the_journal(
    demo_server: DemoServer, armorer: DemoClient, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    async with WatchProcess.start(
        *account(demo_server), f"--data-dir={data}", password=demo_server.password, home=tmp_path
    ) as watch:
        await watch.state("live")
        number = armorer.issue(JUAN, M4_00077, mags=3, rounds=90)
        line = await watch.event(lambda line: line["id"] == number and line["stream"] == "transactions")
        watch.process.send_signal(signal.SIGTERM)
        assert await watch.end() == 0
    expected = {"stream", "kind", "id", "time", "received", "source", "epoch", "seq", "text", "data"}
    assert set(line) == expected
    assert (line["stream"], line["id"], line["source"]) == ("transactions", number, "live")
    assert line["text"].startswith("M4 - 00077 issued · Juan Dela Cruz · Guard Duty · 3 mags, 90 rounds")
    assert line["data"]["transaction"]["item_id"] == M4_00077
    assert re.search(r"\+08:00$", line["time"]), "the server's time carries the server's offset"
    assert datetime.fromisoformat(line["received"]).tzinfo is not None
    with closing(sqlite3.connect(data / "journal.sqlite3")) as journal:
        assert journal.execute(
            "SELECT kind, person FROM event WHERE transaction_id = ?", [number]
        ).fetchall() == [("transaction_created", "Juan Dela Cruz")]


async def test_notices_and_changes_of_status_come_too(
    demo_server: DemoServer, armorer: DemoClient, tmp_path: Path
) -> None:
    async with WatchProcess.start(
        *account(demo_server), f"--data-dir={tmp_path}", password=demo_server.password, home=tmp_path
    ) as watch:
        await watch.state("live")
        number = armorer.issue(JOSE)
        notice = await watch.event(lambda line: line["stream"] == "notifications")
        armorer.change_status(M4_00177, "Maintenance")
        status = await watch.event(lambda line: line["stream"] == "inventory")
        armorer.change_status(M4_00177, "Available")
    assert notice["id"] == number
    assert "José <B>X</B> Peña" in notice["text"], "markup in a name is text"
    assert (status["id"], status["data"]["status"]) == (M4_00177, "Maintenance")


async def test_with_the_servers_live_app_a_line_has_its_place_in_the_log(tmp_path: Path) -> None:
    demo = RestartableDemo(tmp_path / "server", stock=False)
    server = await demo.start()
    try:
        data = f"--data-dir={tmp_path / 'data'}"
        async with WatchProcess.start(
            *account(server), data, password=server.password, home=tmp_path
        ) as watch:
            state = await watch.state("live")
            first = await _issue_and_wait(server, watch)
            watch.process.send_signal(signal.SIGTERM)
            assert await watch.end() == 0
        with DemoClient(server) as armorer:
            armorer.log_in()
            missed = armorer.issue(JOSE)
        async with WatchProcess.start(
            *account(server), data, password=server.password, home=tmp_path
        ) as watch:
            later = await watch.event(lambda line: line["kind"] == "transaction_created")
    finally:
        await demo.stop()
    assert state["app"]["layer"] == "memory"
    assert first["source"] == "live"
    assert (later["id"], later["source"], later["epoch"]) == (missed, "catchup", first["epoch"])
    assert later["seq"] > first["seq"]


async def _issue_and_wait(server: DemoServer, watch: WatchProcess) -> dict[str, Any]:
    with DemoClient(server) as armorer:
        armorer.log_in()
        armorer.issue()
        line = await watch.event(lambda line: line["kind"] == "transaction_created")
        armorer.take_back()
        await watch.event(lambda line: line["kind"] == "transaction_returned")
    return line


async def test_it_ends_with_0_when_its_time_is_up(demo_server: DemoServer, tmp_path: Path) -> None:
    async with WatchProcess.start(
        *account(demo_server), "--for", "2", password=demo_server.password, home=tmp_path
    ) as watch:
        assert await watch.end() == 0


async def test_a_refused_password_ends_it_with_3_and_is_in_no_log(
    demo_server: DemoServer, tmp_path: Path
) -> None:
    async with WatchProcess.start(
        "--server", demo_server.url, "--username", "nobody", password="s3cret-and-wrong", home=tmp_path
    ) as watch:
        assert await watch.end() == 3
    assert not files_with(b"s3cret-and-wrong", tmp_path)


@pytest.fixture
def closed_port() -> Iterator[int]:
    """Return a port of this machine on which nobody listens, held so that nobody else takes it."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


async def test_a_server_that_cannot_be_reached_in_time_ends_it_with_4(
    closed_port: int, tmp_path: Path
) -> None:
    async with WatchProcess.start(
        "--server",
        f"http://127.0.0.1:{closed_port}",
        "--username",
        "x",
        "--for",
        "2",
        password="x",
        home=tmp_path,
    ) as watch:
        state = await watch.state("offline")
        assert state["trouble"] == "server refused the connection"
        assert await watch.end() == 4


@pytest.mark.parametrize(
    "arguments",
    [
        ["--server", "armory.local", "--username", "x"],
        ["--server", "http://192.168.0.177", "--username", "x"],
        ["--server", "https://armory.local:8443"],
        ["--for", "-1"],
        ["--no-such-option"],
    ],
    ids=["no scheme", "unencrypted", "no user", "negative time", "unknown option"],
)
async def test_wrong_usage_ends_it_with_2_and_a_sentence(arguments: list[str], tmp_path: Path) -> None:
    async with WatchProcess.start(*arguments, password="x", home=tmp_path) as watch:
        _, said = await watch.process.communicate()
    assert watch.process.returncode == 2
    assert said.startswith(b"armguard-tray")
    assert b"Traceback" not in said


async def test_without_a_password_it_says_how_to_give_one(demo_server: DemoServer, tmp_path: Path) -> None:
    async with WatchProcess.start(*account(demo_server), password=None, home=tmp_path) as watch:
        _, said = await watch.process.communicate()
    assert watch.process.returncode == 2
    assert b"--password-stdin" in said


async def test_a_reader_that_goes_away_ends_it_with_0(
    demo_server: DemoServer, armorer: DemoClient, tmp_path: Path
) -> None:
    async with WatchProcess.start(
        *account(demo_server), password=demo_server.password, home=tmp_path
    ) as watch:
        await watch.state("live")
        await watch.hang_up()
        armorer.issue()
        assert await watch.end() == 0


async def test_a_folder_that_another_watch_uses_is_refused(demo_server: DemoServer, tmp_path: Path) -> None:
    arguments = [*account(demo_server), f"--data-dir={tmp_path}"]
    async with WatchProcess.start(*arguments, password=demo_server.password, home=tmp_path) as first:
        await first.state("live")
        async with WatchProcess.start(*arguments, password=demo_server.password, home=tmp_path) as second:
            _, said = await second.process.communicate()
    assert second.process.returncode == 1
    assert b"Another ArmGuard Tray uses the folder" in said


async def test_it_comes_back_by_itself_after_the_server_was_killed(
    restartable_demo: RestartableDemo, tmp_path: Path
) -> None:
    server = restartable_demo.server
    async with WatchProcess.start(*account(server), password=server.password, home=tmp_path) as watch:
        await watch.state("live")
        await restartable_demo.kill()
        await watch.state("offline")
        server = await restartable_demo.start()
        await watch.state("live")
        with DemoClient(server) as client:
            client.log_in()
            number = client.issue()
        assert (await watch.event(lambda line: line["kind"] == "transaction_created"))["id"] == number


async def test_a_killed_watch_keeps_every_line_it_printed_and_starts_again(
    demo_server: DemoServer, armorer: DemoClient, tmp_path: Path
) -> None:
    arguments = [*account(demo_server), f"--data-dir={tmp_path}"]
    async with WatchProcess.start(*arguments, password=demo_server.password, home=tmp_path) as watch:
        await watch.state("live")
        number = armorer.issue()
        await watch.event(lambda line: line["id"] == number and line["stream"] == "transactions")
        watch.process.kill()
        await watch.end()
    with closing(sqlite3.connect(tmp_path / "journal.sqlite3")) as journal:
        rows = journal.execute("SELECT count(*) FROM event WHERE transaction_id = ?", [number]).fetchone()
        assert rows == (1,)
    async with WatchProcess.start(*arguments, password=demo_server.password, home=tmp_path) as watch:
        await watch.state("live")


async def test_people_get_a_table(demo_server: DemoServer, armorer: DemoClient, tmp_path: Path) -> None:
    async with WatchProcess.start(
        *account(demo_server), password=demo_server.password, home=tmp_path, json_lines=False
    ) as watch:
        assert watch.process.stderr is not None
        assert watch.process.stdout is not None
        while b"live" not in await watch.process.stderr.readline():
            pass
        armorer.issue(JUAN, M4_00077)
        head = (await watch.process.stdout.readline()).decode()
        row = (await watch.process.stdout.readline()).decode()
    assert head.split() == ["Time", "What", "Item", "Person", "Details"]
    assert re.match(r"\d\d/\d\d/\d\d \d\d:\d\d:\d\d  → Issued +M4 - 00077 +Juan Dela Cruz", row)
