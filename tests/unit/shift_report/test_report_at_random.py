"""The report on a shift against counting by hand, through a journal."""

import asyncio
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from armguard_tray.messages.event import Event
from armguard_tray.messages.gap import Gap, Reason
from armguard_tray.messages.streams import Stream
from armguard_tray.settings.duty_hours import DutyHours
from armguard_tray.shift_report.report import Present, report_of
from armguard_tray.shift_report.shift import Shift
from armguard_tray.storage.journal import Journal
from armguard_tray.storage.ledger import Plan
from tests.unit.holdings.armory import AT, BEGIN, ITEMS, answering, carry_out, gap_event, handed
from tests.unit.storage.events import SERVER

_HOURS = DutyHours(1)
FOUND = BEGIN + timedelta(days=1)
"""When it was found what is missing: after it was made."""


@dataclass(frozen=True)
class Made:
    """A transaction: its number, its minute, and how it comes to the desk: told, late, or never."""

    number: int
    minute: int
    item: str
    taken: bool
    how: str

    @property
    def time(self) -> datetime:
        return BEGIN + timedelta(minutes=self.minute)

    def event(self) -> Event:
        return handed(self.number, self.item, taken=self.taken, minute=self.minute, late=self.how == "late")


Step = tuple[int, str, bool, str]
_STEPS = st.lists(
    st.tuples(
        st.integers(0, 30),
        st.sampled_from(ITEMS),
        st.booleans(),
        st.sampled_from(["told", "told", "told", "late", "never"]),
    ),
    max_size=25,
)


def _made(steps: Sequence[Step]) -> list[Made]:
    minute, made = 0, []
    for number, (later, item, taken, how) in enumerate(steps, 1):
        minute += later
        made.append(Made(number, minute, item, taken, how))
    return made


def _gaps(made: Sequence[Made]) -> list[Event]:
    """Return a gap for each number that never comes, between its neighbours that do."""
    there = [each for each in made if each.how != "never"]
    return [
        replace(
            gap_event(_gap(lost, there)),
            received=FOUND,
        )
        for lost in made
        if lost.how == "never"
    ]


def _gap(lost: Made, there: Sequence[Made]) -> Gap:
    return Gap(
        reason=Reason.NOT_IN_HISTORY,
        streams=(Stream.TRANSACTIONS,),
        since=max((each.time for each in there if each.number < lost.number), default=None),
        until=min((each.time for each in there if each.number > lost.number), default=None),
        first=lost.number,
        last=lost.number,
        missing=1,
    )


async def play(steps: Sequence[Step], first: int, length: int, file: Path) -> None:
    made = _made(steps)
    journal = await Journal.open(file)
    try:
        await journal.append(SERVER, [each.event() for each in made if each.how == "told"])
        late = [each.event() for each in made if each.how == "late"]
        plan = Plan(found=late, gaps=_gaps(made), ledger=answering(1, len(made)))
        await carry_out(journal, plan)
        since = BEGIN + timedelta(minutes=first)
        shift = Shift(since, since + timedelta(minutes=length))
        records = await journal.shift(SERVER, shift.since, shift.until)
    finally:
        await journal.close()

    report = report_of(records, shift, _HOURS, Present(now=AT + timedelta(days=1), is_current=True))

    there = [each for each in made if each.how != "never"]
    then = [each for each in there if shift.since <= each.time < shift.until]
    assert [each.event.transaction_id for each in report.issued] == [n.number for n in then if n.taken]
    assert [each.event.transaction_id for each in report.returned] == [n.number for n in then if not n.taken]
    last = {each.item: each for each in there if each.time < shift.until}
    out = {item: each for item, each in last.items() if each.taken}
    assert {each.item: each.number for each in report.out} == {item: n.number for item, n in out.items()}
    assert {each.item for each in report.overdue} == {
        item for item, n in out.items() if shift.until - n.time > timedelta(hours=1)
    }
    assert report.late == sum(each.how == "late" for each in then)
    lost = [each for each in made if each.how == "never" and shift.since <= each.time < shift.until]
    assert report.missing >= len(lost), "each that was lost then is in a gap that is told"
    if lost:
        assert report.may_lack_transactions
    uncertain = {each.item for each in report.out if not each.is_certain}
    hidden = [each for each in made if each.how == "never" and each.time < shift.until]
    assert uncertain >= {item for item, n in out.items() if any(each.number > n.number for each in hidden)}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(_STEPS, st.integers(0, 200), st.integers(1, 300))
def test_it_is_what_counting_comes_to(steps: list[Step], first: int, length: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(play(steps, first, length, Path(folder) / "journal.sqlite3"))
