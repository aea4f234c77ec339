"""How long it takes from the start of the process to its icon."""

import sys
import time
from collections.abc import Sequence
from pathlib import Path

from armguard_tray.server.demo.process import DemoServer
from tests.benchmarks.figures import Figure, within
from tests.benchmarks.processes import running
from tests.end_to_end.desk_process import configure
from tests.fakes.desktop_session import DesktopSession
from tests.fakes.private_desktop import PrivateDesktop

BARE_ICON = [sys.executable, str(Path(__file__).parent / "programs" / "bare_icon.py")]
TIMES = 7


def tray_command(data_dir: Path) -> list[str]:
    """Return the command of the tray that is set up in `data_dir`; it reads its password first."""
    return [sys.executable, "-m", "armguard_tray", "run", f"--data-dir={data_dir}", "--password-stdin"]


async def measure(session: DesktopSession, folder: Path) -> list[Figure]:
    """Start the tray and a bare icon in turn."""
    tray: list[tuple[float, float]] = []
    bare: list[tuple[float, float]] = []
    async with DemoServer.start() as server, PrivateDesktop(session) as desktop:
        configure(folder, server)
        for _ in range(1 + TIMES):
            bare.append(await _time_to_icon(session, desktop, BARE_ICON))
            tray.append(await _time_to_icon(session, desktop, tray_command(folder), server.password))
    # The first start of each compiles, and fills the caches.
    tray_registered, tray_read = zip(*tray[1:], strict=True)
    bare_registered, bare_read = zip(*bare[1:], strict=True)
    return [
        Figure(
            what="start to icon in the tray",
            unit="ms",
            samples=tray_registered,
            floor=bare_registered,
            goal=within(2.5),
        ),
        Figure(
            what="start to its picture read by the tray's host",
            unit="ms",
            samples=tray_read,
            floor=bare_read,
            goal=within(2.5),
        ),
    ]


async def _time_to_icon(
    session: DesktopSession, desktop: PrivateDesktop, command: Sequence[str], password: str | None = None
) -> tuple[float, float]:
    """Return milliseconds until the icon is registered with the tray, and until the tray has read it."""
    before = len(desktop._events_of("item_registered"))
    start = time.perf_counter()
    async with running(command, session.env, password):
        await desktop.wait_until(lambda: len(desktop._events_of("item_registered")) > before)
        registered = time.perf_counter() - start
        await desktop.wait_for_item()
        read = time.perf_counter() - start
    await desktop.wait_for_no_item()
    return registered * 1000, read * 1000
