"""What goes wrong in a real nginx before ArmGuard, as it is deployed: each a line of its configuration."""

from collections.abc import AsyncIterator

import httpx

from armguard_tray.diagnosis.codes import Code
from armguard_tray.exit_codes import ExitCode
from armguard_tray.messages.streams import DEFAULT_STREAMS
from armguard_tray.server.demo.process import DemoServer
from tests.causes.scene import Cause, Scene, Stage, cause
from tests.fakes.nginx import UPGRADE, WELCOME, nginx, to
from tests.fakes.odd_ports import HOST, mute_port, swallowing_port
from tests.fakes.redis_server import free_port

FIRST = f"handshake:{DEFAULT_STREAMS[0]}"
SUBSCRIBED = f"subscribed:{DEFAULT_STREAMS[0]}"
ONE_A_MINUTE = "limit_req_zone $binary_remote_addr zone=desks:1m rate=1r/m;"
CERTIFICATE_WANTED = "if ($ssl_client_verify != SUCCESS) { return 403; }"
SOCKETS = "/ws/"


def _nobody() -> str:
    """Return a url where nothing listens."""
    return f"http://{HOST}:{free_port()}"


# On the way


@cause(Code.TLS_NEEDED, "http", "Its TLS port, as http://: its own 400.")
async def http_to_nginxs_tls_port(stage: Stage) -> AsyncIterator[Scene]:
    async with nginx(stage.folder, to(stage.demo.url), certificate=stage.certificate()) as url:
        yield Scene(url=url.replace("https:", "http:"))


@cause(Code.TLS_NEEDED, "http", "A port that leads everybody from http:// to https://.")
async def nginx_that_leads_to_tls(stage: Stage) -> AsyncIterator[Scene]:
    async with nginx(stage.folder, "return 301 https://$host$request_uri;") as url:
        yield Scene(url=url)


@cause(Code.TLS_FAILED, "tls", "`ssl_reject_handshake on`, as for names that it does not know.")
async def a_name_that_nginx_rejects(stage: Stage) -> AsyncIterator[Scene]:
    async with nginx(stage.folder, "ssl_reject_handshake on;", certificate=stage.certificate()) as url:
        yield Scene(url=url, ca_file=stage.ca_file)


@cause(Code.CLIENT_CERTIFICATE, "http", "`ssl_verify_client on`: the handshake is well, then comes its 400.")
async def nginx_demands_a_client_certificate(stage: Stage) -> AsyncIterator[Scene]:
    asks = f"ssl_verify_client on; ssl_client_certificate {stage.ca_file};"
    async with nginx(stage.folder, asks + to(stage.demo.url), certificate=stage.certificate()) as url:
        yield Scene(url=url, ca_file=stage.ca_file)


@cause(Code.PROXY_PAGE, "http", "`ssl_verify_client optional`, and a 403 for those who have none.")
async def nginx_denies_without_a_client_certificate(stage: Stage) -> AsyncIterator[Scene]:
    asks = f"ssl_verify_client optional; ssl_client_certificate {stage.ca_file}; {CERTIFICATE_WANTED}"
    async with nginx(stage.folder, asks + to(stage.demo.url), certificate=stage.certificate()) as url:
        yield Scene(url=url, ca_file=stage.ca_file)


@cause(Code.HUNG_UP, "http", "`return 444`: TLS is well, and then it ends the connection without an answer.")
async def nginx_that_hangs_up(stage: Stage) -> AsyncIterator[Scene]:
    async with nginx(stage.folder, "return 444;", certificate=stage.certificate()) as url:
        yield Scene(url=url, ca_file=stage.ca_file)


# What answers


@cause(Code.NOT_ARMGUARD, "http", "As it is installed: it has no login page (404).")
async def nginx_as_it_is_installed(stage: Stage) -> AsyncIterator[Scene]:
    async with nginx(stage.folder, f"root {WELCOME.parent};") as url:
        yield Scene(url=url)


@cause(Code.NOT_ARMGUARD, "http", "“Welcome to nginx!”, whatever is asked for.")
async def nginxs_welcome(stage: Stage) -> AsyncIterator[Scene]:
    any_page = f"root {WELCOME.parent}; location / {{ try_files /{WELCOME.name} =404; }}"
    async with nginx(stage.folder, any_page) as url:
        yield Scene(url=url)


@cause(Code.PROXY_PAGE, "http", "`deny all`, as for those whose address is not let in: its own 403.")
async def nginx_that_denies(stage: Stage) -> AsyncIterator[Scene]:
    async with nginx(stage.folder, to(stage.demo.url, "deny all;")) as url:
        yield Scene(url=url)


@cause(Code.PROXY_PAGE, "http", "`limit_req`, and the limit is used up: its own 503, as it says by default.")
async def nginx_that_limits_pages(stage: Stage) -> AsyncIterator[Scene]:
    async with nginx(stage.folder, to(stage.demo.url, "limit_req zone=desks;"), http=ONE_A_MINUTE) as url:
        await _get(f"{url}/login/")
        yield Scene(url=url)


@cause(
    Code.RATE_LIMITED,
    "login",
    "The same with one page left: the login page comes, and the login gets the 503.",
    exit_code=ExitCode.LOGIN_REFUSED,
)
async def nginx_that_limits_logins(stage: Stage) -> AsyncIterator[Scene]:
    async with nginx(stage.folder, to(stage.demo.url, "limit_req zone=desks;"), http=ONE_A_MINUTE) as url:
        yield Scene(url=url)


async def _get(url: str) -> None:
    async with httpx.AsyncClient(trust_env=False) as client:
        await client.get(url)


@cause(Code.BACKEND_DOWN, "http", "Nothing listens where it passes requests on to: its own 502.")
async def nginx_before_a_server_that_is_down(stage: Stage) -> AsyncIterator[Scene]:
    async with nginx(stage.folder, to(_nobody())) as url:
        yield Scene(url=url)


@cause(Code.BACKEND_DOWN, "http", "A server that takes requests and is silent: its own 504.")
async def nginx_before_a_server_that_is_silent(stage: Stage) -> AsyncIterator[Scene]:
    async with mute_port() as port:
        silent = to(f"http://{HOST}:{port}", "proxy_read_timeout 1s;")
        async with nginx(stage.folder, silent) as url:
            yield Scene(url=url)


@cause(
    Code.HOST_NOT_ALLOWED,
    "http",
    "Without `proxy_set_header Host`: the real demo server is asked under the name of the upstream.",
)
async def nginx_that_drops_the_host(stage: Stage) -> AsyncIterator[Scene]:
    upstream = f"upstream armguard {{ server {stage.demo.url.removeprefix('http://')}; }}"
    async with nginx(stage.folder, "location / { proxy_pass http://armguard; }", http=upstream) as url:
        yield Scene(url=url)


# The streams: pages come through, and `/ws/` is configured in some way.


def _sockets(code: Code, name: str, how: str, *lines: str, rung: str = FIRST) -> Cause:
    """Return a scene in which `/ws/` is passed on to the demo server with `lines`."""

    async def scene(stage: Stage) -> AsyncIterator[Scene]:
        demo = stage.demo.url
        async with nginx(stage.folder, to(demo) + to(demo, *lines, path=SOCKETS)) as url:
            yield Scene(url=url)

    scene.__name__ = name
    return cause(code, rung, how)(scene)


UPGRADE_DROPPED = _sockets(
    Code.UPGRADE_LOST,
    "nginx_that_drops_the_upgrade",
    "Without `proxy_set_header Upgrade`: the server takes it for a page, and has no such page (404).",
)
CONNECTION_DROPPED = _sockets(
    Code.UPGRADE_LOST,
    "nginx_that_drops_the_connection_header",
    "With it, and without `proxy_set_header Connection`: daphne says 400.",
    "proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade;",
)
ORIGIN_DROPPED = _sockets(
    Code.ORIGIN_REFUSED,
    "nginx_that_drops_the_origin",
    "The real demo server refuses a handshake without an Origin; the session is fine.",
    UPGRADE,
    'proxy_set_header Origin "";',
)
ORIGIN_REWRITTEN = _sockets(
    Code.ORIGIN_REFUSED,
    "nginx_that_rewrites_the_origin",
    "The same with a foreign one.",
    UPGRADE,
    'proxy_set_header Origin "https://armory.example";',
)
LOGIN_OF_ITS_OWN = _sockets(
    Code.HANDSHAKE_REFUSED,
    "nginx_that_wants_a_login_for_sockets",
    "`auth_basic`: its own 401.",
    UPGRADE,
    "auth_basic armory; auth_basic_user_file /dev/null;",
)
CUT = _sockets(
    Code.CLOSED,
    "nginx_that_cuts_idle_sockets",
    "`proxy_read_timeout 1s`: less than the server is silent for.",
    UPGRADE,
    "proxy_read_timeout 1s;",
    rung=SUBSCRIBED,
)


def _answered(code: Code, name: str, how: str, lines: str) -> Cause:
    """Return a scene in which nginx itself answers at `/ws/`, by `lines`."""

    async def scene(stage: Stage) -> AsyncIterator[Scene]:
        location = f"location {SOCKETS} {{ {lines} }}"
        async with nginx(stage.folder, to(stage.demo.url) + location) as url:
            yield Scene(url=url)

    scene.__name__ = name
    return cause(code, FIRST, how)(scene)


NO_SUCH_FILE = _answered(
    Code.UPGRADE_LOST,
    "nginx_that_looks_for_a_file",
    "It looks for a file instead of passing the handshake on: its own 404.",
    f"root {WELCOME.parent};",
)
SOME_PAGE = _answered(
    Code.UPGRADE_LOST,
    "nginx_that_shows_a_page_for_any_path",
    "It has a page for any path, as sites of one page do (200).",
    f"root {WELCOME.parent}; try_files /{WELCOME.name} =404;",
)
HUNG_UP = _answered(
    Code.HUNG_UP, "nginx_that_hangs_up_on_sockets", "`return 444`: no answer at all.", "return 444;"
)


def _limited(status: int) -> Cause:
    async def scene(stage: Stage) -> AsyncIterator[Scene]:
        limit = f"limit_req zone=desks; limit_req_status {status};"
        locations = to(stage.demo.url) + to(stage.demo.url, UPGRADE, limit, path=SOCKETS)
        async with nginx(stage.folder, locations, http=ONE_A_MINUTE) as url:
            await _get(url + SOCKETS)
            yield Scene(url=url)

    scene.__name__ = f"nginx_that_limits_sockets_with_{status}"
    return cause(Code.RATE_LIMITED, FIRST, f"`limit_req`, and the limit is used up: its own {status}.")(scene)


LIMITED_503 = _limited(503)
LIMITED_429 = _limited(429)


@cause(Code.UPGRADE_LOST, FIRST, "`/ws/` goes to the pages' program as well (gunicorn's part): 404.")
async def nginx_that_sends_sockets_to_the_pages(stage: Stage) -> AsyncIterator[Scene]:
    async with (
        DemoServer.start(server="wsgi", data_dir=stage.folder / "server") as pages,
        nginx(stage.folder, to(pages.url, UPGRADE)) as url,
    ):
        yield Scene(url=url)


@cause(Code.BACKEND_DOWN, FIRST, "It reaches the pages, and nobody where daphne should be: its own 502.")
async def sockets_whose_server_is_down(stage: Stage) -> AsyncIterator[Scene]:
    async with nginx(stage.folder, to(stage.demo.url) + to(_nobody(), UPGRADE, path=SOCKETS)) as url:
        yield Scene(url=url)


@cause(Code.BACKEND_DOWN, FIRST, "The same where daphne's port swallows: its own 504.")
async def sockets_whose_server_hangs(stage: Stage) -> AsyncIterator[Scene]:
    with swallowing_port() as port:
        hanging = to(f"http://{HOST}:{port}", UPGRADE, "proxy_connect_timeout 1s;", path=SOCKETS)
        async with nginx(stage.folder, to(stage.demo.url) + hanging) as url:
            yield Scene(url=url)
