"""Each cause is produced for real, and told for what it is by the real command."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from armguard_tray.diagnosis.codes import Code
from tests.causes.command import Told, check
from tests.causes.desk import what_a_desk_tells
from tests.causes.not_made import NOT_MADE
from tests.causes.scene import Cause, NotMadeError, Scene, Seen, Stage
from tests.causes.scenes import CAUSES
from tests.causes.storing_desk import what_a_storing_desk_tells
from tests.causes.verdict import Table, faults

BY_CHECK = [each for each in CAUSES if Seen.BY_CHECK in each.seen]
BY_DESK = [each for each in CAUSES if Seen.BY_DESK in each.seen]


@pytest.mark.parametrize("cause", BY_CHECK, ids=lambda cause: cause.name)
async def test_the_check_tells_the_cause(cause: Cause, stage: Stage, tmp_path: Path, table: Table) -> None:
    await _tells(cause, stage, table, lambda scene: check(scene, tmp_path))


@pytest.mark.parametrize("cause", BY_DESK, ids=lambda cause: cause.name)
async def test_a_running_desk_tells_the_cause(cause: Cause, stage: Stage, table: Table) -> None:
    async def tell(scene: Scene) -> Told:
        return await (what_a_desk_tells if scene.journal is None else what_a_storing_desk_tells)(scene)

    await _tells(cause, stage, table, tell)


async def _tells(cause: Cause, stage: Stage, table: Table, tell: Callable[[Scene], Awaitable[Told]]) -> None:
    told: Told | None = None
    wrong = ["no answer"]
    try:
        async with cause.setting(stage) as scene:
            told = await tell(scene)
        wrong = faults(cause, told)
    except NotMadeError as reason:
        wrong = []
        table.skip(cause, str(reason))
        pytest.skip(str(reason))
    finally:
        if told is not None or wrong:
            table.note(cause, told, wrong)
    assert not wrong, f"{cause.how}\n{told.headline}\n{told.rung(cause.rung)}"


def test_every_code_is_made_or_named() -> None:
    made = {each.code for each in CAUSES}
    assert made | set(NOT_MADE) == set(Code)
    assert not made & set(NOT_MADE)
