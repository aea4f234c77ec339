"""The tray as a process of its own on a private desktop."""

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from armguard_tray.paths import paths_below
from armguard_tray.server.demo.process import DemoServer
from armguard_tray.settings.model import ServerSettings, Settings
from armguard_tray.settings.store import SettingsStore
from tests.fakes.desktop_session import DesktopSession
from tests.fakes.private_desktop import PrivateDesktop, TrayItem

PATIENCE = 60.0


def configure(data_dir: Path, server: DemoServer) -> None:
    """Write the settings of a desk that follows `server`."""
    settings = Settings(server=ServerSettings(address=server.url, username=server.username))
    SettingsStore(paths_below(data_dir).settings_file).save(settings)


class DeskProcess:
    """A running tray.

    Attributes:
        process: the process.
        data_dir: its folder.

    """

    def __init__(self, process: Process, session: DesktopSession, data_dir: Path) -> None:
        """Speak of `process`, which shows its windows on `session`."""
        self.process = process
        self.data_dir = data_dir
        self._session = session

    @classmethod
    @asynccontextmanager
    async def start(
        cls, session: DesktopSession, data_dir: Path, *, password: str | None = None, says: bytes = b""
    ) -> AsyncIterator["DeskProcess"]:
        """Run the tray on `session`; kill it at the end if it still runs.

        It must say nothing on standard error, or one line that holds `says`.
        """
        options = ["--password-stdin"] if password is not None else []
        process = await asyncio.create_subprocess_exec(
            *(
                sys.executable,
                "-W",
                "error",
                "-m",
                "armguard_tray",
                "run",
                f"--data-dir={data_dir}",
                *options,
            ),
            stdin=PIPE,
            stdout=PIPE,
            stderr=PIPE,
            env=session.env,
        )
        assert process.stdin is not None
        process.stdin.write(f"{password or ''}\n".encode())
        process.stdin.close()
        desk = cls(process, session, data_dir)
        try:
            yield desk
        finally:
            if process.returncode is None:
                process.kill()
            _, said = await process.communicate()
            # Whatever Qt or Python complained of is a fault, too.
            assert said.count(b"\n") == bool(says), said.decode()
            assert says in said, said.decode()

    async def end(self) -> int:
        """Wait until it has ended, and return its exit code."""
        async with asyncio.timeout(PATIENCE):
            return await self.process.wait()

    async def window(self, title: str) -> str:
        """Return the X id of the visible window with `title`, when there is one."""
        async with asyncio.timeout(PATIENCE):
            return await self._xdotool("search", "--sync", "--onlyvisible", "--name", title)

    async def window_of(self, program: str) -> str:
        """Return the X id of a visible window of another program."""
        async with asyncio.timeout(PATIENCE):
            return await self._xdotool("search", "--sync", "--onlyvisible", "--class", program)

    async def place(self, window: str, *, x: int, y: int, width: int, height: int) -> None:
        """Move and resize a window."""
        await self._xdotool(
            "windowsize", window, str(width), str(height), "windowmove", window, str(x), str(y)
        )

    async def key(self, window: str, *keys: str) -> None:
        """Press keys in a window."""
        await self._xdotool("windowfocus", "--sync", window, "key", "--clearmodifiers", *keys)

    async def _xdotool(self, *arguments: str) -> str:
        return await _output(["xdotool", *arguments], self._session)

    def log(self) -> str:
        """Return what it has logged so far."""
        file = paths_below(self.data_dir).log_file
        return file.read_text() if file.exists() else ""


async def _output(command: Sequence[str], session: DesktopSession) -> str:
    process = await asyncio.create_subprocess_exec(*command, stdout=PIPE, env=session.env)
    out, _ = await process.communicate()
    assert process.returncode == 0, command
    return out.decode().split("\n", maxsplit=1)[0]


async def live_item(desktop: PrivateDesktop) -> TrayItem:
    """Return the tray icon once it says that it is live."""
    return await desktop.wait_for_item(lambda item: "live since" in item.tooltip)
