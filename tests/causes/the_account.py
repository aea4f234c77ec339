"""What goes wrong with the account: the login and the session."""

import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from armguard_tray.diagnosis.codes import Code
from armguard_tray.diagnosis.ladder import Status
from armguard_tray.exit_codes import ExitCode
from armguard_tray.server.demo.process import DemoServer
from tests.causes.scene import Scene, Stage, cause
from tests.fakes.demo_server import DATABASE, DemoClient
from tests.fakes.odd_ports import http_page
from tests.fakes.reverse_proxy import GATEWAY_TIMEOUT, Head, ReverseProxy

LOCKED_OUT_AT = "127.0.0.9"
"""From there five wrong passwords are sent: only who comes from there is locked out."""
NO_STAFF = "sgt.reyes"
TRIES = 5
A_MINUTES_REQUESTS = 61


@cause(Code.WRONG_PASSWORD, "login", "The real demo server, and a password that is not the account's.")
async def a_wrong_password(stage: Stage) -> AsyncIterator[Scene]:
    yield Scene(url=stage.demo.url, username="admin", password="not the password")
    with DemoClient(stage.demo, "admin") as admin:
        admin.log_in()  # it forgets the wrong one


@cause(
    Code.LOCKED_OUT,
    "login",
    "The real lock-out of the demo server, after five wrong passwords; the right one does not help now.",
)
async def a_locked_out_account(stage: Stage) -> AsyncIterator[Scene]:
    with DemoClient(stage.demo, address=LOCKED_OUT_AT) as stranger:
        answers = [stranger.try_to_log_in("not the password") for _ in range(TRIES)]
        assert answers[-1].status_code == 403
    async with ReverseProxy(server=stage.demo.url, source=LOCKED_OUT_AT).running() as url:
        yield Scene(url=url)


@cause(
    Code.RATE_LIMITED,
    "http",
    "A proxy that says 429 and Retry-After to every page.",
    exit_code=ExitCode.LOGIN_REFUSED,
)
async def a_proxy_that_limits_requests(stage: Stage) -> AsyncIterator[Scene]:
    too_many = http_page(429, "<h1>429 Too Many Requests</h1>", {"Retry-After": "120"})
    async with ReverseProxy(server=stage.demo.url, instead=lambda _: too_many).running() as url:
        yield Scene(url=url)


@cause(
    Code.RATE_LIMITED,
    "session",
    "The real limit of the demo server, used up from that address: pages are 403 and say 429.",
    status=Status.WARNING,
)
async def an_account_with_too_many_requests(stage: Stage) -> AsyncIterator[Scene]:
    address = "127.0.0.8"
    with DemoClient(stage.demo, NO_STAFF, address=address) as sergeant:
        sergeant.log_in()
        answers = [sergeant.http.get("/") for _ in range(A_MINUTES_REQUESTS)]
        assert answers[-1].status_code == 403
    async with ReverseProxy(server=stage.demo.url, source=address).running() as url:
        yield Scene(url=url, username=NO_STAFF)


@cause(Code.CSRF, "login", "The real demo server misses the CSRF cookie, which a proxy has taken away.")
async def a_proxy_that_loses_cookies(stage: Stage) -> AsyncIterator[Scene]:

    def without_cookies(request: Head) -> None:
        request.drop("cookie")

    async with ReverseProxy(server=stage.demo.url, asked=without_cookies).running() as url:
        yield Scene(url=url)


@cause(
    Code.LOGIN_UNCLEAR,
    "login",
    "A real demo server whose table of users is gone: the password is answered with 500.",
    exit_code=ExitCode.BROKEN,
)
async def a_login_that_fails_in_the_server(stage: Stage) -> AsyncIterator[Scene]:
    async with DemoServer.start(data_dir=stage.folder / "server") as demo:
        with _database(stage.folder / "server") as database:
            database.execute("ALTER TABLE auth_user RENAME TO lost")
        yield Scene(url=demo.url)


@cause(
    Code.LOGIN_UNCLEAR,
    "login",
    "A proxy that answers the password with its own 504.",
    exit_code=ExitCode.BROKEN,
)
async def a_login_that_gets_lost_in_a_proxy(stage: Stage) -> AsyncIterator[Scene]:

    def lost(request: Head) -> bytes | None:
        return GATEWAY_TIMEOUT if request.method == "POST" else None

    async with ReverseProxy(server=stage.demo.url, instead=lost).running() as url:
        yield Scene(url=url)


@cause(Code.SESSION_EXPIRED, "session", "A real demo server whose sessions run out right after the login.")
async def a_session_that_is_gone(stage: Stage) -> AsyncIterator[Scene]:
    folder = stage.folder / "server"

    async def expire(request: Head, answer: Head) -> None:
        if request.method == "POST" and answer.status == 302:
            with _database(folder) as database:
                database.execute("UPDATE django_session SET expire_date = '2000-01-01 00:00:00'")

    async with (
        DemoServer.start(data_dir=folder) as demo,
        ReverseProxy(server=demo.url, answered=expire).running() as url,
    ):
        yield Scene(url=url)


@contextmanager
def _database(folder: Path) -> Iterator[sqlite3.Connection]:
    """Open the demo's database for one change."""
    with closing(sqlite3.connect(folder / DATABASE)) as database, database:
        yield database
