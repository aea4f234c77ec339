"""The tray as a process of its own, without a screen, and what its log and its process tell of it."""

import asyncio
import contextlib
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import psutil

from armguard_tray.paths import paths_below
from armguard_tray.settings.model import ServerSettings, Settings
from armguard_tray.settings.store import SettingsStore
from tests.fakes.mortal import mortal
from tests.faults.phases import Phases

_ROOT = Path(__file__).resolve().parents[2]
PROGRAM: Final[tuple[str, ...]] = ("-m", "armguard_tray")
_ENDS_WITHIN = 20.0  # seconds
_MIB = 1 << 20


class TrayEndedError(Exception):
    """The program ended by itself; the text is what it said on standard error."""


class Tray:
    """A tray that is started, killed, frozen and started again in one folder.

    Attributes:
        folder: its data folder.
        phases: what its streams did, as far as the log was read.
        program: what is run, as arguments of Python.
        environment: more for the environment of its process.
        born: when it was last started, aware.

    """

    def __init__(self, folder: Path, url: str, username: str, password: str) -> None:
        """Follow the server at `url`."""
        self.folder = folder
        self.password = password
        self.phases = Phases()
        self.program: tuple[str, ...] = PROGRAM
        self.environment: dict[str, str] = {}
        self.born = datetime.now(UTC)
        self._process: Process | None = None
        self._said = folder.parent / "said-by-the-tray"
        self._log = _Tail(paths_below(folder).log_file)
        server = ServerSettings(address=url, username=username, allow_plain_http=True)
        SettingsStore(paths_below(folder).settings_file).save(Settings(server=server))

    @property
    def journal_file(self) -> Path:
        """Its journal."""
        return paths_below(self.folder).journal_file

    @property
    def pid(self) -> int:
        """Of the process that runs."""
        assert self._process is not None
        return self._process.pid

    async def start(self) -> None:
        """Start it, with the password for this run."""
        command = [
            sys.executable,
            *self.program,
            "run",
            f"--data-dir={self.folder}",
            "--password-stdin",
        ]
        self.born = datetime.now(UTC)
        with self._said.open("ab") as said:
            self._process = await asyncio.create_subprocess_exec(
                *mortal(command, "KILL"),
                stdin=PIPE,
                stdout=DEVNULL,
                stderr=said,
                env=self._environment(),
                cwd=_ROOT,
            )
        assert self._process.stdin is not None
        self._process.stdin.write(f"{self.password}\n".encode())
        with contextlib.suppress(ConnectionError):  # it was killed before it could read
            await self._process.stdin.drain()
        self._process.stdin.close()

    def _environment(self) -> dict[str, str]:
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("XDG_", "DISPLAY", "WAYLAND", "DBUS_"))
        }
        # What Qt says of its offscreen platform is no word of the program's.
        screen = {
            "QT_QPA_PLATFORM": "offscreen",
            "QT_LOGGING_RULES": "*.warning=false",
            "HOME": str(self.folder.parent),
        }
        return {**kept, **screen, **self.environment}

    async def stop(self) -> None:
        """Let it end cleanly, frozen or not."""
        process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(psutil.NoSuchProcess, ProcessLookupError):
            psutil.Process(process.pid).resume()
            process.terminate()
        try:
            async with asyncio.timeout(_ENDS_WITHIN):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()

    async def kill(self) -> None:
        """End it as a crash would."""
        assert self._process is not None
        process, self._process = self._process, None
        process.kill()
        await process.wait()

    def freeze(self) -> None:
        """Let it sleep."""
        psutil.Process(self.pid).suspend()

    def thaw(self) -> None:
        """Wake it."""
        psutil.Process(self.pid).resume()

    def look(self) -> None:
        """Read what is new in the log. Raises TrayEndedError if the program is no more."""
        self.phases.read(self._log.lines())
        if self._process is not None and self._process.returncode is not None:
            raise TrayEndedError(f"exit code {self._process.returncode}: {self.said()[-300:]}")

    def said(self) -> str:
        """Return what it said on standard error."""
        return self._said.read_text(errors="replace")

    def memory(self) -> float:
        """Return its resident memory, MiB."""
        return psutil.Process(self.pid).memory_info().rss / _MIB


class _Tail:
    """The new lines of a log that is begun anew when it is long."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._read = 0

    def lines(self) -> list[str]:
        try:
            size = self._file.stat().st_size
        except FileNotFoundError:
            return []
        if size < self._read:
            self._read = 0
        with self._file.open("rb") as log:
            log.seek(self._read)
            new = log.read()
        whole = new[: new.rfind(b"\n") + 1]
        self._read += len(whole)
        return whole.decode(errors="replace").splitlines()
