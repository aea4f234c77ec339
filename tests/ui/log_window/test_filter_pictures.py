"""Pictures of the filter, to be looked at: tests/artefacts/filter_*.png."""

from datetime import datetime
from itertools import islice

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QMenu

from armguard_tray.filtering.wanted import Wanted
from armguard_tray.filtering.when import Dates, When
from armguard_tray.messages.event import Category, Source
from armguard_tray.ui.log_window.dates_dialog import DatesDialog
from armguard_tray.ui.log_window.name_dialog import NameDialog
from tests.fakes import stream_health
from tests.fakes.events import MANILA, issued, traffic
from tests.fakes.pictures import LOOKS, system_look, take_picture
from tests.fakes.signals import emitted, settled
from tests.ui.log_window.conftest import Desk
from tests.ui.log_window.next_window import next_window

MUCH = Wanted(
    text="cruz",
    categories=frozenset({Category.ISSUED, Category.RETURNED}),
    item_types=frozenset({"M4", "M16", "GLOCK"}),
    duties=frozenset({"Guard Duty", "Range Training 2", "Patrol & escort of the <b>convoy</b> to the north"}),
    issuers=frozenset({"armorer1"}),
    sources=frozenset({Source.LIVE, Source.CATCHUP}),
    when=Dates(datetime(2026, 11, 1, 6, tzinfo=MANILA), datetime(2026, 11, 24, 18, tzinfo=MANILA)),
)
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support (raise|grabbing the keyboard)")
SIZES = {"large": (1200, 640), "small": (640, 420)}


@pytest.fixture(params=LOOKS)
def look(request: pytest.FixtureRequest) -> str:
    return str(request.param)


async def opened(desk: Desk, size: str, wanted: Wanted) -> None:
    desk.journal.append(*islice(traffic(), 300))
    desk.feed.on_health(stream_health.healthy())
    desk.window.filters.show_wanted(wanted)
    desk.window.resize(*SIZES[size])
    if not desk.window.isVisible():
        desk.window.show()
    await emitted(desk.window.table.loaded)
    desk.window.resize(*SIZES[size])


@pytest.mark.parametrize("size", SIZES)
async def test_a_filter_of_many_conditions(desk: Desk, look: str, size: str) -> None:
    with system_look(look):
        await opened(desk, size, MUCH)
        await take_picture(desk.window, f"filter_much_{size}_{look}")


@pytest.mark.parametrize("size", SIZES)
async def test_a_search_in_a_history(desk: Desk, look: str, size: str) -> None:
    with system_look(look):
        await opened(desk, size, Wanted(person="Juan Dela Cruz", when=When.LAST_MONTH))
        await take_picture(desk.window, f"filter_history_{size}_{look}")
        desk.window.filters.show_wanted(Wanted(text="reyes", person="Juan Dela Cruz", when=When.TODAY))
        await emitted(desk.window.table.loaded)
        await take_picture(desk.window, f"filter_history_searched_{size}_{look}")


@pytest.mark.parametrize("size", SIZES)
async def test_a_name_that_took_and_issued(desk: Desk, look: str, size: str) -> None:
    with system_look(look):
        desk.journal.append(issued(1, issued_by="sgt.cruz"), issued(2, personnel="Ana Santa Cruz"))
        await opened(desk, size, Wanted(text="cruz"))
        await take_picture(desk.window, f"filter_roles_{size}_{look}")


async def test_more_words_than_are_looked_for(desk: Desk, look: str) -> None:
    with system_look(look):
        await opened(desk, "small", Wanted(text=" ".join(map(str, range(101)))))
        await take_picture(desk.window, f"filter_many_words_{look}")


@pytest.mark.parametrize("size", SIZES)
async def test_a_filter_that_came_back(desk: Desk, look: str, size: str) -> None:
    with system_look(look):
        desk.window.filters.show_wanted(Wanted(duties=frozenset({"Guard Duty"}), when=When.SHIFT))
        desk.window.filters.save_state()
        desk.journal.append(*islice(traffic(), 300))
        async with next_window(desk) as window:
            window.resize(*SIZES[size])
            window.show()
            await emitted(window.table.loaded)
            await take_picture(window, f"filter_came_back_{size}_{look}")


async def test_more_conditions(desk: Desk, look: str) -> None:
    with system_look(look):
        await opened(desk, "large", MUCH)
        desk.window.filters.ask_for_more()
        popup = desk.window.filters.popup
        assert popup is not None
        while popup.note.text():
            await settled()
        await take_picture(popup, f"filter_more_{look}")
        popup.close()


async def test_dates(desk: Desk, look: str) -> None:
    with system_look(look):
        await opened(desk, "small", MUCH)
        desk.window.filters.ask_for_dates()
        (dialog,) = desk.window.findChildren(DatesDialog)
        await take_picture(dialog, f"filter_dates_{look}")
        dialog.since.moment.setDateTime(dialog.until.moment.dateTime())
        await take_picture(dialog, f"filter_dates_wrong_{look}")
        dialog.reject()


async def test_saved_filters(desk: Desk, look: str) -> None:
    with system_look(look):
        await opened(desk, "small", MUCH)
        saved = desk.window.filters.saved
        saved.ask_for_name()
        (dialog,) = desk.window.findChildren(NameDialog)
        await take_picture(dialog, f"filter_name_{look}")
        dialog.line.setText("Guards & patrols")
        dialog.accept()
        saved.fill()
        menu = saved.menu()
        assert isinstance(menu, QMenu)
        menu.popup(QPoint(0, 0))
        await take_picture(menu, f"filter_saved_{look}")
        menu.close()
