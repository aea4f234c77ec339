"""The log is kept complete: against a server with a history, in a journal, on a clock that the test moves."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from armguard_tray.catchup.budget import LIMITED_FOR
from armguard_tray.catchup.completeness import Completeness, Progress
from armguard_tray.catchup.keeper import FRESH, POLLED_LAG, Keeper
from armguard_tray.catchup.reader import Reader
from armguard_tray.catchup.schedule import EARLY_EVERY, EVERY, SOON
from armguard_tray.catchup.standstill import MOST, OUTRUN, REPEATED
from armguard_tray.connection import poller
from armguard_tray.connection.live_app import LiveApp
from armguard_tray.connection.pages import GONE
from armguard_tray.connection.phase import Phase, StreamFacts
from armguard_tray.errors import JournalError
from armguard_tray.messages.event import Category, Event, Source
from armguard_tray.messages.streams import Stream
from armguard_tray.storage.journal import Journal
from armguard_tray.storage.ledger import Backlog, Ledger, Planner, Roll, Written
from armguard_tray.storage.log_filter import LogFilter
from armguard_tray.tasks import TaskKeeper
from tests.fakes.events import issued
from tests.unit.catchup.history_server import HistoryServer, answer
from tests.unit.catchup.pages import MANILA
from tests.unit.catchup.patient_clock import PatientClock

NOW = datetime(2026, 11, 24, 4, tzinfo=UTC)
URL = "http://127.0.0.1:8000"
ACCOUNT = "clerk"
WHO, WHAT = "Juan Dela Cruz", "M4 - 00077"


class Desk:
    """A keeper, its journal and the server that it follows.

    Attributes:
        said: what the keeper said of its completeness, in order.
        walked: how many looks have ended.
        found_deaf: how often it was found that the server announces nothing any more.
        were_deaf: the connections before of which that was found, by when they began.
        reopened: how often the sockets were to be opened anew.
        trouble: what the journal raises while it is set.

    """

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self.clock = PatientClock(NOW)
        self.server = HistoryServer(self.clock)
        self.said: list[Completeness] = []
        self.walked = 0
        self.found_deaf = self.reopened = 0
        self.were_deaf: list[datetime] = []
        self.trouble: Exception | None = None
        self.before_writing: Callable[[], Awaitable[None]] | None = None
        self._tasks = TaskKeeper("test")
        self._start()

    def _start(self) -> None:
        self.keeper = Keeper(
            server=URL,
            zone=MANILA,
            journal=self.journal,
            reader=Reader(self.server, MANILA, self.clock, self.clock.sleep),
            write=self.write,
            clock=self.clock,
            on_completeness=self.said.append,
            on_walked=self._walked,
            on_deaf=self._went_deaf,
            on_was_deaf=self.were_deaf.append,
            reopen=self._reopen,
            last_life=lambda: self.journal.last_life(URL, ACCOUNT),
            wait=self.clock.until,
        )
        self.task = self._tasks.start(self.keeper.run(), name="keeper")

    def _walked(self) -> None:
        self.walked += 1

    def _went_deaf(self) -> None:
        self.found_deaf += 1

    def _reopen(self) -> None:
        assert self.found_deaf > self.reopened, "first it is told"
        self.reopened += 1

    async def write(self, planner: Planner, at: datetime) -> Written:
        if self.trouble is not None:
            raise self.trouble
        if self.before_writing is not None:
            await self.before_writing()
        return await self.journal.carry_out(URL, planner, at)

    async def close(self) -> None:
        await self._tasks.close()
        await self.journal.close()

    async def stop(self) -> None:
        self.task.cancel()
        with suppress(asyncio.CancelledError):
            await self.task
        self.clock.forget()

    async def start_again(self) -> None:
        """Stop the program, and start it again on the same journal."""
        await self.stop()
        self._start()

    async def rest(self, seconds: float = 0) -> None:
        """Let `seconds` go by; returns when the keeper waits again."""
        await self.clock.pass_by(seconds)

    async def go_live(self, app: LiveApp | None = None) -> None:
        """Subscribe to the transactions; returns when what follows from that is done."""
        await self.clock.rest()
        facts = StreamFacts(stream=Stream.TRANSACTIONS, phase=Phase.LIVE, since=self.clock.now(), app=app)
        await self.tell(lambda: self.keeper.streams_changed((facts,)))

    def answer(self, last_event: datetime) -> None:
        """Answer a ping of who is live since the keeper says; something was last announced then."""
        since = self.keeper._announcements.subscribed
        assert since is not None
        facts = StreamFacts(
            stream=Stream.TRANSACTIONS,
            phase=Phase.LIVE,
            since=since,
            heard=self.clock.now(),
            last_event=last_event,
        )
        self.keeper.streams_changed((facts,))

    async def tell(self, what: Callable[[], None]) -> None:
        """Tell the keeper something; returns when what follows from that is done."""
        what()
        await self.clock.rest()

    def leave(self) -> None:
        """Lose the connection."""
        self.keeper.streams_changed(
            (StreamFacts(stream=Stream.TRANSACTIONS, phase=Phase.BACKING_OFF, since=self.clock.now()),)
        )

    async def announce(self, number: int, at: datetime | None = None) -> None:
        """Announce a transaction, made now unless it was before."""
        at = at or self.clock.now()
        event = issued(number, at, personnel=WHO, item=WHAT)
        claim = self.keeper.is_same_record
        self.keeper.stored(await self.journal.append(URL, [event], claim=claim))

    async def send(self, numbers: Iterable[int]) -> None:
        """Let the server's app send what was missed."""
        events = [
            replace(
                issued(number, self.server.rows[number].time, Source.CATCHUP, personnel=WHO, item=WHAT),
                received=self.clock.now(),
            )
            for number in numbers
        ]
        claim = self.keeper.is_same_record
        self.keeper.stored(await self.journal.append(URL, events, claim=claim))

    async def make(self, number: int) -> None:
        """Make a transaction that is announced as it should be."""
        self.server.make(number)
        await self.announce(number)

    async def settled(self, count: int = 25) -> None:
        """Follow a server that has so many transactions since today's morning, all of them fetched."""
        self.server.make(1, count, at=NOW - timedelta(minutes=10), apart=20)
        await self.go_live()
        await self.rest(900)
        assert self.completeness.begins == 1
        self.server.asked.clear()

    async def events(self) -> list[Event]:
        return [each.event for each in await self.journal.page(LogFilter(), limit=2000)]

    async def sources(self) -> dict[int, Source]:
        return {
            each.transaction_id: each.source
            for each in await self.events()
            if each.transaction_id is not None
        }

    async def items(self, *numbers: int) -> list[str | None]:
        """Return the items of these transactions, as the newest row of each has it."""
        rows = sorted(await self.journal.page(LogFilter(), limit=2000), key=lambda each: each.row)
        items = {each.event.transaction_id: each.event.item for each in rows}
        return [items[number] for number in numbers]

    async def gaps(self) -> list[tuple[int | None, int | None, bool]]:
        gaps = [each.gap for each in await self.events() if each.gap is not None]
        return [(gap.first, gap.last, gap.is_open) for gap in gaps]

    async def ledger(self) -> Ledger:
        ledger = await self.journal.ledger(URL)
        assert ledger is not None
        return ledger

    @property
    def completeness(self) -> Completeness:
        return self.keeper.completeness


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    desk = Desk(await Journal.open(tmp_path / "journal.sqlite3"))
    yield desk
    await desk.close()


# The first start


async def test_nothing_is_asked_before_the_transactions_are_live(desk: Desk) -> None:
    await desk.rest(3600)
    assert desk.server.asked == []
    assert desk.completeness == Completeness()


async def test_at_the_first_start_it_begins_with_what_comes_and_fetches_the_month_before(desk: Desk) -> None:
    desk.server.make(1, 65, at=NOW - timedelta(hours=1), apart=600)
    await desk.go_live()
    assert (await desk.ledger()).backlog is Backlog.DONE
    assert set((await desk.sources()).values()) == {Source.HISTORY}
    said = desk.completeness
    assert (said.begins, said.complete_to, said.is_current, said.progress) == (1, 65, True, None)
    assert desk.server.asked == [1, 1, 2, 3, 4, 5]
    first, *_, last = [each.progress for each in desk.said if each.progress is not None]
    wants = NOW - timedelta(days=30)
    assert first == Progress(backlog=True, fetched=20, back_to=desk.server.rows[46].time, wants_back_to=wants)
    assert last.fetched == 65


async def test_an_empty_history_does_not_say_what_the_numbers_begin_with(desk: Desk) -> None:
    await desk.go_live()
    assert (desk.completeness.begins, desk.completeness.is_current) == (None, False)
    await desk.rest(60)
    await desk.make(500)
    await desk.rest(EVERY)
    said = desk.completeness
    assert (said.begins, said.complete_to, said.is_current, said.gaps_today) == (500, 500, True, 0)


async def test_the_first_transaction_of_all_is_found_if_it_is_announced_to_nobody(desk: Desk) -> None:
    await desk.go_live()
    await desk.rest(60)
    desk.server.make(1)
    await desk.rest(EVERY)
    assert await desk.sources() == {1: Source.UNANNOUNCED}
    said = desk.completeness
    assert (said.begins, said.complete_to, said.unannounced_today, said.is_current) == (1, 1, 1, True)


async def test_what_was_announced_before_the_first_look_stands_behind_what_is_older(desk: Desk) -> None:
    desk.server.make(1, 25, at=NOW - timedelta(minutes=10), apart=20)
    desk.server.instead.append(answer(status=502))
    await desk.go_live()
    await desk.make(26)
    await desk.rest(EVERY)
    assert [each.transaction_id for each in await desk.events()] == list(range(26, 0, -1))


# What was missed


async def test_the_first_transaction_of_all_is_where_it_soon_begins(desk: Desk) -> None:
    await desk.go_live()
    nothing_yet = desk.completeness
    assert nothing_yet.complete_to is None, "nothing was ever made there"

    await desk.make(1)
    await desk.rest(SOON)

    assert (desk.completeness.begins, desk.completeness.complete_to) == (1, 1)
    assert desk.completeness.is_current


async def test_what_happened_during_an_outage_is_fetched(desk: Desk) -> None:
    await desk.settled()
    desk.leave()
    await desk.rest(60)
    desk.server.make(26, 39, at=desk.clock.now() - timedelta(seconds=20), apart=1)
    await desk.go_live()
    sources = await desk.sources()
    assert [number for number, source in sources.items() if source is Source.CATCHUP] == list(
        range(39, 25, -1)
    )
    said = desk.completeness
    assert (said.complete_to, said.is_current, said.gaps_today, said.failure) == (39, True, 0, "")
    assert said.checked == said.as_of == desk.clock.now()
    assert desk.server.asked == [1]


async def test_three_hundred_come_page_by_page_and_it_says_how_far_it_is(desk: Desk) -> None:
    await desk.settled()
    since = desk.completeness.as_of
    desk.leave()
    await desk.rest(3600)
    desk.server.make(26, 325, at=desk.clock.now() - timedelta(seconds=20), apart=10)
    began = desk.clock.now()
    await desk.go_live()
    assert desk.server.asked == list(range(1, 17))
    assert desk.clock.now() - began == timedelta(seconds=6 * 5)
    assert (desk.completeness.complete_to, desk.completeness.is_current) == (325, True)
    assert len(await desk.sources()) == 325
    progress = [
        each.progress for each in desk.said if each.progress is not None and not each.progress.backlog
    ]
    assert progress[0] == Progress(
        backlog=False, fetched=20, back_to=desk.server.rows[306].time, wants_back_to=since
    )
    assert desk.completeness.progress is None


async def test_what_is_on_no_page_is_a_gap_and_a_late_announcement_closes_it(desk: Desk) -> None:
    await desk.settled()
    desk.leave()
    await desk.rest(60)
    desk.server.make(26, 28, at=desk.clock.now() - timedelta(seconds=20), apart=1)
    del desk.server.rows[27]
    await desk.go_live()
    assert await desk.gaps() == [(27, 27, True)]
    assert (desk.completeness.complete_to, desk.completeness.gaps_today) == (28, 1)
    await desk.announce(27, desk.clock.now() - timedelta(seconds=22))
    await desk.rest(1)
    assert await desk.gaps() == [(27, 27, False)]
    assert desk.completeness.gaps_today == 0


async def test_a_stop_in_the_middle_claims_nothing_and_the_next_start_goes_on(desk: Desk) -> None:
    await desk.settled()
    desk.leave()
    await desk.rest(600)
    desk.server.make(26, 85, at=desk.clock.now() - timedelta(seconds=20), apart=1)
    written = 0

    async def stop_before_the_third_page() -> None:
        nonlocal written
        written += 1
        if written == 3:
            desk.task.cancel()
            await asyncio.sleep(0)

    desk.before_writing = stop_before_the_third_page
    facts = StreamFacts(stream=Stream.TRANSACTIONS, phase=Phase.LIVE, since=desk.clock.now())
    desk.keeper.streams_changed((facts,))
    with suppress(asyncio.CancelledError):
        await desk.task
    desk.clock.forget()
    assert (await desk.ledger()).complete_to == 25
    assert len(await desk.sources()) == 65

    desk.before_writing = None
    await desk.start_again()
    await desk.go_live()
    assert (desk.completeness.complete_to, desk.completeness.gaps_today) == (85, 0)
    assert sorted(await desk.sources()) == list(range(1, 86))
    assert len([each for each in await desk.events() if each.transaction_id is not None]) == 85


# While it is live


async def test_it_is_complete_at_any_time_while_all_is_announced(desk: Desk) -> None:
    await desk.settled()
    await desk.make(26)
    assert (desk.completeness.complete_to, desk.completeness.is_current) == (26, True)
    assert desk.server.asked == []


async def test_it_is_not_current_from_the_moment_on_in_which_the_stream_is_not_live(desk: Desk) -> None:
    await desk.settled()
    desk.leave()
    assert (desk.completeness.complete_to, desk.completeness.is_current) == (25, False)
    await desk.go_live()
    assert desk.completeness.is_current


async def test_live_again_it_is_not_current_before_it_was_looked(desk: Desk) -> None:
    await desk.settled()
    desk.leave()
    await desk.go_live(LiveApp("1.0"))
    await desk.make(26)
    assert (desk.completeness.complete_to, desk.completeness.is_current) == (25, False)
    await desk.tell(desk.keeper.replay_ended)
    assert desk.completeness.is_current


async def test_a_hole_is_said_at_once_and_filled_soon(desk: Desk) -> None:
    await desk.settled()
    desk.server.make(26)
    await desk.rest(30)
    await desk.make(27)
    assert (desk.completeness.complete_to, desk.completeness.is_current) == (25, False)
    await desk.rest(SOON)
    assert (desk.completeness.complete_to, desk.completeness.is_current) == (27, True)
    assert (await desk.sources())[26] is Source.UNANNOUNCED
    assert desk.server.asked == [1]


async def test_what_is_announced_to_nobody_is_found_and_said(desk: Desk) -> None:
    await desk.settled()
    desk.server.make(26)
    await desk.rest(EVERY)
    assert (await desk.sources())[26] is Source.UNANNOUNCED
    finding = desk.keeper.finding
    assert finding is not None
    assert (finding.unannounced, finding.compared, finding.complete_to) == ((26,), 1, 26)
    assert (desk.completeness.unannounced_today, desk.completeness.is_current) == (1, True)
    await desk.rest(EVERY)
    assert desk.keeper.finding is not None
    assert desk.keeper.finding.unannounced_today == 1
    assert desk.keeper.finding.unannounced == (26,), "that it is in the log now does not make it announced"


async def test_what_was_made_just_now_may_still_be_announced(desk: Desk) -> None:
    await desk.settled()
    await desk.rest(EVERY - (desk.clock.now() - (desk.completeness.checked or NOW)).total_seconds() - 2)
    desk.server.make(26)
    await desk.rest(2)
    assert 26 not in await desk.sources()
    assert (desk.completeness.complete_to, desk.completeness.is_current) == (25, False)
    await desk.announce(26, desk.clock.now() - timedelta(seconds=2))
    await desk.rest(SOON)
    assert (await desk.sources())[26] is Source.LIVE
    assert (desk.completeness.complete_to, desk.completeness.is_current) == (26, True)
    assert desk.keeper.finding is not None
    assert desk.keeper.finding.unannounced == ()


# A server that has stopped announcing


async def test_a_server_that_has_stopped_announcing_is_noticed_and_asked_anew(desk: Desk) -> None:
    await desk.settled()
    await desk.make(26)
    await desk.rest(60)
    desk.server.make(27)
    await desk.rest(EVERY)
    assert (desk.found_deaf, desk.reopened) == (1, 1)
    desk.leave()
    await desk.go_live()
    await desk.rest(3 * EVERY)
    assert (desk.found_deaf, desk.reopened) == (1, 1), "of the new connection nothing is known yet"
    assert desk.completeness.is_current


async def test_that_is_noticed_soon_after_the_first_transaction(desk: Desk) -> None:
    await desk.settled()
    await desk.make(26)
    await desk.rest(SOON + EARLY_EVERY)
    await desk.rest(EVERY - (desk.clock.now() - (desk.completeness.checked or NOW)).total_seconds() - 2)
    desk.server.make(27)
    await desk.rest(2)
    assert desk.found_deaf == 0, "it may still be announced"
    await desk.rest(SOON)
    assert desk.found_deaf == 1


async def test_one_that_is_not_announced_while_later_ones_are_is_no_reason(desk: Desk) -> None:
    await desk.settled()
    await desk.make(26)
    desk.server.make(27)
    await desk.make(28)
    await desk.rest(EVERY)
    assert (await desk.sources())[27] is Source.UNANNOUNCED
    desk.server.make(29)
    await desk.rest(EVERY)
    assert (await desk.sources())[29] is Source.UNANNOUNCED
    assert desk.found_deaf == 0, "an endpoint does that here, as is known now"
    desk.server.make(30)
    await desk.rest(EVERY)
    assert desk.found_deaf == 1


async def test_what_is_announced_while_it_is_looked_shows_that_it_announces(desk: Desk) -> None:
    await desk.settled()
    desk.server.make(26, at=desk.clock.now())

    async def announce() -> None:
        desk.server.on_the_way = None
        await desk.make(27)

    desk.server.on_the_way = announce
    await desk.rest(EVERY)
    assert (await desk.sources())[26] is Source.UNANNOUNCED
    assert desk.found_deaf == 0


async def test_where_nothing_is_announced_at_all_sockets_are_opened_anew_seldom(desk: Desk) -> None:
    await desk.settled()
    for number in range(26, 26 + 60):
        desk.server.make(number)
        reopened = desk.reopened
        await desk.rest(EVERY)
        if desk.reopened > reopened:
            desk.leave()
            await desk.go_live()
    assert desk.reopened == 5, "within three hours"
    assert desk.found_deaf > desk.reopened


async def test_that_it_had_stopped_before_the_connection_was_lost_is_noticed_in_the_next(desk: Desk) -> None:
    await desk.settled()
    await desk.make(26)
    told = desk.clock.now()
    await desk.rest(30)
    desk.server.make(27)
    await desk.rest(30)
    desk.answer(last_event=told)
    desk.leave()
    await desk.rest(5)
    await desk.go_live()
    assert (await desk.sources())[27] is Source.CATCHUP
    assert (desk.were_deaf, desk.reopened) == ([NOW], 0)
    await desk.rest(EVERY)
    assert (desk.were_deaf, desk.found_deaf) == ([NOW], 0)


async def test_that_is_noticed_however_many_short_lives_lie_between(desk: Desk) -> None:
    await desk.settled()
    await desk.make(26)
    told = desk.clock.now()
    await desk.rest(30)
    desk.server.make(27)
    await desk.rest(30)
    desk.answer(last_event=told)
    desk.leave()
    desk.server.instead = [answer(status=502)] * 20
    for _ in range(3):
        await desk.go_live()
        desk.answer(last_event=told)
        desk.leave()
        await desk.rest(5)
    assert 27 not in await desk.sources()
    desk.server.instead.clear()
    await desk.go_live()
    assert (await desk.sources())[27] is Source.CATCHUP
    assert desk.were_deaf == [NOW]


async def test_that_is_noticed_by_a_look_that_a_lost_connection_has_overtaken(desk: Desk) -> None:
    await desk.settled()
    await desk.make(26)
    told = desk.clock.now()
    await desk.rest(30)
    desk.server.make(27)
    await desk.rest(30)
    desk.answer(last_event=told)
    desk.leave()

    async def lose() -> None:
        desk.server.on_the_way = None
        desk.leave()

    desk.server.on_the_way = lose
    await desk.go_live()
    assert (await desk.sources())[27] is Source.CATCHUP
    await desk.go_live()
    assert desk.were_deaf == [NOW]


async def test_what_goes_deaf_again_after_it_was_heard_is_noticed_again(desk: Desk) -> None:
    await desk.settled()
    await desk.make(26)
    await desk.rest(60)
    desk.server.make(27)
    await desk.rest(EVERY)
    assert desk.found_deaf == 1
    await desk.make(28)
    told = desk.clock.now()
    await desk.rest(SOON + 1)
    desk.server.make(29, 31)
    await desk.rest(30)
    desk.answer(last_event=told)
    desk.leave()
    await desk.go_live()
    assert desk.were_deaf == [NOW]


async def test_that_it_had_stopped_before_the_program_ended_is_noticed_by_the_next_run(desk: Desk) -> None:
    await desk.settled()
    await desk.make(26)
    await desk.rest(30)
    desk.server.make(27)
    await desk.rest(30)
    whole = Roll(heard={Stream.TRANSACTIONS: desk.clock.now()})
    await desk.journal.attend(URL, ACCOUNT, whole)
    await desk.start_again()
    desk.server.make(28)
    await desk.go_live()
    assert (await desk.sources())[27] is Source.CATCHUP
    (life,) = desk.were_deaf
    assert NOW < life < desk.clock.now() - timedelta(seconds=55), "when 26 was announced"


async def test_what_was_made_while_the_program_did_not_run_says_nothing_of_the_last_run(desk: Desk) -> None:
    await desk.settled()
    await desk.make(26)
    await desk.rest(30)
    await desk.journal.attend(URL, ACCOUNT, Roll(heard={Stream.TRANSACTIONS: desk.clock.now()}))
    await desk.start_again()
    desk.server.make(27)
    await desk.rest(30)
    await desk.go_live()
    assert (await desk.sources())[27] is Source.CATCHUP
    assert desk.were_deaf == []


async def test_what_was_made_while_the_connection_was_lost_says_nothing_of_what_was_before(
    desk: Desk,
) -> None:
    await desk.settled()
    await desk.make(26)
    told = desk.clock.now()
    await desk.rest(60)
    desk.answer(last_event=told)
    await desk.rest(1)
    desk.server.make(27)
    desk.leave()
    await desk.rest(60)
    desk.server.make(28)
    await desk.rest(20)
    await desk.go_live()
    assert desk.completeness.complete_to == 28
    assert desk.were_deaf == []


async def test_with_the_servers_app_nothing_of_that_is_needed(desk: Desk) -> None:
    desk.server.make(1, 25, at=NOW - timedelta(minutes=10), apart=20)
    await desk.go_live(LiveApp("1.0"))
    desk.keeper.replay_ended()
    await desk.rest(900)
    desk.server.make(26)
    await desk.rest(EVERY)
    assert (await desk.sources())[26] is Source.UNANNOUNCED
    assert desk.found_deaf == 0


async def test_the_servers_app_sends_first_what_it_has(desk: Desk) -> None:
    app = LiveApp("1.0")
    desk.server.make(1, 25, at=NOW - timedelta(minutes=10), apart=20)
    await desk.go_live(app)
    assert desk.server.asked == []
    await desk.tell(desk.keeper.replay_ended)
    assert desk.completeness.is_current


async def missed(desk: Desk, *but: int) -> None:
    """Let 305 transactions be made while nobody is connected, and the app send them all, `but` some."""
    await desk.settled()
    desk.leave()
    await desk.rest(3600)
    desk.server.make(26, 330, at=desk.clock.now() - timedelta(seconds=20), apart=10)
    await desk.go_live(LiveApp("1.0"))
    in_order = sorted(range(26, 331), key=lambda number: number != 200)  # it has overtaken the others
    await desk.send(number for number in in_order if number not in but)


async def test_what_the_app_has_sent_need_not_be_read_on_the_history(desk: Desk) -> None:
    await missed(desk)
    await desk.tell(desk.keeper.replay_ended)
    assert desk.server.asked == [1, 16]
    assert (desk.completeness.complete_to, desk.completeness.is_current) == (330, True)


async def test_what_it_has_not_sent_is_read(desk: Desk) -> None:
    await missed(desk, 120)
    await desk.tell(desk.keeper.replay_ended)
    assert desk.server.asked == [1, 11, 16]
    assert (desk.completeness.complete_to, await desk.gaps()) == (330, [])
    assert (await desk.sources())[120] is Source.CATCHUP


async def test_a_record_that_is_another_below_what_it_has_sent_is_found(desk: Desk) -> None:
    await missed(desk)
    for number in range(11, 26):
        desk.server.change(number, item="M16 - 00412", time=NOW + timedelta(minutes=7))
    await desk.tell(desk.keeper.replay_ended)
    assert (desk.completeness.complete_to, await desk.gaps()) == (330, [])
    assert set(await desk.items(*range(11, 26))) == {"M16 - 00412"}
    numbers = [each.transaction_id for each in await desk.events() if each.transaction_id is not None]
    assert sorted(numbers) == sorted([*range(1, 331), *range(11, 26)])


async def test_where_the_history_has_less_than_was_sent_it_is_read_page_by_page(desk: Desk) -> None:
    await missed(desk)
    for number in range(26, 86):
        del desk.server.rows[number]
    await desk.tell(desk.keeper.replay_ended)
    assert desk.server.asked[:4] == [1, 16, 2, 3], "there is no page 16 any more"
    await desk.rest(60)
    assert (desk.completeness.complete_to, desk.completeness.is_current) == (330, True)


async def test_what_an_earlier_connection_told_is_read_again(desk: Desk) -> None:
    await missed(desk)
    desk.leave()
    await desk.go_live(LiveApp("1.0"))
    await desk.tell(desk.keeper.replay_ended)
    assert desk.server.asked[:3] == [1, 2, 3]


async def test_where_real_time_is_off_what_the_next_poll_brings_is_announced(desk: Desk) -> None:
    assert POLLED_LAG.total_seconds() > poller.EVERY
    await desk.go_live(LiveApp("1.0", real_time=False))
    desk.server.make(1, 25, at=NOW - timedelta(minutes=10), apart=20)
    await desk.tell(desk.keeper.replay_ended)
    await desk.rest(EVERY - 20)
    desk.server.make(26)
    await desk.rest(20)
    assert 26 not in await desk.sources()
    await desk.announce(26, desk.clock.now() - timedelta(seconds=20))
    await desk.rest(EVERY + SOON)
    assert desk.keeper.finding is not None
    assert (desk.keeper.finding.unannounced, desk.keeper.finding.compared) == ((), 1)


async def test_a_slow_page_does_not_say_that_what_was_made_just_before_was_announced_to_nobody(
    desk: Desk,
) -> None:
    await desk.settled()
    desk.leave()
    await desk.rest(60)
    desk.server.make(27, at=desk.clock.now() - timedelta(seconds=5))
    desk.server.instead = [answer(status=502)]
    await desk.go_live()
    await desk.make(26)  # it began before 27, and took longer

    async def slowly() -> None:
        desk.clock.advance(20)  # the server told the time before

    desk.server.on_the_way = slowly
    await desk.rest(EVERY)

    assert (await desk.sources())[27] is Source.CATCHUP
    assert desk.keeper.finding is not None
    assert desk.keeper.finding.failure == "#27 not announced, perhaps made just before this desk subscribed"


async def test_what_was_fetched_shows_nothing_of_what_is_announced(desk: Desk) -> None:
    await desk.clock.rest()
    facts = StreamFacts(stream=Stream.TRANSACTIONS, phase=Phase.LIVE, since=NOW - timedelta(seconds=60))
    desk.server.make(1, 5, at=NOW - timedelta(seconds=20), apart=5)
    await desk.tell(lambda: desk.keeper.streams_changed((facts,)))
    await desk.rest(EVERY)
    assert desk.keeper.finding is not None
    assert desk.keeper.finding.compared == 0
    assert desk.keeper.finding.unannounced == ()


async def test_times_in_another_zone_are_said_and_are_no_other_transactions(desk: Desk) -> None:
    await desk.settled()
    for number in range(1, 26):
        desk.server.change(number, time=desk.server.rows[number].time - timedelta(hours=8))
    await desk.rest(EVERY)
    assert desk.completeness.is_current
    assert await desk.gaps() == []
    assert desk.keeper.finding is not None
    assert desk.keeper.finding.warning == (
        "the history's times are 8 h 00 min earlier than those announced: is the server's time zone right?"
    )


# Other servers


async def test_a_server_may_show_fewer_on_a_page(desk: Desk) -> None:
    desk.server.rows_a_page = 8
    await desk.settled(50)
    desk.leave()
    await desk.rest(600)
    desk.server.make(51, 80, at=desk.clock.now() - timedelta(seconds=20), apart=1)
    await desk.go_live()
    assert (desk.completeness.complete_to, desk.completeness.is_current) == (80, True)
    assert await desk.gaps() == []
    assert len(await desk.sources()) == 80


async def test_a_server_may_show_its_last_page_in_place_of_those_past_the_end(desk: Desk) -> None:
    desk.server.shows_last_again = True
    await desk.settled(50)
    assert (await desk.ledger()).backlog is Backlog.DONE
    desk.leave()
    await desk.rest(timedelta(days=31).total_seconds())
    desk.server.rows.clear()
    desk.server.make(56, 84, at=desk.clock.now() - timedelta(seconds=20), apart=1)
    await desk.go_live()
    assert await desk.gaps() == [(51, 55, True)]
    assert desk.completeness.complete_to == 84


async def test_a_server_that_shows_one_page_for_all_is_not_believed(desk: Desk) -> None:
    await desk.settled(50)
    desk.leave()
    await desk.rest(600)
    desk.server.make(51, 110, at=desk.clock.now() - timedelta(seconds=20), apart=1)
    page = answer(*(desk.server.rows[number] for number in range(91, 111)))
    desk.server.instead += [page] * (1 + MOST)
    await desk.go_live()
    said = desk.completeness
    assert (said.complete_to, said.is_current) == (50, False)
    assert said.failure == REPEATED


@pytest.mark.parametrize("more", [20, 25, 47])
async def test_what_is_made_between_two_pages_pushes_those_that_were_read_further_down(
    desk: Desk, more: int
) -> None:
    await desk.settled(50)
    desk.leave()
    await desk.rest(600)
    desk.server.make(51, 110, at=desk.clock.now() - timedelta(seconds=20), apart=1)

    async def make() -> None:
        if len(desk.server.asked) - asked == 2:
            newest = max(desk.server.rows)
            desk.server.make(newest + 1, newest + more)

    asked = len(desk.server.asked)
    desk.server.on_the_way = make
    await desk.go_live()
    said = desk.completeness
    assert (said.failure, said.complete_to) == ("", 110)
    assert await desk.gaps() == []
    assert set(range(51, 111)) <= set(await desk.sources())
    assert len(desk.server.asked) - asked <= 5


async def test_where_more_is_made_than_may_be_read_it_is_said(desk: Desk) -> None:
    await desk.settled(50)
    desk.leave()
    await desk.rest(600)
    desk.server.make(51, 110, at=desk.clock.now() - timedelta(seconds=20), apart=1)

    async def make() -> None:
        newest = max(desk.server.rows)
        desk.server.make(newest + 1, newest + 23)

    desk.server.on_the_way = make
    await desk.go_live()
    said = desk.completeness
    assert (said.failure, said.complete_to) == (OUTRUN, 50)
    desk.server.on_the_way = None
    await desk.rest(EVERY)
    assert desk.completeness.failure == ""
    assert desk.completeness.complete_to == max(desk.server.rows)


async def test_the_time_before_is_fetched_while_much_is_made(desk: Desk) -> None:
    desk.server.make(1, 200, at=NOW - timedelta(hours=1), apart=30)
    made_at = []

    async def make() -> None:
        if len(desk.server.asked) in {4, 8}:
            newest = max(desk.server.rows)
            desk.server.make(newest + 1, newest + 45)
            made_at.append(newest)

    desk.server.on_the_way = make
    await desk.go_live()
    await desk.rest(120)
    assert made_at == [200, 245], "while the time before was fetched"
    assert desk.completeness.failure == ""
    assert (await desk.ledger()).backlog is Backlog.DONE
    assert (await desk.ledger()).begins == 1
    assert set(range(1, 201)) <= set(await desk.sources())
    assert await desk.gaps() == []


# When the history cannot be read


@pytest.mark.parametrize(
    ("instead", "failure"),
    [
        (answer(text="<h1>Welcome</h1>"), "the history page has no table of transactions"),
        (answer(status=500), "the history page was answered with 500"),
        (GONE, "the history page needs a new login: the session is gone"),
    ],
)
async def test_a_page_that_does_not_come_is_said_and_asked_for_again(
    desk: Desk, instead: object, failure: str
) -> None:
    await desk.settled()
    desk.leave()
    await desk.rest(60)
    desk.server.make(26, at=desk.clock.now() - timedelta(seconds=20))
    desk.server.instead.append(instead)  # type: ignore[arg-type]
    await desk.go_live()
    said = desk.completeness
    assert (said.complete_to, said.is_current, said.failure) == (25, False, failure)
    assert desk.keeper.finding is not None
    assert desk.keeper.finding.failure == failure
    await desk.rest(EVERY)
    said = desk.completeness
    assert (said.complete_to, said.is_current, said.failure) == (26, True, "")


async def test_the_second_page_that_does_not_come_leaves_what_the_first_brought(desk: Desk) -> None:
    await desk.settled()
    desk.leave()
    await desk.rest(600)
    desk.server.make(26, 60, at=desk.clock.now() - timedelta(seconds=20), apart=1)
    desk.server.instead += [None, answer(status=502)]
    await desk.go_live()
    said = desk.completeness
    assert (said.complete_to, said.is_current, said.gaps_today) == (25, False, 0)
    assert len(await desk.sources()) == 45
    await desk.rest(EVERY)
    assert (desk.completeness.complete_to, desk.completeness.gaps_today) == (60, 0)


async def test_a_server_that_refuses_is_left_alone(desk: Desk) -> None:
    await desk.settled()
    desk.server.instead.append(answer(status=429))
    await desk.rest(EVERY)
    assert desk.completeness.failure.startswith("the server does not show its history now")
    assert not desk.completeness.is_current
    asked = len(desk.server.asked)
    await desk.rest(LIMITED_FOR - 1)
    assert len(desk.server.asked) == asked
    await desk.rest(EVERY)
    assert (desk.completeness.failure, desk.completeness.is_current) == ("", True)


async def test_a_journal_that_cannot_be_written_is_said(desk: Desk) -> None:
    await desk.settled()
    desk.trouble = JournalError("The disk is full.", "Make room.")
    await desk.rest(EVERY)
    assert (desk.completeness.failure, desk.completeness.is_current) == ("The disk is full.", False)
    desk.trouble = None
    await desk.rest(EVERY)
    assert desk.completeness.is_current


async def test_a_fault_in_this_program_does_not_end_it(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    await desk.settled()
    desk.trouble = RuntimeError("a bug")
    await desk.rest(EVERY)
    assert desk.completeness.failure == "this program failed at it; its log says how"
    assert "a bug" in caplog.text
    desk.trouble = None
    await desk.rest(EVERY)
    assert desk.completeness.is_current


async def test_the_network_that_is_back_is_a_reason_to_try_again(desk: Desk) -> None:
    await desk.settled()
    desk.server.instead.append(answer(status=502))
    await desk.rest(EVERY)
    await desk.tell(desk.keeper.network_is_back)
    assert desk.completeness.is_current


# When the server's record is another


async def test_a_record_that_was_set_back_is_believed_when_it_is_found_twice(desk: Desk) -> None:
    await desk.settled()
    for number in range(21, 26):
        del desk.server.rows[number]
    await desk.rest(EVERY)
    assert (desk.completeness.complete_to, desk.completeness.is_current) == (25, False)
    await desk.rest(EARLY_EVERY + SOON)
    told = [each.title for each in await desk.events() if each.category is Category.OTHER]
    assert told == ["The server's record was set back"]
    assert desk.completeness.complete_to == 20
    await desk.rest(EARLY_EVERY + SOON)
    assert desk.completeness.is_current
    assert await desk.gaps() == []


async def test_other_transactions_of_the_same_numbers_begin_a_new_era(desk: Desk) -> None:
    await desk.settled()
    desk.leave()
    await desk.rest(3600)
    desk.server.make(21, 27, at=desk.clock.now() - timedelta(seconds=20), apart=60)
    await desk.go_live()
    assert desk.completeness.complete_to == 27
    twice = [each.transaction_id for each in await desk.events() if each.transaction_id is not None]
    assert sorted(twice) == sorted([*range(1, 26), *range(21, 28)])
    assert await desk.gaps() == []


async def test_what_is_live_since_proves_nothing_of_what_is_below(desk: Desk) -> None:
    await desk.settled(50)
    desk.leave()
    await desk.rest(3600)
    desk.server.make(31, 50, at=desk.clock.now() - timedelta(seconds=600), apart=10)
    for number in range(31, 51):
        desk.server.change(number, item="M16 - 00412")
    desk.server.instead.append(answer(status=502))
    await desk.go_live()
    for number in range(51, 76):
        await desk.make(number)
    assert desk.completeness.complete_to == 50
    await desk.rest(EVERY)
    numbers = [each.transaction_id for each in await desk.events() if each.transaction_id is not None]
    assert sorted(numbers) == sorted([*range(1, 51), *range(31, 76)])
    assert (desk.completeness.complete_to, desk.completeness.is_current) == (75, True)


async def test_live_again_nothing_is_claimed_before_the_record_is_seen_to_be_the_same(desk: Desk) -> None:
    await desk.settled(25)
    desk.leave()
    for number in (24, 25):  # an older copy was put back, and it has gone on from there
        desk.server.change(number, item="M16 - 00412", time=NOW + timedelta(minutes=7))
    desk.server.instead = [answer(status=500)]
    await desk.go_live()

    await desk.make(26)
    assert desk.completeness.complete_to == 25, "26 follows on 25, but on another one"

    await desk.rest(EVERY)
    await desk.rest(SOON)
    assert desk.completeness.complete_to == 26
    assert await desk.items(24, 25) == ["M16 - 00412", "M16 - 00412"]


async def test_a_clock_that_is_ahead_and_is_not_told_holds_nothing_up(desk: Desk) -> None:
    await desk.settled(25)
    desk.server.tells_the_time = False
    ahead = timedelta(minutes=10)
    desk.leave()
    await desk.rest(60)
    desk.server.make(26, 27, at=desk.clock.now() + ahead)
    await desk.go_live()
    assert desk.keeper.finding is not None
    assert "is still to come" in desk.keeper.finding.failure

    await desk.rest(EARLY_EVERY + SOON)

    assert desk.completeness.complete_to == 27
    assert desk.completeness.is_current


async def test_after_a_damaged_journal_was_rebuilt_nothing_is_claimed(desk: Desk) -> None:
    await desk.settled(25)

    await desk.tell(lambda: desk.keeper.stored(Written(ledger=None)))

    assert desk.completeness.complete_to is None


async def test_what_an_interrupted_walk_brought_proves_nothing_of_what_is_below(desk: Desk) -> None:
    await desk.settled(50)
    desk.leave()
    await desk.rest(3600)
    desk.server.make(21, 100, at=desk.clock.now() - timedelta(seconds=20), apart=10)
    for number in range(21, 101):
        desk.server.change(number, item="M16 - 00412")
    desk.server.instead += [None, None, None, answer(status=502)]
    await desk.go_live()
    assert (await desk.ledger()).complete_to == 40
    await desk.make(101)
    await desk.rest(EVERY)
    numbers = [each.transaction_id for each in await desk.events() if each.transaction_id is not None]
    assert sorted(numbers) == sorted([*range(1, 51), *range(21, 102)])
    assert (desk.completeness.complete_to, desk.completeness.is_current) == (101, True)


async def test_what_an_interrupted_walk_put_into_a_gap_proves_nothing_of_what_is_below(desk: Desk) -> None:
    desk.server.make(1, 50, at=NOW - timedelta(minutes=10), apart=20)
    for number in range(31, 41):
        del desk.server.rows[number]
    await desk.go_live()
    await desk.rest(900)
    assert await desk.gaps() == [(31, 40, True)]
    desk.leave()
    await desk.rest(3600)
    desk.server.make(1, 95, at=desk.clock.now() - timedelta(seconds=20), apart=10)
    for number in range(1, 96):  # another server's; its third page fills 36 to 40
        desk.server.change(number, item="M16 - 00412")
    desk.server.instead += [None, None, None, answer(status=502)]
    await desk.go_live()
    assert (await desk.ledger()).complete_to == 40

    await desk.start_again()
    await desk.go_live()
    await desk.rest(EVERY)

    assert desk.completeness.complete_to == 95
    assert set(await desk.items(*range(1, 96))) == {"M16 - 00412"}


async def test_what_began_before_the_record_changed_is_not_taken_for_what_is_yet_to_come(desk: Desk) -> None:
    await desk.settled(50)
    desk.leave()
    await desk.rest(3600)
    desk.server.make(46, 60, at=desk.clock.now() - timedelta(seconds=20), apart=1)
    for number in range(46, 61):  # an older copy was put back, which ends with 45
        desk.server.change(number, item="M16 - 00412")
    takes_long = desk.server.rows.pop(46)
    await desk.go_live()
    assert desk.completeness.complete_to == 60
    assert await desk.gaps() == [(46, 46, True)], "the one in the log is not the server's"

    desk.server.rows[46] = takes_long
    await desk.rest(EVERY)
    assert await desk.items(46) == ["M16 - 00412"]


async def test_a_month_in_which_nothing_happened_is_no_record_set_back(desk: Desk) -> None:
    await desk.settled()
    desk.leave()
    await desk.rest(timedelta(days=40).total_seconds())
    desk.server.rows.clear()
    await desk.go_live()
    await desk.rest(EVERY)
    assert (desk.completeness.complete_to, desk.completeness.is_current) == (25, True)


# The time before


async def test_the_time_before_leaves_requests_for_looks(desk: Desk) -> None:
    desk.server.make(1, 400, at=NOW - timedelta(minutes=10), apart=60)
    await desk.go_live()
    assert len(desk.server.asked) == 7
    assert desk.completeness.progress is not None
    assert desk.completeness.is_current
    before = len(desk.server.asked)
    found = await desk.keeper.look_now(5)
    assert found.failure == ""
    assert desk.server.asked[before:] == []  # it was looked just now
    await desk.rest(5)
    assert len(desk.server.asked) == 8


async def test_cancelled_it_is_for_good(desk: Desk) -> None:
    desk.server.make(1, 400, at=NOW - timedelta(minutes=10), apart=60)
    await desk.go_live()
    begins = desk.completeness.begins
    await desk.keeper.cancel()
    assert desk.completeness.progress is None
    asked = len(desk.server.asked)
    await desk.rest(60)
    await desk.start_again()
    await desk.go_live()
    await desk.rest(60)
    assert (await desk.ledger()).backlog is Backlog.CANCELLED
    assert (desk.completeness.begins, desk.completeness.is_current) == (begins, True)
    assert len(desk.server.asked) == asked + 1


async def test_cancelled_while_a_page_is_under_way_that_page_is_not_taken(desk: Desk) -> None:
    written = 0

    async def cancel_before_the_first_page() -> None:
        nonlocal written
        written += 1
        if written == 3:  # after the ledger's beginning and the look
            await desk.keeper.cancel()

    desk.server.make(1, 400, at=NOW - timedelta(minutes=10), apart=60)
    desk.before_writing = cancel_before_the_first_page
    await desk.go_live()
    assert (desk.completeness.begins, (await desk.ledger()).backlog) == (401, Backlog.CANCELLED)
    assert await desk.sources() == {}


async def test_after_a_restart_it_goes_on_near_the_page_where_it_was(desk: Desk) -> None:
    desk.server.make(1, 400, at=NOW - timedelta(minutes=10), apart=60)
    await desk.go_live()
    assert desk.completeness.begins == 281
    await desk.start_again()
    desk.server.asked.clear()
    await desk.go_live()
    assert desk.server.asked[:3] == [1, 7, 6], "page 7 has nothing of what is known: it need not adjoin it"
    await desk.rest(300)
    assert (desk.completeness.begins, (await desk.ledger()).backlog) == (1, Backlog.DONE)
    assert sorted(await desk.sources()) == list(range(1, 401))
    assert await desk.gaps() == []


async def test_numbers_that_were_never_used_lead_too_far_down_and_it_comes_back(desk: Desk) -> None:
    desk.server.make(1, 400, at=NOW - timedelta(minutes=10), apart=60)
    for number in range(300, 390):
        del desk.server.rows[number]
    await desk.go_live()
    await desk.start_again()
    await desk.go_live()
    await desk.rest(400)
    assert (desk.completeness.begins, (await desk.ledger()).backlog) == (1, Backlog.DONE)
    assert await desk.gaps() == [(300, 389, True)]


async def test_a_page_of_the_time_before_that_does_not_come_is_asked_for_later(desk: Desk) -> None:
    desk.server.make(1, 65, at=NOW - timedelta(hours=1), apart=600)
    desk.server.instead += [None, None, answer(status=500)]
    await desk.go_live()
    said = desk.completeness
    assert (said.begins, said.failure, said.progress) == (46, "the history page was answered with 500", None)
    assert said.is_current
    await desk.rest(EVERY)
    assert (desk.completeness.begins, desk.completeness.failure) == (1, "")


async def test_what_is_made_while_the_time_before_is_not_fetched_does_not_hide_it(desk: Desk) -> None:
    desk.server.make(1, 400, at=NOW - timedelta(minutes=10), apart=60)
    await desk.go_live()
    desk.leave()
    await desk.rest(3600)
    desk.server.make(401, 460, at=desk.clock.now() - timedelta(seconds=20), apart=1)
    await desk.go_live()
    await desk.rest(3 * EVERY)
    assert (desk.completeness.begins, desk.completeness.failure) == (1, "")
    assert sorted(await desk.sources()) == list(range(1, 461))


async def test_cancelled_it_does_not_matter_that_it_could_not_be_fetched(desk: Desk) -> None:
    desk.server.make(1, 65, at=NOW - timedelta(hours=1), apart=600)
    desk.server.instead += [None, None, answer(status=500)]
    await desk.go_live()
    assert desk.completeness.failure != ""
    await desk.keeper.cancel()
    assert desk.completeness.failure == ""


# Whoever asks


async def test_whoever_asks_is_told_what_else_is_known_of_today(desk: Desk) -> None:
    await desk.settled()
    del desk.server.rows[25]
    await desk.make(27)
    await desk.rest(EVERY)
    for _ in range(2):
        desk.server.rows.pop(27, None)
        await desk.rest(EVERY)
    found = await desk.keeper.look_now(5)
    assert (found.gaps, found.failure) == (1, "")
    assert found.warning.startswith("The server's record was set back: its newest transaction is #24 now")
    await desk.rest(timedelta(days=1).total_seconds())
    found = await desk.keeper.look_now(5)
    assert (found.gaps, found.warning) == (0, "")


async def test_whoever_asks_gets_a_new_look_unless_there_was_one_just_now(desk: Desk) -> None:
    await desk.settled()
    await desk.make(26)
    await desk.rest(60)
    found = await desk.keeper.look_now(5)
    assert (found.compared, found.complete_to, found.failure) == (1, 26, "")
    assert await desk.keeper.look_now(5) is found
    await desk.clock.rest()
    assert desk.server.asked == [1]
    await desk.rest(FRESH)
    assert await desk.keeper.look_now(5) is not found


async def test_without_a_connection_it_is_looked_too_but_nothing_is_compared(desk: Desk) -> None:
    await desk.settled()
    desk.leave()
    await desk.rest(60)
    desk.server.make(26, at=desk.clock.now() - timedelta(seconds=20))
    found = await desk.keeper.look_now(5)
    assert (found.since, found.complete_to, found.unannounced) == (None, 26, ())
    assert not desk.completeness.is_current


async def test_a_look_that_takes_too_long_goes_on(desk: Desk) -> None:
    await desk.settled()
    await desk.rest(60)
    go_on = asyncio.Event()

    async def hang() -> None:
        await go_on.wait()

    desk.before_writing = hang
    found = await desk.keeper.look_now(0)
    assert found.failure == "the history page did not come in time"
    go_on.set()
    await desk.clock.rest()
    assert desk.completeness.checked == desk.clock.now()


async def test_when_it_stops_nothing_is_current_and_whoever_asks_is_told(desk: Desk) -> None:
    await desk.settled()
    await desk.rest(60)
    hangs, go_on = asyncio.Event(), asyncio.Event()

    async def hang() -> None:
        hangs.set()
        await go_on.wait()

    desk.before_writing = hang
    asks = TaskKeeper("asks").start(desk.keeper.look_now(5), name="look")
    await hangs.wait()
    await desk.stop()
    assert (await asks).failure == "the server is not followed any more"
    assert not desk.said[-1].is_current


async def test_what_shows_it_may_fail(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    def fail(_: Completeness) -> None:
        raise RuntimeError("a label")

    desk.keeper._on_completeness = fail
    await desk.settled()
    assert "a label" in caplog.text
    assert replace(desk.completeness, as_of=None, checked=None, brought=None) == Completeness(
        begins=1, complete_to=25, is_current=True, backlog=Backlog.DONE
    )
