"""A login that ends, ends the socket; a session that just grew old does not."""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest

from armguard_tray.server.demo.process import DemoServer
from armguard_tray.server.demo.settings import DATABASES
from tests.fakes.demo_server import DemoClient
from tests.fakes.live_client import LiveClient
from tests.fakes.live_site import LiveSite

SERGEANT = "sgt.reyes"
FILE = DATABASES["default"]["NAME"].name


@pytest.fixture
def sergeant(server: DemoServer) -> Iterator[DemoClient]:
    """Log in as the sergeant."""
    with DemoClient(server, username=SERGEANT) as client:
        client.log_in()
        yield client


@contextmanager
def database(site: LiveSite) -> Iterator[sqlite3.Connection]:
    """Change the database behind the server's back."""
    with closing(sqlite3.connect(site.data_dir / FILE, timeout=20)) as connection, connection:
        yield connection


def session_of(client: DemoClient) -> str:
    return str(client.http.cookies["armguard_sessionid"])


async def looks_pass(live: LiveClient) -> None:
    """Wait while the server looks at all logins, which it does more often than it tells positions."""
    for _ in range(4):
        await live.caught_up()


async def test_logging_out(sergeant: DemoClient, armorer: DemoClient) -> None:
    live, other = LiveClient(sergeant), LiveClient(armorer)
    async with live.connected(), other.connected():
        await asyncio.to_thread(sergeant.post_form, "/logout/", {})
        assert await live.closed_with(4001) == "logged out"
        await looks_pass(other)


@pytest.mark.parametrize(
    ("change", "back"),
    [
        ("is_active = 0", "is_active = 1"),
        ("password = 'x' || password", "password = substr(password, 2)"),
    ],
)
async def test_a_user_who_may_not_any_more(
    sergeant: DemoClient, armorer: DemoClient, shared_site: LiveSite, change: str, back: str
) -> None:
    live, other, later = LiveClient(sergeant), LiveClient(armorer), LiveClient(sergeant)
    update = "UPDATE auth_user SET {} WHERE username = ?"
    async with live.connected(), other.connected():
        with database(shared_site) as connection:
            connection.execute(update.format(change), [SERGEANT])
        try:
            assert await live.closed_with(4001) == "logged out"
            async with later.opened():
                assert await later.closed_with(4001) == "not logged in"
            await looks_pass(other)
        finally:
            with database(shared_site) as connection:
                connection.execute(update.format(back), [SERGEANT])


async def test_a_session_that_grew_old_keeps_its_socket(sergeant: DemoClient, shared_site: LiveSite) -> None:
    live, later = LiveClient(sergeant), LiveClient(sergeant)
    async with live.connected():
        with database(shared_site) as connection:
            connection.execute(
                "UPDATE django_session SET expire_date = '2000-01-01' WHERE session_key = ?",
                [session_of(sergeant)],
            )
        await looks_pass(live)
        with database(shared_site) as connection:  # as clearsessions does
            connection.execute("DELETE FROM django_session WHERE session_key = ?", [session_of(sergeant)])
        await looks_pass(live)
        async with later.opened():
            assert await later.closed_with(4001) == "not logged in"


async def test_a_session_that_was_made_up(server: DemoServer) -> None:
    with DemoClient(server) as nobody:
        nobody.http.cookies.set("armguard_sessionid", "a" * 32)
        live = LiveClient(nobody)
        async with live.opened():
            assert await live.closed_with(4001) == "not logged in"
