"""Pictures are made and drawn in a process of its own, which lasts no longer than it is needed."""

import sys
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import psutil
import pytest

from armguard_tray.app import pictures_beside
from armguard_tray.app.pictures_beside import PicturesBeside
from armguard_tray.errors import UserError
from armguard_tray.paths import paths_below
from armguard_tray.storage.journal import Journal
from armguard_tray.storage.log_filter import LogFilter
from armguard_tray.tallies.look import look_of
from armguard_tray.tallies.making import picture_of
from armguard_tray.tallies.picture import Kind
from armguard_tray.tasks import TaskKeeper
from armguard_tray.ui.pictures.studio import PNG, SVG
from tests.fakes.signals import settled
from tests.fakes.tallies import asked, sums
from tests.unit.storage.events import SERVER, takes

LOOK = look_of("#ffffff", "#1b1b1b", dark=False, points=9)
NOTHING = picture_of(Kind.HOUR, sums({}), asked())
ALWAYS = 3600.0

_others: set[psutil.Process] = set()


@pytest.fixture(autouse=True)
def others() -> None:
    """Note what other tests of this process have started: a desktop may run to its end."""
    _others.clear()
    _others.update(psutil.Process().children())


@pytest.fixture
async def journal(tmp_path: Path) -> AsyncIterator[Journal]:
    opened = await Journal.open(paths_below(tmp_path / "data").journal_file)
    await opened.append(SERVER, takes(1, 5))
    yield opened
    await opened.close()


@pytest.fixture
async def keeper() -> AsyncIterator[TaskKeeper]:
    kept = TaskKeeper("test")
    yield kept
    await kept.close()


def beside(
    journal: Journal,
    keeper: TaskKeeper,
    *,
    program: str | None = None,
    command: Sequence[str] | None = None,
    idle: float = ALWAYS,
) -> PicturesBeside:
    """Return what draws, by this very program unless another is given."""
    own = [sys.executable, "-c", program] if program is not None else command
    return PicturesBeside(journal, journal.file.parent / "fonts", keeper, command=own, idle=idle)


def processes() -> list[psutil.Process]:
    """Return those that this one has started and that have not ended."""
    return [each for each in psutil.Process().children() if each not in _others and _runs(each)]


def _runs(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


async def none_left() -> None:
    while processes():
        await settled()


async def one_runs() -> None:
    while not processes():
        await settled()


async def test_this_very_program_reads_and_draws_and_no_name_is_in_the_list_of_processes(
    journal: Journal, keeper: TaskKeeper
) -> None:
    pictures = beside(journal, keeper)

    made = await pictures.pictures(LogFilter(text="cruz"), asked("“cruz”"))
    drawing = await pictures.draw(made[0], LOOK, (300, 200), 2.0)
    (process,) = processes()

    assert made[0].caption[0] == "“cruz”. 5 issued and 0 returned."
    assert (drawing.width, drawing.height, len(drawing.data)) == (600, 400, 600 * 400 * 4)
    assert process.cmdline()[1:] == ["-m", "armguard_tray", "pictures-order"]
    assert (await pictures.file(made[0], LOOK, PNG)).startswith(b"\x89PNG")
    assert b"<svg" in await pictures.file(made[0], LOOK, SVG)
    assert processes() == [process]  # one for all of it


async def test_when_there_is_nothing_to_do_the_process_ends_and_another_draws_the_next(
    journal: Journal, keeper: TaskKeeper
) -> None:
    pictures = beside(journal, keeper, idle=0.0)
    made = await pictures.pictures(LogFilter(), asked())
    await none_left()

    assert (await pictures.draw(made[0], LOOK, (300, 200), 1.0)).width == 300
    await none_left()


async def test_a_window_that_is_closed_lets_it_end(journal: Journal, keeper: TaskKeeper) -> None:
    pictures = beside(journal, keeper)
    await pictures.pictures(LogFilter(), asked())
    assert len(processes()) == 1

    pictures.rest()

    await none_left()


SILENT = "import sys; sys.stdin.buffer.read()"


async def test_what_nobody_waits_for_any_more_is_broken_off_with_its_process(
    journal: Journal, keeper: TaskKeeper
) -> None:
    pictures = beside(journal, keeper, program=SILENT)
    asking = keeper.start(pictures.pictures(LogFilter(), asked()), name="pictures")
    await one_runs()

    asking.cancel()

    await none_left()
    assert asking.cancelled()


async def test_what_is_being_done_goes_on_though_the_window_is_closed(
    journal: Journal, keeper: TaskKeeper
) -> None:
    pictures = beside(journal, keeper)
    saving = keeper.start(pictures.file(NOTHING, LOOK, PNG), name="save")
    await one_runs()

    pictures.rest()

    assert (await saving).startswith(b"\x89PNG")


async def test_with_its_keeper_it_ends(journal: Journal) -> None:
    keeper = TaskKeeper("test")
    pictures = beside(journal, keeper, program=SILENT)
    keeper.start(pictures.pictures(LogFilter(), asked()), name="pictures")
    await one_runs()

    await keeper.close()

    await none_left()


DOES_NOT_READ = "import threading; threading.Event().wait()"


async def test_one_that_does_not_even_read_its_order_is_ended_too(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures_beside, "_PATIENCE", 0.1)
    keeper = TaskKeeper("test")
    pictures = beside(journal, keeper, program=DOES_NOT_READ)
    longer_than_a_pipe = LogFilter(text="x" * 1_000_000)
    keeper.start(pictures.pictures(longer_than_a_pipe, asked()), name="pictures")
    await one_runs()

    await keeper.close()

    await none_left()


@pytest.mark.parametrize("program", ["", "import sys; sys.stdin.readline()", "print('[')"])
async def test_a_process_that_dies_is_said_and_another_takes_its_place(
    journal: Journal, keeper: TaskKeeper, program: str
) -> None:
    pictures = beside(journal, keeper, program=program)
    for _ in range(2):
        with pytest.raises(UserError, match="ended before it was done"):
            await pictures.pictures(LogFilter(), asked())
    await none_left()


async def test_a_process_that_cannot_be_started_is_said(
    journal: Journal, keeper: TaskKeeper, tmp_path: Path
) -> None:
    pictures = beside(journal, keeper, command=[str(tmp_path / "none")])
    with pytest.raises(UserError, match="could not be started: No such file"):
        await pictures.draw(NOTHING, LOOK, (300, 200), 1.0)


DAMAGED_FIRST = """
import sys, pathlib
mark = pathlib.Path(sys.argv[1])
for line in sys.stdin.buffer:
    if mark.exists():
        print('{"pictures": []}', flush=True)
    else:
        mark.touch()
        print('{"failed": ["The journal is damaged.", "Wait."], "damaged": true}', flush=True)
"""


async def test_a_damaged_journal_is_rebuilt_and_read_again(
    journal: Journal, keeper: TaskKeeper, tmp_path: Path
) -> None:
    rebuilt: list[bool] = []

    class Damaged:
        file = journal.file

        async def rebuild(self) -> None:
            rebuilt.append(True)

    command = [sys.executable, "-c", DAMAGED_FIRST, str(tmp_path / "mark")]
    pictures = PicturesBeside(Damaged(), tmp_path, keeper, command=command)

    assert list(await pictures.pictures(LogFilter(), asked())) == []
    assert rebuilt == [True]
