"""The demo: a server on this machine, and the tray or the terminal logged in to it."""

import asyncio
import sys
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

from armguard_tray.app.terminal import WatchOptions, watch
from armguard_tray.errors import UserError
from armguard_tray.exit_codes import ExitCode
from armguard_tray.paths import paths_below
from armguard_tray.server.demo.process import DemoServer, DemoServerFailed
from armguard_tray.settings.model import ServerSettings, Settings
from armguard_tray.settings.store import SettingsStore


async def run_demo(*, port: int, rate: float, headless: bool) -> ExitCode:
    """Run the demo until it is ended, and leave nothing behind.

    Raises:
        UserError: the server cannot be started.

    """
    _check_that_it_is_installed()
    try:
        # Some history, so that the server's pages have something to show.
        async with DemoServer.start(port=port, rate=rate, history=40) as server:
            settings = Settings(server=ServerSettings(address=server.url, username=server.username))
            account = f"user {server.username}, password {server.password}"
            print(f"Demo server: {server.url} ({account})", flush=True)  # noqa: T201 - for the person who tries it
            with TemporaryDirectory(prefix="armguard-demo-", ignore_cleanup_errors=True) as folder:
                run = _in_terminal if headless else _in_tray
                return await run(settings, server.password, Path(folder))
    except DemoServerFailed as error:
        raise UserError(str(error)) from error


def _check_that_it_is_installed() -> None:
    if getattr(sys, "frozen", False) or find_spec("daphne") is None:
        raise UserError(
            "The demo needs the server part, which is not installed here.",
            "In a checkout, `python3 setup_websockets.py` installs it.",
        )


async def _in_terminal(settings: Settings, password: str, folder: Path) -> ExitCode:
    async def given(_server: ServerSettings) -> str | None:
        return password

    return await watch(WatchOptions(settings=settings, password=given, data_dir=folder))


async def _in_tray(settings: Settings, password: str, folder: Path) -> ExitCode:
    """Run the tray as a process of its own: Qt's event loop cannot keep child processes."""
    SettingsStore(paths_below(folder).settings_file).save(settings)
    command = ["-m", "armguard_tray", "run", f"--data-dir={folder}", "--password-stdin"]
    tray = await asyncio.create_subprocess_exec(sys.executable, *command, stdin=asyncio.subprocess.PIPE)
    assert tray.stdin is not None  # noqa: S101 - it was asked for
    tray.stdin.write(password.encode() + b"\n")
    tray.stdin.close()
    try:
        return ExitCode(await tray.wait())
    except asyncio.CancelledError:
        # Ctrl+C reaches the tray as well; it closes its journal before the folder goes.
        with suppress(ProcessLookupError):
            tray.terminate()
        await tray.wait()
        raise
