"""The server's own history beside what it announced: what a checkup finds, and what the tray is asked for."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from armguard_tray.catchup.audit_found import AuditFound
from armguard_tray.catchup.history_page import Action, HistoryPage, history_path, parse_history
from armguard_tray.checkup.account import RunningLogin
from armguard_tray.checkup.audit import Auditor
from armguard_tray.checkup.checkup import Asked, check
from armguard_tray.checkup.limits import Limits
from armguard_tray.clock import SystemClock
from armguard_tray.connection.login import LoginClient, Session
from armguard_tray.connection.phase import Phase, StreamFacts
from armguard_tray.connection.session import Login, Standing
from armguard_tray.diagnosis.diagnose import diagnose
from armguard_tray.diagnosis.facts import Facts
from armguard_tray.messages.streams import DEFAULT_STREAMS, Stream
from armguard_tray.settings.model import ServerSettings
from armguard_tray.tasks import TaskKeeper
from tests.end_to_end.check.looking import QUICK, fresh
from tests.fakes.demo_server import GLOCK_BKP417, JOSE, DemoClient
from tests.fakes.scripted_server import ScriptedApp, ScriptedServer, accept, page
from tests.unit.catchup.pages import MANILA, made, page_of


def test_a_page_of_the_stock_server_is_understood(armorer: DemoClient) -> None:
    took = armorer.issue(JOSE, GLOCK_BKP417)
    gave = armorer.take_back(JOSE, GLOCK_BKP417)
    for period in ("day", "week", "month"):
        read = parse_history(armorer.http.get(history_path(period)).text, MANILA)
        assert isinstance(read, HistoryPage)
        newest, before = read.rows[:2]
        assert (newest.id, newest.action, before.id, before.action) == (
            gave,
            Action.RETURN,
            took,
            Action.TAKE,
        )
        assert (before.personnel, before.rank, before.item) == (
            "José <B>X</B> Peña",
            "A1C",
            "GLOCK - BKP417",
        )
        assert timedelta(0) <= datetime.now(UTC) - newest.time < timedelta(minutes=1)


# As a step of the checkup.


LISTENING = Limits(stays=0.4, announced=0.1)


async def checked(
    server: ScriptedServer, auditor: Auditor, account: RunningLogin | None = None, limits: Limits = QUICK
) -> Facts:
    asked = Asked(server=ServerSettings(address=server.url, username="armorer1"), auditor=auditor)
    return await check(asked, account or fresh(), clock=SystemClock(), limits=limits)


def complete(facts: Facts) -> tuple[str, str]:
    rung = next(rung for rung in diagnose(facts).rungs if rung.id == "complete")
    return rung.status, rung.evidence.split(" · ")[0]


def scripted_history(server: ScriptedServer, *pages: list[int]) -> None:
    """Let the server's history be each of these, one after the other."""
    for numbers in pages:
        rows = [made(number, datetime.now(UTC)) for number in numbers]
        server.on_page("GET", "/transactions/", page(200, page_of(rows)))


FRAME = (
    '{"type": "transaction_created", "transaction": {"id": 8, "action": "Take", "personnel": "Ana",'
    ' "item": "M4 - 1", "issued_by": "a"}, "timestamp": "2026-11-24T11:25:26.899686"}'
)


async def test_without_a_journal_it_compares_with_what_is_heard_meanwhile(server: ScriptedServer) -> None:
    server.on_handshake(Stream.TRANSACTIONS, accept(FRAME))
    scripted_history(server, [7], [9, 8, 7])
    facts = await checked(server, Auditor(MANILA, SystemClock()), limits=LISTENING)
    assert facts.audit is not None
    assert (facts.audit.unannounced, facts.audit.compared) == ((9,), 2)
    assert complete(facts) == ("warning", "1 of 2 not announced: #9")


async def test_the_live_app_is_compared_with_as_well(server: ScriptedServer) -> None:
    server.app = ScriptedApp()
    scripted_history(server, [7], [8, 7])
    keeper = TaskKeeper("test")
    keeper.start(publish_once_it_listens(server), name="publish")
    facts = await checked(server, Auditor(MANILA, SystemClock()), limits=LISTENING)
    await keeper.close()
    status, evidence = complete(facts)
    assert status == "ok"
    assert evidence.startswith("all 1 since ")


async def publish_once_it_listens(server: ScriptedServer) -> None:
    await server.peer(None)
    assert server.app is not None
    await server.app.publish(FRAME)


async def test_nothing_happened_while_it_was_looked(server: ScriptedServer) -> None:
    scripted_history(server, [7], [7])
    facts = await checked(server, Auditor(MANILA, SystemClock()), limits=LISTENING)
    status, evidence = complete(facts)
    assert status == "unknown"
    assert evidence.endswith(" shows whether they are announced")


async def test_the_running_program_is_asked_where_there_is_one(server: ScriptedServer) -> None:
    now = datetime.now(UTC)

    async def look(_within: float) -> AuditFound:
        return AuditFound(at=now, complete_to=8, unannounced=(7,), since=now, compared=3, gaps=1)

    login = await LoginClient(ServerSettings(address=server.url, username="armorer1")).log_in("armory-demo")
    assert isinstance(login, Session)
    streams = tuple(
        StreamFacts(stream=stream, phase=Phase.LIVE, since=now - timedelta(hours=1))
        for stream in DEFAULT_STREAMS
    )
    running = RunningLogin("armorer1", Standing(Login(1, login, now)), streams)
    facts = await checked(server, Auditor(MANILA, SystemClock(), look), running)
    assert facts.audit is not None
    assert (facts.audit.complete_to, facts.audit.gaps) == (8, 1)
    assert complete(facts) == ("warning", "1 of 3 not announced: #7")

    off = replace(facts, audit=None)
    assert complete(off)[0] == "unknown"


async def test_a_page_that_is_not_understood_is_a_finding_and_no_crash(server: ScriptedServer) -> None:
    server.on_page("GET", "/transactions/", page(200, "<![x[<table><tr><th>ID"))
    facts = await checked(server, Auditor(MANILA, SystemClock()), limits=LISTENING)
    assert complete(facts) == ("unknown", "the history page has no table of transactions")
