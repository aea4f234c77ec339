"""What comes, in which order, and to whom."""

import asyncio
import json
from typing import Any

from armguard_tray.server.demo.process import DemoServer
from tests.fakes.demo_server import DemoClient
from tests.fakes.live_client import LiveClient
from tests.fakes.live_site import LiveSite
from tests.server.live_sockets.conftest import SHORT
from tests.server.live_sockets.serving import Kind

ARMORER, SERGEANT = 2, 3


def events_of(live: LiveClient) -> list[str]:
    """Return the texts of the events that it got."""
    return [
        text for text in live.frames if "seq" in (frame := json.loads(text)) and frame["type"] != "position"
    ]


MADE = 8  # two transactions, two statuses, and a notification of each for the armorer and the admin
SEEN = [1, 2, 4, 5, 6, 8]  # by the armorer


async def make_events(client: DemoClient) -> None:
    """Issue and take back."""
    await asyncio.to_thread(client.issue)
    await asyncio.to_thread(client.take_back)


async def test_a_newcomer_is_told_where_the_log_stands_and_gets_what_comes(armorer: DemoClient) -> None:
    await make_events(armorer)
    live = LiveClient(armorer)
    async with live.connected():
        head = live.hello["head"]
        assert live.hello["position"] == head >= MADE
        assert (live.hello["resume"], live.hello["limit"]) == (1, 3)
        assert 1 <= live.hello["oldest"] <= head + 1
        assert live.hello["server_time"].endswith("+08:00")
        position = await live.receive()
        assert (position["type"], position["seq"], position["epoch"]) == (
            "position",
            head,
            live.hello["epoch"],
        )
        await make_events(armorer)
        await live.up_to(head + MADE)
    assert [event["seq"] for event in live.events] == [head + seq for seq in SEEN]


async def test_replayed_events_are_to_the_letter_what_they_were_live(armorer: DemoClient) -> None:
    live, absent = LiveClient(armorer), LiveClient(armorer)
    async with absent.connected():
        pass
    async with live.connected():
        await make_events(armorer)
        await live.up_to(live.hello["head"] + MADE)
    async with absent.connected():
        await absent.caught_up()
    assert len(events_of(live)) == 6
    assert events_of(absent) == events_of(live)


async def test_only_the_streams_that_were_asked_for(armorer: DemoClient) -> None:
    live = LiveClient(armorer, ["transactions"])
    async with live.connected():
        await make_events(armorer)
        await live.up_to(live.hello["head"] + MADE)
    assert [event["type"] for event in live.events] == ["transaction_created", "transaction_returned"]


async def test_nobody_is_sent_another_users_notifications_live_or_replayed(
    server: DemoServer, armorer: DemoClient, shared_site: LiveSite
) -> None:
    with DemoClient(server, username="sgt.reyes") as sergeant:
        await asyncio.to_thread(sergeant.log_in)
        mine, others = LiveClient(armorer), LiveClient(sergeant)
        async with shared_site.publisher() as publisher:
            since = (await publisher.do("head"))[1]
            await publisher.do("notify", user_id=ARMORER, title="before, for the armorer")
            await publisher.do("notify", user_id=SERGEANT, title="before, for the sergeant")
            mine.epoch, mine.position = (await publisher.do("head"))[0], since
            others.epoch, others.position = mine.epoch, since
            async with mine.connected(), others.connected():
                await publisher.do("notify", user_id=ARMORER, title="for the armorer")
                await publisher.do("notify", user_id=SERGEANT, title="for the sergeant")
                await publisher.do("announce_to_all", title="for all")
                await mine.up_to(since + 5)
                await others.up_to(since + 5)
    assert [event["title"] for event in mine.events] == [
        "before, for the armorer", "for the armorer", "for all",
    ]  # fmt: skip
    assert [event["title"] for event in others.events] == [
        "before, for the sergeant", "for the sergeant", "for all",
    ]  # fmt: skip


async def test_what_is_missing_is_told_first(site: LiveSite, kind: Kind) -> None:
    async with site.server(server=kind) as server, site.publisher() as publisher:
        for title in ("1", "2", "3", "4"):
            await publisher.do("notify", user_id=ARMORER, title=title)
        await publisher.do("trim", now="2100-01-01T00:00:00+00:00")
        for title in ("5", "6"):
            await publisher.do("notify", user_id=ARMORER, title=title)
        epoch, head, oldest = await publisher.do("head")
        assert (head, oldest) == (6, 5)
        with DemoClient(server) as armorer:
            armorer.log_in()

            async def told(epoch: str, since: int) -> tuple[list[dict[str, Any]], list[str]]:
                """Return the gaps, and the titles of the events, that a client is told of."""
                live = LiveClient(armorer)
                async with live.connected(epoch=epoch, since=since):
                    await live.caught_up()
                return live.gaps, [event["title"] for event in live.events]

            gap = {"type": "gap", "epoch": epoch}
            assert await told(epoch, 2) == ([{**gap, "from": 3, "to": 4, "reason": "trimmed"}], ["5", "6"])
            assert await told(epoch, 4) == ([], ["5", "6"])
            assert await told(epoch, 9) == ([{**gap, "from": 7, "to": 9, "reason": "ahead"}], [])
            assert await told("another", 0) == ([{**gap, "from": 1, "to": 4, "reason": "epoch"}], ["5", "6"])
            assert await told("another", 7) == ([{**gap, "from": 1, "to": 4, "reason": "epoch"}], ["5", "6"])


async def test_a_new_epoch_is_told_to_whoever_is_connected(
    armorer: DemoClient, shared_site: LiveSite
) -> None:
    live = LiveClient(armorer)
    async with live.connected(), shared_site.publisher() as publisher:
        await live.caught_up()
        epoch = await publisher.do("new_epoch")
        await publisher.do("notify", user_id=ARMORER, title="of the new epoch")
        event = await live.next_event(title="of the new epoch")
    assert (event["epoch"], event["seq"]) == (epoch, live.hello["head"] + 1)
    assert live.gaps == [{"type": "gap", "epoch": epoch, "from": None, "to": None, "reason": "epoch"}]


async def test_the_window_waits_for_acknowledgements(armorer: DemoClient, shared_site: LiveSite) -> None:
    live = LiveClient(armorer)
    async with live.connected(acks=1), shared_site.publisher() as publisher:
        for number in range(1, 21):
            await publisher.do("notify", user_id=ARMORER, title=str(number))
        for _ in range(8):  # the window of these tests
            await live.next_event()
        await live.send({"type": "ping", "timestamp": 0})
        assert (await live.receive())["type"] == "pong"  # and no ninth event before it
        await live.send({"type": "ack", "seq": live.events[2]["seq"]})
        last = await live.next_event(title="11")
        await live.send({"type": "ack", "seq": last["seq"]})
        last = await live.next_event(title="19")
        await live.send({"type": "ack", "seq": last["seq"]})
        await live.caught_up()
    assert [event["title"] for event in live.events] == [str(number) for number in range(1, 21)]


async def test_who_acknowledges_nothing_is_closed_with_4029(
    armorer: DemoClient, shared_site: LiveSite
) -> None:
    live, other = LiveClient(armorer), LiveClient(armorer)
    async with live.connected(acks=1), other.connected(), shared_site.publisher() as publisher:
        for number in range(9):
            await publisher.do("notify", user_id=ARMORER, title=str(number))
        await live.next_event(title="7")
        await live.send({"type": "ping", "timestamp": 0})  # that it lives does not help it
        assert await live.closed_with(4029) == "reads too slowly"
        await other.next_event(title="8")
    assert [event["title"] for event in live.events] == [str(number) for number in range(8)]
    assert len(other.events) == 9


async def test_a_process_that_knows_less_than_the_client_looks_before_it_says_so(site: LiveSite) -> None:
    """In memory, nothing but a look tells a process of what others publish; here it hardly ever looks."""
    seldom = SHORT | {"HEAD_CHECK": 60, "HEAD_CHECK_ALONE": 60}
    async with site.server() as one, site.server(live=seldom) as two:
        with DemoClient(one) as client:
            client.log_in()
            live, resident = LiveClient(client), LiveClient(client, server=two)
            async with resident.connected():
                async with live.connected():
                    await make_events(client)
                    await live.up_to(MADE)
                async with live.connected(two):
                    assert live.hello["head"] == live.hello["position"] == MADE
                    await live.caught_up()
                await resident.up_to(MADE)
    assert live.gaps == []
    assert live.events == resident.events
