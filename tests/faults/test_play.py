"""How a fault is judged, on a stage without processes."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

from tests.faults.empty_stage import STOCK, empty_stage, say
from tests.faults.fault import Fault, Outage
from tests.faults.judge import Account, Claim
from tests.faults.play import judged
from tests.faults.stage import Stage


class _DeafInTheEnd(Stage):
    """A stage on which the last look finds that sockets are deaf, and opens them anew."""

    async def goes_by(self, seconds: float) -> None:
        """Wait for nothing."""

    def account(self) -> Account:
        say(self, "connecting")
        asyncio.get_running_loop().call_soon(say, self, "live")
        return Account()


async def _nothing(stage: Stage) -> None:
    """Let nothing happen."""


async def test_sockets_that_the_last_look_opens_anew_are_waited_for(tmp_path: Path) -> None:
    stage = empty_stage(tmp_path, stage=_DeafInTheEnd)
    stage.witness.claim = Claim(1, stage.books.newest, datetime.now(UTC))

    result = await judged(Fault(name="nothing", happens=_nothing, outage=Outage.NONE), STOCK, stage, 60)

    assert result.complaints == ()
    assert stage.live
