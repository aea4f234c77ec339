"""A transaction that the stock server did not have, and has again: *Fetch again* puts it in its place."""

from armguard_tray.catchup.history_page import ROWS_A_PAGE
from armguard_tray.messages.event import Source, StoredEvent
from armguard_tray.messages.gap import Gap
from tests.end_to_end.catchup.armory import Armory
from tests.end_to_end.catchup.following import PATIENCE, Following


async def the_gap(desk: Following) -> tuple[StoredEvent, Gap]:
    """Return the one gap in numbers that the log has."""
    (found,) = [
        (each, each.event.gap)
        for each in await desk.log()
        if each.event.gap is not None and each.event.gap.first is not None
    ]
    return found


async def test_a_gap_pages_down_the_history_is_closed_when_it_is_fetched_again(stock: Armory) -> None:
    async with stock.desk() as desk:
        await desk.has_the_month_before()
    with stock.armorer() as armorer:
        made = [armorer.take_back() if n % 2 else armorer.issue() for n in range(2 * ROWS_A_PAGE + 6)]
    stock.long_ago(made[0])
    lost = made[2]
    row = stock.lose(lost)
    async with stock.desk() as desk:
        await desk.is_complete_to(made[-1])
        stored, gap = await the_gap(desk)
        assert (gap.first, gap.last, gap.missing, gap.is_open) == (lost, lost, 1, True)

        searched = await desk.core.fetch_gap(gap, PATIENCE)
        assert (searched.found, searched.is_too_old, searched.failure) == (0, False, "")
        assert searched.back_to is not None
        assert (await the_gap(desk))[1].is_open

        stock.put_back(row)
        searched = await desk.core.fetch_gap(gap, PATIENCE)
        assert searched.failure == ""
        again, gap = await the_gap(desk)
        assert (again.row, gap.missing, gap.is_open) == (stored.row, 0, False)
        transactions = await desk.transactions()
        assert [each.transaction_id for each in transactions] == [*range(1, made[0]), *made]
        assert next(each for each in transactions if each.transaction_id == lost).source is Source.CATCHUP
        assert stored.row in [each.row for each in desk.screen.changed], "the window sees it at once"


async def test_at_the_next_start_it_closes_by_itself(stock: Armory) -> None:
    async with stock.desk() as desk:
        await desk.has_the_month_before()
    with stock.armorer() as armorer:
        made = [armorer.take_back() if n % 2 else armorer.issue() for n in range(ROWS_A_PAGE + 6)]
    stock.long_ago(made[0])
    row = stock.lose(made[2])
    async with stock.desk() as desk:
        await desk.is_complete_to(made[-1])
    stock.put_back(row)
    async with stock.desk() as desk:
        await desk.screen.until(
            lambda: any(each.event.transaction_id == made[2] for each in desk.screen.stored)
        )
        assert not (await the_gap(desk))[1].is_open
