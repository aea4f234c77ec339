"""`check --report`: the real command, against a stock server."""

import asyncio
import json
import os
import stat
import sys
import zipfile
from asyncio.subprocess import PIPE
from pathlib import Path

from armguard_tray.exit_codes import ExitCode
from armguard_tray.messages.streams import Stream
from armguard_tray.paths import paths_below
from armguard_tray.server.demo.process import DemoServer
from armguard_tray.storage.journal import Journal
from tests.end_to_end.check.command import run_check as run_command
from tests.fakes.events import issued
from tests.fakes.scripted_server import Link, Peer, Request, ScriptedServer

ROOT = Path(__file__).resolve().parents[3]


async def run_check(demo: DemoServer, data_dir: Path, report: Path) -> tuple[int, str, str]:
    command = [
        *(sys.executable, "-m", "armguard_tray", "check", "--json", "--password-stdin"),
        *("--server", demo.url, "--username", demo.username),
        *("--data-dir", str(data_dir), "--report", str(report)),
    ]
    environment = {**os.environ, "HOME": str(data_dir), "REDISCLI_AUTH": "redis-secret"}
    process = await asyncio.create_subprocess_exec(
        *command, stdin=PIPE, stdout=PIPE, stderr=PIPE, cwd=ROOT, env=environment
    )
    output, errors = await process.communicate(f"{demo.password}\n".encode())
    assert process.returncode is not None
    return process.returncode, output.decode(), errors.decode()


async def test_the_report_holds_what_was_found_and_no_name(demo_server: DemoServer, tmp_path: Path) -> None:
    paths = paths_below(tmp_path / "data")
    journal = await Journal.open(paths.journal_file)
    await journal.append(demo_server.url, [issued(5, item="M4 - 00077")])
    await journal.close()
    paths.log_file.parent.mkdir()
    paths.log_file.write_text(f"Liza Aquino has 00077; {demo_server.password} redis-secret\n")
    report = tmp_path / "report.zip"

    code, output, errors = await run_check(demo_server, paths.data, report)

    assert code in {ExitCode.OK, ExitCode.WARNINGS}, errors
    assert f"The report is saved as {report}" in errors
    assert stat.S_IMODE(report.stat().st_mode) == 0o600
    with zipfile.ZipFile(report) as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist()}
    answer, saved = json.loads(output), json.loads(parts["ladder.json"])
    assert [(rung["id"], rung["status"]) for rung in saved["rungs"]] == [
        (rung["id"], rung["status"]) for rung in answer["rungs"]
    ]
    assert json.loads(parts["settings.json"])["server"]["address"] == demo_server.url
    assert parts["log.txt"].startswith("person-1 has serial-")
    assert parts["log.txt"].rstrip().endswith("; *** ***")
    whole = "\n".join(parts.values())
    hidden = ("Liza", "Aquino", "00077", demo_server.username, demo_server.password, "redis-secret")
    assert [each for each in hidden if each in whole] == []
    # The audit is one of the rungs, and claims nothing that nobody saw.
    complete = next(rung for rung in answer["rungs"] if rung["id"] == "complete")
    assert complete["status"] in {"unknown", "ok"}


async def test_a_report_that_cannot_be_saved_is_said_before_anything_is_checked(
    demo_server: DemoServer, tmp_path: Path
) -> None:
    code, output, errors = await run_check(demo_server, tmp_path, tmp_path / "missing" / "report.zip")
    assert (code, output) == (ExitCode.USAGE, "")
    assert "--report: there is no folder" in errors


async def test_secrets_that_the_server_says_back_are_told_nowhere(
    server: ScriptedServer, tmp_path: Path
) -> None:
    said: set[str] = set()

    async def say_it_back(link: Link, request: Request) -> None:
        peer = Peer(link, request)
        await peer.send('{"type": "connection_established"}')
        said.add(request.session or "")
        await peer.close(4000, f"your cookie is {request.session}, and Redis has of-redis-1")
        await peer.listen()

    for stream in Stream:
        server.on_handshake(stream, say_it_back)
    report = tmp_path / "report.zip"

    given = ("--server", server.url, "--username", "u", "--report", str(report))
    redis = {"REDIS_URL": "redis://:of-redis-1@127.0.0.1:1/0"}
    outcome = await run_command(*given, password="armory-demo", home=tmp_path, environment=redis)

    assert outcome.code == ExitCode.BROKEN, outcome.err
    assert "your cookie is ***, and Redis has ***" in outcome.out
    with zipfile.ZipFile(report) as archive:
        parts = [archive.read(name).decode() for name in archive.namelist()]
    (session,) = said
    assert session
    whole = "\n".join([outcome.out, outcome.err, *parts])
    assert [secret for secret in (session, "of-redis-1") if secret in whole] == []
