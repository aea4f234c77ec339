"""What the tray takes while nothing happens: three open sockets, no window."""

import asyncio
import time
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from armguard_tray.server.demo.process import DemoServer
from tests.benchmarks.figures import Figure, under, within
from tests.benchmarks.processes import running
from tests.benchmarks.startup import BARE_ICON, tray_command
from tests.end_to_end.desk_process import configure, live_item
from tests.fakes.desktop_session import DesktopSession
from tests.fakes.private_desktop import PrivateDesktop

WINDOWS = 3
WINDOW = 10.0  # seconds; each holds a keepalive ping of each socket
SETTLE = 5.0


@dataclass(frozen=True)
class Usage:
    """What a process has used, as the kernel counts it.

    Attributes:
        cpu: nanoseconds of all its threads.
        waits: how often one of them gave the processor up by itself.
        memory: kibibytes by the names of smaps_rollup.

    """

    cpu: int
    waits: int
    memory: dict[str, int]

    @classmethod
    def of(cls, pid: int) -> "Usage":
        """Read it from /proc."""
        process = Path(f"/proc/{pid}")
        threads = list(process.glob("task/*"))
        status = [_fields(thread / "status") for thread in threads]
        return cls(
            # Finer than the ticks of 10 ms in `stat`.
            cpu=sum(int((thread / "schedstat").read_text().split()[0]) for thread in threads),
            waits=sum(int(each["voluntary_ctxt_switches"]) for each in status),
            memory={name: int(value.split()[0]) for name, value in _fields(process / "smaps_rollup").items()},
        )


def _fields(file: Path) -> dict[str, str]:
    lines = (line.partition(":") for line in file.read_text().splitlines() if ":" in line and "[" not in line)
    return {name: value.strip() for name, _, value in lines}


async def measure(session: DesktopSession, folder: Path) -> list[Figure]:
    """Watch the tray and a bare icon beside it, over the same time."""
    async with DemoServer.start() as server, PrivateDesktop(session) as desktop:
        configure(folder, server)
        # To compile takes memory, which Python keeps; that is done in a start of its own.
        for measured in (False, True):
            async with running(tray_command(folder), session.env, server.password) as tray:
                await live_item(desktop)
                if measured:
                    async with running(BARE_ICON, session.env) as bare:
                        await asyncio.sleep(SETTLE)
                        return await _watch(tray.pid, bare.pid)
            await desktop.wait_for_no_item()
    raise AssertionError


async def _watch(tray: int, bare: int) -> list[Figure]:
    times = [time.monotonic()]
    usage = [(Usage.of(tray), Usage.of(bare))]
    for _ in range(WINDOWS):
        await asyncio.sleep(WINDOW)
        times.append(time.monotonic())
        usage.append((Usage.of(tray), Usage.of(bare)))
    ours, floor = zip(*usage, strict=True)
    seconds = [after - before for before, after in pairwise(times)]

    def memory(name: str, samples: tuple[Usage, ...]) -> list[float]:
        return [each.memory[name] / 1024 for each in samples]

    def rate(name: str, samples: tuple[Usage, ...], scale: float = 1.0) -> list[float]:
        counts = [getattr(each, name) for each in samples]
        grown = [after - before for before, after in pairwise(counts)]
        return [each * scale / length for each, length in zip(grown, seconds, strict=True)]

    sizes = {"Rss": "resident memory", "Pss": "proportional memory", "Private_Dirty": "private dirty memory"}
    return [
        *(
            Figure(
                what=f"idle, {words}",
                unit="MiB",
                samples=memory(name, ours),
                floor=memory(name, floor),
                goal=within(2) if name == "Rss" else None,
            )
            for name, words in sizes.items()
        ),
        Figure(
            what="idle, processor",
            unit="% of a core",
            samples=rate("cpu", ours, 100 / 1e9),
            floor=rate("cpu", floor, 100 / 1e9),
            goal=under(0.2),
        ),
        Figure(
            what="idle, voluntary context switches",
            unit="a second",
            samples=rate("waits", ours),
            floor=rate("waits", floor),
        ),
    ]
