"""The log window of the next start, over the same looks."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from armguard_tray.tasks import TaskKeeper
from armguard_tray.ui.log_window import LogWindow
from tests.fakes.events import MANILA
from tests.ui.log_window.conftest import Desk


@asynccontextmanager
async def next_window(desk: Desk) -> AsyncIterator[LogWindow]:
    """Make the window, and end what it started."""
    keeper = TaskKeeper("next")
    window = LogWindow(
        journal=desk.journal,
        feed=desk.feed,
        zone=MANILA,
        desk_zone=MANILA,
        clock=desk.clock,
        keeper=keeper,
        store=desk.store,
    )
    yield window
    await keeper.close()
    window.close()
    window.deleteLater()
