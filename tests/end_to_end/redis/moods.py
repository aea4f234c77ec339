"""Moods of a real redis-server that need more than an option."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import trustme
from redis.asyncio import Redis
from redis.exceptions import OutOfMemoryError

from armguard_tray.redis_probe.permissions import read_only_rules
from tests.fakes.mortal import mortal
from tests.fakes.redis_server import REDIS_SERVER, free_port, redis_server

READER, SECRET = "reader", "a secret"


def account(rules: str, name: str = READER) -> tuple[str, ...]:
    """Return the options that make an account."""
    return ("--user", name, "on", f">{SECRET}", *rules.split())


def reader_without(rule: str) -> tuple[str, ...]:
    """Return the options that make the read-only account, but for one rule."""
    return account(" ".join(each for each in read_only_rules().split() if each != rule))


@contextlib.asynccontextmanager
async def loading_redis(folder: Path) -> AsyncIterator[int]:
    """Run a Redis that takes minutes to load, and yield its port."""
    async with redis_server(folder, "--rdbcompression", "no") as port, Redis(port=port) as client:
        await client.mset({f"key-{number}": "x" * 2000 for number in range(3600)})
        await client.save()
    port = free_port()
    # Microseconds for each key, after each of which it answers.
    slowly = ("--key-load-delay", "100000", "--loading-process-events-interval-bytes", "1024")
    base = ("--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder))
    assert REDIS_SERVER is not None
    process = await asyncio.create_subprocess_exec(
        *mortal([REDIS_SERVER, *base, *slowly], "KILL"), stdout=asyncio.subprocess.PIPE
    )
    try:
        await _says(process, b"oading RDB")
        yield port
    finally:
        process.kill()
        await process.communicate()


async def _says(process: asyncio.subprocess.Process, words: bytes) -> None:
    assert process.stdout is not None
    async for line in process.stdout:
        if words in line:
            return
    raise AssertionError(f"redis-server ended with {await process.wait()}")


@contextlib.asynccontextmanager
async def tls_redis(folder: Path, *, clients: str = "no") -> AsyncIterator[tuple[int, Path]]:
    """Run a Redis with TLS, and yield that port and the file of its CA; `clients` as `tls-auth-clients`."""
    ca = trustme.CA()
    certificate = ca.issue_cert("127.0.0.1")
    authority, chain, key = (folder / name for name in ("ca.pem", "chain.pem", "key.pem"))
    ca.cert_pem.write_to_path(authority)
    key.write_bytes(certificate.private_key_pem.bytes())
    chain.write_bytes(b"".join(blob.bytes() for blob in certificate.cert_chain_pems))
    port = free_port()
    files = ("--tls-cert-file", str(chain), "--tls-key-file", str(key), "--tls-ca-cert-file", str(authority))
    async with redis_server(folder, "--tls-port", str(port), *files, "--tls-auth-clients", clients):
        yield port, authority


async def fill(port: int) -> None:
    """Write until Redis takes nothing more."""
    async with Redis(port=port) as client:
        for number in range(1_000_000):
            try:
                await client.set(f"filler-{number}", "x" * 5_000)
            except OutOfMemoryError:
                return
