"""One look at real servers: Redis in several moods, and things that are not Redis."""

import asyncio
import contextlib
import shutil
import ssl
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from redis.asyncio import Redis

from armguard_tray.redis_probe.probe import look
from armguard_tray.redis_probe.report import Reason, RedisReport, RedisState
from tests.fakes.redis_server import REDIS_SERVER, free_port, redis_server

needs_redis = pytest.mark.skipif(REDIS_SERVER is None, reason="redis-server is not installed")
Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def probe(address: str, *, password: str | None = None, timeout: float = 2.0) -> RedisReport:  # noqa: ASYNC109 - as `look` has it
    """Look, and return the report alone."""
    report, _ = await look(address, password=password, timeout=timeout)
    return report


@contextlib.asynccontextmanager
async def tcp_server(handle: Handler, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """Serve one kind of nonsense on a free port."""
    conversations = []

    async def handle_and_close(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        conversations.append(asyncio.current_task())
        with contextlib.suppress(ConnectionError):
            await handle(reader, writer)
        writer.close()

    server = await asyncio.start_server(handle_and_close, "127.0.0.1", 0, ssl=tls)
    async with server:
        yield server.sockets[0].getsockname()[1]
    await asyncio.gather(*filter(None, conversations))


@needs_redis
async def test_a_redis_that_is_well(tmp_path: Path) -> None:
    async with redis_server(tmp_path) as port:
        report = await probe(f"redis://127.0.0.1:{port}/1")

    assert report.state is RedisState.UP
    assert report.vendor == "Redis"
    assert report.version is not None
    assert report.version[0].isdecimal()
    assert report.round_trip is not None


@needs_redis
async def test_a_redis_at_a_unix_socket(tmp_path: Path) -> None:
    path = tmp_path / "redis.sock"
    async with redis_server(tmp_path, "--unixsocket", str(path)):
        report = await probe(f"unix://{path}")

    assert report.state is RedisState.UP
    assert report.where == str(path)


@needs_redis
@pytest.mark.parametrize(
    ("password", "reason"),
    [
        (None, Reason.LOGIN_NEEDED),
        ("wrong", Reason.LOGIN_REFUSED),
        ("correct horse", Reason.ANSWERS),
    ],
)
async def test_a_redis_with_a_password(tmp_path: Path, password: str | None, reason: Reason) -> None:
    async with redis_server(tmp_path, "--requirepass", "correct horse") as port:
        report = await probe(f"redis://127.0.0.1:{port}", password=password)

    assert report.reason is reason
    assert "correct horse" not in repr(report)


@needs_redis
async def test_a_wrong_password_is_tried_once(tmp_path: Path) -> None:
    async with redis_server(tmp_path, "--requirepass", "correct horse") as port:
        await probe(f"redis://127.0.0.1:{port}", password="wrong")
        errors = await _info(port, "correct horse", "errorstats")

    assert errors["errorstat_WRONGPASS"] == {"count": 1}


@needs_redis
async def test_a_password_where_none_is_asked_for(tmp_path: Path) -> None:
    async with redis_server(tmp_path) as port:
        report = await probe(f"redis://127.0.0.1:{port}", password="needless")

    assert report.reason is Reason.LOGIN_UNEXPECTED


@needs_redis
async def test_a_redis_that_knows_no_login_says_no_password_back(tmp_path: Path) -> None:
    async with redis_server(tmp_path, "--rename-command", "AUTH", "") as port:
        report = await probe(f"redis://127.0.0.1:{port}", password="hunter22")

    assert report.reason is Reason.ERROR
    assert "it knows no AUTH" in report.sentence
    assert "hunter22" not in repr(report)


@needs_redis
async def test_an_account_without_permissions(tmp_path: Path) -> None:
    nobody = ["--user", "nobody", "on", ">secret", "-@all"]
    pinger = ["--user", "pinger", "on", ">secret", "-@all", "+ping"]
    async with redis_server(tmp_path, *nobody, *pinger) as port:
        nothing = await probe(f"redis://nobody@127.0.0.1:{port}", password="secret")
        only_ping = await probe(f"redis://pinger@127.0.0.1:{port}", password="secret")

    assert nothing.reason is Reason.NO_PERMISSION
    assert only_ping.state is RedisState.UP
    assert only_ping.version is None


@needs_redis
async def test_a_redis_that_is_full(tmp_path: Path) -> None:
    async with redis_server(tmp_path, "--maxclients", "1") as port:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        report = await probe(f"redis://127.0.0.1:{port}")
        writer.close()

    assert report.reason is Reason.TOO_MANY_CLIENTS


async def test_nobody_listens() -> None:
    report = await probe(f"redis://127.0.0.1:{free_port()}")

    assert report.reason is Reason.REFUSED


async def test_a_name_that_does_not_resolve() -> None:
    # RFC 6761: .invalid never resolves.
    report = await probe("redis://nowhere.invalid", timeout=30)

    assert report.reason is Reason.NAME_UNKNOWN


async def test_a_socket_file_that_does_not_exist(tmp_path: Path) -> None:
    report = await probe(f"unix://{tmp_path}/nothing.sock")

    assert report.reason is Reason.NO_SOCKET


async def test_a_port_that_never_answers() -> None:
    async def silent(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await reader.read()

    async with tcp_server(silent) as port:
        report = await probe(f"redis://127.0.0.1:{port}", timeout=0.2)

    assert report.reason is Reason.TIMED_OUT
    assert report.sentence == f"No answer from 127.0.0.1:{port} within 0.2 s."


@pytest.mark.parametrize(
    "nonsense",
    [
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"$not a number\r\n",
        b"*1\r\n" * 5000,
        bytes(range(256)) + b"\r\n",
    ],
    ids=["http", "ssh", "bad length", "deep nesting", "binary"],
)
async def test_something_else_than_redis(nonsense: bytes) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(nonsense)
        await reader.read()

    async with tcp_server(talk) as port:
        report = await probe(f"redis://127.0.0.1:{port}")

    assert report.reason is Reason.NOT_REDIS


async def test_a_port_that_hangs_up() -> None:
    async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    async with tcp_server(hang_up) as port:
        report = await probe(f"redis://127.0.0.1:{port}")

    assert report.reason is Reason.CLOSED


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a PEM file with a self-signed certificate and its key."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed")
    pem = tmp_path_factory.mktemp("tls") / "server.pem"
    subject = ("-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1")
    subprocess.run(
        [
            openssl,
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            *subject,
            "-keyout",
            pem,
            "-out",
            f"{pem}.crt",
        ],
        check=True,
        capture_output=True,
    )
    pem.write_bytes(pem.read_bytes() + Path(f"{pem}.crt").read_bytes())
    return pem


async def _read_all(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    await reader.read()


async def test_a_plain_address_for_a_port_that_speaks_tls(certificate: Path) -> None:
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate)
    async with tcp_server(_read_all, tls) as port:
        report = await probe(f"redis://127.0.0.1:{port}")

    assert report.reason is Reason.TLS_NEEDED
    assert "rediss://" in report.remedy


async def test_a_certificate_that_nobody_vouches_for(certificate: Path) -> None:
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate)
    async with tcp_server(_read_all, tls) as port:
        report = await probe(f"rediss://127.0.0.1:{port}")

    assert report.reason is Reason.CERTIFICATE
    assert "self-signed" in report.sentence


@needs_redis
async def test_a_tls_address_for_a_plain_redis(tmp_path: Path) -> None:
    async with redis_server(tmp_path) as port:
        report = await probe(f"rediss://127.0.0.1:{port}", timeout=0.5)

    assert report.reason is Reason.TLS_UNEXPECTED


async def _info(port: int, password: str, section: str) -> dict[str, object]:
    async with Redis(port=port, password=password) as client:
        info: dict[str, object] = await client.info(section)
    return info
