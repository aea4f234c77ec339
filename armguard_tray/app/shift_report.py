"""The window "Shift report", joined to the rest of the program."""

from collections.abc import Callable, Sequence
from datetime import time

from PySide6.QtCore import QSettings

from armguard_tray import __version__
from armguard_tray.app.export_beside import suggested_place
from armguard_tray.catchup.issued_page import IssuedNow
from armguard_tray.clock import Clock
from armguard_tray.settings.model import Settings
from armguard_tray.storage.journal import Journal
from armguard_tray.tasks import TaskKeeper
from armguard_tray.ui.feed import Feed
from armguard_tray.ui.shift_report import ShiftReportWindow
from armguard_tray.ui.shift_report.report_document import Origin
from armguard_tray.ui.shift_report.window import ReportMeans


def new_shift_report(  # noqa: PLR0913 - what it joins, all named
    settings: Callable[[], Settings],
    *,
    journal: Journal,
    feed: Feed,
    clock: Clock,
    tasks: TaskKeeper,
    shifts: Callable[[], Sequence[time]],
    issued: Callable[[], IssuedNow | None],
    store: QSettings,
) -> ShiftReportWindow:
    """Return the window for the server of what `settings` returns now; what is overdue follows them."""
    server = settings().server
    means = ReportMeans(
        journal=journal,
        origin=Origin(server.base_url, server.time_zone, server.username, f"ArmGuard Tray {__version__}"),
        zone=server.zone,
        clock=clock,
        shifts=shifts,
        hours=lambda: settings().log.hours,
        is_current=lambda: feed.completeness.is_current,
        issued=issued,
        folder=suggested_place(clock.now()).parent,
    )
    return ShiftReportWindow(means, tasks, store)
