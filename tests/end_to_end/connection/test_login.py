"""The login form against a scripted server: what each answer means, and where nothing must go."""

import asyncio

import pytest

from armguard_tray.connection.failures import Failure, FailureKind
from armguard_tray.connection.login import LoginClient, Session
from armguard_tray.connection.phase import Need, Phase, StreamFacts
from armguard_tray.messages.streams import Stream
from armguard_tray.settings.model import ServerSettings
from tests.end_to_end.connection.desk import Desk
from tests.end_to_end.connection.fast_time import FastLoop
from tests.fakes.redis_server import free_port
from tests.fakes.scripted_server import (
    CSRF_TOKEN,
    LOGIN_PAGE,
    PASSWORD,
    Act,
    Link,
    Request,
    ScriptedServer,
    drip,
    drop,
    hang,
    page,
    raw,
    status,
)

GET, POST = "GET", "POST"


def moved(location: str, *cookies: str) -> Act:
    """Redirect, with cookies as they are."""
    lines = [f"Location: {location}", *(f"Set-Cookie: {cookie}" for cookie in cookies), "Content-Length: 0"]
    return raw("\r\n".join(["HTTP/1.1 302 Found", *lines, "", ""]).encode())


DATE = "Tue, 24 Nov 2026 03:25:26 GMT"


def client(server: ScriptedServer) -> LoginClient:
    return LoginClient(ServerSettings(address=server.url, username="armorer1"))


async def log_in(server: ScriptedServer, password: str = PASSWORD) -> Session | Failure:
    return await client(server).log_in(password)


async def test_the_form_is_sent_as_a_browser_does(server: ScriptedServer) -> None:
    session = await log_in(server)
    assert isinstance(session, Session)
    assert session.cookie == "armguard_sessionid=secret-session-1"

    form_page, form = server.requests
    assert (form_page.method, form_page.path) == (GET, "/login/")
    assert form.form == {
        "username": "armorer1",
        "password": PASSWORD,
        "csrfmiddlewaretoken": CSRF_TOKEN,
        "next": "/",
    }
    assert form.headers["referer"] == server.url + "/login/"
    assert form.headers["cookie"] == f"csrftoken={CSRF_TOKEN}"


async def test_the_session_cookie_may_have_any_name(server: ScriptedServer) -> None:
    moved = "HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n"
    cookies = "Set-Cookie: csrftoken=rotated; Path=/\r\nSet-Cookie: sessionid=abc; HttpOnly; Path=/\r\n"
    server.on_page(POST, "/login/", raw((moved + cookies + "\r\n").encode()))
    session = await log_in(server)
    assert isinstance(session, Session)
    assert session.cookie == "sessionid=abc; csrftoken=rotated"


async def test_a_cookie_that_comes_with_two_paths_upsets_nobody(server: ScriptedServer) -> None:
    moved = "HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n"
    cookies = "Set-Cookie: sessionid=a; Path=/\r\nSet-Cookie: sessionid=b; Path=/login/\r\n"
    server.on_page(POST, "/login/", raw((moved + cookies + "\r\n").encode()))
    assert isinstance(await log_in(server), Session)


# What the login page may be instead.


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        (page(400, "<h1>Bad Request (400)</h1>"), Failure(FailureKind.HOST_NOT_ALLOWED, 400)),
        (
            page(400, "<center>The plain HTTP request was sent to HTTPS port</center>"),
            Failure(FailureKind.HTTPS_EXPECTED, 400),
        ),
        (
            page(400, "<center>No required SSL certificate was sent</center>"),
            Failure(FailureKind.CLIENT_CERTIFICATE, 400),
        ),
        (page(404), Failure(FailureKind.NOT_ARMGUARD, 404)),
        (page(200, "<h1>Router settings</h1>"), Failure(FailureKind.NOT_ARMGUARD, 200)),
        (page(200, "<![x["), Failure(FailureKind.NOT_ARMGUARD, 200)),
        (
            page(301, headers={"Location": "https://elsewhere/"}),
            Failure(FailureKind.NOT_ARMGUARD, 301, detail="redirects to https://elsewhere/"),
        ),
        (page(500), Failure(FailureKind.STATUS, 500)),
        (page(502), Failure(FailureKind.STATUS, 502)),
        (page(503, headers={"Retry-After": "30"}), Failure(FailureKind.STATUS, 503, 30.0)),
        (
            page(503, headers={"Retry-After": "Tue, 24 Nov 2026 03:26:26 GMT", "Date": DATE}),
            Failure(FailureKind.STATUS, 503, 60.0),
        ),
        (
            page(403, "<center><h1>403 Forbidden</h1></center>\n<hr><center>nginx/1.22.1</center>"),
            Failure(FailureKind.STATUS, 403),
        ),
        (page(403, "<h1>429 Too Many Requests</h1>"), Failure(FailureKind.RATE_LIMITED, 403)),
        (page(429, headers={"Retry-After": "7"}), Failure(FailureKind.RATE_LIMITED, 429, 7.0)),
        (page(403, "<style>p {display: block}</style> 429"), Failure(FailureKind.RATE_LIMITED, 403)),
    ],
)
async def test_a_login_page_that_does_not_come(server: ScriptedServer, answer: Act, failure: Failure) -> None:
    server.on_page(GET, "/login/", answer)
    assert await log_in(server) == failure
    assert server.passwords == [], "the password stays here"


# What the form may be answered.

SEARCH_FORM = '<form><input name="csrfmiddlewaretoken" value="x429x"><input name="q"></form>'


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        (page(200, LOGIN_PAGE), Failure(FailureKind.WRONG_PASSWORD, 200)),
        (
            page(403, "<h1>Account locked: too many login attempts.</h1>"),
            Failure(FailureKind.LOCKED_OUT, 403),
        ),
        (page(429, "Account locked", {"Retry-After": "3600"}), Failure(FailureKind.LOCKED_OUT, 429, 3600.0)),
        (page(403, SEARCH_FORM + "<h1>Locked out</h1>"), Failure(FailureKind.LOCKED_OUT, 403)),
        (page(403, SEARCH_FORM + "<h1>Forbidden</h1>"), Failure(FailureKind.LOCKED_OUT, 403)),
        (page(403), Failure(FailureKind.LOCKED_OUT, 403)),
        (page(403, "<h1>CSRF verification failed.</h1>"), Failure(FailureKind.CSRF, 403)),
        (page(403, "<h1>429 Too Many Requests</h1>"), Failure(FailureKind.RATE_LIMITED, 403)),
        # Lock-outs' pages are in any language, and mention anything.
        (page(429), Failure(FailureKind.LOCKED_OUT, 429)),
        (
            page(429, "<h1>Cuenta bloqueada</h1>", {"Retry-After": "0"}),
            Failure(FailureKind.LOCKED_OUT, 429, 0.0),
        ),
        (page(403, "<h1>Acceso denegado (429)</h1>"), Failure(FailureKind.LOCKED_OUT, 403)),
        (page(403, "<h1>Wrong</h1><script>csrf=1</script>"), Failure(FailureKind.LOCKED_OUT, 403)),
        (page(429, "<h1>CSRF verification failed.</h1>"), Failure(FailureKind.LOCKED_OUT, 429)),
        # Refused by other pages than Django's own.
        (page(401), Failure(FailureKind.WRONG_PASSWORD, 401)),
        (moved("/login/?error=1"), Failure(FailureKind.WRONG_PASSWORD, 302)),
        (moved("/login/", "messages=wrong; Path=/"), Failure(FailureKind.WRONG_PASSWORD, 302)),
        (moved("?error=1", "messages=wrong; Path=/"), Failure(FailureKind.WRONG_PASSWORD, 302)),
        (moved("//armory.local/x/../Log%69n", "messages=wrong"), Failure(FailureKind.WRONG_PASSWORD, 302)),
        # Whether the password was right is not known: the proxy gave up, the connection broke.
        (moved("/"), Failure(FailureKind.UNANSWERED, 302)),
        (moved("/", "csrftoken=rotated"), Failure(FailureKind.UNANSWERED, 302)),
        (moved("/", "sessionid=s\u00e9gr\u00e8te\U0001f600; Path=/"), Failure(FailureKind.UNANSWERED, 302)),
        (moved("http://[/", "sessionid=abc"), Failure(FailureKind.UNANSWERED, detail="other")),
        (page(302, headers={"Set-Cookie": "sessionid=abc"}), Failure(FailureKind.UNANSWERED, 302)),
        (page(303, headers={"Location": "/login/"}), Failure(FailureKind.UNANSWERED, 303)),
        (page(400, "<h1>Bad Request (400)</h1>"), Failure(FailureKind.UNANSWERED, 400)),
        (page(404), Failure(FailureKind.UNANSWERED, 404)),
        (page(500), Failure(FailureKind.UNANSWERED, 500)),
        (page(503, headers={"Retry-After": "0"}), Failure(FailureKind.UNANSWERED, 503, 0.0)),
        (page(504), Failure(FailureKind.UNANSWERED, 504)),
        (drop, Failure(FailureKind.UNANSWERED, detail="no answer")),
        (raw(b""), Failure(FailureKind.UNANSWERED, detail="no answer")),
        (raw(b"\x00\x01\x02\r\n\r\n"), Failure(FailureKind.UNANSWERED, detail="no answer")),
        (hang, Failure(FailureKind.UNANSWERED, detail="timed out")),
    ],
)
async def test_an_answer_to_the_form(server: ScriptedServer, answer: Act, failure: Failure) -> None:
    server.on_page(POST, "/login/", answer)
    assert await log_in(server) == failure
    assert len(server.passwords) == 1


async def test_without_a_good_token_it_is_csrf(server: ScriptedServer) -> None:
    other = LOGIN_PAGE.replace(CSRF_TOKEN, "another")
    server.on_page(GET, "/login/", page(200, other, {"Set-Cookie": "csrftoken=yet-another"}))
    assert await log_in(server) == Failure(FailureKind.CSRF, 403)


@pytest.mark.parametrize(
    "answer",
    [
        drop,
        page(500),
        page(503, headers={"Retry-After": "0"}),
        page(403, "<h1>429 Too Many Requests</h1>", {"Retry-After": "0"}),
        page(403, "<h1>CSRF verification failed.</h1>"),
        moved("/", "sessionid=s\u00e9gr\u00e8te; Path=/"),
        moved("/", "sessionid=never-known; Path=/"),
    ],
    ids=["drop", "500", "503", "rate limit", "CSRF", "cookie that cannot be sent", "session that is none"],
)
async def test_a_password_that_nothing_proves_right_is_sent_three_times_at_most(
    server: ScriptedServer, answer: Act
) -> None:
    server.on_page(POST, "/login/", *[answer] * 9)
    async with Desk(server.url) as desk:
        facts = await desk.hears(Stream.TRANSACTIONS)
        while facts.phase is not Phase.LIVE and not _needs_a_login(facts):
            # Every reason to try at once, but not the user's wish.
            desk.connection.network_is_back()
            facts = await desk.hears(Stream.TRANSACTIONS)
        assert facts.phase is Phase.REFUSED
    assert len(server.passwords) == 3, "five would have locked the account, had it been wrong"


def _needs_a_login(facts: StreamFacts) -> bool:
    return facts.trouble is not None and facts.trouble.need is Need.LOGIN


# Servers that hold the desk up.


@pytest.mark.parametrize(
    "slow", [hang, drip(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n" + b"x" * 99, every=2)]
)
async def test_no_server_holds_the_login_up_for_ever(server: ScriptedServer, slow: Act) -> None:
    server.on_page(GET, "/login/", slow)
    async with asyncio.timeout(15):
        failure = await log_in(server)
    assert isinstance(failure, Failure)
    assert failure.kind is FailureKind.TIMED_OUT


async def test_a_page_without_end_is_read_no_further_than_it_must_be(server: ScriptedServer) -> None:
    chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    server.on_page(GET, "/login/", _endless(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", chunk))
    assert await log_in(server) == Failure(FailureKind.NOT_ARMGUARD, 200)


def _endless(head: bytes, chunk: bytes) -> Act:
    async def answer(link: Link, _: Request) -> None:
        await link.write(head)
        while not link.writer.is_closing():
            await link.write(chunk)

    return answer


async def test_a_compressed_page_is_not_unpacked(server: ScriptedServer) -> None:
    await log_in(server)
    assert {request.headers["accept-encoding"] for request in server.requests} == {"identity"}


async def test_nobody_listens() -> None:
    server = ScriptedServer()
    server.url = f"http://127.0.0.1:{free_port()}"
    failure = await log_in(server)
    assert isinstance(failure, Failure)
    assert failure.kind is FailureKind.REFUSED


async def test_nobody_listens_at_any_of_a_names_addresses() -> None:
    server = ScriptedServer()
    server.url = f"http://localhost:{free_port()}"
    failure = await log_in(server)
    assert isinstance(failure, Failure)
    assert failure.kind is FailureKind.REFUSED


async def test_a_name_that_does_not_exist() -> None:
    server = ScriptedServer()
    server.url = "http://armory.invalid"
    failure = await log_in(server)
    assert isinstance(failure, Failure)
    assert failure.kind is FailureKind.NAME


# Whether a session is alive.


@pytest.mark.parametrize(
    ("answer", "alive"),
    [
        (page(200), True),
        (page(302, headers={"Location": "/login/?next=/"}), False),
        (page(302, headers={"Location": "https://elsewhere/"}), None),
        (page(403, "429 Too Many Requests"), None),
        (page(502), None),
        (drop, None),
        (hang, None),
    ],
)
async def test_whether_a_session_is_alive(server: ScriptedServer, answer: Act, alive: bool | None) -> None:  # noqa: FBT001 - a fact of three values
    server.on_page(GET, "/", answer)
    assert await client(server).is_alive(Session("armguard_sessionid=abc")) is alive
    assert server.requests[-1].session == "abc"


@pytest.mark.parametrize(
    ("answer", "kind", "http_status"),
    [
        (page(403, "429 Too Many Requests"), FailureKind.RATE_LIMITED, 403),
        (page(429, headers={"Retry-After": "30"}), FailureKind.RATE_LIMITED, 429),
        (page(403, "Forbidden"), FailureKind.STATUS, 403),
        (page(502), FailureKind.STATUS, 502),
        (drop, FailureKind.NO_ANSWER, None),
    ],
)
async def test_why_nothing_is_known_of_a_session(
    server: ScriptedServer, answer: Act, kind: FailureKind, http_status: int | None
) -> None:
    server.on_page(GET, "/", answer)
    found = await client(server).find_session(Session("armguard_sessionid=abc"))
    assert isinstance(found, Failure)
    assert (found.kind, found.status) == (kind, http_status)


# Nothing goes where it must not.


async def test_redirects_are_not_followed_anywhere(server: ScriptedServer) -> None:
    async with ScriptedServer().running() as thief:
        away = {"Location": thief.url + "/login/"}
        socket_away = {"Location": thief.url.replace("http", "ws") + Stream.TRANSACTIONS.path}
        server.on_handshake(Stream.TRANSACTIONS, status(307, socket_away), status(302, socket_away))
        server.on_page(GET, "/", page(302, headers={"Location": thief.url + "/"}))
        async with Desk(server.url) as desk:
            await desk.sees_all(Phase.LIVE)
            assert await client(server).is_alive(Session("armguard_sessionid=abc")) is None
        server.on_page(GET, "/login/", page(307, headers=away))
        assert isinstance(await log_in(server), Failure)
        server.on_page(POST, "/login/", page(307, headers=away))
        assert isinstance(await log_in(server), Failure)
        assert thief.connections == 0


def named(server: ScriptedServer) -> str:
    """Give the server a name on the network, as far as this loop knows."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, FastLoop)
    loop.names.add("armory.test")
    server.url = server.url.replace("127.0.0.1", "armory.test")
    return server.url


async def test_plain_http_across_the_network_needs_consent(server: ScriptedServer) -> None:
    async with Desk(named(server)) as desk:
        for facts in await desk.sees_all(Phase.REFUSED):
            assert facts.trouble is not None
            assert facts.trouble.need is Need.CONSENT
        desk.connection.reconnect_now()
        desk.connection.network_is_back()
        await desk.sees_all(Phase.REFUSED)
    assert server.connections == 0, "nothing at all was sent"


async def test_with_consent_it_goes(server: ScriptedServer) -> None:
    async with Desk(named(server), allow_plain_http=True) as desk:
        await desk.sees_all(Phase.LIVE)


@pytest.mark.parametrize("password", [None, ""])
async def test_without_a_password_nothing_is_sent(server: ScriptedServer, password: str | None) -> None:
    async with Desk(server.url, password=password) as desk:
        for facts in await desk.sees_all(Phase.REFUSED):
            assert facts.trouble is not None
            assert facts.trouble.summary == "password needed"
    assert server.connections == 0
