"""Each row of the table of reconnects, with a real connection against a scripted server."""

import pytest

from armguard_tray.connection.phase import Need, Phase
from armguard_tray.messages.streams import Stream
from tests.end_to_end.connection.desk import Desk
from tests.fakes.scripted_server import PASSWORD, ScriptedServer, accept, page, status

TRANSACTIONS = Stream.TRANSACTIONS


# 401, close 4001, 403 with the session gone: log in again once with the stored secret.


async def test_401_logs_in_again_once(server: ScriptedServer) -> None:
    server.on_handshake(TRANSACTIONS, status(401))
    async with Desk(server.url) as desk:
        await desk.sees_all(Phase.LIVE)
    assert server.passwords == [PASSWORD] * 2
    sessions = [handshake.session for handshake in server.handshakes(TRANSACTIONS)]
    assert sessions == ["secret-session-1", "secret-session-2"]


async def test_4001_logs_in_again_once(server: ScriptedServer) -> None:
    async with Desk(server.url) as desk:
        await desk.sees(TRANSACTIONS, Phase.LIVE)
        await (await server.peer(TRANSACTIONS)).close(4001)
        lost = await desk.sees(TRANSACTIONS, Phase.LOGGING_IN)
        assert lost.last_close == "4001 not logged in"
        assert (await desk.sees(TRANSACTIONS, Phase.LIVE)).reconnects == 1
    assert server.passwords == [PASSWORD] * 2


async def test_an_ended_session_is_found_out_over_http_and_renewed(server: ScriptedServer) -> None:
    async with Desk(server.url) as desk:
        await desk.sees_all(Phase.LIVE)
        server.sessions.clear()
        for stream in (TRANSACTIONS, Stream.INVENTORY):
            await (await server.peer(stream)).close(1012)
        await desk.sees_all(Phase.LIVE, (TRANSACTIONS, Stream.INVENTORY))
    # Both streams found the same session ended: that is one login.
    assert server.passwords == [PASSWORD] * 2


async def test_an_ended_session_is_not_taken_up_again_when_the_new_login_fails(
    server: ScriptedServer,
) -> None:
    async with Desk(server.url) as desk:
        await desk.sees_all(Phase.LIVE)
        server.sessions.clear()
        server.on_page("GET", "/login/", page(502))
        await (await server.peer(TRANSACTIONS)).close(1001)
        assert told(await desk.sees(TRANSACTIONS, Phase.BACKING_OFF)) == "server going away"
        facts = await desk.sees(TRANSACTIONS, Phase.BACKING_OFF, where=lambda facts: "502" in told(facts))
        assert facts.last_close == "HTTP 502: the proxy cannot reach ArmGuard (502)"
        await desk.sees(TRANSACTIONS, Phase.LIVE)
    sessions = [handshake.session for handshake in server.handshakes(TRANSACTIONS)]
    assert sessions == ["secret-session-1", "secret-session-1", "secret-session-2"]


async def test_a_server_that_forgets_every_login_is_not_asked_in_a_loop(server: ScriptedServer) -> None:
    server.on_handshake(TRANSACTIONS, accept(close=4001), accept(close=4001))
    async with Desk(server.url) as desk:
        facts = await desk.sees(TRANSACTIONS, Phase.BACKING_OFF)
        assert facts.trouble is not None
        assert facts.trouble.summary == "server forgets the login at once"
        facts = await desk.sees(TRANSACTIONS, Phase.BACKING_OFF, where=lambda facts: bool(facts.retry_at))
        assert 60 <= desk.seconds_to_retry(facts) <= 121
    assert server.passwords == [PASSWORD] * 2


async def test_a_refused_password_stops_everything(server: ScriptedServer) -> None:
    async with Desk(server.url, password="wrong") as desk:
        for facts in await desk.sees_all(Phase.REFUSED):
            assert facts.trouble is not None
            assert facts.trouble.need is Need.LOGIN
            assert facts.retry_at is None
        # Not even the user sends it again by asking to try: it is no righter than before.
        desk.connection.reconnect_now()
        await desk.sees_all(Phase.LOGGING_IN)
        await desk.sees_all(Phase.REFUSED)
    assert server.passwords == ["wrong"]


async def test_after_a_lock_out_only_the_user_tries_again(server: ScriptedServer) -> None:
    locked = page(403, "<h1>Account locked: too many login attempts.</h1>")
    server.on_page("POST", "/login/", locked)
    async with Desk(server.url) as desk:
        for facts in await desk.sees_all(Phase.REFUSED):
            assert facts.trouble is not None
            assert facts.trouble.summary == "account locked or forbidden"
        assert len(server.passwords) == 1
        desk.connection.network_is_back()
        desk.connection.reconnect_now()
        await desk.sees_all(Phase.LIVE)
    assert len(server.passwords) == 2


# 403 with the session fine: Origin or host name; soon after a drop it may be our own zombies.


async def test_a_refused_origin_stops_and_explains(server: ScriptedServer) -> None:
    server.origins = {"https://armory.local:8443"}
    async with Desk(server.url) as desk:
        facts = await desk.sees(TRANSACTIONS, Phase.REFUSED, where=lambda facts: bool(facts.retry_at))
        assert facts.trouble is not None
        assert facts.trouble.summary == "server refuses this address (Origin)"
        assert facts.trouble.need is Need.ADDRESS
        assert 300 <= desk.seconds_to_retry(facts) <= 361
    assert server.passwords == [PASSWORD]


async def test_403_soon_after_a_drop_may_be_our_own_zombies(server: ScriptedServer) -> None:
    async with Desk(server.url) as desk:
        await desk.sees(TRANSACTIONS, Phase.LIVE)
        server.on_handshake(TRANSACTIONS, status(403), status(403))
        (await server.peer(TRANSACTIONS)).link.drop()
        await desk.sees(TRANSACTIONS, Phase.BACKING_OFF, where=lambda facts: facts.last_close == REFUSED_403)
        await desk.sees(TRANSACTIONS, Phase.LIVE)
    assert server.passwords == [PASSWORD]


REFUSED_403 = "HTTP 403: server refuses the stream for now (403)"


# 404: stop, explain, look again slowly. (Certificates and TLS: test_tls.py.)


async def test_a_missing_stream_stops_and_explains(server: ScriptedServer) -> None:
    server.on_handshake(TRANSACTIONS, status(404))
    async with Desk(server.url) as desk:
        facts = await desk.sees(TRANSACTIONS, Phase.REFUSED, where=lambda facts: bool(facts.retry_at))
        assert facts.trouble is not None
        assert facts.trouble.summary == "server has no such stream"
        assert 300 <= desk.seconds_to_retry(facts) <= 361
        desk.connection.reconnect_now()
        await desk.sees(TRANSACTIONS, Phase.LIVE)


# 429, 503: honour Retry-After.


@pytest.mark.parametrize("code", [429, 503])
@pytest.mark.parametrize(
    "headers",
    [
        {"Retry-After": "30"},
        {"Retry-After": "Tue, 24 Nov 2026 03:25:56 GMT", "Date": "Tue, 24 Nov 2026 03:25:26 GMT"},
    ],
    ids=["seconds", "date"],
)
async def test_retry_after_is_honoured(server: ScriptedServer, code: int, headers: dict[str, str]) -> None:
    server.on_handshake(TRANSACTIONS, status(code, headers))
    async with Desk(server.url) as desk:
        facts = await desk.sees(TRANSACTIONS, Phase.BACKING_OFF, where=lambda facts: bool(facts.retry_at))
        assert 30 <= desk.seconds_to_retry(facts) <= 35


# 500: retry; after five alike, say so.


async def test_five_500s_are_called_what_they_are(server: ScriptedServer) -> None:
    server.on_handshake(TRANSACTIONS, *[status(500)] * 5)
    async with Desk(server.url) as desk:
        facts = await desk.sees(TRANSACTIONS, Phase.BACKING_OFF, where=lambda facts: "every" in told(facts))
        assert facts.trouble is not None
        assert "channel layer" in facts.trouble.remedy
        await desk.sees(TRANSACTIONS, Phase.LIVE)
    assert len(server.handshakes(TRANSACTIONS)) == 6


def told(facts: object) -> str:
    trouble = getattr(facts, "trouble", None)
    return trouble.summary if trouble is not None else ""


# The close codes.


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (1001, "server going away"),
        (1012, "server restarting"),
        (1000, "server closed the connection"),
        (4000, "server error"),
    ],
)
async def test_a_closed_stream_comes_back(server: ScriptedServer, code: int, words: str) -> None:
    async with Desk(server.url) as desk:
        await desk.sees(TRANSACTIONS, Phase.LIVE)
        await (await server.peer(TRANSACTIONS)).close(code, "a reason of the <b>server's</b>")
        assert told(await desk.sees(TRANSACTIONS, Phase.BACKING_OFF)) == words
        facts = await desk.sees(TRANSACTIONS, Phase.LIVE)
        assert (facts.reconnects, facts.trouble) == (1, None)


async def test_1011_every_few_seconds_names_the_known_cause(server: ScriptedServer) -> None:
    server.on_handshake(TRANSACTIONS, *[accept(close=1011)] * 3)
    async with Desk(server.url) as desk:
        facts = await desk.sees(TRANSACTIONS, Phase.BACKING_OFF, where=lambda facts: "every" in told(facts))
        assert facts.trouble is not None
        assert "channels_redis" in facts.trouble.remedy
        await desk.sees(TRANSACTIONS, Phase.LIVE)


async def test_too_many_connections_are_explained_and_tried_slowly(server: ScriptedServer) -> None:
    server.on_handshake(TRANSACTIONS, accept(welcome=False, close=4030))
    async with Desk(server.url) as desk:
        facts = await desk.sees(TRANSACTIONS, Phase.BACKING_OFF, where=lambda facts: bool(facts.retry_at))
        assert told(facts) == "too many connections of this user"
        assert 60 <= desk.seconds_to_retry(facts) <= 121


async def test_a_link_that_breaks_is_mended(server: ScriptedServer) -> None:
    async with Desk(server.url) as desk:
        await desk.sees(TRANSACTIONS, Phase.LIVE)
        (await server.peer(TRANSACTIONS)).link.drop()
        facts = await desk.sees(TRANSACTIONS, Phase.BACKING_OFF)
        assert facts.last_close == "1006 connection broke"
        await desk.sees(TRANSACTIONS, Phase.LIVE)


async def test_an_outage_is_as_old_as_its_beginning(server: ScriptedServer) -> None:
    server.on_handshake(TRANSACTIONS, *[status(502)] * 3)
    async with Desk(server.url) as desk:
        began = (await desk.sees(TRANSACTIONS, Phase.BACKING_OFF)).troubled_since
        for phase in (Phase.LOGGING_IN, Phase.CONNECTING, Phase.BACKING_OFF):
            assert (await desk.sees(TRANSACTIONS, phase)).troubled_since == began
        assert began is not None
        assert (await desk.sees(TRANSACTIONS, Phase.LIVE)).troubled_since is None
