"""Pictures in a process of its own, as a window wants them: orders come in, pictures go out.

The sums of a million rows take seconds, and the plotting library takes a second to load and a hundred MiB to
keep. Here neither makes a window wait, nor a search in the log; and the memory is gone with the process. It
is this very program, with the command `pictures-order`: on standard input it reads orders, a line each, and
carries them out one after the other; for each it writes a line to standard output, and behind that the
drawing, if it was one. Once its standard input ends, nobody wants pictures any more, be it that the window
was closed or that its process is gone. So no name that a filter has is in the list of processes.
"""

import os
import sys
import threading
import traceback
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager
from datetime import tzinfo
from enum import StrEnum
from pathlib import Path
from queue import SimpleQueue
from typing import Any, BinaryIO, Final

import msgspec

from armguard_tray.errors import JournalDamagedError, UserError
from armguard_tray.exit_codes import ExitCode
from armguard_tray.settings.model import ServerSettings
from armguard_tray.storage.log_filter import LogFilter
from armguard_tray.storage.tallies import read_tallies
from armguard_tray.tallies.look import Look
from armguard_tray.tallies.making import Asked, pictures_of
from armguard_tray.tallies.picture import Picture

_NOT_THERE: Final = "Pictures need Matplotlib, which is not installed here. The set-up installs it."
_UNFORESEEN, _LOG = "The picture cannot be made.", "The program's log says more."


class Form(StrEnum):
    """In which form a picture is wanted: for the screen, or as the content of a file."""

    PIXELS = "pixels"
    PNG = "png"
    SVG = "svg"


class Read(msgspec.Struct, frozen=True, kw_only=True, tag="read"):
    """Read the log, and make a picture of each kind.

    Attributes:
        journal: the journal's file.
        log_filter: what matters of it.
        asked: that in words, and when it was asked.

    """

    journal: str
    log_filter: LogFilter
    asked: Asked


class Draw(msgspec.Struct, frozen=True, kw_only=True, tag="draw"):
    """Draw a picture.

    Attributes:
        picture: which one.
        look: its colours and letters.
        form: as what.
        width, height: its size in pixels of 1/96 inch.
        scale: how many pixels each of these is.
        cache: the folder in which the plotting library keeps what it finds out about fonts.

    """

    picture: Picture
    look: Look
    form: Form
    width: int
    height: int
    scale: float
    cache: str


class Told(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What came of an order.

    Attributes:
        pictures: what was made of the log.
        width, height: the size of a drawing for the screen, RGBA, 8 bits each, row by row from the top.
        size: how many bytes of a drawing follow the line.
        failed: why it cannot be done, and what can be done about it.
        damaged: whether that is because the journal is damaged.
        trace: where in the program it failed, for its log.

    """

    pictures: Sequence[Picture] | None = None
    width: int = 0
    height: int = 0
    size: int = 0
    failed: tuple[str, str] | None = None
    damaged: bool = False
    trace: str = ""


def encode(what: Read | Draw | Told) -> bytes:
    """Return `what` as a line."""
    return msgspec.json.encode(what, enc_hook=_name_of) + b"\n"


def decode(line: bytes, kind: Any) -> Any:
    """Return what a line says, of one of the types above."""
    return msgspec.json.decode(line, type=kind, dec_hook=_zone_named)


def _name_of(zone: object) -> str:
    if isinstance(zone, tzinfo):
        return str(zone)
    raise NotImplementedError(type(zone))


def _zone_named(kind: type, name: str) -> object:
    if kind is tzinfo:
        return ServerSettings(time_zone=name).zone
    raise NotImplementedError(kind)


def run_orders(given: BinaryIO, told: BinaryIO) -> ExitCode:
    """Carry out the orders that come from `given` until it ends, and write what comes of them to `told`."""
    unwanted = threading.Event()
    for line in _lines(given, unwanted):
        try:
            answer, drawing = _carried_out(decode(line, Read | Draw), unwanted)
        except CancelledError:
            break
        except Exception as error:  # noqa: BLE001 - whatever it is, the window's process is told, and logs it
            answer, drawing = _failed(error), b""
        if unwanted.is_set():
            break  # nobody is there to read it
        told.write(encode(answer))
        told.write(drawing)
        told.flush()
    return ExitCode.OK


def _failed(error: Exception) -> Told:
    known = error if isinstance(error, UserError) else UserError(_UNFORESEEN, _LOG)
    return Told(
        failed=(known.message, known.remedy),
        damaged=isinstance(error, JournalDamagedError),
        trace="".join(traceback.format_exception(error)),
    )


def _lines(given: BinaryIO, unwanted: threading.Event) -> Iterator[bytes]:
    """Yield the lines of `given`; `unwanted` is set when it ends, whatever is done meanwhile."""
    heard: SimpleQueue[bytes] = SimpleQueue()

    def listen() -> None:
        for line in given:
            heard.put(line)
        unwanted.set()
        heard.put(b"")

    threading.Thread(target=listen, name="orders", daemon=True).start()
    return iter(heard.get, b"")


def _carried_out(order: Read | Draw, unwanted: threading.Event) -> tuple[Told, bytes]:
    if isinstance(order, Read):
        tallies = read_tallies(Path(order.journal), order.log_filter, unwanted)
        return Told(pictures=pictures_of(tallies, order.asked)), b""
    return _drawn(order)


def _drawn(order: Draw) -> tuple[Told, bytes]:
    # Looked at when the library is imported
    # (https://matplotlib.org/stable/install/environment_variables_faq.html#envvar-MPLCONFIGDIR).
    os.environ.setdefault("MPLCONFIGDIR", order.cache)
    with _saying_if_missing():
        from armguard_tray.tallies import drawing  # noqa: PLC0415 - it takes a second, and may not be there
    size = drawing.Size(order.width, order.height, order.scale)
    if order.form is Form.PIXELS:
        pixels = drawing.pixels(order.picture, order.look, size)
        return Told(width=pixels.width, height=pixels.height, size=len(pixels.data)), pixels.data
    draw: Callable[..., bytes] = drawing.svg if order.form is Form.SVG else drawing.png
    content = draw(order.picture, order.look, size)
    return Told(size=len(content)), content


@contextmanager
def _saying_if_missing() -> Iterator[None]:
    try:
        yield
    except ModuleNotFoundError as error:
        raise UserError(_NOT_THERE) from error


def main() -> ExitCode:
    """Carry out the orders from standard input."""
    return run_orders(sys.stdin.buffer, sys.stdout.buffer)
