"""Pictures beside open windows, made and drawn in a process of its own; see `pictures_order`.

::

    first order ──► a process ──► order after order ──► IDLE without, or unwanted ──► its end
"""

import asyncio
import logging
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final, Protocol

from armguard_tray.app.own_program import own_command, started
from armguard_tray.app.pictures_order import Draw, Form, Read, Told, decode, encode
from armguard_tray.errors import JournalDamagedError, UserError
from armguard_tray.storage.log_filter import LogFilter
from armguard_tray.tallies.look import Look
from armguard_tray.tallies.making import Asked
from armguard_tray.tallies.picture import Picture
from armguard_tray.tasks import TaskKeeper
from armguard_tray.ui.pictures.studio import SVG, Drawing

if TYPE_CHECKING:
    import subprocess

log = logging.getLogger(__name__)

IDLE: Final = 15.0
"""Seconds without an order after which the process ends: it keeps a hundred MiB, and a next one a second."""
SAVED_WIDTH, SAVED_HEIGHT, SAVED_SCALE = 1200, 800, 2.0
"""How large a picture is that leaves the window, in pixels of 1/96 inch, and how much finer a PNG is."""
_LETTERS: Final = 10.0
_PATIENCE: Final = 5.0
"""Seconds that the process has to end by itself."""
_NOT_STARTED: Final = "The pictures' process could not be started: {error}."
_ENDED: Final = "The pictures' process ended before it was done."
_TRY_AGAIN: Final = "Try it again; the program's log may say more."


class Rebuildable(Protocol):
    """The journal, as `storage.journal.Journal`.

    Attributes:
        file: the database.

    """

    file: Path

    async def rebuild(self) -> None:
        """Go on with what can be read of a file that was found to be damaged."""
        ...


class PicturesBeside:
    """Has pictures of a journal made and drawn beside; a `ui.pictures.studio.Studio`."""

    def __init__(
        self,
        journal: Rebuildable,
        cache: Path,
        keeper: TaskKeeper,
        *,
        command: Sequence[str] | None = None,
        idle: float = IDLE,
    ) -> None:
        """Have no process yet.

        Args:
            journal: what is read.
            cache: the folder in which the plotting library keeps what it finds out about fonts.
            keeper: its end is that of the process.
            command: starts the process; this very program unless given.
            idle: seconds without an order after which it ends.

        """
        self._journal = journal
        self._cache = cache
        self._keeper = keeper
        self._command = list(command) if command is not None else own_command("pictures-order")
        self._idle = idle
        self._turn = asyncio.Lock()
        self._process: _Process | None = None
        self._resting: asyncio.TimerHandle | None = None

    async def pictures(self, log_filter: LogFilter, asked: Asked) -> Sequence[Picture]:
        """Read the log, and return a picture of each kind of what matches.

        Raises:
            UserError: the log cannot be read, or the process has died.

        """
        order = Read(journal=str(self._journal.file), log_filter=log_filter, asked=asked)
        try:
            told, _ = await self._ask(order)
        except JournalDamagedError:
            await self._journal.rebuild()
            told, _ = await self._ask(order)
        return told.pictures or ()

    async def draw(self, picture: Picture, look: Look, size: tuple[int, int], scale: float) -> Drawing:
        """Return a picture so many pixels of 1/96 inch wide and high, each `scale` of the screen's.

        Raises:
            UserError: the plotting library is not there, or the process has died.

        """
        told, content = await self._ask(self._drawn(picture, look, Form.PIXELS, size, scale))
        return Drawing(told.width, told.height, content)

    async def file(self, picture: Picture, look: Look, form: str) -> bytes:
        """Return a picture as the content of a file, PNG or SVG, with its caption.

        Raises:
            UserError: as above.

        """
        printed = Look(look.background, look.text, look.faint, look.taken, look.returned, _LETTERS)
        scale = 1.0 if form == SVG else SAVED_SCALE
        order = self._drawn(picture, printed, Form(form), (SAVED_WIDTH, SAVED_HEIGHT), scale)
        return (await self._ask(order))[1]

    def _drawn(self, picture: Picture, look: Look, form: Form, size: tuple[int, int], scale: float) -> Draw:
        width, height = size
        return Draw(
            picture=picture,
            look=look,
            form=form,
            width=width,
            height=height,
            scale=scale,
            cache=str(self._cache),
        )

    def rest(self) -> None:
        """Let the process end, unless something is being done."""
        if not self._turn.locked():
            self._let_go()

    def _let_go(self) -> None:
        """Let the process end, whatever it does."""
        if self._resting is not None:
            self._resting.cancel()
            self._resting = None
        process, self._process = self._process, None
        if process is not None:
            process.unwanted.set()

    async def _ask(self, order: Read | Draw) -> tuple[Told, bytes]:
        async with self._turn:
            if self._resting is not None:
                self._resting.cancel()
            if self._process is None:
                self._process = _Process(self._command)
                self._keeper.start(self._process.live(), name="pictures' process")
            try:
                told, content = await self._process.asked(encode(order))
            except BaseException:
                self._let_go()  # what it does then, nobody waits for
                raise
            self._resting = asyncio.get_running_loop().call_later(self._idle, self.rest)
        if told.failed is not None:
            log.warning("%s", told.trace)
            raise (JournalDamagedError if told.damaged else UserError)(*told.failed)
        return told, content


class _Process:
    """The process: it is started with its first order. One order at a time.

    Attributes:
        unwanted: is set by whoever needs it no more.

    """

    def __init__(self, command: Sequence[str]) -> None:
        self.unwanted = asyncio.Event()
        self._command = command
        self._starting = threading.Lock()
        self._is_over = False
        self._process: subprocess.Popen[bytes] | None = None
        self._asking: asyncio.Future[tuple[Told, bytes]] | None = None

    async def asked(self, line: bytes) -> tuple[Told, bytes]:
        """Return what comes of an order. Raises UserError."""
        loop = asyncio.get_running_loop()
        self._asking = loop.run_in_executor(None, self._ask, line)
        return await asyncio.shield(self._asking)

    async def live(self) -> None:
        """Wait until it is unwanted, or until this is cancelled, and for its end."""
        try:
            await self.unwanted.wait()
        finally:
            await self._ended()

    async def _ended(self) -> None:
        loop = asyncio.get_running_loop()
        waiting: list[asyncio.Future[Any]] = [loop.run_in_executor(None, self._end)]
        if self._asking is not None:
            waiting.append(self._asking)
        ended = asyncio.gather(*waiting, return_exceptions=True)  # what came of it, nobody wants to know
        try:
            await asyncio.shield(ended)
        finally:
            await ended  # also whoever is cancelled meanwhile: threads must not outlive the loop

    # In threads

    def _ask(self, line: bytes) -> tuple[Told, bytes]:
        given, told = self._streams()
        try:
            given.write(line)
            given.flush()
            said = told.readline()
            if said:
                answer: Told = decode(said, Told)
                content = told.read(answer.size)
                if len(content) == answer.size:
                    return answer, content
        except (OSError, ValueError) as error:  # it has ended, or is closed since nobody wants it any more
            raise UserError(_ENDED, _TRY_AGAIN) from error
        raise UserError(_ENDED, _TRY_AGAIN)

    def _streams(self) -> tuple[IO[bytes], IO[bytes]]:
        with self._starting:
            if self._process is None:
                if self._is_over:
                    raise UserError(_ENDED, _TRY_AGAIN)
                self._process = self._started()
            given, told = self._process.stdin, self._process.stdout
        assert given is not None and told is not None  # noqa: S101, PT018 - they are pipes
        return given, told

    def _started(self) -> "subprocess.Popen[bytes]":
        try:
            return started(self._command)
        except OSError as error:
            raise UserError(_NOT_STARTED.format(error=error.strerror or error), _TRY_AGAIN) from error

    def _end(self) -> None:
        with self._starting:
            self._is_over = True
            process = self._process
        if process is None or process.stdin is None or process.stdout is None:
            return
        # To close its input is to wait for what is being written, and it may not be reading any more.
        overdue = threading.Timer(_PATIENCE, process.kill)
        overdue.start()
        try:
            process.stdin.close()
        except OSError:
            log.debug("the pictures' process has ended already")
        process.wait()
        overdue.cancel()
        overdue.join()
        process.stdout.close()
