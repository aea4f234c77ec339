"""Up to when each stream was heard, and the gap that is declared when it is heard again."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from armguard_tray.catchup.attendance import (
    RENEWED,
    Attendants,
    Deaf,
    begin,
    deaf_since,
    still_deaf,
)
from armguard_tray.catchup.audit import GRACE
from armguard_tray.connection.phase import Phase, StreamFacts, Trouble
from armguard_tray.messages.gap import Gap, Reason
from armguard_tray.messages.streams import DEFAULT_STREAMS, Stream
from armguard_tray.storage.ledger import Attendance

START = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
TRANSACTIONS, INVENTORY, NOTIFICATIONS = DEFAULT_STREAMS
BROKE = Trouble("the connection broke")


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def seconds(time: datetime | None) -> float | None:
    return None if time is None else (time - START).total_seconds()


class Program:
    """One run of the program: what the runners tell of the streams, and the journal that outlives it.

    Attributes:
        journal: what is remembered of each stream, in seconds.
        gaps: what was declared.
        history_tells: whether the server's history tells of transactions.
        journal_works: whether it can be written.

    """

    def __init__(
        self, now: float = 0, journal: Mapping[Stream, float] | None = None, *, history_tells: bool = False
    ) -> None:
        self.now = now
        self.journal = dict(journal or {})
        self.gaps: list[Gap] = []
        self.history_tells = history_tells
        self.journal_works = True
        self.deaf: Mapping[Stream, Deaf] = {}
        self._facts = {
            each: StreamFacts(stream=each, phase=Phase.IDLE, since=at(now)) for each in DEFAULT_STREAMS
        }
        stored = {stream: Attendance(at(until), 0) for stream, until in self.journal.items()}
        self.attendants: Attendants = begin(stored, began=at(now), now=at(now))

    def live(self, *streams: Stream, resumed: bool = False) -> None:
        """Let streams go live, all by default."""
        for each in streams or DEFAULT_STREAMS:
            heard = self._facts[each].heard if resumed else at(self.now)
            self._set(each, phase=Phase.LIVE, since=at(self.now), heard=heard, resumed=resumed, trouble=None)
        self._take()

    def answers(self, *streams: Stream, asked: float | None = None) -> None:
        """Let the server answer the pings on streams, all by default."""
        for each in streams or DEFAULT_STREAMS:
            if self._facts[each].phase is Phase.LIVE:
                self._set(each, heard=at(self.now if asked is None else asked))
        self._take()

    def loses(self, *streams: Stream, trouble: Trouble | None = BROKE) -> None:
        """Let streams be found to be lost, all by default."""
        phase = Phase.LOGGING_IN if trouble is None else Phase.BACKING_OFF
        for each in streams or DEFAULT_STREAMS:
            if self._facts[each].phase is Phase.LIVE:
                self._set(each, phase=phase, since=at(self.now), trouble=trouble, resumed=False)
        self._take()

    def hears(self, *streams: Stream) -> None:
        """Let something be announced on streams, all by default."""
        for each in streams or DEFAULT_STREAMS:
            self._set(each, last_event=at(self.now))
        self._take()

    def goes_deaf(self, stream: Stream, until: float) -> None:
        """Let it be found that a stream was announced to up to then only."""
        life = self._facts[stream].since
        self.deaf = {**self.deaf, stream: Deaf(life=life, until=at(until), found=at(self.now))}
        self._take()

    def had_gone_deaf(self, stream: Stream, until: float) -> None:
        """Let it be found that before its present life a stream was announced to up to then only."""
        self.attendants = self.attendants.were_deaf({stream: at(until)})
        self._write()

    def is_found_deaf(self) -> None:
        """Let it be found that the server announces nothing any more."""
        self.deaf = deaf_since(self._facts.values(), at(self.now))
        self._take()

    def wait(self, seconds: float) -> None:
        """Let time pass, in which somebody looks now and then."""
        end = self.now + seconds
        while self.now < end:
            self.now = min(self.now + 15, end)
            self.attendants = self.attendants.look(at(self.now))
            self._write()

    def sleeps(self, seconds: float) -> None:
        """Let time pass, in which nobody can look."""
        self.now += seconds
        self.attendants = self.attendants.look(at(self.now))
        self._write()

    def ends(self) -> None:
        """End cleanly."""
        self._write(last=True)

    def _set(self, stream: Stream, **changes: object) -> None:
        self._facts[stream] = replace(self._facts[stream], **changes)  # type: ignore[arg-type]

    def _take(self) -> None:
        self.deaf = still_deaf(self.deaf, self._facts.values())
        self.attendants = self.attendants.deafened(self.deaf).take(self._facts.values(), at(self.now))
        self._write()

    def _write(self, *, last: bool = False) -> None:
        roll = self.attendants.roll(history_tells=self.history_tells, last=last)
        if roll is None or not self.journal_works:
            return
        self.attendants = self.attendants.wrote(roll)
        self.journal |= {stream: (until - START).total_seconds() for stream, until in roll.heard.items()}
        if roll.gap is not None:
            assert roll.gap.gap is not None
            self.gaps.append(roll.gap.gap)

    def is_live(self, stream: Stream) -> bool:
        """Tell what `stream` does."""
        return self._facts[stream].phase is Phase.LIVE

    @property
    def spans(self) -> list[tuple[float | None, float | None]]:
        """The gaps, in seconds."""
        return [(seconds(each.since), seconds(each.until)) for each in self.gaps]


def live_program() -> Program:
    """Return a program that has been live from 0 to 100, when the last ping was answered."""
    program = Program()
    program.live()
    program.wait(100)
    program.answers()
    return program


def test_nothing_was_missed_before_the_first_start() -> None:
    program = Program()
    program.wait(20)
    program.live()
    program.wait(60)

    assert program.gaps == []
    assert program.journal == dict.fromkeys(DEFAULT_STREAMS, 20)


def test_what_was_heard_is_written_once_a_minute() -> None:
    program = Program()
    program.live()
    written: list[float] = []
    for _ in range(30):
        program.wait(5)
        program.answers()
        written.append(program.journal[INVENTORY])

    assert sorted(set(written)) == [0, 55, 115]


def test_a_lost_stream_was_heard_up_to_its_last_answer_and_that_is_written_at_once() -> None:
    program = live_program()
    program.wait(30)
    program.loses(INVENTORY)

    assert program.journal[INVENTORY] == 100


def test_an_outage_of_all_streams_is_one_gap_from_the_last_answer_to_the_last_stream() -> None:
    program = live_program()
    program.wait(20)
    program.loses()
    program.wait(60)
    program.live(TRANSACTIONS)
    program.wait(2)
    program.live(INVENTORY)
    assert program.gaps == []
    program.wait(2)
    program.live(NOTIFICATIONS)

    gap = Gap(
        reason=Reason.NOT_CONNECTED,
        streams=DEFAULT_STREAMS,
        since=at(100),
        until=at(184),
        cause="the connection broke",
    )
    assert program.gaps == [gap]


def test_transactions_are_left_to_the_history_where_it_tells() -> None:
    program = live_program()
    program.history_tells = True
    program.loses()
    program.wait(5)
    program.live()
    assert [gap.streams for gap in program.gaps] == [(INVENTORY, NOTIFICATIONS)]

    program.wait(5)
    program.answers()
    program.loses(TRANSACTIONS)
    program.live(TRANSACTIONS)
    assert len(program.gaps) == 1


def test_the_others_are_not_waited_for_for_ever() -> None:
    program = live_program()
    program.loses()
    program.wait(100)
    program.live(TRANSACTIONS, NOTIFICATIONS)
    program.wait(15)
    assert program.gaps == []
    program.wait(15)
    assert program.spans == [(100, 200)]
    assert program.gaps[0].streams == DEFAULT_STREAMS, "what is still lost is missing too, up to there"
    program.wait(100)
    program.live(INVENTORY)
    program.answers()

    assert program.spans == [(100, 200), (200, 330)]
    assert program.gaps[1].streams == (INVENTORY,)


def test_the_gap_waits_for_proof_that_the_other_streams_were_live_all_along() -> None:
    program = live_program()
    program.loses(INVENTORY)
    program.wait(10)
    program.live(INVENTORY)
    assert program.gaps == [], "the others have not been heard since"
    program.wait(10)
    program.loses(NOTIFICATIONS)
    program.wait(5)
    program.live(NOTIFICATIONS)
    assert program.gaps == []
    program.wait(1)
    program.answers(TRANSACTIONS)

    assert [gap.streams for gap in program.gaps] == [(INVENTORY, NOTIFICATIONS)]
    assert program.spans == [(100, 125)]


def test_a_stream_that_only_seems_to_have_been_live_all_along_is_in_the_gap() -> None:
    program = live_program()
    program.loses(INVENTORY)
    program.wait(10)
    program.live(INVENTORY)
    program.answers(TRANSACTIONS)
    program.wait(30)
    assert [gap.streams for gap in program.gaps] == [(INVENTORY, NOTIFICATIONS)]

    program.answers(NOTIFICATIONS, asked=105)
    program.loses()
    program.wait(5)
    program.live()
    assert program.spans == [(100, 110), (110, 145)], "none overlaps another"


def test_what_is_resumed_has_no_gap() -> None:
    program = live_program()
    program.loses()
    program.wait(1000)
    program.live(resumed=True)
    program.wait(100)
    program.answers()
    program.loses()
    assert program.gaps == []
    program.wait(10)
    program.live()
    assert program.spans == [(1200, 1210)], "the server's app is no more"


def test_what_was_to_be_resumed_and_did_not_come_is_in_the_gap_after_all() -> None:
    program = live_program()
    program.loses()
    program.wait(100)
    program.live(resumed=True)
    program.wait(5)
    program.loses()
    program.wait(5)
    program.live()

    assert program.spans == [(100, 210)]


def test_the_time_without_the_program_is_a_gap() -> None:
    program = live_program()
    program.ends()
    program = Program(5000, program.journal)
    program.wait(8)
    program.live()

    gap = Gap(reason=Reason.AWAY, streams=DEFAULT_STREAMS, since=at(100), until=at(5008))
    assert program.gaps == [gap], "nobody knows what ended the connection"


def test_a_desk_that_slept_was_away() -> None:
    program = live_program()
    program.wait(5)
    program.sleeps(3600)
    program.loses(trouble=Trouble("connection went silent"))
    program.wait(3)
    program.live()

    assert program.spans == [(100, 3708)]
    assert (program.gaps[0].reason, program.gaps[0].cause) == (Reason.AWAY, "")


def test_a_connection_that_was_lost_before_the_desk_slept_has_both_in_its_gap() -> None:
    program = live_program()
    program.wait(5)
    program.loses(trouble=Trouble("server refused the connection"))
    program.wait(600)
    program.sleeps(3600)
    program.wait(3)
    program.live()

    assert program.spans == [(100, 4308)]
    gap = program.gaps[0]
    assert (gap.reason, gap.cause) == (Reason.AWAY, "server refused the connection")


def test_a_connection_that_outlives_a_sleep_has_no_gap() -> None:
    program = live_program()
    program.sleeps(3600)
    program.answers()
    program.wait(5)
    program.loses()
    program.live()

    assert program.spans == [(3700, 3705)]
    assert program.gaps[0].reason is Reason.NOT_CONNECTED


def test_a_renewal_is_a_gap_of_its_length() -> None:
    program = live_program()
    program.loses(trouble=None)
    program.now += 0.25
    program.live()

    assert program.spans == [(100, 100.25)]
    assert program.gaps[0].cause == RENEWED


def test_what_is_heard_at_the_end_of_a_life_counts_though_it_is_told_later() -> None:
    program = live_program()
    program.wait(9)
    program.loses(trouble=None)
    for stream in DEFAULT_STREAMS:
        program._set(stream, heard=at(109))
    program._take()
    program.live()

    assert program.spans == [(109, 109)]


def test_a_life_that_came_and_went_while_nobody_looked_has_a_gap_before_it() -> None:
    program = live_program()
    program.journal_works = False
    program.now += 50
    for stream in DEFAULT_STREAMS:
        program._set(stream, since=at(150), heard=at(150))
    program.journal_works = True
    program._take()

    assert program.spans == [(100, 150)]


def test_a_gap_does_not_end_before_it_begins_though_the_clock_is_set_back() -> None:
    program = live_program()
    program.loses()
    program.now -= 3600
    program.live()
    assert program.spans == [(100, 100)]

    program.now += 60
    program.answers()
    program.loses()
    program.now += 5
    program.live()
    assert program.spans[1] == (-3440, -3435), "from then on the new time counts"


def test_a_gap_that_cannot_be_written_is_declared_later_with_what_followed() -> None:
    program = live_program()
    program.loses()
    program.journal_works = False
    program.wait(10)
    program.live()
    program.wait(10)
    program.loses()
    program.wait(10)
    program.live()
    program.journal_works = True
    program.wait(15)

    assert program.spans == [(100, 130)]
    assert program.journal == dict.fromkeys(DEFAULT_STREAMS, 130)


def test_presence_has_no_memory() -> None:
    facts = StreamFacts(stream=Stream.PRESENCE, phase=Phase.LIVE, since=at(0), heard=at(0))
    attendants = begin({}, began=at(0), now=at(0)).take([facts], at(0))

    assert attendants.roll(history_tells=False, last=True) is None


def test_a_stream_that_came_back_and_went_again_is_still_missing_what_was_before() -> None:
    program = live_program()
    program.loses(TRANSACTIONS, INVENTORY)
    program.wait(10)
    program.live(INVENTORY)
    program.wait(10)
    program.live(TRANSACTIONS)
    program.wait(5)
    program.answers(TRANSACTIONS, INVENTORY)
    program.loses(TRANSACTIONS)
    program.answers(NOTIFICATIONS)
    program.wait(30)
    assert program.spans == [(100, 110)]
    program.answers(INVENTORY)
    program.live(TRANSACTIONS)
    program.answers()
    assert program.spans == [(100, 110), (110, 155)], "transactions came only from 120 to 125"


def test_a_short_life_before_what_is_resumed_accounts_for_nothing_before_it() -> None:
    program = live_program()
    program.journal_works = False
    program.loses()
    program.wait(10)
    program.live()
    program.wait(5)
    program.loses()
    program.journal_works = True
    program.live(resumed=True)
    program.loses()
    program.wait(5)
    program.live()

    assert program.spans == [(100, 120)]


def test_a_life_that_was_over_before_the_journal_was_read_ends_no_gap() -> None:
    program = Program(5000, dict.fromkeys(DEFAULT_STREAMS, 100))
    for stream in DEFAULT_STREAMS:
        program._set(stream, phase=Phase.BACKING_OFF, heard=at(5002))
    program.now = 5003
    program._take()
    program.wait(7)
    program.live()

    assert program.spans == [(100, 5010)]


# At random


# A server that announces nothing any more on sockets that answer


def test_what_is_deaf_was_heard_up_to_what_was_announced_last_whatever_it_answers() -> None:
    program = live_program()
    program.hears(TRANSACTIONS)
    program.wait(3600)
    program.answers()
    program.is_found_deaf()

    surely = 100 - GRACE.total_seconds()
    assert program.journal == {TRANSACTIONS: 100, INVENTORY: surely, NOTIFICATIONS: surely}, "at once"
    program.wait(60)
    program.answers()
    program.loses(trouble=None)
    program.wait(1)
    program.live()
    assert program.gaps == [
        Gap(
            reason=Reason.NOT_ANNOUNCED,
            streams=DEFAULT_STREAMS,
            since=at(surely),
            until=at(program.now),
        )
    ]


def test_what_was_announced_on_a_stream_itself_was_heard() -> None:
    program = live_program()
    program.hears(TRANSACTIONS)
    program.wait(60)
    program.hears(NOTIFICATIONS)
    program.wait(600)
    program.answers()
    program.is_found_deaf()
    assert program.journal[NOTIFICATIONS] == 160
    assert program.journal[INVENTORY] == 100 - GRACE.total_seconds()


def test_where_nothing_was_announced_since_it_is_live_it_was_heard_up_to_then() -> None:
    program = live_program()
    program.hears()
    program.wait(10)
    program.loses()
    program.wait(20)
    program.live()
    live_again = program.now
    program.wait(600)
    program.answers()
    program.is_found_deaf()
    assert program.journal == dict.fromkeys(DEFAULT_STREAMS, live_again)
    program.loses(trouble=None)
    program.wait(1)
    program.live()
    assert program.spans == [(100, live_again), (live_again, program.now)]


def test_a_program_that_ends_while_it_is_deaf_remembers_that() -> None:
    program = live_program()
    program.hears()
    program.wait(600)
    program.answers()
    program.is_found_deaf()
    program.answers()
    program.ends()
    again = Program(900, program.journal)
    again.live()
    assert again.spans == [(100, 900)]


def test_what_is_announced_again_on_the_same_socket_was_announced_all_the_time() -> None:
    program = live_program()
    program.hears()
    program.wait(600)
    program.is_found_deaf()
    program.wait(60)
    program.hears(TRANSACTIONS)
    program.wait(60)
    program.answers()
    program.wait(60)
    assert program.journal == dict.fromkeys(DEFAULT_STREAMS, 820)
    program.loses()
    program.wait(1)
    program.live()
    assert program.spans == [(820, program.now)]


def test_one_stream_that_is_announced_to_again_says_nothing_of_the_others() -> None:
    program = live_program()
    program.hears()
    program.wait(600)
    program.is_found_deaf()
    program.wait(60)
    program.hears(INVENTORY)
    program.wait(60)
    program.answers()
    program.wait(60)
    assert program.journal == {TRANSACTIONS: 100, INVENTORY: 820, NOTIFICATIONS: 100}


class World:
    """A server, a desk and a network at random, and what was truly received."""

    def __init__(self) -> None:
        self.program = Program()
        self.gaps: list[Gap] = []
        self.first: dict[Stream, float] = {}
        # When all of a stream was received, as spans of the wall's time.
        self.received: dict[Stream, list[tuple[float, float]]] = {each: [] for each in DEFAULT_STREAMS}
        # Since when the connection of a live stream is whole, and whether all that was missed has come.
        self._whole: dict[Stream, float] = {}
        self._replaying: set[Stream] = set()
        self._live: set[Stream] = set()
        self._started = 0.0
        # Of what was found only later to be missing, a gap may have been told before.
        self.deafened: set[Stream] = set()

    def do(self, what: str, streams: Iterable[Stream], span: int) -> None:
        """Let something happen, to `streams` or for some time."""
        for each in sorted(streams):
            self._happens_to(what, each)
        self._passes(what, span)
        self._note()

    def _happens_to(self, what: str, stream: Stream) -> None:
        match what:
            case "live" | "resume" if stream not in self._live:
                self.program.now += 1  # no two lives begin at the same moment
                self._live.add(stream)
                self._whole[stream] = self.program.now
                if what == "resume":
                    self._replaying.add(stream)
                self.program.live(stream, resumed=what == "resume")
            case "replayed" if stream in self._replaying & self._whole.keys():
                self._replaying.discard(stream)
                self.received[stream].append((0, self.program.now))
            case "break":
                self._break(stream)
            case "lose":
                self._lose(stream)
            case "deaf" if stream in self._whole.keys() - self._replaying and self.program.is_live(stream):
                self._deafen(stream)
            case "had been deaf" if self._life_before(stream) is not None and stream in self._whole:
                self._had_gone_deaf(stream)
            case "answer" if stream in self._whole.keys() - self._replaying:
                self.program.answers(stream)

    def _passes(self, what: str, span: int) -> None:
        program = self.program
        match what:
            case "wait":
                program.wait(span)
            case "sleep":
                for each in DEFAULT_STREAMS:
                    self._break(each)
                program.sleeps(span * 20)
            case "jump":
                program.now += span * 20
            case "journal":
                program.journal_works = not program.journal_works
            case "kill" | "end":
                self._restart(cleanly=what == "end")

    def _break(self, stream: Stream) -> None:
        if stream in self._whole:
            span = (self._whole.pop(stream), self.program.now)
            if stream not in self._replaying:
                self.received[stream].append(span)

    def _deafen(self, stream: Stream) -> None:
        """Let it be found that a stream has received nothing for a while."""
        since, program = self._whole.pop(stream), self.program
        until = max(since, program.now - 40)
        self.received[stream].append((since, until))
        self.deafened.add(stream)
        program.goes_deaf(stream, until)

    def _life_before(self, stream: Stream) -> tuple[float, float] | None:
        """Return when a stream received all before its present life; None: not once in this run."""
        before = self.received[stream][-1:]
        return before[0] if before and before[0][0] > 0 and before[0][0] >= self._started else None

    def _had_gone_deaf(self, stream: Stream) -> None:
        """Let it be found that a stream received nothing at the end of its last life."""
        since, end = self.received[stream].pop()
        until = max(since, end - 40)
        self.received[stream].append((since, until))
        self.deafened.add(stream)
        self.program.had_gone_deaf(stream, until)

    def _lose(self, stream: Stream) -> None:
        self._break(stream)
        self._replaying.discard(stream)
        self._live.discard(stream)
        self.program.loses(stream)

    def _restart(self, *, cleanly: bool) -> None:
        for each in DEFAULT_STREAMS:
            self._break(each)
        if cleanly:
            self.program.loses()
            self.program.ends()
        self._note()
        self._replaying.clear()
        self._live.clear()
        self.program = Program(self.program.now + 1, self.program.journal)
        self._started = self.program.now

    def _note(self) -> None:
        self.gaps += self.program.gaps
        self.program.gaps = []
        for stream, until in self.program.journal.items():
            self.first.setdefault(stream, until)

    def settle(self) -> None:
        """Let all be well for long enough."""
        self.program.journal_works = True
        self.do("lose", set(DEFAULT_STREAMS) - self._whole.keys(), 0)
        self.do("live", DEFAULT_STREAMS, 0)
        self.do("replayed", DEFAULT_STREAMS, 0)
        for _ in range(8):
            self.do("wait", DEFAULT_STREAMS, 15)
            self.program.answers()
            self._note()

    def spans(self, stream: Stream) -> list[tuple[float, float]]:
        """Return the gaps of a stream."""
        found = [gap for gap in self.gaps if stream in gap.streams]
        return sorted((seconds(gap.since) or 0, seconds(gap.until) or 0) for gap in found)

    def check(self) -> None:
        """See that what the journal accounts for was received or is within a gap, once."""
        for stream, first in self.first.items():
            gaps = self.spans(stream)
            for (_, end), (start, _) in pairwise(gaps) if stream not in self.deafened else ():
                assert end <= start, f"two gaps of {stream} overlap"
            now = [(self._whole[stream], self.program.now)] if stream in self._whole else []
            received = [*self.received[stream], *([] if stream in self._replaying else now)]
            for instant in (first + 0.5 + each for each in range(int(self.program.journal[stream] - first))):
                assert any(a <= instant <= b for a, b in [*received, *gaps]), (
                    f"{stream} at {instant}: silence"
                )


WHAT = ["live", "live", "resume", "replayed", "break", "lose", "lose", "answer", "wait", "wait"]
SELDOM = ["sleep", "kill", "end", "jump", "journal", "deaf", "deaf", "had been deaf", "had been deaf"]
STEPS = st.lists(
    st.tuples(
        st.sampled_from([*WHAT, *SELDOM]),
        st.sets(st.sampled_from(DEFAULT_STREAMS), min_size=1),
        st.integers(1, 30),
    ),
    max_size=40,
)


@given(STEPS)
def test_no_instant_is_lost_in_silence_and_none_is_told_twice(
    steps: list[tuple[str, set[Stream], int]],
) -> None:
    world = World()
    for step in steps:
        world.do(*step)
        world.check()
    world.settle()
    world.check()
    assert all(world.program.now - until <= 75 for until in world.program.journal.values())


@given(STEPS, st.lists(st.integers(-5000, 5000), min_size=40, max_size=40))
def test_no_gap_is_negative_whatever_the_clock_does(
    steps: list[tuple[str, set[Stream], int]], jumps: list[int]
) -> None:
    world = World()
    for step, jump in zip(steps, jumps, strict=False):
        world.do(*step)
        if jump < 0:
            world.program.now += jump
    world.settle()
    for gap in world.gaps:
        assert gap.since is not None
        assert gap.until is not None
        assert gap.since <= gap.until
    assert not any(each.back for each in world.program.attendants.listeners.values())
