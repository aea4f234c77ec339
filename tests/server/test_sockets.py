"""The four WebSocket endpoints, as the contract has them."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from armguard_tray.server.demo.process import DemoServer
from tests.fakes.demo_server import GLOCK_BKP417, JOSE, JUAN, M4_00077, M4_00177, DemoClient, RestartableDemo
from tests.server.sockets import MANILA, PATIENCE, next_frame, next_of, open_socket, socket_of

PATHS = ["notifications", "transactions", "inventory", "presence"]


def assert_local_time(frame: dict[str, Any]) -> None:
    """Check, and remove, a timestamp that is naive and in the server's time zone."""
    stamp = datetime.fromisoformat(frame.pop("timestamp"))
    assert stamp.tzinfo is None
    assert abs(stamp - datetime.now(MANILA).replace(tzinfo=None)) < timedelta(minutes=30)


# Refusals


async def refusal(server: DemoServer, path: str, cookies: str, origin: str | None) -> tuple[int, bytes]:
    with pytest.raises(InvalidStatus) as refused:
        async with open_socket(server, path, cookies, origin):
            pass
    response = refused.value.response
    return response.status_code, bytes(response.body or b"")


@pytest.mark.parametrize("path", PATHS)
async def test_no_session_is_403(demo_server: DemoServer, path: str) -> None:
    assert await refusal(demo_server, path, "", "own") == (403, b"")


async def test_unknown_session_is_403(demo_server: DemoServer) -> None:
    assert await refusal(demo_server, "presence", "armguard_sessionid=made-up", "own") == (403, b"")


@pytest.mark.parametrize("origin", [None, "http://armory.example", "https://127.0.0.2:8443"])
async def test_missing_or_foreign_origin_is_403_with_a_good_session(
    demo_server: DemoServer, armorer: DemoClient, origin: str | None
) -> None:
    assert await refusal(demo_server, "transactions", armorer.cookies, origin) == (403, b"")
    assert armorer.http.get("/").status_code == 200


async def test_origin_needs_only_an_allowed_host(demo_server: DemoServer, armorer: DemoClient) -> None:
    async with open_socket(demo_server, "transactions", armorer.cookies, "https://localhost:8443") as socket:
        assert (await next_frame(socket))["type"] == "connection_established"


@pytest.mark.parametrize("path", ["live", "nowhere"])
async def test_unknown_path_is_500(demo_server: DemoServer, armorer: DemoClient, path: str) -> None:
    assert await refusal(demo_server, path, armorer.cookies, "own") == (500, b"")


# The handshake


async def test_no_compression_and_no_subprotocol_is_negotiated(armorer: DemoClient) -> None:
    async with socket_of(armorer, "inventory") as socket:
        assert socket.request is not None
        assert "permessage-deflate" in socket.request.headers["Sec-WebSocket-Extensions"]
        assert socket.protocol.extensions == []
        assert socket.subprotocol is None


@pytest.mark.parametrize("path", PATHS)
async def test_protocol_ping_is_answered(armorer: DemoClient, path: str) -> None:
    async with socket_of(armorer, path) as socket, asyncio.timeout(PATIENCE):
        await (await socket.ping())


# Welcome frames


async def test_notifications_welcome_with_the_user_id(armorer: DemoClient) -> None:
    async with socket_of(armorer, "notifications") as socket:
        assert await next_frame(socket) == {
            "type": "connection_established",
            "message": "Connected to notification stream",
            "user_id": 2,
        }


async def test_transactions_welcome_without_a_user_id(armorer: DemoClient) -> None:
    async with socket_of(armorer, "transactions") as socket:
        assert await next_frame(socket) == {
            "type": "connection_established",
            "message": "Connected to live transaction feed",
        }


async def test_inventory_has_no_welcome(armorer: DemoClient) -> None:
    async with socket_of(armorer, "inventory") as socket:
        armorer.change_status(M4_00177, "Maintenance")
        armorer.change_status(M4_00177, "Available")
        assert (await next_frame(socket))["type"] == "inventory_updated"


async def test_presence_echoes_oneself_then_tells_who_comes_and_goes(
    demo_server: DemoServer, armorer: DemoClient
) -> None:
    with DemoClient(demo_server, username="sgt.reyes") as sergeant:
        sergeant.log_in()
        async with socket_of(armorer, "presence") as socket:
            assert await next_frame(socket) == {"type": "user_online", "user_id": 2, "username": "armorer1"}
            async with socket_of(sergeant, "presence"):
                assert await next_frame(socket) == {
                    "type": "user_online",
                    "user_id": 3,
                    "username": "sgt.reyes",
                }
            assert await next_frame(socket) == {"type": "user_offline", "user_id": 3, "username": "sgt.reyes"}


# Frames


async def test_issued_item_is_announced_with_all_its_fields(armorer: DemoClient) -> None:
    async with socket_of(armorer, "transactions") as socket:
        await next_frame(socket)
        made = armorer.issue(JUAN, M4_00077, duty_type="Guard Duty", mags=3, rounds=90)
        frame = await next_frame(socket)
    assert_local_time(frame)
    assert frame == {
        "type": "transaction_created",
        "transaction": {
            "id": made,
            "action": "Take",
            "personnel": "Juan Dela Cruz",
            "personnel_id": JUAN,
            "item": "M4 - 00077",
            "item_id": M4_00077,
            "duty_type": "Guard Duty",
            "issued_by": "armorer1",
            "mags": 3,
            "rounds": 90,
        },
    }


async def test_mags_and_rounds_may_be_null(armorer: DemoClient) -> None:
    async with socket_of(armorer, "transactions") as socket:
        armorer.issue(mags=None, rounds=None)
        transaction = (await next_of(socket, "transaction_created"))["transaction"]
    assert (transaction["mags"], transaction["rounds"]) == (None, None)


async def test_returned_item_is_announced_without_ids_duty_and_ammunition(armorer: DemoClient) -> None:
    armorer.issue()
    async with socket_of(armorer, "transactions") as socket:
        await next_frame(socket)
        made = armorer.take_back()
        frame = await next_frame(socket)
    assert_local_time(frame)
    assert frame == {
        "type": "transaction_returned",
        "transaction": {
            "id": made,
            "action": "Return",
            "personnel": "Juan Dela Cruz",
            "item": "M4 - 00077",
            "issued_by": "armorer1",
        },
    }


async def test_html_in_a_name_goes_through_unescaped(armorer: DemoClient) -> None:
    async with socket_of(armorer, "transactions") as socket:
        armorer.issue(JOSE, GLOCK_BKP417)
        frame = await next_of(socket, "transaction_created")
    assert frame["transaction"]["personnel"] == "José <B>X</B> Peña"


async def test_who_issues_is_notified(armorer: DemoClient) -> None:
    async with socket_of(armorer, "notifications") as socket:
        await next_frame(socket)
        made = armorer.issue()
        frame = await next_frame(socket)
    assert_local_time(frame)
    assert frame == {
        "type": "notification",
        "title": "Transaction Created",
        "message": "✓ M4 - 00077 issued to Juan Dela Cruz",
        "level": "success",
        "data": {"transaction_id": made},
    }


async def test_admins_are_notified_too_and_others_are_not(
    demo_server: DemoServer, armorer: DemoClient
) -> None:
    with (
        DemoClient(demo_server, username="admin") as admin,
        DemoClient(demo_server, username="sgt.reyes") as other,
    ):
        admin.log_in()
        other.log_in()
        async with (
            socket_of(admin, "notifications") as admins,
            socket_of(other, "notifications") as others,
        ):
            await next_frame(admins)
            await next_frame(others)
            made = armorer.issue()
            assert (await next_frame(admins))["data"] == {"transaction_id": made}
            # Were anything on its way to the other user, it would come before this answer.
            await others.send('{"type": "ping", "timestamp": 1}')
            assert (await next_frame(others))["type"] == "pong"


async def test_status_change_by_hand_is_announced_with_the_previous_status(armorer: DemoClient) -> None:
    async with socket_of(armorer, "inventory") as socket:
        armorer.change_status(M4_00177, "Maintenance")
        frame = await next_frame(socket)
        armorer.change_status(M4_00177, "Available")
    assert_local_time(frame)
    assert frame == {
        "type": "inventory_updated",
        "item_id": M4_00177,
        "status": "Maintenance",
        "previous_status": "Available",
    }


async def test_issue_and_return_are_not_announced_on_inventory(armorer: DemoClient) -> None:
    async with socket_of(armorer, "inventory") as socket:
        armorer.issue()
        armorer.take_back()
        armorer.change_status(M4_00177, "Maintenance")
        armorer.change_status(M4_00177, "Available")
        assert (await next_frame(socket))["item_id"] == M4_00177


async def test_json_endpoint_announces_nothing_and_leaves_a_missing_id(armorer: DemoClient) -> None:
    async with (
        socket_of(armorer, "transactions") as transactions,
        socket_of(armorer, "notifications") as notifications,
    ):
        unannounced = armorer.transact_unannounced("Take")
        announced = armorer.take_back()
        assert (await next_of(transactions, "transaction_returned"))["transaction"]["id"] == announced
        assert (await next_of(notifications, "notification"))["data"] == {"transaction_id": announced}
    assert announced == unannounced + 1


async def test_every_socket_of_a_user_hears_the_same(armorer: DemoClient) -> None:
    async with (
        socket_of(armorer, "transactions") as one,
        socket_of(armorer, "transactions") as two,
    ):
        armorer.issue()
        assert await next_of(one, "transaction_created") == await next_of(two, "transaction_created")


# What a client may send


async def test_application_ping_is_answered_on_notifications(armorer: DemoClient) -> None:
    async with socket_of(armorer, "notifications") as socket:
        await next_frame(socket)
        await socket.send('{"type": "ping", "timestamp": 123}')
        assert await next_frame(socket) == {"type": "pong", "timestamp": 123}


@pytest.mark.parametrize("text", ["no JSON", "", "{'type': 'ping'}"])
async def test_text_that_is_not_json_is_complained_about_on_notifications(
    armorer: DemoClient, text: str
) -> None:
    async with socket_of(armorer, "notifications") as socket:
        await next_frame(socket)
        await socket.send(text)
        assert await next_frame(socket) == {"type": "error", "message": "Invalid JSON format"}


async def test_binary_frame_on_notifications_ends_the_connection_with_1011(armorer: DemoClient) -> None:
    async with socket_of(armorer, "notifications") as socket:
        await next_frame(socket)
        await socket.send(b"\x00\x01")
        with pytest.raises(ConnectionClosed) as closed:
            await next_frame(socket)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1011


async def test_other_streams_ignore_what_they_are_sent(armorer: DemoClient) -> None:
    async with (
        socket_of(armorer, "transactions") as transactions,
        socket_of(armorer, "inventory") as inventory,
        socket_of(armorer, "presence") as presence,
    ):
        await next_frame(transactions)
        await next_frame(presence)
        for socket in (transactions, inventory, presence):
            await socket.send('{"type": "ping", "timestamp": 123}')
            await socket.send("no JSON")
            await socket.send(b"\x00")
        armorer.issue()
        armorer.change_status(M4_00177, "Maintenance")
        armorer.change_status(M4_00177, "Available")
        assert (await next_frame(transactions))["type"] == "transaction_created"
        assert (await next_frame(inventory))["type"] == "inventory_updated"
        async with socket_of(armorer, "presence"):
            assert (await next_frame(presence))["type"] == "user_online"


# Away and back


async def test_open_socket_outlives_its_session_and_the_next_handshake_is_403(
    restartable_demo: RestartableDemo,
) -> None:
    server = restartable_demo.server
    with DemoClient(server) as client, DemoClient(server, username="admin") as admin:
        client.log_in()
        async with socket_of(client, "transactions") as socket:
            restartable_demo.expire_sessions()
            admin.log_in()
            admin.issue()
            assert (await next_of(socket, "transaction_created"))["transaction"]["issued_by"] == "admin"
            assert await refusal(server, "transactions", client.cookies, "own") == (403, b"")


async def test_nothing_is_replayed_after_a_restart_and_the_session_goes_on(
    restartable_demo: RestartableDemo,
) -> None:
    with DemoClient(restartable_demo.server) as client:
        client.log_in()
        async with socket_of(client, "transactions") as socket:
            await next_frame(socket)
            missed = client.issue()
            await restartable_demo.stop()
            async with asyncio.timeout(PATIENCE):
                await socket.wait_closed()
        await restartable_demo.start()
        async with socket_of(client, "transactions") as socket:
            await next_frame(socket)
            made = client.take_back()
            assert (await next_frame(socket))["transaction"]["id"] == made
    assert made == missed + 1
