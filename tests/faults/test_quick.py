"""A few faults of the table, quickly: every transaction is accounted for, and no claim is ever false."""

from dataclasses import replace
from random import Random

import pytest

from tests.fakes.redis_server import REDIS_SERVER
from tests.faults.desk_faults import kill_again_and_again
from tests.faults.fault import Fault
from tests.faults.faults import FAULTS
from tests.faults.play import play
from tests.faults.site import KINDS
from tests.faults.stage import Setting, Stage

pytestmark = [
    pytest.mark.skipif(REDIS_SERVER is None, reason="redis-server is not installed"),
    pytest.mark.timeout(300),  # generous: it ends what would hang
]
# What is announced to nobody the desk finds only at its next look, which may be three minutes away.
ALL_ANNOUNCED = Setting(unannounced=0)


async def _killed_twice(stage: Stage) -> None:
    await kill_again_and_again(stage, 2)


QUICK = {fault.name: fault for fault in FAULTS if fault.setting == Setting()} | {
    "tray killed twice": Fault(name="tray killed twice", happens=_killed_twice)
}


@pytest.mark.parametrize(
    ("name", "server"),
    [
        ("RST", "stock/daphne"),
        ("RST", "app/uvicorn"),
        ("server SIGKILL", "app/uvicorn"),
        ("Redis SIGKILL for 0.2 s", "app/daphne"),
        ("session expired during an outage", "app/uvicorn"),
        ("tray killed twice", "app/daphne"),
    ],
)
async def test_nothing_is_lost_or_doubled_or_claimed_wrongly(name: str, server: str) -> None:
    (kind,) = (kind for kind in KINDS if str(kind) == server)

    result = await play(replace(QUICK[name], setting=ALL_ANNOUNCED), kind, Random(name))  # noqa: S311 - not for cryptography

    assert result.right, result
    assert result.account.committed > 0
