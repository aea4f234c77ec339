"""What is found where Redis is looked for: real servers, and the texts in which a system tells of them."""

import asyncio
import contextlib
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from armguard_tray.server.layers.address import RedisAddress, find_address
from server_setup.redis_search import Answer, Surroundings, ask_redis, place, read_info
from tests.fakes.redis_server import free_port, redis_server


def address(**environment: str | int) -> RedisAddress:
    return find_address({}, {}, {name: str(value) for name, value in environment.items()})


async def ask(**environment: str | int) -> Answer:
    return await asyncio.to_thread(ask_redis, address(**environment))


async def test_a_redis_without_a_password(tmp_path: Path) -> None:
    async with redis_server(tmp_path) as port:
        answer = await ask(REDIS_PORT=port)
        assert answer.state == "ready"
        assert answer.what.split()[0] in {"Redis", "Valkey"}
        assert (await ask(REDIS_PORT=port, REDIS_PASSWORD="none is needed")).state == "ready"


async def test_a_wrong_password_is_told_from_a_missing_one_and_from_no_redis(tmp_path: Path) -> None:
    async with redis_server(tmp_path, "--requirepass", "right: @/") as port:
        assert (await ask(REDIS_PORT=port)).state == "password needed"
        assert (await ask(REDIS_PORT=port, REDIS_PASSWORD="wrong")).state == "password wrong"
        assert (await ask(REDIS_PORT=port, REDIS_PASSWORD="right: @/")).state == "ready"
    assert (await ask(REDIS_PORT=port)).state == "absent"


async def test_a_user_of_its_own(tmp_path: Path) -> None:
    async with redis_server(tmp_path, "--user", "live", "on", ">secret", "~*", "+@all") as port:
        assert (await ask(REDIS_URL=f"redis://live:secret@127.0.0.1:{port}")).state == "ready"
        assert (await ask(REDIS_URL=f"redis://live:other@127.0.0.1:{port}")).state == "password wrong"


async def test_a_user_who_may_hardly_do_anything(tmp_path: Path) -> None:
    async with redis_server(tmp_path, "--user", "live", "on", ">secret", "-@all") as port:
        assert (await ask(REDIS_URL=f"redis://live:secret@127.0.0.1:{port}")).state == "not allowed"


async def test_a_unix_socket(tmp_path: Path) -> None:
    path = tmp_path / "redis.sock"
    async with redis_server(tmp_path, "--unixsocket", str(path)):
        assert (await ask(REDIS_URL=f"unix://{path}")).state == "ready"
    assert (await ask(REDIS_URL=f"unix://{tmp_path}/none.sock")).state == "absent"


@contextlib.contextmanager
def saying(text: bytes) -> Iterator[int]:
    """Listen at a port, say the same to one who calls, whatever he asks, and yield the port."""

    def serve() -> None:
        with contextlib.suppress(OSError), server.accept()[0] as connection:
            connection.recv(1000)
            connection.sendall(text)

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            with contextlib.suppress(OSError):  # if nobody has called
                server.shutdown(socket.SHUT_RDWR)
            thread.join()


@pytest.mark.parametrize(
    ("text", "state"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "not redis"),
        (b"", "not redis"),
        (b"$999999999\r\n", "not redis"),
        (b"-LOADING Redis is loading the dataset in memory\r\n", "busy"),
        (b"-ERR max number of clients reached\r\n", "busy"),
        (b"-DENIED Redis is running in protected mode\r\n", "not allowed"),
    ],
)
def test_what_else_may_answer(text: bytes, state: str) -> None:
    with saying(text) as port:
        assert ask_redis(address(REDIS_PORT=port)).state == state


def test_no_tls_where_it_was_asked_for() -> None:
    with saying(b"-ERR Protocol error\r\n") as port:
        assert ask_redis(address(REDIS_URL=f"rediss://127.0.0.1:{port}")).state == "not redis"


def test_nothing_listens() -> None:
    answer = ask_redis(address(REDIS_PORT=free_port()))
    assert answer.state == "absent"
    assert answer.detail


@pytest.mark.parametrize(
    ("info", "what"),
    [
        ("# Server\r\nredis_version:7.0.15\r\nos:Linux 6.1\r\n", "Redis 7.0.15"),
        ("redis_version:7.2.5\r\nmemurai_edition:Developer\r\nmemurai_version:4.1.1\r\n", "Memurai 4.1.1"),
        ("redis_version:7.2.4\r\nserver_name:valkey\r\nvalkey_version:8.0.1\r\n", "Valkey 8.0.1"),
        ("", ""),
    ],
)
def test_products_and_versions(info: str, what: str) -> None:
    assert read_info(info).what == what


LINUX = Answer("ready", "Redis 7.0.15", system="Linux 6.1.0-26-amd64 x86_64")
WINDOWS = Answer("ready", "Redis 5.0.14", system="Windows")
CONTAINERS = (
    "web\tnginx:1\t0.0.0.0:80->80/tcp\n"
    "armguard-live-redis-redis-1\tredis:7-alpine\t127.0.0.1:6379->6379/tcp\n"
)


@pytest.mark.parametrize(
    ("answer", "around", "where"),
    [
        (LINUX, Surroundings(), "on this machine"),
        (LINUX, Surroundings(containers=CONTAINERS), "in the Docker container armguard-live-redis-redis-1"),
        (LINUX, Surroundings(memurai="        STATE : 4  RUNNING \n"), "as the Windows service Memurai"),
        (LINUX, Surroundings(memurai="        STATE : 1  STOPPED \n"), "on this machine"),
        (LINUX, Surroundings(distributions=("docker-desktop", "Debian")), "probably in WSL (Debian)"),
        (LINUX, Surroundings(distributions=("docker-desktop",)), "on this machine"),
        (WINDOWS, Surroundings(distributions=("Debian",)), "on this machine"),
    ],
)
def test_where_it_runs(answer: Answer, around: Surroundings, where: str) -> None:
    assert place(answer, address(), around).startswith(where)


def test_another_machine() -> None:
    found = place(LINUX, address(REDIS_URL="redis://:secret@10.0.0.5:6379/0"), Surroundings())
    assert found == "on another machine, redis://10.0.0.5:6379/0"
