"""`armguard-tray check` in the terminal."""

import asyncio
import socket
from pathlib import Path

from armguard_tray.server.demo.process import DemoServer
from tests.end_to_end.check.command import run_check
from tests.fakes.scripted_server import PASSWORD, ScriptedServer, page, status

RUNGS = [
    "name",
    "tcp",
    "tls",
    "http",
    "clock",
    "password",
    "login",
    "session",
    "handshake:transactions",
    "handshake:inventory",
    "handshake:notifications",
    "subscribed:transactions",
    "subscribed:inventory",
    "subscribed:notifications",
    "last-event",
    "complete",
    "layer",
    "redis",
    "toasts",
]


def account(server: DemoServer | ScriptedServer) -> list[str]:
    return ["--server", server.url, "--username", "armorer1"]


async def test_a_server_that_is_well(demo_server: DemoServer, tmp_path: Path) -> None:
    outcome = await run_check(*account(demo_server), password=demo_server.password, home=tmp_path)
    assert outcome.code == 0, outcome
    assert outcome.out.startswith("◐ "), "nothing was announced meanwhile"
    assert outcome.out.count("✓ ok      TCP") == 1
    assert "? unknown Channel layer" in outcome.out
    assert outcome.err == "", "nobody watches it run"
    assert demo_server.password not in outcome.out + outcome.err


async def test_the_same_as_json(demo_server: DemoServer, tmp_path: Path) -> None:
    outcome = await run_check(*account(demo_server), "--json", password=demo_server.password, home=tmp_path)
    assert outcome.code == 0, outcome
    answer = outcome.answer
    assert set(answer) == {"verdict", "headline", "rungs", "causes"}
    assert answer["verdict"] == "ok"
    assert [rung["id"] for rung in answer["rungs"]] == RUNGS
    assert all(set(rung) == {"id", "status", "evidence", "ms", "since"} for rung in answer["rungs"])
    assert outcome.out.count("\n") == 1, "one line"


async def test_a_refused_login_is_an_exit_code_of_its_own(tmp_path: Path) -> None:
    async with ScriptedServer().running() as server:
        outcome = await run_check(*account(server), "--json", password="wrong", home=tmp_path)
        assert server.passwords == ["wrong"]
    assert outcome.code == 3
    assert outcome.codes == ["wrong-password"]


async def test_a_locked_account_too(tmp_path: Path) -> None:
    async with ScriptedServer().running() as server:
        server.on_page("GET", "/login/", page(403, "<h1>Account locked: too many login attempts.</h1>"))
        outcome = await run_check(*account(server), "--json", password=PASSWORD, home=tmp_path)
        assert server.passwords == []
    assert outcome.code == 3
    assert outcome.codes == ["locked-out"]


async def test_what_does_not_work_is_said_with_what_to_do(tmp_path: Path) -> None:
    async with ScriptedServer().running() as server:
        server.on_handshake(None, *[status(500)] * 3)
        for path in ("transactions", "inventory", "notifications"):
            server._on_handshake[f"/ws/{path}/"].append(status(500))
        outcome = await run_check(*account(server), password=PASSWORD, home=tmp_path)
    assert outcome.code == 4
    assert outcome.out.startswith("✗ ")
    assert "✗ failed  Handshake of transactions" in outcome.out
    assert "[handshake-500]" in outcome.out
    assert "RedisChannelLayer" in outcome.out


async def test_a_server_that_is_not_there(tmp_path: Path) -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{bound.getsockname()[1]}"
        outcome = await run_check(
            "--server", url, "--username", "armorer1", "--json", password=PASSWORD, home=tmp_path
        )
    assert outcome.code == 4
    assert outcome.codes == ["refused"]


async def test_without_a_password_the_ladder_shows_what_lies_below(tmp_path: Path) -> None:
    async with ScriptedServer().running() as server:
        outcome = await run_check(*account(server), "--json", password=None, home=tmp_path)
        assert server.passwords == []
    rungs = {rung["id"]: rung["status"] for rung in outcome.answer["rungs"]}
    assert outcome.code == 4
    assert outcome.codes == ["password-missing"]
    assert (rungs["http"], rungs["password"], rungs["login"]) == ("ok", "failed", "unknown")


async def test_without_a_server_it_says_that_none_is_set_up(tmp_path: Path) -> None:
    outcome = await run_check("--json", password=None, home=tmp_path)
    assert outcome.code == 4
    assert outcome.codes == ["not-set-up"]


async def test_a_redis_that_is_named_and_not_there_is_a_warning(
    demo_server: DemoServer, tmp_path: Path
) -> None:
    outcome = await run_check(
        *account(demo_server),
        *("--redis", "redis://127.0.0.1:1/0", "--json"),
        password=demo_server.password,
        home=tmp_path,
    )
    assert outcome.code == 1
    assert outcome.codes == ["redis-down"]


async def test_wrong_usage(tmp_path: Path) -> None:
    for arguments, said in (
        (["--server", "armory"], "--server"),
        (["--server", "http://127.0.0.1:1"], "--username"),
        (["--ca-file", "/nowhere/ca.pem"], "--ca-file"),
        (["--redis", "redis://:secret@127.0.0.1"], "--redis"),
    ):
        outcome = await run_check(*arguments, password=PASSWORD, home=tmp_path)
        assert outcome.code == 2
        assert said in outcome.err
        assert outcome.out == ""


async def test_it_needs_no_qt(tmp_path: Path) -> None:
    blocked = tmp_path / "blocked"
    for name in ("PySide6", "qasync"):
        (blocked / name).mkdir(parents=True)
        (blocked / name / "__init__.py").write_text("raise AssertionError('it was imported')")
    outcome = await run_check(
        "--json", password=None, home=tmp_path, environment={"PYTHONPATH": str(blocked)}
    )
    assert outcome.codes == ["not-set-up"], outcome.err


async def test_whoever_interrupts_it_is_not_told_that_all_is_well(tmp_path: Path) -> None:
    asked = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.set()
        await reader.read()
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    async with server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        outcome = await run_check(
            *("--server", url, "--username", "x", "--json"), password="secret", home=tmp_path, interrupt=asked
        )
    assert (outcome.code, outcome.out) == (130, "")
