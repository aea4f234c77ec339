"""What a real server made and told nobody of is found, stored, counted and said."""

from armguard_tray.diagnosis.codes import Code
from armguard_tray.diagnosis.ladder import Status
from armguard_tray.messages.event import Category, Source
from armguard_tray.rules.storm import Single
from tests.end_to_end.catchup.armory import Armory
from tests.fakes.demo_server import GLOCK_BKP417, JOSE


async def test_what_the_stock_server_tells_nobody_is_found(stock: Armory) -> None:
    async with stock.desk() as desk:
        await desk.goes_live()
        await desk.is_surely_subscribed()
        with stock.armorer() as armorer:
            told = armorer.issue()
            untold = armorer.transact_unannounced("Take", JOSE, GLOCK_BKP417)
            last = armorer.take_back()
        await desk.is_surely_announced()
        rung = await desk.tells_of_announcements()
        assert (rung.status, rung.code) == (Status.WARNING, Code.UNANNOUNCED)
        assert rung.evidence.startswith(
            f"1 of 3 not announced: #{untold} \N{MIDDLE DOT} complete to #{last} "
        )
        await desk.is_complete_to(last)
        await desk.screen.until(lambda: desk.screen.completeness.unannounced_today == 1)

        transactions = {each.transaction_id: each for each in await desk.transactions()}
        assert transactions[untold].source is Source.UNANNOUNCED
        assert transactions[told].source is transactions[last].source is Source.LIVE
        assert [number for number in transactions if number in {told, untold, last}] == [told, untold, last]
        toasts = [each.event.event for each in desk.screen.toasts if isinstance(each, Single)]
        assert untold in [each.transaction_id for each in toasts], "it is announced by this desk then"


async def test_where_nothing_at_all_is_announced_it_is_a_failure(stock: Armory) -> None:
    async with stock.desk() as desk:
        await desk.goes_live()
        await desk.is_surely_subscribed()
        with stock.armorer() as armorer:
            untold = [armorer.transact_unannounced("Take"), armorer.transact_unannounced("Return")]
        await desk.is_surely_announced()
        rung = await desk.tells_of_announcements()
        assert (rung.status, rung.code) == (Status.FAILED, Code.UNANNOUNCED)
        await desk.is_complete_to(untold[-1])
        stored = [each for each in await desk.transactions() if each.transaction_id in untold]
        assert {each.source for each in stored} == {Source.UNANNOUNCED}
        assert [each.category for each in stored] == [Category.ISSUED, Category.RETURNED]


async def test_the_app_announces_what_the_endpoint_does_not(with_the_app: Armory) -> None:
    async with with_the_app.desk() as desk:
        await desk.goes_live()
        with with_the_app.armorer() as armorer:
            made = [armorer.transact_unannounced("Take"), armorer.transact_unannounced("Return")]
        await desk.is_complete_to(made[-1])
        transactions = {each.transaction_id: each for each in await desk.transactions()}
        assert [transactions[each].source for each in made] == [Source.LIVE] * 2
        assert [transactions[each].category for each in made] == [Category.ISSUED, Category.RETURNED]
        assert desk.screen.completeness.unannounced_today == 0


async def test_a_session_that_is_gone_while_sockets_are_live_is_renewed_once(stock: Armory) -> None:
    async with stock.desk() as desk:
        await desk.goes_live()
        stock.demo.expire_sessions()
        await desk.looked_a_while_ago()
        rung = await desk.tells_of_announcements()
        assert "audited" in rung.evidence
        assert "session" not in rung.evidence
        login = desk.core.standing.login
        assert login is not None
        assert login.number == 2
        assert desk.screen.is_live
        assert [each.reconnects for each in desk.screen.streams] == [0, 0, 0], "the sockets outlive it"
