"""An export beside open windows, in a process of its own; see `export_order`."""

import asyncio
import logging
import subprocess
import threading
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING

import msgspec
from PySide6.QtCore import QStandardPaths, Qt, QUrl
from PySide6.QtGui import QDesktopServices

from armguard_tray import __version__
from armguard_tray.app.export_order import Order, Told
from armguard_tray.app.own_program import own_command, started
from armguard_tray.clock import Clock, in_zone
from armguard_tray.errors import ExportError
from armguard_tray.export.contents import Progress
from armguard_tray.export.exporting import Exported
from armguard_tray.export.formats import Format
from armguard_tray.filtering.words import in_words
from armguard_tray.settings.model import ServerSettings
from armguard_tray.tasks import TaskKeeper
from armguard_tray.ui.export_dialog import ExportDialog, ToExport
from armguard_tray.unfinished import clear

if TYPE_CHECKING:
    from armguard_tray.ui.log_window import LogWindow

log = logging.getLogger(__name__)

_PATIENCE = 5.0
"""Seconds that the process has to end by itself, and to take away what it has begun."""
_NOT_STARTED = "The export could not be started: {error}."
_ENDED = "The export ended before it was done."
_TRY_AGAIN = "Nothing was left there. Try it again; the program's log may say more."


async def export_beside(
    order: Order,
    on_progress: Callable[[Progress], None],
    unwanted: threading.Event,
    command: Sequence[str] | None = None,
) -> Exported | None:
    """Have `order` carried out; None if `unwanted` was set meanwhile: then there is no new file.

    Args:
        order: what is to be exported.
        on_progress: is told how far it is, in the loop's thread, unless nobody wants to know any more.
        unwanted: is set by whoever wants the export no more, and when it has ended.
        command: starts the process; this very program unless given.

    Raises:
        UserError: it cannot be done; nothing is left there.

    """
    loop = asyncio.get_running_loop()

    def tell(progress: Progress) -> None:
        if not unwanted.is_set():
            loop.call_soon_threadsafe(on_progress, progress)

    done = loop.run_in_executor(
        None, _carried_out, command or own_command("export-order"), order, tell, unwanted
    )
    try:
        return await asyncio.shield(done)
    finally:
        unwanted.set()  # whoever is cancelled does not want it either
        # The thread must not outlive the loop. What comes of it then, nobody wants to know.
        await asyncio.gather(done, return_exceptions=True)


def _carried_out(
    command: Sequence[str], order: Order, tell: Callable[[Progress], None], unwanted: threading.Event
) -> Exported | None:
    """Wait for the process, in a thread."""
    clear(Path(order.out).parent)  # here, since this process has a log
    try:
        process = started(command)
    except OSError as error:
        raise ExportError(_NOT_STARTED.format(error=error.strerror or error), _TRY_AGAIN) from error
    given, told = process.stdin, process.stdout
    assert given is not None and told is not None  # noqa: S101, PT018 - they are pipes
    watch = threading.Thread(target=_end_when, args=(unwanted, process), name="export-unwanted", daemon=True)
    watch.start()
    try:
        _say(given, order)
        return _heard(told, tell)
    finally:
        unwanted.set()
        watch.join()
        told.close()
        process.wait()
        clear(Path(order.out).parent)  # where it had to be killed, it has left something


def _say(given: IO[bytes], order: Order) -> None:
    try:
        given.write(msgspec.json.encode(order) + b"\n")
        given.flush()
    except (OSError, ValueError) as error:  # it has ended, or is closed since nobody wants it any more
        raise ExportError(_ENDED, _TRY_AGAIN) from error


def _end_when(unwanted: threading.Event, process: "subprocess.Popen[bytes]") -> None:
    unwanted.wait()
    try:
        if process.stdin is not None:
            process.stdin.close()
    except OSError:
        log.debug("the export has ended already")
    try:
        process.wait(_PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()  # a workbook that is being packed does not heed its input


def _heard(told: IO[bytes], tell: Callable[[Progress], None]) -> Exported | None:
    """Return what came of it."""
    for line in told:
        what = msgspec.json.decode(line, type=Told)
        if what.failed is not None:
            raise ExportError(*what.failed)
        if what.cancelled or what.exported is not None:
            return what.exported
        if what.progress is not None:
            tell(what.progress)
    raise ExportError(_ENDED, _TRY_AGAIN)


def show_export(
    log: "LogWindow", journal: Path, server: ServerSettings, *, clock: Clock, keeper: TaskKeeper
) -> ExportDialog:
    """Offer to export what `log` shows of `journal`, above it, in tasks of `keeper`, with which it ends."""
    table = log.table
    log_filter = log.filters.log_filter  # what is shown now, whatever is shown when it is exported
    words = in_words(log.filters.wanted, server.zone, log_filter.since)

    async def run(
        chosen: Format, path: Path, on_progress: Callable[[Progress], None], unwanted: threading.Event
    ) -> Exported | None:
        order = Order(
            journal=str(journal),
            out=str(path),
            log_filter=log_filter,
            wanted=words,
            time_zone=server.time_zone,
            format=chosen,
            program=f"ArmGuard Tray {__version__}",
            made=clock.now(),
        )
        waiting = export_beside(order, on_progress, unwanted)
        exported: Exported | None = await keeper.start(waiting, name="export")
        return exported

    rows = table.rowCount()
    count = f"{rows:,} {'row' if rows == 1 else 'rows'}" if table.complete else "All rows that match"
    dialog = ExportDialog(ToExport(count, words, suggested_place(clock.now())), run, log)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.folderWanted.connect(lambda folder: QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder))))
    dialog.open()
    return dialog


def suggested_place(now: datetime) -> Path:
    """Return where an export may go, without an ending."""
    documents = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
    folder = Path(documents) if documents and Path(documents).is_dir() else Path.home()
    return folder / f"armguard-log-{in_zone(now, None):%Y-%m-%d-%H%M}"
