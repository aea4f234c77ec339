"""Whatever the server and the connection do, the journal claims nothing that it does not have."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from armguard_tray.catchup.audit import GRACE
from armguard_tray.catchup.entries import event_of_row
from armguard_tray.catchup.history_page import ROWS_A_PAGE, Action, HistoryRow
from armguard_tray.catchup.planning import Walk, begin, fill, lower, set_back, settle
from armguard_tray.catchup.reach import reach_of
from armguard_tray.catchup.sameness import same
from armguard_tray.messages.event import Source
from armguard_tray.storage.ledger import Backlog
from tests.unit.catchup.model import Journal
from tests.unit.catchup.pages import MORNING, seconds


@dataclass
class Server:
    """Transactions get a number when they begin, and are seen when they are committed."""

    now: datetime = MORNING
    made: int = 0
    next_number: int = 1
    oldest_shown: int = 0
    pending: list[HistoryRow] = field(default_factory=list)
    committed: dict[int, tuple[HistoryRow, datetime]] = field(default_factory=dict)
    deleted: dict[int, HistoryRow] = field(default_factory=dict)

    def start(self) -> HistoryRow:
        self.made += 1
        row = HistoryRow(
            id=self.next_number,
            personnel=f"Person {self.made}",
            rank="",
            item=f"M4 - {self.made:05}",
            action=Action.TAKE if self.made % 2 else Action.RETURN,
            time=self.now,
            notes="",
        )
        self.next_number += 1
        self.now += seconds(1)
        return row

    def commit(self, row: HistoryRow) -> None:
        self.committed[row.id] = (row, self.now)

    def page(self, number: int) -> list[HistoryRow]:
        shown = sorted((each for each in self.committed if each >= self.oldest_shown), reverse=True)
        wanted = shown[(number - 1) * ROWS_A_PAGE : number * ROWS_A_PAGE]
        return [self.committed[each][0] for each in wanted]

    def set_back(self, to: int) -> None:
        self.committed = {number: each for number, each in self.committed.items() if number <= to}
        self.pending = []
        self.deleted = {number: row for number, row in self.deleted.items() if number <= to}
        self.next_number = to + 1


@dataclass
class Steps:
    """A walk under way."""

    asked_row: int
    connected: bool
    page: int = 0
    rows: dict[int, HistoryRow] = field(default_factory=dict)
    up_to: int | None = None


class Desk(RuleBasedStateMachine):
    """A desk beside its server."""

    def __init__(self) -> None:
        super().__init__()
        self.server = Server()
        self.journal = Journal()
        self.connected = True
        self.under_way: list[HistoryRow] = []
        self.steps: Steps | None = None
        self.is_same_record = False  # seen by a walk that began after it was connected
        self.changed = False  # the server's record is another, and no walk has come to its end since
        self.backlog_page = 0
        self.backlog_before: list[HistoryRow] = []

    # The server

    @rule(count=st.integers(1, 30), announced=st.booleans())
    def make(self, count: int, announced: bool) -> None:  # noqa: FBT001 - hypothesis passes by keyword
        for _ in range(count):
            row = self.server.start()
            self.server.commit(row)
            if announced and self.connected:
                self.under_way.append(row)

    @rule(passed=st.integers(1, 600))
    def wait(self, passed: int) -> None:
        self.server.now += seconds(passed)

    @rule()
    def start(self) -> None:
        self.server.pending.append(self.server.start())

    @precondition(lambda self: self.server.pending)
    @rule(data=st.data(), commits=st.booleans(), announced=st.booleans())
    def end(self, data: st.DataObject, commits: bool, announced: bool) -> None:  # noqa: FBT001 - as above
        row = self.server.pending.pop(data.draw(st.integers(0, len(self.server.pending) - 1)))
        if commits:
            self.server.commit(row)
            if announced and self.connected:
                self.under_way.append(row)

    @precondition(lambda self: self.server.committed and not self.changed)
    @rule(back=st.integers(1, 60))
    def restored(self, back: int) -> None:
        self._comes_back_with(max(0, max(self.server.committed) - back))

    def _comes_back_with(self, newest: int) -> None:
        """Let the server come back with an older copy: it was down for that, so nothing is under way."""
        self.changed = True
        self.server.now += seconds(1000)
        self.server.set_back(newest)
        self.under_way = []
        self.is_same_record = False
        self.restarted()

    @precondition(lambda self: not self.changed)
    @rule(count=st.integers(0, 70))
    def another(self, count: int) -> None:
        self._comes_back_with(0)
        self.server.oldest_shown = 0
        for _ in range(count):
            self.server.commit(self.server.start())

    @precondition(lambda self: self.server.committed)
    @rule(back=st.integers(0, 5))
    def deleted(self, back: int) -> None:
        number = sorted(self.server.committed)[-1 - min(back, len(self.server.committed) - 1)]
        self.server.deleted[number] = self.server.committed.pop(number)[0]
        self.under_way = [row for row in self.under_way if row.id != number]

    @precondition(lambda self: self.server.committed)
    @rule(kept=st.integers(0, 60))
    def month_passed(self, kept: int) -> None:
        self.server.oldest_shown = max(self.server.oldest_shown, max(self.server.committed) - kept)

    # The connection

    @rule()
    def disconnected(self) -> None:
        self.connected = self.is_same_record = False
        self.under_way = []

    @rule()
    def reconnected(self) -> None:
        self.connected = True

    @precondition(lambda self: self.under_way)
    @rule(data=st.data())
    def heard(self, data: st.DataObject) -> None:
        for _ in range(data.draw(st.integers(1, len(self.under_way)))):
            row = self.under_way.pop(0)
            self._hear(row)

    def _hear(self, row: HistoryRow) -> None:
        event = event_of_row(row, at=self.server.now, source=Source.LIVE)
        self.journal.announced(event, claim=self.is_same_record)

    @precondition(lambda self: self.under_way)
    @rule()
    def lost(self) -> None:
        self.under_way.pop(0)

    # Reading

    @rule()
    def asked(self) -> None:
        self.steps = Steps(self.journal.last_row, self.connected)

    @rule()
    def restarted(self) -> None:
        self.steps = None
        self.backlog_page = 0
        self.backlog_before = []

    @precondition(lambda self: self.steps is not None)
    @rule()
    def read(self) -> None:
        steps = self.steps
        assert steps is not None
        # An announcement takes no longer than GRACE, or never comes.
        while self.under_way and self.under_way[0].time + GRACE <= self.server.now:
            self._hear(self.under_way.pop(0))
        steps.page += 1
        rows = self.server.page(steps.page)
        self._take(steps, rows)

    def _take(self, steps: Steps, rows: list[HistoryRow]) -> None:
        newest = max((row.id for row in rows), default=0)
        at = self.server.now
        if steps.page == 1:
            self.journal.carry_out(begin(newest, at))
        ledger = self.journal.ledger
        assert ledger is not None
        ripe = [row.id for row in rows if not self.connected or row.time + GRACE <= at]
        if steps.up_to is None and ripe:
            steps.up_to = max(ripe)
        last = steps.up_to or 0
        steps.rows |= {row.id: row for row in rows}
        known = self.journal.known(0, 2**62)
        reach = reach_of(rows, ledger, known, declared=self.journal.declared(0, 2**62))
        walk = Walk(rows=rows, at=at, asked_row=steps.asked_row, settled=last, shown=steps.rows.keys())
        self.journal.carry_out(fill(walk))
        if steps.page == 1:
            self.journal.carry_out(set_back(newest, at, asked_row=steps.asked_row))
        if not reach.far_enough and len(rows) == ROWS_A_PAGE:
            return
        whole = Walk(rows=list(steps.rows.values()), at=at, asked_row=steps.asked_row, settled=last)
        self.journal.carry_out(settle(whole, last, reaches=reach.far_enough))
        self.is_same_record = self.connected and steps.connected
        self.steps = None
        self.changed = False

    @precondition(lambda self: self.journal.ledger and self.journal.ledger.backlog is Backlog.WANTED)
    @rule()
    def read_backlog(self) -> None:
        self.backlog_page += 1
        rows = self.server.page(self.backlog_page)
        before = self.journal.ledger
        assert before is not None
        self.journal.carry_out(
            lower(
                [*self.backlog_before, *(row for row in rows if row not in self.backlog_before)],
                self.server.now,
                is_last=len(rows) < ROWS_A_PAGE,
                from_newest=self.backlog_page == 1,
            )
        )
        self.backlog_before = rows
        if len(rows) < ROWS_A_PAGE:
            self.backlog_page = 0
            self.backlog_before = []

    # What must hold

    @invariant()
    def claims_hold(self) -> None:
        if self.changed:
            return
        committed = [(number, at) for number, (_, at) in self.server.committed.items()]
        assert self.journal.unaccounted(committed) == []

    @invariant()
    def nothing_is_there_twice(self) -> None:
        people = [each.person for each in self.journal.transactions]
        assert len(people) == len(set(people))

    def teardown(self) -> None:
        while self.under_way:
            row = self.under_way.pop(0)
            self._hear(row)
        self.server.pending = []
        for _ in range(2):
            self.server.now += timedelta(minutes=3)
            self.asked()
            for _ in range(1000):
                if self.steps is None:
                    break
                self.read()
            assert self.steps is None
        self.claims_hold()
        self.nothing_is_there_twice()
        ledger = self.journal.ledger
        assert ledger is not None
        assert (
            ledger.complete_to == max(self.server.committed, default=0) or ledger.begins > ledger.complete_to
        )
        known = self.journal.known(ledger.begins, ledger.complete_to)
        for number, (row, _) in self.server.committed.items():
            if number >= max(ledger.begins, self.server.oldest_shown):
                # A row that was deleted while pages were read lifts others over their edge: a gap says so.
                assert same(known[number], row) if number in known else self.journal.accounts_for(number)


TestDesk = Desk.TestCase
TestDesk.settings = settings(max_examples=50, stateful_step_count=40, deadline=None)
