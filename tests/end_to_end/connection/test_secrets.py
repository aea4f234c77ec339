"""No secret shows: not in a log at its most talkative, not in a repr."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from armguard_tray import logs
from armguard_tray.connection.connection import Connection
from armguard_tray.connection.phase import Phase
from armguard_tray.messages.streams import Stream
from tests.end_to_end.connection.desk import Desk
from tests.fakes.scripted_server import CSRF_TOKEN, PASSWORD, ScriptedServer, accept, drop, raw, status

TRANSACTIONS = Stream.TRANSACTIONS


@pytest.fixture
def talkative_log(tmp_path: Path) -> Iterator[Path]:
    """Log as the program does, at DEBUG level, and put the test run's own logging back at the end."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    for handler in handlers:
        root.removeHandler(handler)  # or `configure` would close it
    path = tmp_path / "armguard-tray.log"
    logs.configure(path, level=logging.DEBUG)
    yield path
    for handler in list(root.handlers):
        root.removeHandler(handler)
        handler.close()
    for handler in handlers:
        root.addHandler(handler)
    root.setLevel(level)


async def an_eventful_day(server: ScriptedServer) -> Connection:
    """Log in, lose the session, be refused in several ways, break down, and end."""
    server.on_handshake(
        TRANSACTIONS, status(500), drop, raw(b"HTTP/1.1 nonsense\r\n\r\n"), accept(close=1011)
    )
    server.on_page("POST", "/login/", drop)
    async with Desk(server.url) as desk:
        await desk.sees_all(Phase.BACKING_OFF)
        desk.connection.network_is_back()
        await desk.sees_all(Phase.LIVE)
        server.sessions.clear()
        (await server.peer(Stream.INVENTORY)).link.drop()
        await desk.sees(Stream.INVENTORY, Phase.LIVE)
    return desk.connection


def secrets(server: ScriptedServer) -> list[str]:
    cookies = [request.session for request in server.requests if request.session is not None]
    assert cookies
    return [PASSWORD, CSRF_TOKEN, *cookies]


async def test_no_secret_reaches_the_log(server: ScriptedServer, talkative_log: Path) -> None:
    await an_eventful_day(server)
    text = talkative_log.read_text()  # noqa: ASYNC240 - the connection has ended: nothing waits
    assert "-> live" in text, "it was talkative"
    for secret in secrets(server):
        assert secret not in text


async def test_the_connection_logs_no_secret_even_without_the_net_under_it(
    server: ScriptedServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "armguard_tray")
    await an_eventful_day(server)
    ours = "\n".join(
        record.getMessage() for record in caplog.records if record.name.startswith("armguard_tray")
    )
    assert "-> live" in ours
    for secret in secrets(server):
        assert secret not in ours


async def test_no_secret_shows_in_a_repr(server: ScriptedServer) -> None:
    connection = await an_eventful_day(server)
    parts: list[object] = [connection, connection.facts, connection._session, vars(connection._session)]
    for runner in connection._runners:
        parts += [runner, vars(runner), runner._shared]
    text = "\n".join(map(repr, parts))
    for secret in secrets(server):
        assert secret not in text
