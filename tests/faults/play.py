"""Plays a fault on a kind of server, and says what came of it."""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from random import Random
from typing import Final

from tests.faults.fault import BACK_AFTER_LONG_WITHIN, Fault, NotMadeError, Outage
from tests.faults.judge import Account, Hearing, disordered
from tests.faults.site import Kind
from tests.faults.stage import START_WITHIN, Stage

SETTLES_WITHIN: Final = 600.0
"""Seconds in which the desk accounts for all: it looks at the server's history every three minutes, and reads
a page of twenty in five seconds once it has read ten."""
_BEFORE: Final = 3.0
_AFTER: Final = 3.0


class Outcome(StrEnum):
    """What came of a fault, in a word."""

    GOOD = "good"
    BAD = "BAD"
    NOT_MADE = "not made"


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What came of a fault.

    Attributes:
        fault: its name.
        kind: the server's.
        noticed: seconds until the desk said that it was not live; None: it was live all the time.
        recovered: seconds until it was live again; None: it never ceased, or is not.
        account: what became of the transactions.
        hearing: what became of notices and status changes.
        false_claims: claims of completeness that were false when they stood.
        complaints: what else is not as it is to be, in words.
        late: which budgets of time were not met, in words.
        memory: of a soak, MiB in its second quarter and in its last.
        not_made: why the fault could not be made; empty if it was.
        excused: whether it takes rights to make it that a tester need not have.

    """

    fault: str
    kind: str
    noticed: float | None = None
    recovered: float | None = None
    account: Account = field(default_factory=Account)
    hearing: Hearing = field(default_factory=Hearing)
    false_claims: int = 0
    complaints: tuple[str, ...] = ()
    late: tuple[str, ...] = ()
    memory: tuple[float, float] | None = None
    not_made: str = ""
    excused: bool = False

    @property
    def outcome(self) -> Outcome:
        """What came of it, in a word."""
        if self.not_made:
            return Outcome.NOT_MADE
        return Outcome.GOOD if self.right and not self.late else Outcome.BAD

    @property
    def right(self) -> bool:
        """Whether everything is as it is to be, however long it took."""
        misplaced = self.account.disordered + self.account.invented
        return not (self.lost or self.doubled or misplaced or self.false_claims or self.complaints)

    @property
    def lost(self) -> int:
        """How much is gone without a word."""
        return self.account.lost + self.hearing.lost

    @property
    def doubled(self) -> int:
        """How many copies there are beyond the first of each."""
        return self.account.doubled + self.hearing.doubled


async def play(fault: Fault, kind: Kind, random: Random, settles_within: float = SETTLES_WITHIN) -> Result:
    """Make the fault on a stage of its own, with traffic before, meanwhile and after."""
    with tempfile.TemporaryDirectory(prefix="fault") as folder:
        async with Stage.set_up(Path(folder), kind, random, fault.setting) as stage:
            if not await stage.until(lambda: stage.answers, START_WITHIN):
                return Result(fault=fault.name, kind=str(kind), complaints=("the desk did not get live",))
            if fault.drops:
                stage.drops()
            stage.traffic.start()
            await stage.goes_by(_BEFORE)
            try:
                await _make(fault, stage)
            except NotMadeError as why:
                return Result(fault=fault.name, kind=str(kind), not_made=str(why), excused=why.excused)
            return await judged(fault, kind, stage, settles_within)


async def _make(fault: Fault, stage: Stage) -> None:
    stage.begins()
    lifted_before = stage.lifted
    await fault.happens(stage)
    if stage.lifted == lifted_before:
        stage.ends()


async def judged(fault: Fault, kind: Kind, stage: Stage, settles_within: float) -> Result:
    """Let what was begun come to rest, and say what came of it."""
    if fault.outage is not Outage.NONE:
        await stage.until(lambda: stage.tray.phases.noticed(stage.began) is not None, fault.noticed_within)
    await stage.until(lambda: stage.live, 2 * BACK_AFTER_LONG_WITHIN)
    await stage.goes_by(_AFTER)
    await stage.traffic.stop()
    settled = await stage.until(lambda: stage.settled, settles_within)
    account = stage.account()
    # A look that has just found sockets deaf opens them anew.
    await stage.until(lambda: stage.live, 2 * BACK_AFTER_LONG_WITHIN)
    noticed, recovered = _seconds(stage)
    return Result(
        fault=fault.name,
        kind=str(kind),
        noticed=noticed,
        recovered=recovered,
        account=account,
        hearing=stage.hearing(),
        false_claims=len(stage.false_claims),
        complaints=tuple(_complaints(fault, stage, noticed, settled=settled)),
        late=tuple(_late(fault, noticed, recovered)),
    )


def _seconds(stage: Stage) -> tuple[float | None, float | None]:
    """Return the seconds to notice and to recover, of which the latter begin when it could."""
    phases = stage.tray.phases
    noticed = phases.noticed(stage.began)
    if noticed is None:
        return None, None
    could = max(noticed, stage.lifted)
    recovered = phases.recovered(could)
    return (noticed - stage.began).total_seconds(), (recovered - could).total_seconds() if recovered else None


def _complaints(fault: Fault, stage: Stage, noticed: float | None, *, settled: bool) -> Iterator[str]:
    yield from wrong(stage, settled=settled)
    if not stage.live:
        yield "not live again"
    if noticed is None and fault.outage is not Outage.NONE:
        yield "not noticed"


def wrong(stage: Stage, *, settled: bool) -> Iterator[str]:
    """Say what is wrong with the journal at the end, for whoever looks for the cause."""
    if not settled:
        yield f"the journal does not answer for everything: {stage.state()}"
    for false in stage.false_claims:
        yield f"false claim at {false.at:%H:%M:%S.%f}: {false.claim}, but not {false.numbers}"
    for row, before in disordered(stage.books.committed, stage.witness.journal):
        yield f"out of order: {row}, behind {before}"
    for told in stage.unaccounted():
        yield f"lost: {told}"


def _late(fault: Fault, noticed: float | None, recovered: float | None) -> Iterator[str]:
    if noticed is not None and fault.outage is not Outage.NONE and noticed > fault.noticed_within:
        yield f"noticed after more than {fault.noticed_within:g} s"
    if recovered is not None and recovered > BACK_AFTER_LONG_WITHIN:
        yield f"live again after more than {BACK_AFTER_LONG_WITHIN:g} s"
