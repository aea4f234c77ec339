"""The report in a window: made beside the user interface, shown, and saved as it is shown."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QStandardPaths, Qt
from PySide6.QtWidgets import QWidget

from armguard_tray.app.report.archive import save, suggested_name
from armguard_tray.app.report.material import Material
from armguard_tray.app.report.parts import preview
from armguard_tray.clock import Clock, in_zone
from armguard_tray.ui.report_dialog import ReportDialog


async def show_report(
    gathered: Callable[[], Material], clock: Clock, parent: QWidget | None = None
) -> ReportDialog:
    """Make the report, and show it above `parent`; it is saved nowhere before the user says so.

    Args:
        gathered: returns what it is made of (`material.gather`); it may block, and runs in a thread.
        clock: the time.
        parent: the window that it belongs to.

    """
    now = clock.now()
    parts = await asyncio.to_thread(lambda: preview(gathered()))

    async def save_as(path: Path) -> None:
        await asyncio.to_thread(save, path, parts, now)

    dialog = ReportDialog(parts, save_as, _folder() / suggested_name(in_zone(now, None)), parent)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.open()
    return dialog


def _folder() -> Path:
    documents = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
    return Path(documents) if documents and Path(documents).is_dir() else Path.home()
