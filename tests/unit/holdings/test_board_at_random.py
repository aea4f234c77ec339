"""The board against a replay of all that the journal was told."""

import asyncio
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from armguard_tray.holdings.board import board_of
from armguard_tray.messages.event import Event
from armguard_tray.settings.duty_hours import DutyHours
from armguard_tray.storage.journal import Journal
from armguard_tray.storage.ledger import Plan
from tests.unit.holdings.armory import ITEMS, answering, carry_out, handed, numbers
from tests.unit.storage.events import SERVER


@dataclass(frozen=True)
class Made:
    """A transaction; the minute makes it another one than any before it of the same number."""

    item: str
    taken: bool
    minute: int

    def event(self, number: int, *, late: bool = False) -> Event:
        person = f"Person {self.minute}"
        return handed(number, self.item, taken=self.taken, person=person, late=late, minute=self.minute)


@dataclass
class Replay:
    """What a desk should know, told one transaction after the other.

    Another transaction of a known number begins a new record; what comes late of it and has a smaller number
    only reaches further down.
    """

    known: dict[int, Made] = field(default_factory=dict)
    record: int = 0
    record_of: dict[int, int] = field(default_factory=dict)
    gaps: list[tuple[int, int, int]] = field(default_factory=list)
    put_back: set[tuple[str, int, bool]] = field(default_factory=set)
    """What was done by a record that the server has no more."""

    def take(self, number: int, made: Made) -> None:
        if self.known.get(number, made) != made:
            self.record += self.record_of[number] == self.record
            for gone in [n for n in self.known if n >= number and self.record_of[n] < self.record]:
                undone = self.known.pop(gone)
                self.put_back.add((undone.item, gone, undone.taken))
            self.gaps = [gap for gap in self.gaps if gap[1] < number or gap[2] == self.record]
        self.known[number], self.record_of[number] = made, self.record

    @property
    def last(self) -> dict[str, int]:
        return {made.item: number for number, made in sorted(self.known.items())}

    @property
    def out(self) -> dict[str, int]:
        return {item: number for item, number in self.last.items() if self.known[number].taken}

    @property
    def missing(self) -> list[int]:
        """The greatest number that is missing of each open gap."""
        missing = ([n for n in range(first, last + 1) if n not in self.known] for first, last, _ in self.gaps)
        return sorted(max(each) for each in missing if each)

    def hole(self, complete_to: int) -> int | None:
        holes = [n for n in range(complete_to + 1, max(self.known, default=0)) if n not in self.known]
        return max(holes, default=None)


Step = tuple[str, int, int, bool]
_STEPS = st.lists(
    st.tuples(
        st.sampled_from(["tell", "tell", "tell", "overtake", "miss", "fetch", "settle", "restore"]),
        st.integers(0, len(ITEMS) - 1),
        st.integers(1, 6),
        st.booleans(),
    ),
    max_size=25,
)


async def play(steps: Sequence[Step], file: Path) -> None:
    journal, replay = await Journal.open(file), Replay()
    server: dict[int, Made] = {}
    try:
        await carry_out(journal, Plan(ledger=answering(1, 0)))
        for minute, step in enumerate(steps):
            await _step(journal, replay, server, (step, minute * 100))
            await _compare(journal, replay)
    finally:
        await journal.close()


async def _compare(journal: Journal, replay: Replay) -> None:
    have, ledger = await journal.last_handled(SERVER), await journal.ledger(SERVER)
    assert ledger is not None
    assert {item: last.number for item, last in have.last.items()} == replay.last
    assert {(item, last.number, last.taken) for item, last in have.undone.items()} <= replay.put_back
    board = board_of(replace(have, undone={}), None, DutyHours(24))
    assert {each.item: each.number for each in board.holdings} == replay.out
    missing = [*replay.missing, replay.hole(ledger.complete_to) or 0]
    assert {each.item for each in board.holdings if not each.is_certain} == {
        item for item, number in replay.out.items() if max(missing) > number
    }
    back = [number for item, number in replay.last.items() if item not in replay.out]
    assert board.returned_before_gap == sum(max(replay.missing, default=0) > each for each in back)
    assert sorted(each.greatest or 0 for each in have.lacks) == replay.missing
    assert have.hole == replay.hole(ledger.complete_to)


async def _step(journal: Journal, replay: Replay, server: dict[int, Made], what: tuple[Step, int]) -> None:
    (deed, which, count, taken), minute = what
    newest = max(server, default=0)
    coming = range(newest + 1, newest + 1 + count)
    match deed:
        case "tell" | "overtake" | "miss":
            for number in coming:
                item = ITEMS[(which + number) % len(ITEMS)]
                server[number] = Made(item, taken ^ (number % 3 == 0), minute + number)
            told = [] if deed == "miss" else list(coming)
            if deed == "overtake":
                told = [*told[1::-1], *told[2:]]
            await journal.append(SERVER, [server[number].event(number) for number in told])
            for number in told:
                replay.take(number, server[number])
        case "fetch":
            missed = [number for number in server if number not in replay.known][-count:]
            found = [server[number].event(number, late=True) for number in missed]
            await carry_out(journal, Plan(found=found))
            for number in missed:
                replay.take(number, server[number])
        case "settle":
            await _settle(journal, replay)
        case _:
            for number in range(max(1, newest - count), newest + 1):
                server.pop(number, None)


async def _settle(journal: Journal, replay: Replay) -> None:
    """Let what is missing up to the newest that the desk has be declared so."""
    ledger = await journal.ledger(SERVER)
    assert ledger is not None
    newest = max(replay.known, default=0)
    declared = {number for first, last, _ in replay.gaps for number in range(first, last + 1)}
    holes = [n for n in range(ledger.complete_to + 1, newest) if n not in replay.known and n not in declared]
    runs: list[list[int]] = []
    for number in holes:
        if runs and runs[-1][-1] == number - 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    if newest > ledger.complete_to:
        gaps = [numbers(run[0], run[-1]) for run in runs]
        await carry_out(journal, Plan(gaps=gaps, ledger=replace(ledger, complete_to=newest)))
        replay.gaps += [(run[0], run[-1], replay.record) for run in runs]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(_STEPS)
def test_it_is_what_a_replay_of_everything_comes_to(steps: list[Step]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(play(steps, Path(folder) / "journal.sqlite3"))
