"""Faults of the desk: its process, its disk, its sleep, and how it finds the server."""

import asyncio
import contextlib
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Final

from tests.faults.fault import NOTICED_AFTER_WAKING_WITHIN, Fault, NotMadeError, Outage
from tests.faults.odd_tray import AHEAD, COUNTS_SLEEP
from tests.faults.stage import START_WITHIN, Setting, Stage

NSS_WRAPPER: Final = Path("/usr/lib/x86_64-linux-gnu/libnss_wrapper.so")
NAME: Final = "armory.test"
ELSEWHERE: Final = "127.0.0.2"
_KILLS: Final = 200
_LONGEST_LIFE: Final = 2.0  # seconds
_SLEPT: Final = 600  # seconds, by the clock
_DISK: Final = 16 << 20  # bytes
_PAGE: Final = 4096  # bytes; the first one, which says what the file is, stays


async def _killed(stage: Stage) -> None:
    await kill_again_and_again(stage, _KILLS)


async def kill_again_and_again(stage: Stage, times: int) -> None:
    """Kill the tray at random moments, and start it at once.

    Every other time it may get live first: on a busy machine it would else die while it starts, always.
    """
    for time in range(times):
        if time % 2:
            await _gets_live(stage, since=stage.tray.born)
        await stage.goes_by(stage.random.uniform(0, _LONGEST_LIFE))
        await stage.tray.kill()
        await stage.tray.start()


async def _gets_live(stage: Stage, since: datetime) -> None:
    # What the log says of the life before is not meant.
    def is_live() -> bool:
        return stage.live and stage.tray.phases.moments[-1].at > since

    await stage.until(is_live, START_WITHIN)


async def _asleep(stage: Stage) -> None:
    """Let the laptop sleep and its connections die; for the desk the fault begins when it wakes."""
    stage.tray.freeze()
    stage.proxy.forget()
    await stage.goes_by(30)
    stage.begins()
    stage.tray.thaw()


async def _long_asleep(stage: Stage) -> None:
    """Stop the tray for some seconds, and set its clocks as after minutes of sleep.

    Nobody waits for those, and at the server they do not pass: its own end of the connections has not timed
    out, and the traffic has gone on for seconds only.
    """
    stage.tray.freeze()
    stage.proxy.forget()
    await stage.goes_by(3)
    _clock_file(stage.folder).write_text(str(_SLEPT))
    stage.begins()
    stage.tray.thaw()


def _clock_file(folder: Path) -> Path:
    return folder / "seconds-ahead"


def _with_a_clock(folder: Path) -> dict[str, str]:
    """Return the environment of a tray whose monotonic clock stands still in sleep, as on Linux."""
    _clock_file(folder).write_text("0")
    return {AHEAD: str(_clock_file(folder))}


def _with_clocks(folder: Path) -> dict[str, str]:
    """Return that of one whose monotonic clock counts sleep, as on Windows."""
    return {**_with_a_clock(folder), COUNTS_SLEEP: "1"}


async def _disk_full(stage: Stage) -> None:
    async with _small_disk(stage) as ballast:
        await asyncio.to_thread(_fill_up, ballast)
        await stage.goes_by(10)
        ballast.unlink()
        stage.ends()
        await stage.traffic.stop()
        await stage.until(lambda: stage.settled, 240)


@asynccontextmanager
async def _small_disk(stage: Stage) -> AsyncIterator[Path]:
    """Move the tray to a disk of its own that is soon full; it moves back at the end."""
    if os.geteuid() != 0:
        raise NotMadeError("only root can make a small disk", excused=True)
    folder = stage.tray.folder
    await stage.tray.stop()
    await asyncio.to_thread(shutil.move, folder, folder.with_name("on-the-disk"))
    folder.mkdir()
    await _run("mount", "-t", "tmpfs", "-o", f"size={_DISK}", "tmpfs", str(folder))
    try:
        await asyncio.to_thread(_copy, folder.with_name("on-the-disk"), folder)
        await stage.tray.start()
        await stage.until(lambda: stage.live, 60)
        stage.begins()
        yield folder / "ballast"
    finally:
        await stage.tray.stop()
        await asyncio.to_thread(_copy, folder, folder.with_name("from-the-disk"))
        await _run("umount", str(folder))
        folder.rmdir()
        await asyncio.to_thread(shutil.move, folder.with_name("from-the-disk"), folder)
        await stage.tray.start()


def _fill_up(ballast: Path) -> None:
    """Write until the disk is full."""
    with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(_PAGE))


def _copy(source: Path, target: Path) -> None:
    shutil.copytree(source, target, dirs_exist_ok=True)


async def _run(*command: str) -> None:
    process = await asyncio.create_subprocess_exec(*command)
    if await process.wait() != 0:
        raise NotMadeError(f"{command[0]} does not work here", excused=True)


async def _corrupted(stage: Stage) -> None:
    """Somebody's tool wrote into the journal's file."""
    await stage.tray.kill()
    file = stage.tray.journal_file
    await asyncio.to_thread(_overwrite_half, file, stage.random)
    await stage.tray.start()


def _overwrite_half(file: Path, random: Random) -> None:
    for log in (f"{file}-wal", f"{file}-shm"):
        Path(log).unlink(missing_ok=True)
    with file.open("r+b") as journal:
        journal.seek(_PAGE)
        journal.write(random.randbytes(max(_PAGE, file.stat().st_size // 2)))


def _by_name(folder: Path) -> dict[str, str]:
    hosts = folder / "hosts"
    hosts.write_text(f"127.0.0.1 {NAME}\n")
    return {"LD_PRELOAD": str(NSS_WRAPPER), "NSS_WRAPPER_HOSTS": str(hosts)}


def _hosts(stage: Stage, *lines: str) -> None:
    if not NSS_WRAPPER.exists():
        raise NotMadeError("libnss-wrapper is not installed")
    (stage.folder / "hosts").write_text("".join(f"{line}\n" for line in lines))


async def _dns_gone(stage: Stage) -> None:
    _hosts(stage, "127.0.0.9 somebody-else")
    stage.proxy.reset()
    await stage.goes_by(20)
    _hosts(stage, f"127.0.0.1 {NAME}")


async def _address_changed(stage: Stage) -> None:
    """Let the server move, and nobody answer at the old address any more."""
    stage.proxy.forget()
    await stage.proxy.listen(stage.port, ELSEWHERE)
    _hosts(stage, f"{ELSEWHERE} {NAME}")


_NAMED: Final = Setting(host=NAME, environment=_by_name, server={"ALLOWED_HOSTS": [NAME, "127.0.0.1"]})

DESK_FAULTS: Final = (
    Fault(
        name=f"tray SIGKILL at {_KILLS} random moments",
        happens=_killed,
        # It takes minutes, and a stock server's history is read at 4 rows/s at most.
        setting=Setting(rate=1.0),
    ),
    Fault(name="disk full", happens=_disk_full, outage=Outage.NONE),
    Fault(name="journal file corrupted", happens=_corrupted),
    Fault(
        name="laptop asleep for 30 s",
        happens=_asleep,
        noticed_within=NOTICED_AFTER_WAKING_WITHIN,
        repeatable=True,
    ),
    *(
        Fault(
            name=f"laptop stopped for 3 s, {whose} 10 min on",
            happens=_long_asleep,
            noticed_within=NOTICED_AFTER_WAKING_WITHIN,
            setting=Setting(program=("-m", "tests.faults.odd_tray"), environment=environment),
        )
        for whose, environment in (("its wall clock", _with_a_clock), ("all its clocks", _with_clocks))
    ),
    Fault(name="DNS gone", happens=_dns_gone, outage=Outage.LONG, setting=_NAMED),
    Fault(name="address of the server changed", happens=_address_changed, setting=_NAMED),
)
