"""A stock server whose Redis is flushed announces to no socket any more, and says so to none."""

from collections.abc import AsyncIterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
import redis

from armguard_tray.catchup.schedule import SOON
from armguard_tray.messages.event import Category, Source
from armguard_tray.messages.gap import Gap, Reason
from armguard_tray.messages.streams import Stream
from armguard_tray.rules.storm import Summary
from tests.end_to_end.catchup.armory import Armory
from tests.fakes.demo_server import GLOCK_BKP417, JOSE, M4_00177
from tests.fakes.redis_server import REDIS_SERVER, ControlledRedis, controlled_redis

pytestmark = pytest.mark.skipif(REDIS_SERVER is None, reason="redis-server is not installed")


@pytest_asyncio.fixture
async def layer(tmp_path: Path) -> AsyncIterator[ControlledRedis]:
    """Run the Redis of a server's channel layer."""
    async with controlled_redis(tmp_path) as running:
        yield running


@pytest_asyncio.fixture
async def on_redis(tmp_path: Path, layer: ControlledRedis) -> AsyncIterator[Armory]:
    """Run a stock server on it."""
    async with Armory.open(tmp_path, stock=True, redis=layer.url) as running:
        yield running


def flush(layer: ControlledRedis) -> None:
    """Let somebody empty it, and with it the groups of all sockets."""
    with closing(redis.Redis.from_url(layer.url)) as client:
        client.flushall()


def tells_of(gap: Gap, begun: datetime, ended: datetime) -> bool:
    """Tell whether a gap says that all of that time was missed which has no history."""
    return (
        (gap.since is not None and gap.since < begun)
        and (gap.until is not None and gap.until > ended)
        and set(gap.streams) == {Stream.NOTIFICATIONS, Stream.INVENTORY}
    )


async def test_after_a_flush_what_was_told_to_nobody_is_in_a_gap_and_the_next_is_heard_again(
    on_redis: Armory, layer: ControlledRedis
) -> None:
    async with on_redis.desk() as desk:
        await desk.goes_live()
        await desk.is_surely_subscribed()
        with on_redis.armorer() as armorer:
            heard = armorer.issue()
            await desk.is_complete_to(heard)
            flush(layer)
            begun = datetime.now(UTC)
            armorer.change_status(M4_00177, "Maintenance")
            unheard = armorer.take_back()
            ended = datetime.now(UTC)
        await desk.is_surely_announced()
        await desk.tells_of_announcements()
        await desk.screen.until(lambda: bool(desk.gaps) and desk.screen.is_live)
        await desk.is_complete_to(unheard)
        with on_redis.armorer() as armorer:
            again = armorer.issue(JOSE, GLOCK_BKP417)
        await desk.is_complete_to(again)

        sources = {each.transaction_id: each.source for each in await desk.transactions()}
        assert [sources[each] for each in (heard, unheard, again)] == [
            Source.LIVE,
            Source.UNANNOUNCED,
            Source.LIVE,
        ]
        (gap,) = desk.gaps
        assert gap.reason is Reason.NOT_ANNOUNCED
        assert tells_of(gap, begun, ended)
        await desk.screen.until(lambda: any(isinstance(each, Summary) for each in desk.screen.toasts))
        (away,) = [each for each in desk.screen.toasts if isinstance(each, Summary)]
        assert away.by_category[Category.GAP] == 1
        assert [each.reconnects for each in desk.screen.streams] == [1, 1, 1], "once"


async def test_that_is_noticed_too_where_the_server_is_restarted_before_the_next_look(
    on_redis: Armory, layer: ControlledRedis
) -> None:
    async with on_redis.desk() as desk:
        await desk.goes_live()
        with on_redis.armorer() as armorer:
            heard = armorer.issue()
            await desk.is_complete_to(heard)
            await desk.is_surely_subscribed()
            flush(layer)
            begun = datetime.now(UTC)
            armorer.change_status(M4_00177, "Maintenance")
            unheard = armorer.take_back()
            ended = datetime.now(UTC)
        # An answer that came later proves that the socket was whole when it should have been announced.
        await desk.screen.until(lambda: desk.answered_since(ended + timedelta(seconds=SOON)))
        await on_redis.demo.kill()
        await desk.screen.until(lambda: not desk.screen.is_live)
        await on_redis.demo.start()
        await desk.is_complete_to(unheard)
        await desk.screen.until(lambda: any(tells_of(gap, begun, ended) for gap in desk.gaps))
        sources = {each.transaction_id: each.source for each in await desk.transactions()}
        assert sources[unheard] is Source.CATCHUP
