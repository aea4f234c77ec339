"""A checkup ends, whatever never answers."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest

from armguard_tray.checkup.account import Secret
from armguard_tray.checkup.checkup import Asked, check
from armguard_tray.checkup.limits import Limits
from armguard_tray.clock import SystemClock
from armguard_tray.connection.failures import FailureKind
from armguard_tray.diagnosis.facts import Facts, Keeping, TlsFault
from armguard_tray.messages.streams import DEFAULT_STREAMS, Stream
from armguard_tray.redis_probe.report import RedisState
from armguard_tray.settings.model import ServerSettings
from tests.end_to_end.check.looking import failures, fresh, handshake, look
from tests.fakes.redis_wanted import named
from tests.fakes.scripted_server import Link, ScriptedServer, accept, drip, hang

SHORT = Limits(
    name=0.2,
    tcp=0.2,
    tls=0.2,
    http=0.2,
    password=0.2,
    login=1.6,
    session=0.2,
    app=0.2,
    opened=0.2,
    subscribed=0.2,
    stays=0.1,
)


def nothing_answers(server: ScriptedServer) -> None:
    server.on_connect(*[Link.gone] * 20)


def http_hangs(server: ScriptedServer) -> None:
    server.on_page("GET", "/login/", hang)


def http_drips(server: ScriptedServer) -> None:
    server.on_page("GET", "/login/", drip(b"HTTP/1.1 200 OK\r\n" * 99, every=0.01))


def login_hangs(server: ScriptedServer) -> None:
    server.on_page("POST", "/login/", hang)


def session_hangs(server: ScriptedServer) -> None:
    server.on_page("GET", "/", hang)


def app_hangs(server: ScriptedServer) -> None:
    server.on_page("GET", "/armguard-live/", hang)


def handshakes_hang(server: ScriptedServer) -> None:
    for stream in DEFAULT_STREAMS:
        server.on_handshake(stream, hang)


def sockets_are_mute(server: ScriptedServer) -> None:
    """Neither welcome nor pong, and no answer to our goodbye either."""
    for stream in DEFAULT_STREAMS:
        server.on_handshake(stream, accept(welcome=False, pongs=False))


def session_unknown(facts: Facts) -> bool:
    return facts.session is not None and facts.session.alive is None


@pytest.mark.parametrize(
    ("breaks", "tells"),
    [
        (nothing_answers, lambda facts: failures(facts) == {"http": FailureKind.TIMED_OUT}),
        (http_hangs, lambda facts: failures(facts) == {"http": FailureKind.TIMED_OUT}),
        (http_drips, lambda facts: failures(facts) == {"http": FailureKind.TIMED_OUT}),
        (login_hangs, lambda facts: failures(facts) == {"login": FailureKind.UNANSWERED}),
        (session_hangs, session_unknown),
        (app_hangs, lambda facts: not facts.app_known and len(facts.handshakes) == 3),
        (
            handshakes_hang,
            lambda facts: failures(facts) == dict.fromkeys(DEFAULT_STREAMS, FailureKind.TIMED_OUT),
        ),
        (sockets_are_mute, lambda facts: [each.subscribed for each in facts.handshakes] == [""] * 3),
    ],
)
async def test_each_step_has_its_time(
    server: ScriptedServer, breaks: Callable[[ScriptedServer], None], tells: Callable[[Facts], bool]
) -> None:
    breaks(server)
    facts = await look(server.url, limits=SHORT)
    assert tells(facts), facts


@pytest.mark.parametrize(
    "breaks", [nothing_answers, http_hangs, http_drips, login_hangs, handshakes_hang, sockets_are_mute]
)
async def test_all_together_have_theirs_though_each_may_take_long(
    server: ScriptedServer, breaks: Callable[[ScriptedServer], None]
) -> None:
    breaks(server)
    patient = Limits(**dict.fromkeys(Limits.__dataclass_fields__, 60.0) | {"whole": 2.0})
    async with asyncio.timeout(20):  # far below what a step may take, far above the whole
        facts = await look(server.url, limits=patient)
    assert facts.name is not None


async def test_a_tls_handshake_has_its_time(server: ScriptedServer) -> None:
    nothing_answers(server)
    facts = await look(server.url.replace("http", "https"), limits=SHORT)
    assert facts.tls is not None
    assert facts.tls.fault is TlsFault.TIMED_OUT


async def test_a_keyring_that_waits_for_its_user_has_its_time(server: ScriptedServer) -> None:
    async def waits() -> Secret:
        await asyncio.Event().wait()
        raise AssertionError

    account = fresh()
    account._look_up = waits
    facts = await look(server.url, account=account, limits=SHORT)
    assert facts.password is Keeping.LOCKED
    assert server.passwords == []


async def test_without_time_no_socket_is_opened(server: ScriptedServer) -> None:
    server.on_page("GET", "/", hang)
    facts = await look(server.url, limits=replace(SHORT, session=60.0, whole=2.5))
    assert facts.login is not None
    assert facts.login.failure is None
    assert facts.handshakes == (), "not looked at, rather than looked at without patience"


async def test_a_redis_that_is_silent_does_not_hold_up_the_rest(server: ScriptedServer) -> None:
    silent = ScriptedServer()
    nothing_answers(silent)
    async with silent.running() as redis:
        asked = Asked(
            server=ServerSettings(address=server.url, username="armorer1"),
            redis=named(redis.url.replace("http", "redis")),
            prove=True,
        )
        async with asyncio.timeout(20):
            facts = await check(asked, fresh(), clock=SystemClock(), limits=SHORT)
    assert facts.redis is not None
    assert facts.redis.state is not RedisState.UP
    assert facts.proof is None
    assert handshake(facts, Stream.INVENTORY).subscribed


async def test_the_default_limits_end_within_fifteen_seconds(server: ScriptedServer) -> None:
    """The worst case of all in real time: nothing answers, TLS is expected, and HTTP is tried in the end."""
    nothing_answers(server)
    async with asyncio.timeout(15):
        facts = await look(server.url.replace("http", "https"), limits=Limits())
    assert facts.tls is not None
