"""The server's own history beside what it announced, of a real stock server and of a scripted one."""

from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from armguard_tray.catchup.audit import Announced
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
from armguard_tray.diagnosis.facts import AuditFound, Facts
from armguard_tray.messages.streams import DEFAULT_STREAMS, Stream
from armguard_tray.settings.model import ServerSettings
from armguard_tray.tasks import TaskKeeper
from tests.end_to_end.check.looking import QUICK, fresh
from tests.fakes.demo_server import GLOCK_BKP417, JOSE, JUAN, DemoClient
from tests.fakes.scripted_server import ScriptedApp, ScriptedServer, accept, page
from tests.unit.catchup.pages import MANILA, made, page_of


def settings(client: DemoClient) -> ServerSettings:
    return ServerSettings(address=client.server.url, username=client.username)


async def audit(client: DemoClient, told: Collection[int], since: datetime) -> AuditFound:
    """Audit with a journal that holds `told`."""

    async def journal(_since: datetime, _subscribed: datetime) -> Announced:
        return Announced(known=told, heard=told)

    auditor = Auditor(MANILA, InAWhile(), journal)
    found = await auditor.audit(LoginClient(settings(client)), Session(client.cookies), since, within=10)
    assert found is not None
    return found


class InAWhile(SystemClock):
    """A clock of 20 seconds later, when what is made now must have been announced."""

    def now(self) -> datetime:
        return super().now() + timedelta(seconds=20)


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


async def test_a_transaction_that_the_stock_server_tells_nobody_is_found(armorer: DemoClient) -> None:
    since = datetime.now(UTC) - timedelta(seconds=3)
    told = armorer.issue()
    untold = armorer.transact_unannounced("Return", JUAN)
    found = await audit(armorer, {told}, since)
    assert found.failure == ""
    assert untold in found.unannounced
    assert told not in found.unannounced
    assert found.complete_to in {told, None}


async def test_more_than_a_page_is_read_in_two(armorer: DemoClient) -> None:
    since = datetime.now(UTC) - timedelta(seconds=3)
    first = armorer.issue()
    # What other tests have made is taken for known.
    told = {*range(1, first + 1), armorer.take_back()}
    for _ in range(11):
        told |= {armorer.issue(), armorer.take_back()}
    found = await audit(armorer, told, since)
    assert (found.failure, found.complete_to) == ("", max(told))
    assert found.compared >= 24
    assert found.unannounced == ()


async def test_a_session_that_is_gone_is_said(armorer: DemoClient) -> None:
    armorer.http.cookies.set("armguard_sessionid", "of another time")
    found = await audit(armorer, (), datetime.now(UTC))
    armorer.http.cookies.delete("armguard_sessionid")
    armorer.log_in()
    assert found.failure == "the history page needs a new login: the session is gone"


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
    assert (facts.audit.unannounced, facts.audit.compared, facts.audit.complete_to) == ((9,), 2, 8)
    assert complete(facts) == ("warning", "1 of 2 not announced: #9")


async def test_the_live_app_is_compared_with_as_well(server: ScriptedServer) -> None:
    server.app = ScriptedApp()
    scripted_history(server, [7], [8, 7])
    keeper = TaskKeeper("test")
    keeper.start(publish_once_it_listens(server), name="publish")
    facts = await checked(server, Auditor(MANILA, SystemClock()), limits=LISTENING)
    await keeper.close()
    assert complete(facts)[:1] == ("ok",)
    assert facts.audit is not None
    assert facts.audit.complete_to == 8


async def publish_once_it_listens(server: ScriptedServer) -> None:
    await server.peer(None)
    assert server.app is not None
    await server.app.publish(FRAME)


async def test_nothing_happened_while_it_was_looked(server: ScriptedServer) -> None:
    scripted_history(server, [7], [7])
    facts = await checked(server, Auditor(MANILA, SystemClock()), limits=LISTENING)
    assert complete(facts) == ("unknown", "nothing to compare yet")


async def test_the_running_connections_journal_is_asked(server: ScriptedServer) -> None:
    now = datetime.now(UTC)
    rows = [made(number, now - timedelta(minutes=20 - number)) for number in (8, 7, 6)]
    server.on_page("GET", "/transactions/", page(200, page_of(rows)))

    async def journal(_since: datetime, _subscribed: datetime) -> Announced:
        return Announced(known={6, 8}, heard={6, 8})

    login = await LoginClient(ServerSettings(address=server.url, username="armorer1")).log_in("armory-demo")
    assert isinstance(login, Session)
    streams = tuple(
        StreamFacts(stream=stream, phase=Phase.LIVE, since=now - timedelta(hours=1))
        for stream in DEFAULT_STREAMS
    )
    running = RunningLogin("armorer1", Standing(Login(1, login, now)), streams)
    facts = await checked(server, Auditor(MANILA, SystemClock(), journal), running)
    assert facts.audit is not None
    assert (facts.audit.unannounced, facts.audit.compared, facts.audit.complete_to) == ((7,), 3, 6)
    assert complete(facts)[0] == "warning"

    off = replace(facts, audit=None)
    assert complete(off)[0] == "unknown"


async def test_a_page_that_is_not_understood_is_a_finding_and_no_crash(server: ScriptedServer) -> None:
    server.on_page("GET", "/transactions/", page(200, "<![x[<table><tr><th>ID"))
    facts = await checked(server, Auditor(MANILA, SystemClock()), limits=LISTENING)
    assert complete(facts) == ("unknown", "the history page has no table of transactions")
