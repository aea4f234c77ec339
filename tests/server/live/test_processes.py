"""Several processes of one site: what happens in one is heard at all, and nothing is lost between them."""

import asyncio
from uuid import uuid4

import pytest

from tests.fakes.demo_server import JOSE, JUAN, M4_00077, M4_00177, DemoClient
from tests.fakes.live_client import LiveClient
from tests.fakes.live_site import LiveSite


async def test_two_servers_tell_their_clients_the_same_in_the_same_order(any_site: LiveSite) -> None:
    async with any_site.server() as one, any_site.server() as two:
        with DemoClient(one) as client:
            client.log_in()
            async with (
                LiveClient(client).connected() as here,
                LiveClient(client, server=two).connected() as there,
            ):
                client.issue()
                client.take_back()
                last = await here.next_event("notification", title="Item Returned")
                await there.up_to(last["seq"])
    assert here.events == there.events
    assert len(here.events) == 6


@pytest.mark.parametrize("kind", ["daphne", "uvicorn"])
async def test_pages_in_one_process_and_sockets_in_another(site: LiveSite, kind: str) -> None:
    """As nginx has it: gunicorn for the pages, daphne for the sockets."""
    async with site.server(server=kind) as sockets, site.server(server="wsgi") as pages:
        with DemoClient(pages) as client:
            client.log_in()
            async with LiveClient(client, server=sockets).connected() as live:
                made = client.issue()
                event = await live.next_event("transaction_created")
    assert event["transaction"]["id"] == made


@pytest.mark.parametrize("kind", ["daphne", "uvicorn"])
async def test_a_client_goes_on_at_another_process_where_it_left_off(site: LiveSite, kind: str) -> None:
    async with site.server(server=kind) as one, site.server() as two, site.publisher() as publisher:
        with DemoClient(one) as client:
            client.log_in()
            live = LiveClient(client)
            async with live.connected():
                await publisher.do("notify", user_id=2, title="0")
                await live.next_event()
            for number in range(1, 20):
                await publisher.do("notify", user_id=2, title=str(number))
            async with live.connected(two):
                await live.caught_up()
    assert [event["title"] for event in live.events] == [str(number) for number in range(20)]
    assert live.gaps == []


async def test_a_server_that_is_killed_costs_nothing_but_a_new_connection(any_site: LiveSite) -> None:
    async with any_site.server() as one, any_site.server() as two, any_site.publisher() as publisher:
        with DemoClient(one) as client:
            client.log_in()
            live = LiveClient(client)
            async with live.connected():
                await publisher.do("notify", user_id=2, title="before")
                await live.next_event()
                await one.kill()
                await live.broken()
            await publisher.do("notify", user_id=2, title="meanwhile")
            async with live.connected(two):
                await publisher.do("notify", user_id=2, title="after")
                await live.next_event(title="after")
    assert [event["title"] for event in live.events] == ["before", "meanwhile", "after"]


async def test_a_publisher_that_dies_between_commit_and_doorbell_loses_nothing(any_site: LiveSite) -> None:
    async with (
        any_site.server() as server,
        any_site.publisher() as alive,
        any_site.publisher(at_the_bell="die") as doomed,
    ):
        with DemoClient(server) as client:
            client.log_in()
            live = LiveClient(client, ["transactions"])
            # Hardly more than the hub's own look at the log, which is due every 15 s with Redis.
            async with live.connected():
                await doomed.die_of("issue", personnel_id=JUAN, item_id=M4_00077)
                first = await live.next_event()
                made = await alive.do("issue_unannounced", personnel_id=JOSE, item_id=M4_00177)
                second = await live.next_event()
    assert first["transaction"]["item_id"] == M4_00077
    assert second["transaction"]["id"] == made
    assert len(live.events) == 2


async def test_writers_in_two_processes_make_one_sequence_without_holes(any_site: LiveSite) -> None:
    async with any_site.server() as server, any_site.publisher() as one, any_site.publisher() as two:
        with DemoClient(server) as client:
            client.log_in()
            live = LiveClient(client)
            async with live.connected():
                await asyncio.gather(notify(one, "one"), notify(two, "two"))
                _, head, _ = await one.do("head")
                await live.up_to(head)
    numbers = [event["seq"] for event in live.events]
    assert numbers == list(range(numbers[0], numbers[0] + 60))
    for name in ("one", "two"):
        own = [event["title"] for event in live.events if event["message"] == name]
        assert own == [str(number) for number in range(30)]


async def notify(publisher: object, name: str) -> None:
    for number in range(30):
        await publisher.do("notify", user_id=2, title=str(number), message=name)  # type: ignore[attr-defined]


async def test_a_new_epoch_is_told_to_who_is_connected_and_to_who_comes_back(any_site: LiveSite) -> None:
    async with any_site.server(live={"HEAD_CHECK": 1}) as server, any_site.publisher() as publisher:
        with DemoClient(server) as client:
            client.log_in()
            live, absent = LiveClient(client), LiveClient(client)
            async with absent.connected():
                await publisher.do("notify", user_id=2, title="old")
                await absent.next_event()
            async with live.connected():
                epoch = await publisher.do("new_epoch")
                await publisher.do("notify", user_id=2, title="new")
                event = await live.next_event()
            async with absent.connected():
                await absent.next_event()
    assert (event["title"], event["epoch"]) == ("new", epoch)
    for each in (live, absent):
        assert [gap["reason"] for gap in each.gaps] == ["epoch"]
        assert each.events[-1] == event


async def test_the_limit_counts_over_processes_and_a_newer_connection_replaces_its_own_older_one(
    any_site: LiveSite,
) -> None:
    desk = uuid4().hex
    # Without Redis the older connection's process finds out when it renews its slots.
    live = {"LEASE_RENEWAL": 1}
    async with any_site.server(live=live) as one, any_site.server(live=live) as two:
        with DemoClient(one) as client:
            client.log_in()
            async with (
                LiveClient(client, client=desk).connected() as older,
                LiveClient(client).connected(),
                LiveClient(client, server=two).connected(),
            ):
                async with LiveClient(client, server=two).opened() as fourth:
                    await fourth.closed_with(4030)
                async with LiveClient(client, server=two, client=desk).connected():
                    await older.closed_with(4008)
