"""One Redis watched for all pages: never asked too often, and proven with the session that runs."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from redis.asyncio import Redis

from armguard_tray.checkup.redis_source import AT_MOST_EVERY, RedisAsked
from armguard_tray.checkup.redis_watch import Known, RedisWatch
from armguard_tray.clock import SystemClock
from armguard_tray.connection.live_app import LiveApp
from armguard_tray.connection.login import LoginClient, Session
from armguard_tray.connection.phase import Phase, StreamFacts
from armguard_tray.connection.session import Login, Standing
from armguard_tray.messages.streams import Stream
from armguard_tray.redis_probe.find import VARIABLE
from armguard_tray.redis_probe.proof import Proof, ProofVerdict
from armguard_tray.redis_probe.report import Reason, RedisState
from armguard_tray.server.demo.process import DemoServer
from armguard_tray.settings.model import RedisSettings, ServerSettings
from tests.fakes.clock import FakeClock
from tests.fakes.demo_server import DemoClient
from tests.fakes.redis_server import REDIS_SERVER, ControlledRedis, controlled_redis, redis_server
from tests.server.sockets import next_frame, socket_of

pytestmark = pytest.mark.skipif(REDIS_SERVER is None, reason="redis-server is not installed")

SECRET = "of the test"
SERVER = ServerSettings(address="http://127.0.0.1:1", username="sgt.reyes")


@pytest_asyncio.fixture
async def redis(tmp_path: Path) -> AsyncIterator[ControlledRedis]:
    async with controlled_redis(tmp_path) as server:
        yield server


class Desk:
    """What the running program knows, as a test says.

    Attributes:
        standing, streams, stored: these.
        looked_up: how often the password of Redis was.

    """

    def __init__(self, server: ServerSettings = SERVER) -> None:
        self.server = server
        self.standing = Standing()
        self.streams: tuple[StreamFacts, ...] = ()
        self.stored: str | None = None
        self.looked_up = 0

    def watch(self, clock: FakeClock | SystemClock) -> RedisWatch:
        known = Known(
            server=self.server,
            standing=lambda: self.standing,
            streams=lambda: self.streams,
            password_of=self._password_of,
        )
        return RedisWatch(known, clock)

    async def _password_of(self, _: RedisSettings) -> str | None:
        self.looked_up += 1
        return self.stored


def at(redis: ControlledRedis, password: str | None = None) -> RedisAsked:
    return RedisAsked(RedisSettings(address=redis.url), password)


async def connections_to(redis: ControlledRedis) -> int:
    """Return how many there have been, this one's too."""
    async with Redis(port=redis.port) as client:
        return int((await client.info("stats"))["total_connections_received"])


# Looks


async def test_a_look_brings_vendor_and_figures(redis: ControlledRedis) -> None:
    watch, asked = Desk().watch(FakeClock()), at(redis)
    assert watch.seen(asked).at is None

    await watch.look(asked)

    seen = watch.seen(asked)
    assert seen.facts.redis is not None
    assert (seen.facts.redis.state, seen.facts.redis.vendor) == (RedisState.UP, "Redis")
    assert seen.facts.figures is not None
    assert (seen.address, seen.why) == (redis.url, "the address of the settings")
    assert not seen.facts.redis_guessed
    assert seen.facts.proof is None


async def test_redis_is_not_asked_twice_within_ten_seconds_whoever_asks(redis: ControlledRedis) -> None:
    clock = FakeClock()
    watch, asked = Desk().watch(clock), at(redis)
    await watch.look(asked)
    before = await connections_to(redis)

    await asyncio.gather(watch.look(asked), watch.look(asked, anew=True))
    clock.advance(AT_MOST_EVERY - 0.1)
    await watch.look(asked, anew=True)
    assert await connections_to(redis) == before + 1, "the question itself"

    clock.advance(0.1)
    await asyncio.gather(watch.look(asked), watch.look(asked))
    assert await connections_to(redis) == before + 3
    assert watch.seen(asked).at == clock.now()


async def test_nor_for_another_user_or_database_of_it_unless_the_user_asks(redis: ControlledRedis) -> None:
    watch, asked = Desk().watch(FakeClock()), at(redis)
    others = [
        at(redis, password=""),
        RedisAsked(RedisSettings(address=redis.url.removesuffix("0") + "1")),
    ]
    await watch.look(asked)

    for other in others:
        await watch.look(other)
        assert watch.seen(other).at is None
        await watch.look(other, anew=True)
        assert watch.seen(other).at is not None


async def test_what_has_happened_since_the_last_look_is_told(redis: ControlledRedis) -> None:
    clock = FakeClock()
    watch, asked = Desk().watch(clock), at(redis)
    await watch.look(asked)

    await redis.stop()
    await redis.start()
    clock.advance(AT_MOST_EVERY)
    await watch.look(asked)

    figures = watch.seen(asked).facts.figures
    assert figures is not None
    assert figures.restarted


async def test_a_refused_password_is_sent_again_only_when_the_user_asks(tmp_path: Path) -> None:
    clock, desk = FakeClock(), Desk()
    desk.stored = "wrong"
    async with redis_server(tmp_path, "--requirepass", SECRET) as port:
        watch = desk.watch(clock)
        asked = RedisAsked(RedisSettings(address=f"redis://127.0.0.1:{port}"))
        await watch.look(asked)
        first = watch.seen(asked)
        assert first.facts.redis is not None
        assert first.facts.redis.reason is Reason.LOGIN_REFUSED

        clock.advance(AT_MOST_EVERY)
        await watch.look(asked)
        assert watch.seen(asked).at == first.at, "not looked"

        await watch.look(asked, anew=True)
        assert watch.seen(asked).at == clock.now()

        typed = RedisAsked(asked.settings, SECRET)
        await watch.look(typed, anew=True)
        found = watch.seen(typed).facts.redis
        assert found is not None
        assert found.state is RedisState.UP
        assert desk.looked_up == 1


async def test_it_is_found_by_itself_and_then_not_looked_for_elsewhere(
    redis: ControlledRedis, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = FakeClock()
    monkeypatch.setenv(VARIABLE, redis.url)
    watch, asked = Desk().watch(clock), RedisAsked(RedisSettings())

    await watch.look(asked)

    seen = watch.seen(asked)
    assert (seen.address, seen.why) == (redis.url, f"the variable {VARIABLE}")
    assert seen.facts.redis_guessed
    monkeypatch.setattr("armguard_tray.checkup.redis_places.look_at_all", refusing_more_than_one())
    clock.advance(AT_MOST_EVERY)
    await watch.look(asked)
    assert watch.seen(asked).at == clock.now()


def refusing_more_than_one() -> object:
    from armguard_tray.checkup import redis as looking  # noqa: PLC0415 - the original, before it is replaced

    original = looking.look_at_all

    async def look(candidates: list[object], *more: object, **named: object) -> object:
        assert len(candidates) == 1
        return await original(candidates, *more, **named)  # type: ignore[arg-type]  # passed on

    return look


async def test_where_the_server_says_that_it_is_is_looked_first(redis: ControlledRedis) -> None:
    desk = Desk()
    app = LiveApp("1.2", layer="redis", redis=redis.url)
    desk.streams = (
        StreamFacts(stream=Stream.TRANSACTIONS, phase=Phase.LIVE, since=FakeClock().now(), app=app),
    )
    watch, asked = desk.watch(FakeClock()), RedisAsked(RedisSettings())

    await watch.look(asked)

    assert watch.seen(asked).why == "the address that the server tells"


async def test_a_password_for_the_usual_address_names_it() -> None:
    watch, asked = Desk().watch(FakeClock()), RedisAsked(RedisSettings(), "secret")

    await watch.look(asked)

    assert not watch.seen(asked).facts.redis_guessed
    assert watch.seen(asked).why == "the address of the settings"


async def test_without_an_address_nothing_is_looked_at() -> None:
    watch, asked = Desk().watch(FakeClock()), RedisAsked(RedisSettings(address=""))

    await watch.look(asked)
    await watch.prove(asked)

    assert watch.seen(asked).facts.redis is None
    assert watch.seen(asked).at is not None
    assert watch.seen(asked).facts.proof is None


async def test_a_ca_file_that_cannot_be_used_is_said(redis: ControlledRedis, tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"
    file.write_text("no certificate")
    address = redis.url.replace("redis://", "rediss://")
    watch, asked = (
        Desk().watch(FakeClock()),
        RedisAsked(RedisSettings(address=address, ca_file=str(file)), ""),
    )

    await watch.look(asked)

    assert "CA file cannot be used" in watch.seen(asked).trouble


async def refusals_by(port: int) -> int:
    """Return how often that Redis has refused a password."""
    async with Redis(port=port, password=SECRET) as admin:
        errors = await admin.info("errorstats")
    return int(errors.get("errorstat_WRONGPASS", {"count": 0})["count"])


async def test_a_refused_password_is_not_sent_again_by_proofs(tmp_path: Path) -> None:
    clock, desk = FakeClock(), Desk()
    desk.stored, desk.standing = "wrong", Standing(Login(1, Session("a=b")))
    async with redis_server(tmp_path, "--requirepass", SECRET) as port:
        watch = desk.watch(clock)
        asked = RedisAsked(RedisSettings(address=f"redis://127.0.0.1:{port}"))
        for _ in range(3):
            await watch.prove(asked)
            clock.advance(AT_MOST_EVERY)

        assert "is not sent again by itself" in proof_of(watch, asked).reasons[0]
        assert await refusals_by(port) == 1


async def test_a_password_that_is_refused_during_a_proof_is_not_sent_again(redis: ControlledRedis) -> None:
    clock, desk = FakeClock(), Desk()
    desk.standing = Standing(Login(1, Session("a=b")))
    watch, asked = desk.watch(clock), at(redis, "the one before")
    async with Redis(port=redis.port) as admin:
        await admin.config_set("requirepass", "the one before")
    await watch.look(asked)
    async with Redis(port=redis.port, password="the one before") as admin:
        await admin.config_set("requirepass", SECRET)

    for _ in range(2):
        await watch.prove(asked)
        clock.advance(AT_MOST_EVERY)
        await watch.look(asked)

    assert await refusals_by(redis.port) == 1


# Proofs


class Hands(SystemClock):
    """The machine's clocks, which a test can set.

    Attributes:
        set_by: by which the wall clock was.
        later: seconds that have gone by besides.

    """

    def __init__(self) -> None:
        self.set_by = timedelta()
        self.later = 0.0

    def now(self) -> datetime:
        return super().now() + self.set_by

    def monotonic(self) -> float:
        return super().monotonic() + self.later


async def logged_in(desk: Desk, server: DemoServer) -> None:
    session = await LoginClient(desk.server).log_in(server.password)
    assert isinstance(session, Session)
    desk.standing = Standing(Login(1, session))


@pytest_asyncio.fixture
async def server(redis: ControlledRedis) -> AsyncIterator[DemoServer]:
    """Run a stock server on that Redis."""
    async with DemoServer.start(redis=redis.url) as running:
        yield running


@pytest_asyncio.fixture
async def desk(server: DemoServer) -> Desk:
    desk = Desk(ServerSettings(address=server.url, username=server.username))
    await logged_in(desk, server)
    return desk


def proof_of(watch: RedisWatch, asked: RedisAsked) -> Proof:
    proof = watch.seen(asked).facts.proof
    assert proof is not None
    return proof


async def test_it_is_proven_with_the_session_that_runs(
    redis: ControlledRedis, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object) -> None:
        raise AssertionError("a second login")

    monkeypatch.setattr(LoginClient, "log_in", never)
    watch, asked = desk.watch(SystemClock()), at(redis)
    desk.streams = (live(SystemClock()),)

    await watch.prove(asked)
    assert proof_of(watch, asked).verdict is ProofVerdict.PROVEN

    await watch.look(asked)
    assert proof_of(watch, asked).verdict is ProofVerdict.PROVEN, "a look takes no proof back"


async def test_a_proof_from_before_a_stream_was_lost_is_none_any_more(
    redis: ControlledRedis, desk: Desk
) -> None:
    clock = SystemClock()
    watch, asked = desk.watch(clock), at(redis)
    desk.streams = (StreamFacts(stream=Stream.TRANSACTIONS, phase=Phase.LIVE, since=clock.now()),)
    await watch.prove(asked)
    assert proof_of(watch, asked).verdict is ProofVerdict.PROVEN

    desk.streams = (StreamFacts(stream=Stream.TRANSACTIONS, phase=Phase.BACKING_OFF, since=clock.now()),)

    found = proof_of(watch, asked)
    assert found.verdict is ProofVerdict.NOT_PROVEN
    assert "may have been restarted" in found.reasons[0]


def live(clock: SystemClock) -> StreamFacts:
    return StreamFacts(stream=Stream.TRANSACTIONS, phase=Phase.LIVE, since=clock.now())


async def test_a_clock_that_is_set_back_keeps_no_proof_alive(redis: ControlledRedis, desk: Desk) -> None:
    clock = Hands()
    watch, asked = desk.watch(clock), at(redis)
    proven_with = live(clock)
    desk.streams = (proven_with,)
    await watch.prove(asked)
    assert proof_of(watch, asked).verdict is ProofVerdict.PROVEN

    clock.set_by = timedelta(hours=-1)
    assert proof_of(watch, asked).verdict is ProofVerdict.PROVEN
    for now in (
        (replace(live(clock), reconnects=1),),
        (replace(proven_with, phase=Phase.IDLE),),
        (replace(proven_with, reconnects=1),),
        (),
    ):
        desk.streams = now
        assert proof_of(watch, asked).verdict is ProofVerdict.NOT_PROVEN


async def test_there_is_at_most_one_proof_in_ten_seconds(redis: ControlledRedis) -> None:
    clock, desk = FakeClock(), Desk()
    desk.standing = Standing(Login(1, Session("a=b")))
    watch, asked, other = desk.watch(clock), at(redis), at(redis, password="")
    await watch.prove(asked)
    await watch.look(other, anew=True)
    first, before = proof_of(watch, asked), await connections_to(redis)

    clock.advance(AT_MOST_EVERY - 0.1)
    await watch.prove(asked)
    await watch.prove(other)
    assert await connections_to(redis) == before + 1, "the question itself"
    assert proof_of(watch, asked) is first
    assert "less than 10 s ago" in proof_of(watch, other).reasons[0]

    clock.advance(0.1)
    await watch.prove(asked)
    assert proof_of(watch, asked).at == clock.now()


async def test_a_server_that_is_not_logged_in_to_cannot_be_proven(redis: ControlledRedis) -> None:
    watch, asked = Desk().watch(SystemClock()), at(redis)

    await watch.prove(asked)

    assert proof_of(watch, asked).verdict is ProofVerdict.NOT_PROVEN
    assert "login" in proof_of(watch, asked).reasons[0]


async def test_a_membership_that_is_gone_stays_gone_however_often_it_is_proven(
    redis: ControlledRedis, desk: Desk, server: DemoServer
) -> None:
    clock = Hands()
    with DemoClient(server) as client:
        client.log_in()
        began = clock.now()
        async with socket_of(client, "notifications") as running:
            user_id = (await next_frame(running))["user_id"]
            desk.streams = (
                StreamFacts(stream=Stream.NOTIFICATIONS, phase=Phase.LIVE, since=began, user_id=user_id),
            )
            watch, asked = desk.watch(clock), at(redis)
            await watch.prove(asked)
            assert not proof_of(watch, asked).was_member

            async with Redis(port=redis.port) as admin:
                await admin.flushall()
            for _ in range(2):
                clock.later += AT_MOST_EVERY
                await watch.prove(asked)
                assert proof_of(watch, asked).was_member


async def test_a_redis_that_hangs_ends_the_proof_in_time(
    redis: ControlledRedis, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch, asked = desk.watch(SystemClock()), at(redis)
    await watch.look(asked)
    redis.freeze()
    monkeypatch.setattr("armguard_tray.checkup.redis_watch.PROVED_WITHIN", 0.1)

    await watch.prove(asked)

    assert proof_of(watch, asked).verdict is ProofVerdict.NOT_PROVEN
    assert "within 10 s" in proof_of(watch, asked).reasons[0]
