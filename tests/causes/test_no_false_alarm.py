"""A server that is well is told so, each time; `python -m tests.causes.healthy` does it a hundred times."""

from pathlib import Path

import pytest

from tests.causes.command import check
from tests.causes.healthy import HEALTHY, check_often
from tests.causes.verdict import ALL_WELL, Row, Table

TIMES = 10
TIMES_BEHIND_NGINX = 3  # each takes longer there, and the rest is the same


@pytest.mark.parametrize("name", HEALTHY)
async def test_a_healthy_server_is_told_well_each_time(name: str, tmp_path: Path, table: Table) -> None:
    async with HEALTHY[name](tmp_path) as scene:
        checked = await check_often(scene, TIMES_BEHIND_NGINX if "nginx" in name else TIMES)
    table.add(Row("(all is well)", name, checked.seconds, checked.words))
    assert not checked.alarms, checked.words


@pytest.mark.parametrize("name", HEALTHY)
async def test_the_command_says_so_too(name: str, tmp_path: Path, table: Table) -> None:
    async with HEALTHY[name](tmp_path) as scene:
        told = await check(scene, tmp_path)
    well = (told.verdict, told.exit_code) == (ALL_WELL, 0)
    said = "right" if well else f"WRONG: {told.headline}"
    table.add(Row("(all is well)", f"{name}, by the command", told.seconds, said))
    assert well, told.headline
    assert told.codes == ()
