"""A real redis-server in each state that an admin may find it in. Each yields its port on 127.0.0.1."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import trustme
from redis.asyncio import Redis

from tests.fakes.mortal import mortal
from tests.fakes.odd_ports import HOST
from tests.fakes.redis_server import REDIS_SERVER, free_port, redis_server

MAX_CLIENTS = 20
_KEYS = 20_000
_KEY_LOAD_DELAY = 5_000  # microseconds each: a hundred seconds in all
_PATIENCE = 60.0


@contextlib.asynccontextmanager
async def tls_redis(
    folder: Path, ca: trustme.CA | None = None, *, demands: bool = False
) -> AsyncIterator[tuple[int, Path]]:
    """Speak TLS only, with a certificate of `ca`, and yield its file too; it may demand one of clients."""
    ca = ca or trustme.CA()
    certificate = ca.issue_cert(HOST)
    key, chain, authority = folder / "redis.key", folder / "redis.pem", folder / "redis-ca.pem"
    certificate.private_key_pem.write_to_path(key)
    for blob in certificate.cert_chain_pems:
        blob.write_to_path(chain, append=True)
    ca.cert_pem.write_to_path(authority)
    port = free_port()
    tls = ("--port", "0", "--tls-port", str(port), "--tls-auth-clients", "yes" if demands else "no")
    files = ("--tls-cert-file", str(chain), "--tls-key-file", str(key), "--tls-ca-cert-file", str(authority))
    async with redis_server(folder, *tls, *files):
        yield port, authority


@contextlib.asynccontextmanager
async def replica_redis(folder: Path) -> AsyncIterator[int]:
    """Follow another redis-server, and take no writes."""
    for name in ("master", "replica"):
        (folder / name).mkdir()
    async with (
        redis_server(folder / "master", "--repl-diskless-sync-delay", "0") as master,
        redis_server(folder / "replica", "--replicaof", HOST, str(master)) as replica,
        Redis(port=master) as client,
    ):
        await client.set("armory", "open")
        assert await client.wait(1, int(_PATIENCE * 1000)) == 1
        yield replica


@contextlib.asynccontextmanager
async def full_redis(folder: Path) -> AsyncIterator[int]:
    """Have more in memory than is allowed, and evict nothing: writes are refused."""
    async with redis_server(folder, "--maxmemory-policy", "noeviction") as port, Redis(port=port) as client:
        await _fill(client, 200)
        await client.config_set("maxmemory", "3mb")
        yield port


@contextlib.asynccontextmanager
async def evicting_redis(folder: Path) -> AsyncIterator[int]:
    """Throw keys away for want of memory, as a cache does."""
    options = ("--maxmemory", "4mb", "--maxmemory-policy", "allkeys-lru")
    async with redis_server(folder, *options) as port, Redis(port=port) as client:
        await _fill(client, 300)
        assert (await client.info("stats"))["evicted_keys"] > 0
        yield port


async def _fill(client: "Redis", keys: int) -> None:
    for number in range(keys):
        await client.set(f"page:{number}", "x" * 20_000)


@contextlib.asynccontextmanager
async def crowded_redis(folder: Path, *, left: int) -> AsyncIterator[int]:
    """Have as many clients as it allows, but for `left`."""
    async with redis_server(folder, "--maxclients", str(MAX_CLIENTS)) as port:
        writers = []
        for _ in range(MAX_CLIENTS - left):
            reader, writer = await asyncio.open_connection(HOST, port)
            writer.write(b"PING\r\n")  # answered, it is counted
            await reader.readline()
            writers.append(writer)
        yield port
        for writer in writers:
            writer.close()


@contextlib.asynccontextmanager
async def loading_redis(folder: Path) -> AsyncIterator[int]:
    """Be still loading its data, from a file that takes it minutes."""
    async with redis_server(folder) as port, Redis(port=port) as client:
        await client.mset({f"page:{number}": "x" for number in range(_KEYS)})
        await client.save()
    assert REDIS_SERVER is not None
    port = free_port()
    slowly = ("--key-load-delay", str(_KEY_LOAD_DELAY), "--loading-process-events-interval-bytes", "1024")
    process = await asyncio.create_subprocess_exec(
        *mortal([REDIS_SERVER, "--port", str(port), "--bind", HOST, "--dir", str(folder), *slowly], "KILL"),
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        await _says(process, b"Loading RDB")
        yield port
    finally:
        process.kill()  # while it loads it heeds a request to end only now and then
        await process.communicate()


async def _says(process: asyncio.subprocess.Process, words: bytes) -> None:
    assert process.stdout is not None
    async with asyncio.timeout(_PATIENCE):
        async for line in process.stdout:
            if words in line:
                return
    raise AssertionError(f"redis-server ended with {await process.wait()}")
