"""A filter that comes back with the window."""

from armguard_tray.filtering.wanted import Wanted
from armguard_tray.messages.event import Category
from armguard_tray.storage.log_filter import LogFilter
from tests.fakes.events import issued, returned
from tests.fakes.signals import emitted
from tests.ui.log_window.conftest import Desk
from tests.ui.log_window.next_window import next_window


async def test_the_rows_are_those_of_the_filter_that_is_told(desk: Desk) -> None:
    desk.journal.append(issued(1), returned(2), issued(3))
    await desk.open()
    desk.window.filters.chips[Category.RETURNED].click()
    await emitted(desk.window.table.loaded)
    desk.window.close()
    async with next_window(desk) as window:
        window.show()
        await emitted(window.table.loaded)
        assert window.table.rowCount() == 1
        assert "not the whole log" in window.filters.banner.words
        assert "Returned" in window.filters.banner.words


async def test_a_row_that_it_hides_clears_it_even_before_the_window_is_shown(desk: Desk) -> None:
    (row, _) = desk.journal.append(issued(1), returned(2))
    await desk.open()
    desk.window.filters.show_wanted(Wanted(categories=frozenset({Category.RETURNED})))
    desk.window.close()
    async with next_window(desk) as window:
        window.show_row(row.row)
        window.show()
        (picked,) = await emitted(window.view.picked)
        assert picked == row
        assert window.filters.log_filter == LogFilter()
        assert window.filters.banner.words == ""
        assert "The filter was cleared" in window.notice.words
