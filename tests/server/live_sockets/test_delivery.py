"""What comes, in which order, and to whom."""

import asyncio
import json
from typing import Any

from armguard_tray.server.demo.process import DemoServer
from tests.fakes.demo_server import DemoClient
from tests.fakes.live_client import LiveClient
from tests.fakes.live_site import LiveSite

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


async def test_what_is_missing_is_told_first(armorer: DemoClient, shared_site: LiveSite) -> None:
    await make_events(armorer)
    async with shared_site.publisher() as publisher:
        await publisher.do("trim", now="2100-01-01T00:00:00+00:00")
        await make_events(armorer)
        epoch, head, oldest = await publisher.do("head")
    first_own = head - MADE
    assert 3 < oldest <= first_own + 1

    async def told_gaps(**query: Any) -> list[dict[str, Any]]:
        live = LiveClient(armorer)
        async with live.connected(**query):
            await live.caught_up()
            hello_position = live.hello["position"]
        if hello_position == head:
            return live.gaps
        assert [event["seq"] for event in live.events][-len(SEEN) :] == [first_own + seq for seq in SEEN]
        return live.gaps

    gap = {"type": "gap", "epoch": epoch}
    assert await told_gaps(epoch=epoch, since=oldest - 3) == [
        {**gap, "from": oldest - 2, "to": oldest - 1, "reason": "trimmed"}
    ]
    assert await told_gaps(epoch=epoch, since=oldest - 1) == []
    assert await told_gaps(epoch=epoch, since=head + 5) == [
        {**gap, "from": head + 1, "to": head + 5, "reason": "ahead"}
    ]
    assert await told_gaps(epoch="another", since=0) == [
        {**gap, "from": 1, "to": oldest - 1, "reason": "epoch"}
    ]


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
