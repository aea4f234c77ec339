"""The first time, the month before is fetched in the background, which nobody is told of one by one."""

from pathlib import Path

import pytest

from armguard_tray.catchup.history_page import ROWS_A_PAGE
from armguard_tray.messages.event import Source
from armguard_tray.storage.ledger import Backlog
from tests.end_to_end.catchup.armory import Armory
from tests.fakes.demo_server import SANTOS


@pytest.mark.parametrize("is_stock", [True, False], ids=["stock", "with the app"])
async def test_the_month_before_is_fetched(tmp_path: Path, *, is_stock: bool) -> None:
    async with (
        Armory.open(tmp_path, stock=is_stock, history=3 * ROWS_A_PAGE) as armory,
        armory.desk() as desk,
    ):
        await desk.goes_live()
        with armory.armorer() as armorer:
            now = armorer.issue(SANTOS)
        await desk.has_the_month_before()
        await desk.is_complete_to(now)

        transactions = await desk.transactions()
        assert [each.transaction_id for each in transactions] == list(range(1, now + 1))
        assert {each.source for each in transactions[:-1]} == {Source.HISTORY}
        assert transactions[-1].source is Source.LIVE
        assert len(desk.screen.toasts) == 1, "that of what happened now"


async def test_it_can_be_cancelled_and_is_not_fetched_until_it_is_wanted_again(tmp_path: Path) -> None:
    more_than_at_once = 12 * ROWS_A_PAGE
    async with Armory.open(tmp_path, stock=True, history=more_than_at_once) as armory:
        async with armory.desk() as desk:
            await desk.screen.until(lambda: desk.screen.completeness.progress is not None)
            progress = desk.screen.completeness.progress
            assert progress is not None
            assert progress.backlog
            await desk.core.cancel_backlog()
            assert desk.screen.completeness.progress is None
            begins = desk.screen.completeness.begins
            assert begins is not None
            assert begins > 1
        async with armory.desk() as desk:
            await desk.goes_live()
            assert desk.screen.completeness.begins == begins
            ledger = await desk.core.journal.ledger(desk.server.base_url)
            assert ledger is not None
            assert ledger.backlog is Backlog.CANCELLED
            assert desk.screen.completeness.lacks_the_time_before
            await desk.core.fetch_backlog()
            await desk.screen.until(lambda: (desk.screen.completeness.begins or begins) < begins)
