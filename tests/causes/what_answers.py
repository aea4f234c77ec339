"""What answers HTTP, where it is not ArmGuard, or not willing."""

import os
import signal
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from armguard_tray.diagnosis.codes import Code
from armguard_tray.diagnosis.ladder import Status
from armguard_tray.server.demo.process import DemoServer
from tests.causes.scene import Scene, Stage, cause
from tests.fakes.odd_ports import HOST, http_page, port_that_says
from tests.fakes.reverse_proxy import Head, ReverseProxy

SERVER_ERROR = http_page(
    500,
    '<!doctype html><html lang="en"><head><title>Server Error (500)</title></head>'
    "<body><h1>Server Error (500)</h1><p></p></body></html>",
)
OUR_PRINTER = "<html><head><title>LaserJet 4250</title></head><body><h1>Ready</h1></body></html>"


@cause(Code.NOT_ARMGUARD, "http", "A printer's page, whatever is asked for.")
async def another_web_site(_: Stage) -> AsyncIterator[Scene]:
    async with port_that_says(http_page(200, OUR_PRINTER)) as port:
        yield Scene(url=f"http://{HOST}:{port}")


@cause(Code.NOT_ARMGUARD, "http", "A web server that has no such page: 404.")
async def a_web_site_without_a_login(_: Stage) -> AsyncIterator[Scene]:
    async with port_that_says(http_page(404, "<h1>Not Found</h1>", {"Server": "Apache"})) as port:
        yield Scene(url=f"http://{HOST}:{port}")


@cause(Code.NOT_ARMGUARD, "http", "A login page that is not Django's.")
async def another_sites_login(_: Stage) -> AsyncIterator[Scene]:
    form = '<form method="post"><input name="user"><input type="password" name="pw"></form>'
    async with port_that_says(http_page(200, form, {"Set-Cookie": "PHPSESSID=abc; path=/"})) as port:
        yield Scene(url=f"http://{HOST}:{port}")


@cause(Code.CAPTIVE_PORTAL, "http", "A network that leads every request to its own login, on another host.")
async def a_captive_portal(_: Stage) -> AsyncIterator[Scene]:
    leads_away = {"Location": "http://login.hotspot.invalid/?continue=armory"}
    async with port_that_says(http_page(302, "<a>Sign in</a>", leads_away)) as port:
        yield Scene(url=f"http://{HOST}:{port}")


@cause(Code.CAPTIVE_PORTAL, "http", "The status that is made for it: 511 (RFC 6585).")
async def a_captive_portal_that_says_so(_: Stage) -> AsyncIterator[Scene]:
    async with port_that_says(http_page(511, "<h1>Network Authentication Required</h1>")) as port:
        yield Scene(url=f"http://{HOST}:{port}")


@cause(Code.SERVER_ERROR, "http", "Django's page 500 in answer to every page.")
async def a_server_that_fails(stage: Stage) -> AsyncIterator[Scene]:
    async with ReverseProxy(server=stage.demo.url, instead=lambda _: SERVER_ERROR).running() as url:
        yield Scene(url=url)


@cause(
    Code.SERVER_HANGS,
    "http",
    "A real daphne under SIGSTOP: its connections are taken by the kernel, and nobody answers.",
)
async def a_server_that_hangs(stage: Stage) -> AsyncIterator[Scene]:
    async with DemoServer.start(data_dir=stage.folder / "server") as demo:
        os.kill(demo.pid, signal.SIGSTOP)
        try:
            yield Scene(url=demo.url)
        finally:
            os.kill(demo.pid, signal.SIGCONT)


def _with_its_clock(stage: Stage, ahead: timedelta) -> ReverseProxy:
    """Stamp each answer, as nginx does; daphne itself sends no Date."""

    async def stamp(_: Head, answer: Head) -> None:
        answer.put("Date", format_datetime(datetime.now(UTC) + ahead, usegmt=True))

    return ReverseProxy(server=stage.demo.url, answered=stamp)


@cause(
    Code.CLOCKS_APART,
    "clock",
    "A server that is well, whose Date is two minutes ahead.",
    status=Status.WARNING,
)
async def a_server_whose_clock_is_fast(stage: Stage) -> AsyncIterator[Scene]:
    async with _with_its_clock(stage, timedelta(minutes=2)).running() as url:
        yield Scene(url=url)


@cause(
    Code.CLOCKS_APART,
    "clock",
    "The same eight seconds behind: little more than what counts as apart.",
    status=Status.WARNING,
)
async def a_server_whose_clock_is_slow(stage: Stage) -> AsyncIterator[Scene]:
    async with _with_its_clock(stage, timedelta(seconds=-8)).running() as url:
        yield Scene(url=url)
