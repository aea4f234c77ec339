"""The traffic that the demo plays, inside its process and beside it."""

import asyncio
import os
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

from armguard_tray.server.demo.process import DemoServer
from tests.fakes.demo_server import DATABASE, DemoClient
from tests.server.sockets import next_of, socket_of

PLAY = [sys.executable, "-m", "django", "play_traffic", "--settings", "armguard_tray.server.demo.settings"]


async def play(data_dir: Path, *options: str, **environment: str) -> tuple[int | None, str]:
    """Run the management command; return its exit code and what it said."""
    process = await asyncio.create_subprocess_exec(
        *PLAY,
        *options,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        env=os.environ | {"ARMGUARD_DEMO_DATA_DIR": str(data_dir)} | environment,
    )
    _, said = await process.communicate()
    return process.returncode, said.decode()


def transactions(data_dir: Path) -> list[tuple[object, ...]]:
    columns = "id, action, personnel_id, item_id, issued_by_id, duty_type, mags, rounds, notes"
    with closing(sqlite3.connect(data_dir / DATABASE)) as database:
        return database.execute(f"SELECT {columns} FROM demo_transaction ORDER BY id").fetchall()  # noqa: S608


async def test_server_plays_traffic_that_its_own_clients_hear() -> None:
    async with DemoServer.start(rate=3000, seed=1) as server:
        with DemoClient(server) as client:
            client.log_in()
            async with (
                socket_of(client, "transactions") as of_transactions,
                socket_of(client, "inventory") as of_inventory,
                socket_of(client, "notifications") as of_notifications,
            ):
                await next_of(of_transactions, "transaction_created")
                await next_of(of_transactions, "transaction_returned")
                await next_of(of_inventory, "inventory_updated")
                await next_of(of_notifications, "notification")


async def test_same_seed_plays_the_same_events(tmp_path: Path) -> None:
    played = []
    for name in ("one", "two"):
        async with DemoServer.start(data_dir=tmp_path / name):
            options = ("--rate", "600000", "--count", "60", "--seed", "7")
            assert (await play(tmp_path / name, *options))[0] == 0
        played.append(transactions(tmp_path / name))
    assert played[0] == played[1]
    assert {action for _, action, *_ in played[0]} == {"Take", "Return"}
    assert len(played[0]) > 30


async def test_command_without_redis_says_that_nobody_hears_it(tmp_path: Path) -> None:
    async with DemoServer.start(data_dir=tmp_path):
        code, said = await play(tmp_path, "--rate", "60000", "--count", "1")
    assert code == 0
    assert "announced to nobody" in said


async def test_rate_of_nothing_is_refused(tmp_path: Path) -> None:
    code, said = await play(tmp_path, "--rate", "0")
    assert code != 0
    assert "--rate must be above 0" in said
