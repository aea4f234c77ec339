"""The connection against a real ArmGuard-like server on daphne, in real time."""

import httpx

from armguard_tray.clock import SystemClock
from armguard_tray.connection.phase import Phase
from armguard_tray.messages import wire
from armguard_tray.messages.decoding import Decoded
from armguard_tray.messages.streams import DEFAULT_STREAMS, Stream
from armguard_tray.server.demo.accounts import SERGEANT
from armguard_tray.server.demo.process import DemoServer
from tests.end_to_end.connection.desk import Desk
from tests.fakes.demo_server import GLOCK_BKP417, M4_00177, DemoClient, RestartableDemo


def desk_at(server: DemoServer, *, username: str | None = None, password: str | None = None) -> Desk:
    return Desk(
        server.url,
        username=username or server.username,
        password=password or server.password,
        clock=SystemClock(),
    )


async def test_three_streams_hear_what_happens_in_the_armory(demo_server: DemoServer) -> None:
    async with desk_at(demo_server) as desk:
        await desk.sees_all(Phase.LIVE)
        with DemoClient(demo_server) as armorer:
            armorer.log_in()
            number = armorer.issue(item_id=GLOCK_BKP417)
            armorer.take_everything_back()
            armorer.change_status(M4_00177, "Maintenance")
            armorer.change_status(M4_00177, "Available")
        heard: dict[Stream, list[wire.Frame]] = {stream: [] for stream in DEFAULT_STREAMS}
        while min(map(len, heard.values())) < 2:
            received = await desk.gets()
            assert isinstance(received.content, Decoded)
            heard[received.stream].append(received.content.frame)
    issued, returned = heard[Stream.TRANSACTIONS]
    assert isinstance(issued, wire.TransactionCreated)
    assert issued.transaction.id == number
    assert isinstance(returned, wire.TransactionReturned)
    assert [type(frame) for frame in heard[Stream.INVENTORY]] == [wire.InventoryUpdated] * 2
    assert {type(frame) for frame in heard[Stream.NOTIFICATIONS]} == {wire.Notification}


async def test_a_wrong_password_is_sent_once_and_a_lock_out_is_told(
    restartable_demo: RestartableDemo,
) -> None:
    server, name = restartable_demo.server, SERGEANT.username
    async with desk_at(server, username=name, password="wrong") as desk:
        for facts in await desk.sees_all(Phase.REFUSED):
            assert facts.trouble is not None
            assert facts.trouble.summary == "user name or password refused"
        desk.connection.reconnect_now()
        await desk.sees_all(Phase.LOGGING_IN)
        await desk.sees_all(Phase.REFUSED)

    # The server counts: with that one, it is the fifth that locks the account.
    with DemoClient(server, name) as sergeant:
        answers = [sergeant.try_to_log_in("wrong too").status_code for _ in range(4)]
    assert answers == [httpx.codes.OK] * 3 + [httpx.codes.FORBIDDEN]

    async with desk_at(server, username=name) as desk:
        for facts in await desk.sees_all(Phase.REFUSED):
            assert facts.trouble is not None
            assert facts.trouble.summary == "account locked or forbidden"
            assert "an hour" in facts.trouble.remedy


async def test_it_comes_back_after_a_lost_session_and_after_a_crash(
    restartable_demo: RestartableDemo,
) -> None:
    async with desk_at(restartable_demo.server) as desk:
        await desk.sees_all(Phase.LIVE)

        # A session that ends does not close its sockets; the next handshake finds out.
        restartable_demo.expire_sessions()
        desk.connection.reconnect_now()
        for stream in DEFAULT_STREAMS:
            await desk.sees(stream, Phase.LIVE, where=lambda facts: facts.reconnects == 1)

        await restartable_demo.kill()
        for stream in DEFAULT_STREAMS:
            facts = await desk.sees(stream, Phase.BACKING_OFF)
            assert facts.last_close == "1006 connection broke"
        await restartable_demo.start()
        for stream in DEFAULT_STREAMS:
            await desk.sees(stream, Phase.LIVE, where=lambda facts: facts.reconnects == 2)

        with DemoClient(restartable_demo.server) as armorer:
            armorer.log_in()
            armorer.change_status(M4_00177, "Maintenance")
        assert (await desk.gets()).stream is Stream.INVENTORY
