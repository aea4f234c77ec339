"""What keeps a desk from the server's pages: name, port, and what else may answer there."""

import socket
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from armguard_tray.checkup import network
from armguard_tray.checkup.limits import Limits, Stopwatch
from armguard_tray.connection.failures import FailureKind
from armguard_tray.diagnosis.facts import Facts, Site
from tests.end_to_end.check.looking import failures, look
from tests.fakes.clock import FakeClock
from tests.fakes.scripted_server import LOGIN_PAGE, Act, ScriptedServer, drop, page, raw

NEVER = page(200, "this page is never asked for")


def assert_it_went_no_further(facts: Facts) -> None:
    assert (facts.login, facts.session, facts.handshakes, facts.app_known) == (None, None, (), False)


async def test_a_name_that_does_not_resolve() -> None:
    facts = await look("https://armory.invalid")
    assert failures(facts) == {"name": FailureKind.NAME}
    assert (facts.tcp, facts.tls) == (None, None)
    assert_it_went_no_further(facts)


async def test_a_name_that_no_host_can_bear() -> None:
    facts = await look(f"https://{'ü' * 63}.example")
    assert failures(facts) == {"name": FailureKind.NAME}


async def test_a_name_server_that_never_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    released = threading.Event()

    def silent(*_: object, **__: object) -> list[object]:
        released.wait()
        return []

    monkeypatch.setattr("armguard_tray.checkup.network.socket.getaddrinfo", silent)
    try:
        facts = await look("https://armory.example", limits=Limits(name=0.05))
    finally:
        released.set()
    assert failures(facts) == {"name": FailureKind.TIMED_OUT}
    assert all(thread.daemon for thread in threading.enumerate() if thread.name == "name")


async def test_a_port_where_nothing_listens() -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        port = bound.getsockname()[1]
        facts = await look(f"http://127.0.0.1:{port}")
    assert failures(facts) == {"tcp": FailureKind.REFUSED}
    assert facts.tcp is not None
    assert facts.tcp.where == f"127.0.0.1:{port}"
    assert_it_went_no_further(facts)


async def test_of_several_addresses_one_is_enough(
    server: ScriptedServer,
) -> None:
    port = int(server.url.rpartition(":")[2])
    found, place = await network.knock(
        [network.Place("127.0.0.2", port), network.Place("127.0.0.1", port)],
        Stopwatch(FakeClock()),
        3.0,
    )
    assert place == network.Place("127.0.0.1", port)
    assert found.failure is None


async def test_what_says_the_most_of_several_failures_is_told() -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        port = bound.getsockname()[1]
        # No machine has the first one, which is kept for documents (RFC 5737).
        places = [network.Place("192.0.2.1", port), network.Place("127.0.0.1", port)]
        found, place = await network.knock(places, Stopwatch(FakeClock()), 0.2)
    assert place is None
    assert found.failure is not None
    assert found.failure.kind is FailureKind.REFUSED


NGINX = "<html><center><h1>502 Bad Gateway</h1></center><hr><center>nginx/1.22.1</center></html>"
HOT_SPOT = "<!-- <WISPAccessGatewayParam> --><h1>Welcome to the guest network</h1>"
OTHER_LOGIN = "<form><input name='user'></form>"


@pytest.mark.parametrize(
    ("answer", "site", "kind"),
    [
        (page(404, "<h1>Not Found</h1>"), Site.OTHER, FailureKind.NOT_ARMGUARD),
        (page(200, OTHER_LOGIN), Site.OTHER, FailureKind.NOT_ARMGUARD),
        (page(200, HOT_SPOT), Site.PORTAL, FailureKind.NOT_ARMGUARD),
        (page(511), Site.PORTAL, FailureKind.STATUS),
        (page(502, NGINX), Site.PROXY, FailureKind.STATUS),
        (page(504), Site.PROXY, FailureKind.STATUS),
        (page(404, NGINX), Site.PROXY, FailureKind.NOT_ARMGUARD),
        (page(407), Site.PROXY, FailureKind.NOT_ARMGUARD),
        (page(503), None, FailureKind.STATUS),
        (page(400, "<h1>Bad Request (400)</h1>"), None, FailureKind.HOST_NOT_ALLOWED),
        (page(403, "<h1>Account locked: too many login attempts.</h1>"), None, FailureKind.LOCKED_OUT),
        (page(429), None, FailureKind.RATE_LIMITED),
        (raw(b"SSH-2.0-OpenSSH_9.2p1\r\n"), None, FailureKind.NO_ANSWER),
        (drop, None, FailureKind.NO_ANSWER),
    ],
)
async def test_what_answers_in_the_place_of_the_login_page(
    server: ScriptedServer, answer: Act, site: Site | None, kind: FailureKind
) -> None:
    server.on_page("GET", "/login/", answer)
    facts = await look(server.url)
    assert failures(facts) == {"http": kind}
    assert facts.http is not None
    assert facts.http.site is site
    assert server.passwords == [], "no password for whatever that is"
    assert_it_went_no_further(facts)


async def test_a_page_that_leads_elsewhere(server: ScriptedServer) -> None:
    server.on_page("GET", "/login/", page(302, headers={"Location": "http://portal.example/hello?from=you"}))
    facts = await look(server.url)
    assert facts.http is not None
    assert (facts.http.site, facts.http.leads_to) == (Site.PORTAL, "portal.example")


async def test_a_redirect_to_the_same_host_over_tls(server: ScriptedServer) -> None:
    server.on_page("GET", "/login/", page(301, headers={"Location": server.url.replace("http", "https")}))
    facts = await look(server.url)
    assert failures(facts) == {"http": FailureKind.HTTPS_EXPECTED}
    assert facts.http is not None
    assert facts.http.secure == server.url.replace("http", "https")


@pytest.mark.parametrize(
    ("said", "is_nginx"), [("nginx/1.22.1", True), ("nginx", True), ("daphne", False), ("", False)]
)
async def test_nginx_says_that_it_answers(server: ScriptedServer, said: str, *, is_nginx: bool) -> None:
    server.on_page("GET", "/login/", page(404, headers={"Server": said} if said else {}))
    facts = await look(server.url)
    assert facts.http is not None
    assert facts.http.nginx is is_nginx


async def test_a_hostile_redirect(server: ScriptedServer) -> None:
    server.on_page("GET", "/login/", page(302, headers={"Location": "http://[broken"}))
    facts = await look(server.url)
    assert failures(facts) == {"http": FailureKind.NOT_ARMGUARD}


def dated(ahead: timedelta) -> Callable[[datetime], Act]:
    def answer(now: datetime) -> Act:
        date = format_datetime((now + ahead).replace(microsecond=0), usegmt=True)
        return page(200, LOGIN_PAGE, {"Date": date, "Set-Cookie": "csrftoken=token; Path=/"})

    return answer


@pytest.mark.parametrize("apart", [timedelta(0), timedelta(minutes=7), -timedelta(hours=1)])
async def test_how_far_the_clocks_are_apart(server: ScriptedServer, apart: timedelta) -> None:
    clock = FakeClock(datetime(2026, 11, 24, 3, 25, 26, tzinfo=UTC))
    server.on_page("GET", "/login/", dated(apart)(clock.now()))
    facts = await look(server.url, clock=clock)
    assert facts.http is not None
    assert facts.http.ahead is not None
    assert abs(facts.http.ahead - apart) <= timedelta(seconds=0.5), "the header has no fractions"


async def test_without_consent_no_password_crosses_the_network(
    server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = int(server.url.rpartition(":")[2])
    found = [(0, 0, 0, "", ("127.0.0.1", port))]
    monkeypatch.setattr("armguard_tray.checkup.network.socket.getaddrinfo", lambda *_, **__: found)
    facts = await look(f"http://armory.test:{port}")
    assert facts.plain_http_refused
    assert facts.tcp is not None
    assert facts.tcp.failure is None
    assert facts.login is None
    assert server.passwords == []
