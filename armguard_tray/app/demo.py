"""The demo: a server on this machine, and the tray or the terminal logged in to it."""

import asyncio
import signal
import sys
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

from armguard_tray.app.signals import on_signals
from armguard_tray.app.terminal import WatchOptions, watch
from armguard_tray.errors import UserError
from armguard_tray.exit_codes import ExitCode
from armguard_tray.paths import paths_below
from armguard_tray.server.demo.process import DemoServer, DemoServerFailed
from armguard_tray.settings.model import ServerSettings, Settings
from armguard_tray.settings.store import SettingsStore
from armguard_tray.tasks import TaskKeeper


async def run_demo(*, port: int, rate: float, headless: bool, stock: bool) -> ExitCode:
    """Run the demo until it is ended, and leave nothing behind.

    Args:
        port: the server's; 0 for a free one.
        rate: events a minute.
        headless: show the feed in the terminal.
        stock: let the server be as the stock ArmGuard server is, without its app.

    Raises:
        UserError: the server cannot be started, or has ended.

    """
    _check_that_it_is_installed()
    _end_on_signals()
    with TemporaryDirectory(prefix="armguard-demo-", ignore_cleanup_errors=True) as folder:
        try:
            # Some history, so that the server's pages have something to show.
            async with DemoServer.start(
                stock=stock, port=port, rate=rate, history=40, data_dir=Path(folder, "server"), alone=True
            ) as server:
                return await _with(server, Path(folder, "tray"), headless=headless)
        except DemoServerFailed as error:
            if "Address already in use" in error.stderr:
                raise UserError(f"Port {port} is in use.", "Choose another one, or none: --port.") from error
            raise UserError(str(error)) from error
        except asyncio.CancelledError:
            return ExitCode.OK


def _end_on_signals() -> None:
    """End in good order when asked to, and when the terminal is closed."""
    task = asyncio.current_task()
    assert task is not None  # noqa: S101 - this runs in one
    on_signals(task.cancel)
    if sys.platform != "win32":
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, task.cancel)


async def _with(server: DemoServer, folder: Path, *, headless: bool) -> ExitCode:
    """Show what `server` says until the user ends it."""
    settings = Settings(server=ServerSettings(address=server.url, username=server.username))
    account = f"user {server.username}, password {server.password}"
    print(f"Demo server: {server.url} ({account})", flush=True)  # noqa: T201 - for the person who tries it
    show = _in_terminal if headless else _in_tray
    tasks = TaskKeeper("demo")
    shown = tasks.start(show(settings, server.password, folder), name="show")
    ended = tasks.start(server.wait(), name="server")
    try:
        await asyncio.wait({shown, ended}, return_when=asyncio.FIRST_COMPLETED)
        if shown.done():
            return ExitCode(await shown)
        raise UserError("The demo server has ended unexpectedly.")
    finally:
        await tasks.close()


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
    print("Look for the shield in the tray: a click opens the log. Ctrl+C here ends the demo.", flush=True)  # noqa: T201
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
