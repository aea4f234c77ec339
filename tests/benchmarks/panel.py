"""What the open Connection page takes, with its checks, beside the same tray while it is hidden."""

import asyncio
import time
from pathlib import Path

from armguard_tray.server.demo.process import DemoServer
from tests.benchmarks.figures import Figure, under
from tests.benchmarks.idle import SETTLE, Usage
from tests.benchmarks.processes import running
from tests.benchmarks.startup import tray_command
from tests.end_to_end.desk_process import configure, live_item
from tests.fakes.desktop_session import DesktopSession
from tests.fakes.private_desktop import PrivateDesktop

ROUNDS = 2
WINDOW = 65.0  # seconds: the page checks every 60


async def measure(session: DesktopSession, folder: Path) -> list[Figure]:
    """Open the page by the menu's state line, and watch the tray; before that, watch it with no window."""
    async with DemoServer.start() as server, PrivateDesktop(session) as desktop:
        configure(folder, server)
        async with running(tray_command(folder), session.env, server.password) as tray:
            item = await live_item(desktop)
            await asyncio.sleep(SETTLE)
            hidden = await _rates(tray.pid)
            state_line = (await desktop.menu(item))[0].label
            await desktop.choose(item, state_line)
            await asyncio.sleep(SETTLE)
            shown = await _rates(tray.pid)
    more = [after - before for before, after in zip(hidden, shown, strict=True)]
    return [
        Figure(what="Connection page open, processor", unit="% of a core", samples=shown, floor=hidden),
        Figure(what="of that for the page", unit="% of a core", samples=more, goal=under(1)),
    ]


async def _rates(pid: int) -> list[float]:
    return [await _rate(pid) for _ in range(ROUNDS)]


async def _rate(pid: int) -> float:
    before, since = Usage.of(pid).cpu, time.monotonic()
    await asyncio.sleep(WINDOW)
    return (Usage.of(pid).cpu - before) * 100 / 1e9 / (time.monotonic() - since)
