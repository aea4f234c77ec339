"""What happened while nobody listened is in the log when the desk is back."""

from collections.abc import Callable

from armguard_tray.connection.phase import Phase
from armguard_tray.messages.event import Category, Source
from armguard_tray.rules.storm import Summary
from tests.end_to_end.catchup.armory import Armory
from tests.fakes.demo_server import GLOCK_BKP417, JOSE, DemoClient


def transact(times: int) -> Callable[[DemoClient], list[int]]:
    """Return what issues an item and takes it back, so many transactions in all."""

    def make(armorer: DemoClient) -> list[int]:
        return [armorer.take_back() if number % 2 else armorer.issue() for number in range(times)]

    return make


async def test_thirty_transactions_of_an_outage_are_all_there_and_one_toast_sums_them_up(
    armory: Armory,
) -> None:
    async with armory.desk() as desk:
        await desk.has_the_month_before()
        before = desk.screen.completeness.complete_to
        assert before == 4

        await armory.demo.kill()
        await desk.screen.until(lambda: not desk.screen.completeness.is_current)
        async with armory.pages_alone() as pages:
            with armory.armorer(pages) as armorer:
                missed = transact(30)(armorer)
        if armory.is_stock:  # what was made just now may still be announced, and is not fetched yet
            armory.long_ago(missed[0])
        await armory.demo.start()
        await desk.goes_live()
        await desk.is_complete_to(missed[-1])
        await desk.screen.until(lambda: any(isinstance(each, Summary) for each in desk.screen.toasts))
        with armory.armorer() as armorer:
            after = armorer.issue(JOSE, GLOCK_BKP417)
        await desk.is_complete_to(after)

        transactions = await desk.transactions()
        numbers = [each.transaction_id for each in transactions]
        assert numbers[numbers.index(before) :] == [before, *missed, after]
        sources = {each.transaction_id: each.source for each in transactions}
        assert sources[after] is Source.LIVE
        assert {sources[each] for each in missed} == {Source.CATCHUP}
        away = [each for each in desk.screen.toasts if isinstance(each, Summary) and each.away]
        assert len(away) == 1
        assert [away[0].by_category[each] for each in (Category.ISSUED, Category.RETURNED)] == [15, 15]
        missing = [each.event for each in await desk.log() if each.event.gap is not None]
        assert [each for each in missing if each.gap is not None and each.gap.first is not None] == []


async def test_what_happened_while_the_program_did_not_run_is_fetched_at_the_next_start(
    armory: Armory,
) -> None:
    async with armory.desk() as desk:
        await desk.has_the_month_before()
        before = desk.screen.completeness.complete_to
        assert before == 4
    with armory.armorer() as armorer:
        missed = transact(4)(armorer)
    if armory.is_stock:
        armory.long_ago(missed[0])
    async with armory.desk() as desk:
        await desk.is_complete_to(missed[-1])
        numbers = [each.transaction_id for each in await desk.transactions()]
        assert numbers[numbers.index(before) :] == [before, *missed]
        assert all(each.phase is Phase.LIVE for each in desk.screen.streams)
