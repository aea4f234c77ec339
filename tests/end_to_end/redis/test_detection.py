"""Redis is found by itself, and a password goes only where it belongs."""

import asyncio
from pathlib import Path

import pytest
from redis.asyncio import Redis

from armguard_tray.checkup.redis import best, look_at_all
from armguard_tray.redis_probe.find import Candidate, candidates
from armguard_tray.redis_probe.report import Reason, RedisState
from tests.fakes.redis_server import REDIS_SERVER, free_port, redis_server

pytestmark = pytest.mark.skipif(REDIS_SERVER is None, reason="redis-server is not installed")


async def test_a_redis_that_the_environment_names(tmp_path: Path) -> None:
    async with redis_server(tmp_path, "--requirepass", "a secret") as port:
        environ = {"REDIS_URL": f"redis://:a%20secret@127.0.0.1:{port}/2"}
        chosen = best(await look_at_all(candidates(environ=environ)))

    assert chosen is not None
    assert (chosen.report.reason, chosen.report.where) == (Reason.ANSWERS, f"127.0.0.1:{port}")
    assert chosen.figures is not None
    assert "a secret" not in repr(chosen)


async def test_one_that_answers_is_better_than_one_that_does_not(tmp_path: Path) -> None:
    nobody = Candidate(address=f"redis://127.0.0.1:{free_port()}", why="the address of the settings")
    async with redis_server(tmp_path) as port:
        there = Candidate(address=f"redis://127.0.0.1:{port}/1", why="this machine")
        found = await look_at_all([nobody, there])

    assert [each.report.state for each in found] == [RedisState.DOWN, RedisState.UP]
    chosen = best(found)
    assert chosen is not None
    assert chosen.candidate is there


async def test_of_none_that_answers_the_named_one_is_told_of() -> None:
    named = Candidate(address=f"redis://127.0.0.1:{free_port()}", why="the address of the settings")
    other = Candidate(address=f"redis://127.0.0.1:{free_port()}", why="this machine")

    chosen = best(await look_at_all([named, other]))

    assert chosen is not None
    assert chosen.candidate is named


async def test_a_password_is_not_carried_to_another_place(tmp_path: Path) -> None:
    options = ("--requirepass", "another's")
    async with redis_server(tmp_path, *options) as port, Redis(port=port, password="another's") as client:
        places = candidates(
            given=f"redis://127.0.0.1:{free_port()}",
            password="a secret",
            environ={"REDIS_URL": f"redis://127.0.0.1:{port}"},
        )
        chosen = best(await look_at_all(places[:2]))
        errors = await client.info("errorstats")

    assert chosen is not None
    assert chosen.report.reason is Reason.LOGIN_NEEDED
    assert "errorstat_WRONGPASS" not in errors


async def test_all_are_looked_at_side_by_side() -> None:
    everybody = asyncio.Barrier(2)

    async def answers_when_all_are_there(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await everybody.wait()
        writer.write(b"-DENIED Redis is running in protected mode\r\n" * 3)
        await reader.read()
        writer.close()

    async with (
        await asyncio.start_server(answers_when_all_are_there, "127.0.0.1", 0) as one,
        await asyncio.start_server(answers_when_all_are_there, "127.0.0.1", 0) as two,
    ):
        ports = [each.sockets[0].getsockname()[1] for each in (one, two)]
        found = await look_at_all([Candidate(address=f"redis://127.0.0.1:{port}", why="") for port in ports])

    assert [each.report.reason for each in found] == [Reason.PROTECTED_MODE, Reason.PROTECTED_MODE]
