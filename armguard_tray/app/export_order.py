"""An export in a process of its own, as a window wants it: an order comes in, what comes of it goes out.

Python runs one thread at a time. A window takes the interpreter for each cell that it paints, and beside a
thread that always wants it, would wait for its turn each time; a process of its own takes another core. It is
this very program, with the command `export-order`: on standard input it reads one line, the order, and on
standard output it writes what it has to tell, a line each. Once its standard input ends, nobody wants the
export any more, be it that somebody cancelled it or that the window's process is gone. So no name that a
filter has is in the list of processes.
"""

import os
import sys
import threading
from concurrent.futures import CancelledError
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Final

import msgspec

from armguard_tray.app.export_writers import paper, writer_of
from armguard_tray.errors import UserError
from armguard_tray.exit_codes import ExitCode
from armguard_tray.export.contents import Conduct, Progress
from armguard_tray.export.exporting import Exported, Job, check_place, export
from armguard_tray.export.formats import Format
from armguard_tray.export.target import FileTarget
from armguard_tray.settings.model import ServerSettings
from armguard_tray.storage.log_filter import LogFilter

_NICER: Final = 5
"""How far it stands back behind windows where there is not enough of the processor for all."""


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be exported, as `exporting.Job`, and where to.

    Attributes:
        journal: the journal's file.
        out: the file that is to be written.
        time_zone: the name of the server's zone.

    """

    journal: str
    out: str
    log_filter: LogFilter
    wanted: str
    time_zone: str
    format: Format
    program: str
    made: datetime


class Told(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the process tells: how far it is, or, last, one of the other things.

    Attributes:
        progress: how far it is.
        exported: it is done.
        cancelled: it was no longer wanted, and there is no new file.
        failed: why it cannot be done, and what can be done about it.

    """

    progress: Progress | None = None
    exported: Exported | None = None
    cancelled: bool = False
    failed: tuple[str, str] | None = None


def run_order(given: BinaryIO, told: BinaryIO) -> ExitCode:
    """Carry out the order that comes first from `given`, and write what there is to tell to `told`."""
    order = msgspec.json.decode(given.readline(), type=Order)
    unwanted = threading.Event()

    def wait_for_the_end() -> None:
        given.read()
        unwanted.set()

    if hasattr(os, "nice"):
        os.nice(_NICER)
    threading.Thread(target=wait_for_the_end, name="order", daemon=True).start()

    def tell(what: Told) -> None:
        told.write(msgspec.json.encode(what) + b"\n")
        told.flush()

    conduct = Conduct(unwanted=unwanted, on_progress=lambda progress: tell(Told(progress=progress)))
    try:
        last = Told(exported=_carried_out(order, conduct))
    except CancelledError:
        last = Told(cancelled=True)
    except UserError as error:
        last = Told(failed=(error.message, error.remedy))
    tell(last)
    return ExitCode.OK if last.exported is not None else ExitCode.FAILED


def _carried_out(order: Order, conduct: Conduct) -> Exported:
    job = Job(
        journal=Path(order.journal),
        log_filter=order.log_filter,
        wanted=order.wanted,
        zone=ServerSettings(time_zone=order.time_zone).zone,
        format=order.format,
        program=order.program,
        made=order.made,
    )
    out = Path(order.out)
    check_place(out, job.journal)
    with paper(job.format), FileTarget(out) as target:
        return export(job, target, writer_of(job.format), conduct)


def main() -> ExitCode:
    """Carry out the order from standard input."""
    return run_order(sys.stdin.buffer, sys.stdout.buffer)
