"""Whatever happens in the armory, and however, is announced: once, to everybody whom it concerns."""

from armguard_tray.server.demo.process import DemoServer
from tests.fakes.demo_server import GLOCK_BKP417, JOSE, JUAN, M4_00077, M4_00177, DemoClient
from tests.fakes.live_client import LiveClient
from tests.fakes.live_site import LiveSite
from tests.server.sockets import next_frame, next_of, socket_of


async def test_a_take_carries_all_its_fields(armorer: DemoClient) -> None:
    async with LiveClient(armorer).connected() as live:
        made = armorer.issue(JOSE, GLOCK_BKP417, duty_type="Vigil", mags=2, rounds=34)
        event = await live.next_event("transaction_created")
    assert event["transaction"] == {
        "id": made,
        "action": "Take",
        "personnel": "José <B>X</B> Peña",
        "personnel_id": JOSE,
        "item": "GLOCK - BKP417",
        "item_id": GLOCK_BKP417,
        "duty_type": "Vigil",
        "issued_by": "armorer1",
        "mags": 2,
        "rounds": 34,
    }


async def test_a_return_carries_as_much_as_a_take(armorer: DemoClient) -> None:
    armorer.issue()
    async with LiveClient(armorer).connected() as live:
        made = armorer.take_back()
        event = await live.next_event("transaction_returned")
    assert event["transaction"] | {"duty_type": "", "mags": None, "rounds": None} == {
        "id": made,
        "action": "Return",
        "personnel": "Juan Dela Cruz",
        "personnel_id": JUAN,
        "item": "M4 - 00077",
        "item_id": M4_00077,
        "duty_type": "",
        "issued_by": "armorer1",
        "mags": None,
        "rounds": None,
    }


async def test_the_move_of_an_item_is_announced_with_its_transaction(armorer: DemoClient) -> None:
    async with LiveClient(armorer, ["inventory"]).connected() as live:
        armorer.issue()
        armorer.take_back()
        there, back = await live.next_event(), await live.next_event()
    assert (there["item_id"], there["previous_status"], there["status"]) == (M4_00077, "Available", "Issued")
    assert (back["previous_status"], back["status"]) == ("Issued", "Available")
    assert (back["item"], back["item_type"], back["serial"]) == ("M4 - 00077", "M4", "00077")


async def test_the_json_endpoint_that_announces_nothing_is_announced_all_the_same(
    armorer: DemoClient,
) -> None:
    async with LiveClient(armorer).connected() as live, socket_of(armorer, "transactions") as browser:
        await next_frame(browser)
        made = armorer.transact_unannounced("Take")
        event = await live.next_event("transaction_created")
        assert event["transaction"]["id"] == made
        assert (await next_frame(browser))["transaction"]["id"] == made


async def test_nothing_is_announced_twice(armorer: DemoClient) -> None:
    """Signal and view both announce; and a browser hears what the stock server would have said."""
    async with LiveClient(armorer).connected() as live, socket_of(armorer, "transactions") as browser:
        await next_frame(browser)
        first, second = armorer.issue(), armorer.take_back()
        await live.next_event("notification", title="Item Returned")
        told = [event["transaction"]["id"] for event in live.events if event["stream"] == "transactions"]
        assert told == [first, second]
        heard = [(await next_frame(browser))["transaction"]["id"] for _ in range(2)]
        assert heard == [first, second]


async def test_a_status_changed_by_hand_reaches_desk_and_browser_once(armorer: DemoClient) -> None:
    async with (
        LiveClient(armorer, ["inventory"]).connected() as live,
        socket_of(armorer, "inventory") as browser,
    ):
        armorer.change_status(M4_00177, "Maintenance")
        armorer.change_status(M4_00177, "Available")
        told = [await live.next_event() for _ in range(2)]
        heard = [await next_frame(browser) for _ in range(2)]
    for frames in (told, heard):
        assert [(frame["item_id"], frame["previous_status"], frame["status"]) for frame in frames] == [
            (M4_00177, "Available", "Maintenance"),
            (M4_00177, "Maintenance", "Available"),
        ]


async def test_a_personal_notice_reaches_its_user_only(live_demo: DemoServer, armorer: DemoClient) -> None:
    with DemoClient(live_demo, username="sgt.reyes") as sergeant:
        sergeant.log_in()
        async with LiveClient(armorer).connected() as own, LiveClient(sergeant).connected() as others:
            made = armorer.issue()
            note = await own.next_event("notification")
            armorer.take_back()
            await others.next_event("transaction_returned")
    assert note["data"] == {"transaction_id": made}
    assert {event["stream"] for event in others.events} == {"transactions", "inventory"}


async def test_everything_is_announced_from_whatever_process_it_comes(any_site: LiveSite) -> None:
    """A view, the ORM past every signal, SQL, a saved item, a function: in a process without sockets."""
    async with any_site.server(live={"HEAD_CHECK": 1}) as server, any_site.publisher() as publisher:
        with DemoClient(server) as client:
            client.log_in()
            live = LiveClient(client)
            async with live.connected():
                made = [
                    await publisher.do("issue", personnel_id=JUAN, item_id=M4_00077),
                    await publisher.do("issue_unannounced", personnel_id=JOSE, item_id=M4_00177),
                    *await publisher.do("bulk_create", personnel_id=JOSE, item_id=M4_00177, count=3),
                    await publisher.do("insert_with_sql", personnel_id=JUAN, item_id=M4_00077),
                ]
                await publisher.do("save_status", item_id=GLOCK_BKP417, status="Maintenance")
                await publisher.do("notify", user_id=2, title="To one")
                await publisher.do("announce_to_all", title="To all")
                await live.next_event("notification", title="To all")
                while len({told["transaction"]["id"] for told in transactions(live)}) < len(made):
                    await live.next_event("transaction_returned")
    assert sorted(told["transaction"]["id"] for told in transactions(live)) == made
    statuses = [
        (event["item_id"], event["status"]) for event in live.events if event["stream"] == "inventory"
    ]
    assert statuses.count((GLOCK_BKP417, "Maintenance")) == 1
    titles = [event["title"] for event in live.events if event["stream"] == "notifications"]
    assert titles == ["Transaction Created", "To one", "To all"]
    numbers = [event["seq"] for event in live.events]
    assert numbers == sorted(set(numbers))


def transactions(live: LiveClient) -> list[dict[str, dict[str, int]]]:
    return [event for event in live.events if event["stream"] == "transactions"]


async def test_an_announcement_reaches_all(site: LiveSite) -> None:
    async with site.server() as server, site.publisher() as publisher:
        with DemoClient(server) as one, DemoClient(server, username="sgt.reyes") as two:
            one.log_in()
            two.log_in()
            async with LiveClient(one).connected() as first, LiveClient(two).connected() as second:
                await publisher.do("announce_to_all", title="Inventory", message="on Friday")
                for live in (first, second):
                    assert (await live.next_event())["message"] == "on Friday"


async def test_browsers_are_served_where_no_desk_is_connected(site: LiveSite) -> None:
    async with site.server() as server:
        with DemoClient(server) as client:
            client.log_in()
            async with (
                socket_of(client, "transactions") as of_transactions,
                socket_of(client, "notifications") as of_notifications,
            ):
                await next_frame(of_transactions)
                made = client.issue()
                taken = await next_frame(of_transactions)
                note = await next_of(of_notifications, "notification")
                client.take_back()
                returned = await next_frame(of_transactions)
    # In the stock server's frames, to the letter.
    assert taken.keys() == returned.keys() == {"type", "transaction", "timestamp"}
    assert taken["transaction"]["id"] == made
    assert returned["transaction"].keys() == {"id", "action", "personnel", "item", "issued_by"}
    assert note.keys() == {"type", "title", "message", "level", "timestamp", "data"}
