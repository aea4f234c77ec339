"""What is found of servers that are well."""

from armguard_tray.checkup.checkup import Asked, check
from armguard_tray.clock import SystemClock
from armguard_tray.connection.phase import Phase
from armguard_tray.diagnosis.facts import Facts, Keeping, Site
from armguard_tray.messages.streams import DEFAULT_STREAMS, Stream
from armguard_tray.server.demo.process import DemoServer
from armguard_tray.settings.model import ServerSettings
from tests.end_to_end.check.looking import QUICK, failures, fresh, handshake, look
from tests.fakes.scripted_server import PASSWORD, ScriptedApp, ScriptedServer


async def test_a_stock_server(demo_server: DemoServer) -> None:
    facts = await check(
        Asked(server=ServerSettings(address=demo_server.url, username=demo_server.username)),
        fresh(demo_server.password),
        clock=SystemClock(),
        limits=QUICK,
    )
    assert failures(facts) == {}
    assert facts.name is not None
    assert facts.name.addresses == ("127.0.0.1",)
    assert facts.tcp is not None
    assert facts.tcp.source == "127.0.0.1"
    assert facts.http is not None
    assert (facts.http.status, facts.http.site) == (200, Site.ARMGUARD)
    assert facts.password is Keeping.GIVEN
    assert facts.session is not None
    assert facts.session.alive is True
    assert (facts.app, facts.app_known) == (None, True)
    shown = {each.stream: each.subscribed for each in facts.handshakes}
    assert shown == {
        Stream.TRANSACTIONS: "welcome frame",
        Stream.INVENTORY: "ping answered",
        Stream.NOTIFICATIONS: "welcome frame",
    }
    assert all(each.closure is None for each in facts.handshakes)


async def test_a_server_with_the_live_app_has_one_socket_for_all_streams(server: ScriptedServer) -> None:
    server.app = ScriptedApp()
    server.app.layer = {"in_use": "memory", "why": "Redis is down", "warning": None}
    facts = await look(server.url)
    assert failures(facts) == {}
    assert {each.stream: each.subscribed for each in facts.handshakes} == dict.fromkeys(
        DEFAULT_STREAMS, "hello"
    )
    assert len(server.handshakes(None)) == 1
    assert all(server.handshakes(stream) == [] for stream in DEFAULT_STREAMS)
    assert facts.app is not None
    assert (facts.app.layer, facts.app.why) == ("memory", "Redis is down")


async def test_where_real_time_is_off_no_socket_is_opened(server: ScriptedServer) -> None:
    server.app = ScriptedApp()
    server.app.real_time = False
    facts = await look(server.url)
    assert facts.app is not None
    assert facts.handshakes == ()
    assert [request for request in server.requests if request.path.startswith("/ws/")] == []


async def test_everything_is_told_as_it_is_found(server: ScriptedServer) -> None:
    told: list[Facts] = []
    asked = Asked(server=ServerSettings(address=server.url, username="armorer1"))
    facts = await check(asked, fresh(), clock=SystemClock(), limits=QUICK, progress=told.append)
    assert told[-1] == facts
    # Whatever was known stays known, and something is new each time.
    assert len(told) >= len(["name", "tcp", "http", "password", "login", "session", "app", *DEFAULT_STREAMS])
    for step in ("name", "tcp", "http", "login", "session"):
        known = [getattr(each, step) is not None for each in told]
        assert known == sorted(known)


async def test_the_password_is_sent_once_and_the_sockets_are_left(server: ScriptedServer) -> None:
    facts = await look(server.url)
    assert server.passwords == [PASSWORD]
    assert handshake(facts, Stream.INVENTORY).failure is None
    peers = [await server.peer(stream) for stream in DEFAULT_STREAMS]
    # The end of each link is the end of its handler.
    for peer in peers:
        await peer.link.writer.wait_closed()


async def test_presence_is_looked_at_where_it_is_followed(server: ScriptedServer) -> None:
    settings = ServerSettings(address=server.url, username="armorer1", presence=True)
    facts = await check(Asked(server=settings), fresh(), clock=SystemClock(), limits=QUICK)
    assert handshake(facts, Stream.PRESENCE).subscribed == "ping answered"


async def test_nothing_is_looked_at_where_nothing_is_set_up() -> None:
    facts = await check(Asked(server=ServerSettings()), fresh(), clock=SystemClock())
    assert not facts.configured
    assert (facts.name, facts.login, facts.streams) == (None, None, ())
    assert Phase.LIVE not in {each.phase for each in facts.streams}
