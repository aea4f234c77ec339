"""Faults of the server's processes, its database and its clock."""

from typing import Final

from tests.faults.fault import Fault, Outage
from tests.faults.odd_server import AHEAD
from tests.faults.stage import Setting, Stage
from tests.faults.traffic import OTHER_PEOPLE

_AWAY: Final = 3.0  # seconds


async def _sigterm(stage: Stage) -> None:
    await stage.site.sockets.terminate()
    await stage.goes_by(_AWAY)
    await stage.site.sockets.start()


async def _sigkill(stage: Stage) -> None:
    await stage.site.sockets.kill()
    await stage.goes_by(_AWAY)
    await stage.site.sockets.start()


async def _sigstop(stage: Stage) -> None:
    stage.site.sockets.freeze()
    await stage.goes_by(30)
    stage.site.sockets.thaw()


async def _burst(stage: Stage) -> None:
    await stage.site.burst(stage.setting.burst)


async def _unheard(stage: Stage) -> None:
    """Time goes by in which nothing that happens is heard of, for the processes share no layer."""
    await stage.goes_by(5)


async def _restored(stage: Stage) -> None:
    """Make a backup, let the work go on, and then put the backup back."""
    copy = stage.site.copy_database()
    await stage.goes_by(5)
    await stage.traffic.stop()
    await stage.until(lambda: stage.settled, 240)
    stage.begins()
    await stage.site.put_back(copy)
    stage.books.put_back()
    stage.traffic.people = OTHER_PEOPLE
    await stage.site.start_again()
    stage.traffic.start()


async def _clock(stage: Stage) -> None:
    await stage.site.restart_changed({}, **{AHEAD: "600"})


async def _zone(stage: Stage) -> None:
    await stage.site.restart_changed({"TIME_ZONE": "UTC"})


SERVER_FAULTS: Final = (
    Fault(name="server SIGTERM", happens=_sigterm, repeatable=True),
    Fault(name="server SIGKILL", happens=_sigkill, repeatable=True),
    Fault(name="server SIGSTOP for 30 s", happens=_sigstop, outage=Outage.LONG, repeatable=True),
    Fault(
        name="burst from one async task",
        happens=_burst,
        outage=Outage.NONE,
        repeatable=True,
        drops=True,
    ),
    Fault(
        name="two processes on in-memory layers",
        happens=_unheard,
        outage=Outage.NONE,
        setting=Setting(redis=False),
    ),
    Fault(name="database restored from an older copy", happens=_restored, outage=Outage.LONG),
    Fault(name="server clock 10 min off", happens=_clock),
    Fault(name="server zone changed", happens=_zone),
)
