"""One look at a real Redis in many moods: what it is, its figures, and what it may not be asked."""

import asyncio
import ssl
from collections.abc import Callable
from pathlib import Path

import pytest
from redis.asyncio import Redis

from armguard_tray.connection.tls import client_context
from armguard_tray.redis_probe.address import target_of
from armguard_tray.redis_probe.permissions import COSTS, read_only_rules
from armguard_tray.redis_probe.probe import PINGS, Looked, look
from armguard_tray.redis_probe.report import Reason, RedisState
from armguard_tray.redis_probe.second_look import second_look
from tests.end_to_end.redis.moods import (
    READER,
    SECRET,
    account,
    fill,
    reader_without,
)
from tests.fakes.redis_moods import loading_redis, tls_redis
from tests.fakes.redis_server import REDIS_SERVER, controlled_redis, free_port, redis_server

pytestmark = pytest.mark.skipif(REDIS_SERVER is None, reason="redis-server is not installed")


def url(port: int, user: str = "") -> str:
    return f"redis://{user}@127.0.0.1:{port}/0" if user else f"redis://127.0.0.1:{port}/0"


async def test_the_figures_of_a_redis_that_is_well(tmp_path: Path) -> None:
    async with redis_server(tmp_path, "--maxclients", "50") as port:
        report, figures = await look(url(port))

    assert report.reason is Reason.ANSWERS
    assert figures is not None
    assert (figures.role, figures.max_memory, figures.policy) == ("master", 0, "noeviction")
    assert (figures.clients, figures.max_clients, figures.blocked_clients) == (1, 50, 0)
    assert (figures.evicted, figures.refused, figures.loading) == (0, 0, False)
    assert (figures.last_save_ok, figures.last_save_ago) == (True, None)
    assert figures.uptime is not None
    assert figures.used_memory is not None
    assert figures.missing == ()
    assert len(figures.pings) == PINGS
    assert figures.ping(50) is not None


async def test_a_background_save_is_dated(tmp_path: Path) -> None:
    async with redis_server(tmp_path) as port, Redis(port=port) as client:
        await client.bgsave()
        async with asyncio.timeout(60):
            while (await client.info("persistence"))["rdb_bgsave_in_progress"]:
                pass
        _, figures = await look(url(port))

    assert figures is not None
    assert figures.last_save_ago is not None


async def test_a_look_sends_reads_alone_and_does_not_introduce_itself(tmp_path: Path) -> None:
    async with redis_server(tmp_path) as port, Redis(port=port) as client, client.monitor() as monitor:
        await look(f"redis://127.0.0.1:{port}/3")
        sent = set()
        async with asyncio.timeout(60):
            while (
                command := (await monitor.next_command())["command"]
            ) != "TTL armguard::group:transactions_feed":
                sent.add(command.split()[0])

    assert sent == {"SELECT", "PING", "INFO", "TIME", "ZRANGEBYSCORE"}


async def test_what_happened_since_the_look_before(tmp_path: Path) -> None:
    options = ("--maxmemory", "6mb", "--maxmemory-policy", "allkeys-lru", "--maxclients", "3")
    async with controlled_redis(tmp_path, *options) as server:
        async with Redis(port=server.port) as client:
            _, before = await look(server.url)
            for number in range(300):
                await client.set(f"key-{number}", "x" * 50_000)
            await client.set("maxclients is reached", "")
            first, second = [await asyncio.open_connection("127.0.0.1", server.port) for _ in range(2)]
            crowded, _ = await look(server.url)
            for _, writer in (first, second):
                writer.close()
                await writer.wait_closed()
            _, after = await look(server.url, before=before)
        await server.stop()
        await server.start()
        _, anew = await look(server.url, before=after)

    assert crowded.reason is Reason.TOO_MANY_CLIENTS
    assert before is not None
    assert after is not None
    assert anew is not None
    assert (before.evicted_lately, before.refused_lately, before.restarted) == (None, None, False)
    assert (after.evicted_lately or 0) > 0
    assert (after.refused_lately or 0) > 0
    assert (after.restarted, anew.restarted) == (False, True)
    assert (anew.evicted_lately, anew.refused_lately) == (0, 0)


async def test_a_redis_whose_memory_is_full(tmp_path: Path) -> None:
    async with redis_server(tmp_path, "--maxmemory", "6mb") as port:
        await fill(port)
        report, figures = await look(url(port))

    assert (report.state, report.reason) == (RedisState.UP, Reason.FULL)
    assert figures is not None
    assert figures.full


async def test_a_redis_that_is_still_loading(tmp_path: Path) -> None:
    async with loading_redis(tmp_path) as port:
        report, figures = await look(url(port))

    assert report.reason is Reason.LOADING
    assert figures is not None
    assert figures.loading


@pytest.mark.parametrize(
    ("serves_stale", "reason", "state"),
    [("yes", Reason.REPLICA, RedisState.UP), ("no", Reason.MASTER_LOST, RedisState.UNUSABLE)],
)
async def test_a_replica(tmp_path: Path, serves_stale: str, reason: Reason, state: RedisState) -> None:
    # Its master is never there: whether it answers all the same is a setting.
    options = ("--replicaof", f"127.0.0.1 {free_port()}", "--replica-serve-stale-data", serves_stale)
    async with redis_server(tmp_path, *options) as port:
        report, figures = await look(url(port))

    assert (report.reason, report.state) == (reason, state)
    assert figures is not None
    assert figures.role == "replica"


async def test_a_frozen_redis(tmp_path: Path) -> None:
    async with controlled_redis(tmp_path) as server:
        server.freeze()
        report, figures = await look(server.url, timeout=0.3)

    assert (report.reason, figures) == (Reason.TIMED_OUT, None)


async def test_the_desks_trust_counts_for_redis_too(tmp_path: Path) -> None:
    async with tls_redis(tmp_path) as (port, authority):
        address = f"rediss://127.0.0.1:{port}"
        trusted, _ = await look(address, tls=client_context(str(authority)))
        foreign, _ = await look(address, tls=client_context())
        usual, _ = await look(address)

    assert trusted.reason is Reason.ANSWERS
    assert (foreign.reason, usual.reason) == (Reason.CERTIFICATE, Reason.CERTIFICATE)


@pytest.mark.parametrize("newest", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_a_redis_that_demands_a_client_certificate(tmp_path: Path, newest: ssl.TLSVersion) -> None:
    async with tls_redis(tmp_path, demands=True) as (port, authority):
        context = ssl.create_default_context(cafile=str(authority))
        context.maximum_version = newest
        report, _ = await look(f"rediss://127.0.0.1:{port}", tls=context)

    assert report.reason is Reason.CLIENT_CERTIFICATE


async def test_a_demand_for_a_certificate_that_was_lost_is_seen_at_the_second_look(tmp_path: Path) -> None:
    async with tls_redis(tmp_path, demands=True) as (port, _):
        better = await second_look(target_of(f"rediss://127.0.0.1:{port}"), Reason.CLOSED)

    assert better is Reason.CLIENT_CERTIFICATE


async def test_a_plain_address_for_the_tls_port_of_a_redis(tmp_path: Path) -> None:
    async with tls_redis(tmp_path) as (port, _):
        report, _ = await look(url(port))

    assert report.reason is Reason.TLS_NEEDED


async def test_a_database_that_is_not_there(tmp_path: Path) -> None:
    async with redis_server(tmp_path, "--databases", "2") as port:
        report, _ = await look(f"redis://127.0.0.1:{port}/7")

    assert report.reason is Reason.ERROR
    assert "out of range" in report.sentence


async def look_as(folder: Path, *options: str) -> Looked:
    async with redis_server(folder, *options) as port:
        return await look(url(port, READER), password=SECRET)


async def test_nothing_is_missing_to_the_read_only_account(tmp_path: Path) -> None:
    report, figures = await look_as(tmp_path, *reader_without(""))

    assert report.reason is Reason.ANSWERS
    assert figures is not None
    assert figures.missing == ()


async def test_the_rules_for_redis_6_do_too(tmp_path: Path) -> None:
    report, figures = await look_as(tmp_path, *account(read_only_rules(6)))

    assert report.reason is Reason.ANSWERS
    assert figures is not None
    assert figures.missing == ()


@pytest.mark.parametrize("name", COSTS)
async def test_each_missing_permission_says_what_it_costs(tmp_path: Path, name: str) -> None:
    rule = "%R~*:group:*" if name == "~*:group:*" else f"+{name}"

    report, figures = await look_as(tmp_path, *reader_without(rule))

    assert report.state is RedisState.UP
    assert figures is not None
    assert figures.missing == ((name, COSTS[name]),)


async def test_a_command_that_was_renamed_away_is_missing(tmp_path: Path) -> None:
    async with redis_server(tmp_path, "--rename-command", "INFO", "") as port:
        report, figures = await look(url(port))

    assert report.reason is Reason.VERSION_HIDDEN
    assert figures is not None
    assert figures.missing == (("info", COSTS["info"]),)


@pytest.mark.parametrize(
    "words", [b":1\r\n", b"*1\r\n$1\r\nx\r\n", b"$-1\r\n", b"$3\r\na:b\r\n", b"$5\r\ndb0:x\r\n"]
)
async def test_what_answers_info_with_anything_else_breaks_nothing(words: bytes) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            if line.strip() in {b"PING", b"INFO"}:
                writer.write(b"+PONG\r\n" if line.strip() == b"PING" else words)
            elif line.strip() in {b"TIME", b"ZRANGEBYSCORE", b"TTL", b"PUBSUB", b"SELECT"}:
                writer.write(b":0\r\n")
        writer.close()

    async with await asyncio.start_server(talk, "127.0.0.1", 0) as server:
        report, _ = await look(url(server.sockets[0].getsockname()[1]))

    assert report.reason in {Reason.NOT_REDIS, Reason.VERSION_HIDDEN}


@pytest.mark.parametrize(
    "make",
    [
        lambda: "redis://somebody@127.0.0.1:1/0",
        lambda: "rediss://somebody@127.0.0.1:1/0",
    ],
)
async def test_a_secret_is_in_no_report(make: Callable[[], str]) -> None:
    found = await look(make(), password="very secret")

    assert "very secret" not in repr(found)
