"""Real servers on real Redis: it is proven which one they use, or it is said why it is not."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from redis.asyncio import Redis

from armguard_tray.checkup import proof as proving
from armguard_tray.checkup import rounds
from armguard_tray.checkup.proof import NoSocket, RedisPlace, Running, prove
from armguard_tray.checkup.rounds import OpenSocket
from armguard_tray.clock import SystemClock
from armguard_tray.redis_probe.memberships import Memberships
from armguard_tray.redis_probe.proof import CORE, PUB_SUB, Proof, ProofVerdict
from armguard_tray.server.demo.process import DemoServer
from tests.end_to_end.redis.moods import READER, SECRET, reader_without
from tests.end_to_end.redis.own_socket import opener
from tests.fakes.demo_server import DemoClient
from tests.fakes.odd_demo import odd_demo
from tests.fakes.redis_server import REDIS_SERVER, ControlledRedis, controlled_redis, free_port, redis_server
from tests.server.sockets import next_frame, socket_of

pytestmark = pytest.mark.skipif(REDIS_SERVER is None, reason="redis-server is not installed")

CLOCK = SystemClock()
GROUP = "armguard::group:notifications_2"


@pytest_asyncio.fixture
async def redis(tmp_path: Path) -> AsyncIterator[ControlledRedis]:
    async with controlled_redis(tmp_path) as server:
        yield server


@pytest_asyncio.fixture
async def server(redis: ControlledRedis) -> AsyncIterator[DemoServer]:
    """Run a stock server on that Redis."""
    async with DemoServer.start(redis=redis.url) as running:
        yield running


@pytest.fixture
def desk(server: DemoServer) -> Iterator[DemoClient]:
    with logged_in(server) as client:
        yield client


@contextlib.contextmanager
def logged_in(server: DemoServer, **options: Any) -> Iterator[DemoClient]:
    with DemoClient(server, **options) as client:
        client.log_in()
        yield client


async def look(redis: ControlledRedis, open_socket: OpenSocket | None, **known: Any) -> Proof:
    return await prove(RedisPlace(address=redis.url), open_socket, clock=CLOCK, **known)


async def look_at(redis: ControlledRedis, starting: AbstractAsyncContextManager[DemoServer]) -> Proof:
    async with starting as server:
        with logged_in(server) as client:
            return await look(redis, opener(client))


async def test_a_stock_server_that_uses_this_redis(redis: ControlledRedis, desk: DemoClient) -> None:
    found = await look(redis, opener(desk))

    assert found.verdict is ProofVerdict.PROVEN
    assert (found.kind, found.group) == (CORE, GROUP)
    assert found.evidence.startswith(f"our membership joined {GROUP} at ")
    assert found.joined is not None
    assert abs((found.at - found.joined).total_seconds()) < 5
    assert found.where == f"127.0.0.1:{redis.port}, database 0"
    assert found.reasons == ()


async def test_the_proof_leaves_nothing_behind(redis: ControlledRedis, desk: DemoClient) -> None:
    async with Redis(port=redis.port) as client:
        keys = await client.keys()
        await look(redis, opener(desk))
        assert await client.keys() == keys


async def test_a_server_with_the_app(redis: ControlledRedis) -> None:
    found = await look_at(redis, DemoServer.start(redis=redis.url, stock=False))

    assert (found.verdict, found.group) == (ProofVerdict.PROVEN, GROUP)


def layer(backend: str, redis: ControlledRedis, prefix: str) -> dict[str, Any]:
    config = {"hosts": [redis.url], "prefix": prefix}
    return {"CHANNEL_LAYERS": {"default": {"BACKEND": f"channels_redis.{backend}", "CONFIG": config}}}


async def test_another_prefix_is_found(redis: ControlledRedis, tmp_path: Path) -> None:
    settings = layer("core.RedisChannelLayer", redis, "elsewhere")

    found = await look_at(redis, odd_demo(tmp_path, settings))

    assert (found.verdict, found.group) == (ProofVerdict.PROVEN, "elsewhere:group:notifications_2")


async def test_a_pub_sub_layer(redis: ControlledRedis, tmp_path: Path) -> None:
    settings = layer("pubsub.RedisPubSubChannelLayer", redis, "asgi")

    async with odd_demo(tmp_path, settings) as server:
        with logged_in(server) as client:
            alone = await look(redis, opener(client))
            async with socket_of(client, "notifications") as socket:
                await next_frame(socket)
                crowded = await look(redis, opener(client))

    assert (alone.verdict, alone.kind) == (ProofVerdict.PROVEN, PUB_SUB)
    assert alone.group == "asgi__group__notifications_2"
    assert crowded.verdict is ProofVerdict.NOT_PROVEN
    assert "has a subscriber already" in crowded.reasons[0]


async def test_a_server_that_uses_another_database(redis: ControlledRedis) -> None:
    found = await look_at(redis, DemoServer.start(redis=redis.url.removesuffix("0") + "3"))

    assert found.verdict is ProofVerdict.NOT_PROVEN
    assert found.reasons[0].startswith("The server most likely uses database 3 of this Redis")
    assert not found.looked, "not where it is"


async def test_a_server_that_uses_its_memory_is_not_concluded_to_do_so(redis: ControlledRedis) -> None:
    found = await look_at(redis, DemoServer.start())

    assert found.verdict is ProofVerdict.NOT_PROVEN
    assert found.looked, "for that it takes what was announced, too"
    assert GROUP in found.evidence
    # This Redis was looked through, so neither a database nor a prefix of it is left to be suspected.
    assert "may use its memory" in found.reasons[0]
    assert "may use another Redis" in found.reasons[1]


async def test_a_server_that_uses_another_redis(server: DemoServer, tmp_path: Path) -> None:
    (tmp_path / "another").mkdir()
    async with controlled_redis(tmp_path / "another") as another:
        with logged_in(server) as client:
            found = await look(another, opener(client))

    assert found.verdict is ProofVerdict.NOT_PROVEN
    assert any("may use another Redis" in reason for reason in found.reasons)


async def test_a_redis_that_this_desk_does_not_reach(desk: DemoClient) -> None:
    place = RedisPlace(address=f"redis://127.0.0.1:{free_port()}")

    found = await prove(place, opener(desk), clock=CLOCK)

    assert found.verdict is ProofVerdict.NOT_PROVEN
    assert "cannot look into Redis" in found.reasons[0]
    assert "connection was refused" in found.reasons[0]


async def test_a_redis_that_falls_silent(
    redis: ControlledRedis, desk: DemoClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proving, "REDIS_PATIENCE", 0.3)
    redis.freeze()

    found = await look(redis, opener(desk))

    redis.thaw()
    assert found.verdict is ProofVerdict.NOT_PROVEN
    assert "No answer" in found.reasons[0]


async def test_other_users_that_connect_meanwhile_do_not_count(
    redis: ControlledRedis, server: DemoServer, desk: DemoClient
) -> None:
    with logged_in(server, username="sgt.reyes") as other:
        mine, theirs = opener(desk), opener(other)

        @asynccontextmanager
        async def both() -> AsyncIterator[int]:
            async with theirs(), mine() as user_id:
                yield user_id

        found = await look(redis, both)

    assert (found.verdict, found.group) == (ProofVerdict.PROVEN, GROUP)


async def test_another_socket_of_the_same_account_at_the_same_moment_leaves_it_open(
    redis: ControlledRedis, desk: DemoClient
) -> None:
    mine = opener(desk)

    @asynccontextmanager
    async def two() -> AsyncIterator[int]:
        async with mine(), mine() as user_id:
            yield user_id

    found = await look(redis, two)

    assert found.verdict is ProofVerdict.NOT_PROVEN
    # Whether both came between two glances, or one after the other.
    assert (
        "nother socket of the same account" in found.reasons[0]
        or "others of this account" in found.reasons[0]
    )


async def test_a_membership_that_leaves_before_our_socket_is_not_ours(
    redis: ControlledRedis, desk: DemoClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Ours is in memory; meanwhile another tab comes and goes, at a process that uses Redis.
    tab = contextlib.AsyncExitStack()
    glance = Memberships.glance

    async def glance_and_close_the_tab(self: Memberships, *group: Any) -> Any:
        seen = await glance(self, *group)
        await tab.aclose()
        return seen

    async with DemoServer.start() as in_memory:
        with logged_in(in_memory) as ours:

            @asynccontextmanager
            async def with_a_tab() -> AsyncIterator[int]:
                async with opener(ours)() as user_id:
                    await tab.enter_async_context(opener(desk)())
                    yield user_id

            monkeypatch.setattr(Memberships, "glance", glance_and_close_the_tab)
            found = await look(redis, with_a_tab)

    assert found.verdict is ProofVerdict.NOT_PROVEN
    assert "left before it was closed" in found.reasons[0]


async def test_a_socket_of_another_tab_that_stays_is_not_ours(
    redis: ControlledRedis, desk: DemoClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rounds, "LEAVES_WITHIN", 0.3)
    async with contextlib.AsyncExitStack() as tabs:

        @asynccontextmanager
        async def another_tab() -> AsyncIterator[int]:
            yield await tabs.enter_async_context(opener(desk)())

        found = await look(redis, another_tab)

    assert found.verdict is ProofVerdict.NOT_PROVEN
    assert "stayed when it was closed" in found.reasons[0]


class Refused(AbstractAsyncContextManager[int]):
    """A socket that does not open."""

    async def __aenter__(self) -> int:
        raise NoSocket("answered with 403")

    async def __aexit__(self, *_: object) -> None:
        pass


@pytest.mark.parametrize("open_socket", [None, Refused])
async def test_a_stranger_who_comes_with_the_running_connection_proves_nothing(
    redis: ControlledRedis, desk: DemoClient, open_socket: OpenSocket | None
) -> None:
    # Ours is in memory. Of two servers on one network both desks come back at once, and user 2 is at each.
    async with DemoServer.start() as in_memory:
        with logged_in(in_memory) as ours:
            async with socket_of(ours, "notifications") as running, opener(desk)():
                known = Running(CLOCK.now(), (await next_frame(running))["user_id"])
                found = await look(redis, open_socket, running=known)
            after = await look(redis, open_socket, running=known, earlier=found)

    assert found.verdict is ProofVerdict.NOT_PROVEN
    assert f"somebody joined {GROUP} at " in found.evidence
    assert "somebody else at another server" in found.reasons[0]
    assert (found.member, found.group) == ("", "")
    assert not after.was_member, "that they have gone is no loss of ours"


@pytest.mark.parametrize("open_socket", [None, Refused])
async def test_without_a_socket_of_its_own_nothing_is_proven_or_ruled_out(
    redis: ControlledRedis, open_socket: OpenSocket | None
) -> None:
    unknown = await look(redis, open_socket, running=Running(CLOCK.now()))

    assert unknown.verdict is ProofVerdict.NOT_PROVEN
    assert not unknown.looked, "nobody could have seen our membership"


async def test_a_watched_membership_is_not_lost_sight_of_where_no_socket_opens(
    redis: ControlledRedis, desk: DemoClient
) -> None:
    async with opener(desk)() as user_id, Redis(port=redis.port) as client:
        running = Running(CLOCK.now(), user_id)
        proven = await look(redis, opener(desk), running=running)
        refused = await look(redis, Refused, running=running, earlier=proven)
        await client.flushall()
        deaf = await look(redis, Refused, running=running, earlier=refused)

    assert (refused.verdict, refused.member) == (ProofVerdict.NOT_PROVEN, proven.member)
    assert (refused.was_member, deaf.was_member) == (False, True)


async def test_two_sockets_that_may_be_the_running_one_prove_nothing(
    redis: ControlledRedis, desk: DemoClient
) -> None:
    mine = opener(desk)
    async with mine() as user_id, mine():
        found = await look(redis, None, running=Running(CLOCK.now(), user_id))

    assert found.verdict is ProofVerdict.NOT_PROVEN


async def test_a_running_connection_whose_membership_is_gone_is_deaf(
    redis: ControlledRedis, desk: DemoClient
) -> None:
    async with opener(desk)() as user_id, Redis(port=redis.port) as client:
        running = Running(CLOCK.now(), user_id)
        proven = await look(redis, opener(desk), running=running)
        well = await look(redis, opener(desk), running=running, earlier=proven)
        await client.flushall()
        deaf = await look(redis, opener(desk), running=running, earlier=well)
        unseen = await look(redis, None, running=running, earlier=well)

    assert (proven.was_member, well.was_member) == (False, False)
    assert proven.member == well.member != ""
    assert deaf.was_member
    assert f"the membership of our stream in {GROUP} is gone" in deaf.evidence
    # New sockets join as ever: it is this one that hears nothing any more.
    assert deaf.verdict is ProofVerdict.PROVEN
    assert (unseen.was_member, unseen.verdict) == (True, ProofVerdict.NOT_PROVEN)


async def test_a_connection_that_was_made_anew_is_not_missed(
    redis: ControlledRedis, desk: DemoClient
) -> None:
    async with opener(desk)() as user_id:
        proven = await look(redis, opener(desk), running=Running(CLOCK.now(), user_id))
    async with opener(desk)():
        later = await look(redis, opener(desk), running=Running(CLOCK.now(), user_id), earlier=proven)

    assert not later.was_member
    assert later.member not in {"", proven.member}


async def look_as_reader(folder: Path, *options: str, prefix: str = "") -> tuple[Proof, list[Any]]:
    """Look with an account of the options' making, and return what Redis has refused it, too."""
    async with redis_server(folder, *options) as port, Redis(port=port) as client:
        async with DemoServer.start(redis=f"redis://127.0.0.1:{port}/0") as server:
            with logged_in(server) as desk:
                place = RedisPlace(
                    address=f"redis://{READER}@127.0.0.1:{port}/0", password=SECRET, prefix=prefix
                )
                found = await prove(place, opener(desk), clock=CLOCK)
        refusals: list[Any] = await client.acl_log()
    return found, refusals


async def test_the_read_only_account_suffices(tmp_path: Path) -> None:
    found, refusals = await look_as_reader(tmp_path, *reader_without(""))

    assert (found.verdict, found.group) == (ProofVerdict.PROVEN, GROUP)
    assert refusals == []
    assert SECRET not in repr(found)


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("+time", "may not use time"),
        ("+zrangebyscore", "may not use zrangebyscore"),
        ("%R~*:group:*", "may not use ~*:group:*"),
    ],
)
async def test_without_a_permission_it_is_said_what_that_costs(tmp_path: Path, rule: str, said: str) -> None:
    found, _ = await look_as_reader(tmp_path, *reader_without(rule))

    assert found.verdict is ProofVerdict.NOT_PROVEN
    assert said in found.reasons[0]


@pytest.mark.parametrize("rule", ["+ttl", "+pubsub|numsub", "+info"])
async def test_some_permissions_can_be_done_without(tmp_path: Path, rule: str) -> None:
    found, _ = await look_as_reader(tmp_path, *reader_without(rule))

    assert found.verdict is ProofVerdict.PROVEN


async def test_a_password_that_is_wrong_is_sent_once_and_told_to_nobody(
    redis: ControlledRedis, desk: DemoClient
) -> None:
    async with Redis(port=redis.port) as client:
        await client.config_set("requirepass", "right")
    place = RedisPlace(address=redis.url, password="wrong and secret")

    found = await prove(place, opener(desk), clock=CLOCK)

    async with Redis(port=redis.port, password="right") as client:
        errors = await client.info("errorstats")
    assert errors["errorstat_WRONGPASS"] == {"count": 1}
    assert "refuses this user name or password" in found.reasons[0]
    assert "secret" not in repr(found) + repr(place)


async def test_whatever_hangs_it_ends(redis: ControlledRedis, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proving, "WITHIN", 0.2)

    @asynccontextmanager
    async def hangs() -> AsyncIterator[int]:
        await asyncio.get_running_loop().create_future()
        yield 0

    found = await look(redis, hangs)

    assert found.verdict is ProofVerdict.NOT_PROVEN
    assert found.evidence == "the look took too long"
