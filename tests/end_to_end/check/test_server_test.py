"""*Test* against a server: the rungs come one by one, one login, nothing beyond the session."""

from collections.abc import Sequence

from armguard_tray.app.server_test import ServerTest
from armguard_tray.clock import SystemClock
from armguard_tray.connection.phase import Need
from armguard_tray.diagnosis.ladder import Rung, RungId, Status
from armguard_tray.messages.streams import DEFAULT_STREAMS
from armguard_tray.settings.model import ServerSettings
from armguard_tray.ui.settings_dialog import TestResult
from tests.fakes.scripted_server import PASSWORD, ScriptedServer, page


async def run_test(
    address: str,
    password: str | None,
    *,
    stored: str | None = None,
    seen: list[Sequence[Rung]] | None = None,
) -> TestResult:
    async def password_of(_server: ServerSettings) -> str | None:
        return stored

    settings = ServerSettings(address=address, username="armorer1")
    progress = seen.append if seen is not None else lambda _: None
    return await ServerTest(password_of, SystemClock())(settings, password, progress)


async def test_it_logs_in_once_and_opens_no_stream(server: ScriptedServer) -> None:
    result = await run_test(server.url, PASSWORD)

    assert result.ok
    assert {rung.status for rung in result.rungs} == {Status.OK}
    assert server.passwords == [PASSWORD]
    assert [server.handshakes(stream) for stream in DEFAULT_STREAMS] == [[]] * len(DEFAULT_STREAMS)


async def test_each_rung_is_told_when_it_is_known(server: ScriptedServer) -> None:
    seen: list[Sequence[Rung]] = []
    await run_test(server.url, PASSWORD, seen=seen)

    def first_step_with(rung_id: RungId) -> int:
        return next(
            number
            for number, rungs in enumerate(seen)
            if any(rung.id == rung_id and rung.status is Status.OK for rung in rungs)
        )

    order = [
        first_step_with(each) for each in (RungId.NAME, RungId.TCP, RungId.HTTP, RungId.LOGIN, RungId.SESSION)
    ]
    assert order == sorted(set(order)), "each in a step of its own"


async def test_the_stored_password_is_used_where_none_was_typed(server: ScriptedServer) -> None:
    result = await run_test(server.url, None, stored=PASSWORD)

    assert result.ok
    assert server.passwords == [PASSWORD]


async def test_without_a_password_the_way_is_looked_at(server: ScriptedServer) -> None:
    result = await run_test(server.url, None)

    assert (result.ok, result.need) == (False, Need.LOGIN)
    assert {rung.id for rung in result.rungs if rung.status is Status.OK} >= {RungId.TCP, RungId.HTTP}
    assert server.passwords == []


async def test_a_wrong_password_is_sent_once(server: ScriptedServer) -> None:
    result = await run_test(server.url, "wrong horse")

    assert (result.ok, result.need) == (False, Need.LOGIN)
    assert server.passwords == ["wrong horse"]


async def test_a_password_that_is_said_back_is_struck_out(server: ScriptedServer) -> None:
    server.on_page("GET", "/login/", page(302, headers={"Location": "https://wrong-horse-9.example/"}))
    result = await run_test(server.url, "wrong-horse-9")

    said = (
        f"{result.message} {result.remedy} {result.copy} {' '.join(rung.evidence for rung in result.rungs)}"
    )
    assert "wrong-horse-9" not in said
