"""What people are told of an outage, and when."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from armguard_tray.app.outage import Notice, Outage, Stage
from armguard_tray.app.outage_watch import CONNECTED, OUTAGE, OutageWatch
from armguard_tray.app.toasts import LOOK
from armguard_tray.catchup.completeness import UNKNOWN, Completeness
from armguard_tray.catchup.entries import gap_event
from armguard_tray.clock import Moment
from armguard_tray.connection.health import Health, health_of
from armguard_tray.connection.phase import Need, Phase, StreamFacts, Trouble
from armguard_tray.desktop.toast import Picture, Toast, Urgency
from armguard_tray.messages.event import Event
from armguard_tray.messages.gap import Gap, Reason
from armguard_tray.messages.streams import DEFAULT_STREAMS
from armguard_tray.rules import storm
from armguard_tray.rules.storm import Single, Summary
from armguard_tray.settings.model import NotificationSettings
from tests.fakes.clock import FakeClock
from tests.fakes.events import issued, returned, stored
from tests.fakes.events import notice as notice_event

START = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
REFUSED = Trouble("server refused the connection")
KNOWN = Completeness(begins=1, complete_to=9, is_current=True)


def at(seconds: float) -> Moment:
    return Moment(START + timedelta(seconds=seconds), 1000 + seconds)


def health(phase: Phase, trouble: Trouble | None = None, *, resumed: bool = False) -> Health:
    streams = [
        StreamFacts(stream=each, phase=phase, since=START, trouble=trouble, resumed=resumed)
        for each in DEFAULT_STREAMS
    ]
    return health_of(streams, START)


LIVE = health(Phase.LIVE)
RESUMED = health(Phase.LIVE, resumed=True)
OFFLINE = health(Phase.BACKING_OFF, REFUSED)
CONNECTING = health(Phase.CONNECTING)
HELPLESS = health(Phase.REFUSED, Trouble("password refused", need=Need.LOGIN))
NO_SERVER = health_of((), START)


def wait(outage: Outage, seconds: float, completeness: Completeness = UNKNOWN) -> float | None:
    return outage.wait(at(seconds), after=20, completeness=completeness)


def notice(
    outage: Outage, seconds: float, completeness: Completeness = UNKNOWN
) -> Notice | Single | Summary | None:
    return outage.notice(at(seconds), completeness, UTC)


def told(outage: Outage, seconds: float, completeness: Completeness = UNKNOWN) -> Notice:
    """Return what is told of the outage itself, without what it sums up."""
    found = notice(outage, seconds, completeness)
    assert isinstance(found, Notice)
    return replace(found, missed=None)


def summary_of(*events: Event) -> Summary:
    """Return the summary of what was missed."""
    summary: Summary | None = None
    for each in stored(1, *events):
        summary = storm.tally(summary, each)
    assert summary is not None
    return summary


def _gap() -> Event:
    gap = Gap(reason=Reason.NOT_CONNECTED, streams=DEFAULT_STREAMS, since=START, until=START)
    return gap_event(gap, at=START)


MISSED = summary_of(issued(1), issued(2), returned(7))
ONE = summary_of(issued(2))
GAP = summary_of(_gap())
WORRYING = summary_of(issued(1), _gap())


def out() -> Outage:
    """Return an outage that began at 0 of a desk that was live."""
    return Outage().see(LIVE, at(-60)).see(OFFLINE, at(0))


def test_an_outage_is_told_after_some_seconds() -> None:
    outage = out()
    assert [wait(outage, seconds) for seconds in (0, 15, 20, 99)] == [20, 5, 0, 0]
    assert notice(outage, 20) == Notice(
        "ArmGuard events do not arrive",
        "Since 03:00: server refused the connection. It is tried again by itself.",
    )


def test_a_short_outage_is_not_told_itself() -> None:
    outage = out().see(CONNECTING, at(5)).see(LIVE, at(10))
    assert notice(outage, 30) is None
    assert wait(outage.said(), 30) is None
    assert notice(outage.summed_up(MISSED, at(11)), 30) == MISSED, "but what was missed is"


def test_what_it_does_meanwhile_does_not_put_it_off() -> None:
    outage = out().see(CONNECTING, at(5)).see(OFFLINE, at(10))
    assert wait(outage, 10) == 10


def test_it_is_told_once() -> None:
    outage = out().told().see(CONNECTING, at(40)).see(OFFLINE, at(50))
    assert wait(outage, 3600) is None


def test_before_the_first_connection_it_is_told_in_other_words() -> None:
    outage = Outage().see(CONNECTING, at(0))
    assert wait(outage, 20) == 0
    assert notice(outage, 20) == Notice(
        "Not connected to ArmGuard yet", "The connection is being made. It is tried again by itself."
    )
    outage = outage.told().see(LIVE, at(300))
    assert told(outage, 300).title == "Connected to ArmGuard"


def test_without_a_server_nothing_is_missed() -> None:
    assert wait(Outage().see(NO_SERVER, at(0)), 999) is None
    assert out().told().see(NO_SERVER, at(0)) == Outage()


def test_what_only_the_user_can_mend_has_a_toast_of_its_own() -> None:
    outage = out().see(HELPLESS, at(10))
    assert (outage.stage, wait(outage, 999)) == (Stage.HELP, None)
    assert wait(Outage().see(HELPLESS, at(0)), 999) is None


def test_after_help_it_is_waited_anew() -> None:
    outage = out().told().see(HELPLESS, at(100)).see(CONNECTING, at(500))
    assert wait(outage, 500) == 20
    assert wait(outage.see(LIVE, at(501)), 501) == 20, "that it is over is told, as the outage was"


def test_that_it_is_over_is_told_as_soon_as_it_is_known_what_remains() -> None:
    outage = out().told().see(LIVE, at(250))
    assert [wait(outage, 250), wait(outage, 270)] == [20, 0]
    assert wait(outage, 250, KNOWN) == 20, "the stock server repeats nothing: a gap is still to be found"
    assert wait(outage.found(1, at(250)), 251, KNOWN) == 0
    assert wait(out().told().see(RESUMED, at(250)), 251, KNOWN) == 0


def test_what_is_known_comes_in_parts_so_it_is_waited_a_moment_for_more() -> None:
    outage = out().told().see(RESUMED, at(250)).summed_up(MISSED, at(255))
    assert [wait(outage, 255, KNOWN), wait(outage.found(1, at(255.5)), 255.5, KNOWN)] == [1, 1]
    assert wait(outage.noted(at(269.5)), 269.5, KNOWN) == 0.5, "but no longer than 20 s in all"


@pytest.mark.parametrize(
    ("back", "gaps", "completeness", "body"),
    [
        (RESUMED, 0, KNOWN, "What happened meanwhile has been fetched."),
        (LIVE, 0, KNOWN, "Which transactions happened meanwhile has been fetched."),
        (LIVE, 0, UNKNOWN, "What happened meanwhile is being fetched."),
        (LIVE, 1, KNOWN, "What the server still has of it has been fetched. 1 gap remains in the log."),
        (LIVE, 2, KNOWN, "What the server still has of it has been fetched. 2 gaps remain in the log."),
        (LIVE, 1, UNKNOWN, "What happened meanwhile is being fetched."),
        (
            LIVE,
            1,
            replace(UNKNOWN, failure="no answer"),
            "What happened meanwhile could not be looked up yet: no answer.",
        ),
    ],
)
def test_what_is_known_of_what_happened_meanwhile(
    back: Health, gaps: int, completeness: Completeness, body: str
) -> None:
    outage = out().told().see(back, at(250)).found(gaps, at(251))
    assert notice(outage, 260, completeness) == Notice("Connected again after 4 min", body, is_over=True)


@pytest.mark.parametrize(
    ("missed", "completeness", "body"),
    [
        ("MISSED", KNOWN, "You missed 3 transactions: 2 issued, 1 returned, last: M16 - 00412."),
        (
            "MISSED",
            UNKNOWN,
            "You missed 3 transactions: 2 issued, 1 returned, last: M16 - 00412. More is being fetched.",
        ),
        ("GAP", KNOWN, "Transactions, notices and status changes may have been missed."),
        ("ONE", KNOWN, "You missed 1 transaction: GLOCK - 00031 issued."),
        (
            "WORRYING",
            KNOWN,
            (
                "You missed 1 transaction, 1 needs a look: 1 issued, 1 gap, "
                "last: Transactions, notices and status changes may have been missed."
            ),
        ),
    ],
)
def test_what_was_missed_is_told_with_the_end(missed: str, completeness: Completeness, body: str) -> None:
    outage = out().told().see(LIVE, at(110)).summed_up(globals()[missed], at(111))
    over = told(outage, 130, completeness)
    assert (over.title, over.body) == ("Connected again after 2 min", body)


def test_one_that_is_away_long_does_not_hold_up_what_the_others_brought() -> None:
    outage = out().told().summed_up(MISSED, at(100)).summed_up(ONE, at(130))
    assert wait(outage, 130) == 30
    summary = notice(outage, 160)
    assert isinstance(summary, Summary)
    assert summary.title == "You missed 4 transactions"
    assert (outage.said().stage, wait(outage.said(), 160)) == (Stage.TOLD, None)


def test_a_server_that_has_no_transactions_is_known_once_it_was_looked_at() -> None:
    outage = out().told().see(LIVE, at(250)).found(1, at(251))
    looked = replace(UNKNOWN, checked=at(252).wall)
    assert wait(outage, 253, replace(looked, checked=at(249).wall)) == 17
    assert wait(outage, 253, looked) == 0
    assert "is being fetched" not in told(outage, 253, looked).body


def test_without_an_outage_it_is_told_at_once() -> None:
    outage = Outage().see(LIVE, at(-60)).summed_up(MISSED, at(0))
    assert wait(outage, 0) == 0
    assert notice(outage, 0) == MISSED


def test_a_second_one_before_the_end_was_told_is_waited_for_anew() -> None:
    outage = out().see(LIVE, at(5)).see(OFFLINE, at(10))
    assert (outage.stage, wait(outage, 10)) == (Stage.OUT, 20)


def test_what_is_lost_again_at_once_is_the_same_outage() -> None:
    outage = out().told().see(LIVE, at(250)).see(OFFLINE, at(255))
    assert (outage.stage, wait(outage, 999)) == (Stage.TOLD, None)
    assert told(outage.see(LIVE, at(600)), 600).title == "Connected again after 10 min"


def test_a_clock_that_is_set_back_makes_no_outage_shorter() -> None:
    outage = out().told().see(LIVE, Moment(START - timedelta(hours=1), 1300))
    assert told(outage, 300).title == "Connected again after 5 min"


# Told by toasts


class Screen:
    """Shows toasts.

    Attributes:
        shown: what is on it, by key.
        count: how many toasts there have been.

    """

    def __init__(self) -> None:
        self.shown: dict[str | int, Toast] = {}
        self.count = 0
        self.changed = asyncio.Event()

    def show(self, toast: Toast) -> None:
        self.shown[toast.key] = toast
        self.count += 1
        self.changed.set()

    def withdraw(self, key: str) -> None:
        self.shown.pop(key, None)


class Watched:
    """A watch, its screen and its settings."""

    def __init__(self) -> None:
        self.clock = FakeClock(START)
        self.screen = Screen()
        self.settings = NotificationSettings()
        self.watch = OutageWatch(self.screen, lambda: self.settings, self.clock)

    def sees(self, health: Health, after: float = 0) -> None:
        self.clock.advance(after)
        self.watch.see(health)

    def passes(self, seconds: float) -> None:
        """Let time go by, as the watch's own timer would see it."""
        self.clock.advance(seconds)
        self.watch.settings_changed()

    def pauses(self, seconds: float | None) -> None:
        until = None if seconds is None else self.clock.now() + timedelta(seconds=seconds)
        self.settings = replace(self.settings, paused_until=until)
        self.watch.settings_changed()


@pytest.fixture
def watched() -> Iterator[Watched]:
    watched = Watched()
    yield watched
    watched.watch.close()


async def test_the_toast_that_it_is_over_takes_the_place_of_the_first(watched: Watched) -> None:
    watched.sees(LIVE)
    watched.sees(OFFLINE)
    watched.sees(OFFLINE, after=20)
    assert watched.screen.shown[OUTAGE].urgency is Urgency.CRITICAL
    watched.sees(RESUMED, after=300)
    assert list(watched.screen.shown) == [OUTAGE], "until it is known what remains"
    watched.watch.know(KNOWN)
    watched.passes(1)
    assert [toast.title for toast in watched.screen.shown.values()] == ["Connected again after 5 min"]
    watched.sees(OFFLINE, after=600)
    watched.sees(OFFLINE, after=20)
    assert list(watched.screen.shown) == [OUTAGE], "and the next outage that of the last one's end"


async def test_it_is_told_though_nothing_else_happens(watched: Watched) -> None:
    watched.settings = replace(watched.settings, outage_after=0)
    watched.sees(LIVE)
    watched.settings = NotificationSettings()
    watched.sees(OFFLINE)
    watched.clock.advance(19.99)
    watched.watch.settings_changed()
    watched.clock.advance(0.02)
    async with asyncio.timeout(60):
        await watched.screen.changed.wait()
    assert list(watched.screen.shown) == [OUTAGE]


async def test_a_pause_holds_it_back_until_it_ends(watched: Watched) -> None:
    watched.sees(LIVE)
    watched.pauses(3600)
    watched.sees(OFFLINE)
    watched.sees(OFFLINE, after=100)
    assert watched.screen.shown == {}
    watched.pauses(None)
    assert list(watched.screen.shown) == [OUTAGE]
    watched.pauses(3600)
    watched.sees(RESUMED, after=100)
    watched.watch.missed(MISSED)
    watched.watch.know(KNOWN)
    watched.passes(1)
    assert watched.screen.shown == {}, "taken away, and nothing new in the pause"
    watched.pauses(None)
    assert watched.screen.shown == {}


async def test_gaps_are_counted(watched: Watched) -> None:
    watched.sees(LIVE)
    watched.sees(OFFLINE)
    watched.sees(OFFLINE, after=20)
    watched.sees(LIVE, after=100)
    watched.watch.found(stored(1, _gap()))
    watched.watch.know(KNOWN)
    watched.passes(1)
    assert watched.screen.shown[CONNECTED].body.endswith("1 gap remains in the log.")


async def test_an_outage_of_a_stock_server_is_one_toast_and_then_another(watched: Watched) -> None:
    watched.sees(LIVE)
    watched.sees(OFFLINE)
    watched.sees(OFFLINE, after=20)
    assert watched.screen.shown[OUTAGE].picture is Picture.OFFLINE
    watched.sees(CONNECTING, after=80)
    watched.watch.missed(MISSED)  # one stream is back and has looked
    assert list(watched.screen.shown) == [OUTAGE], "it waits for the others"
    watched.sees(LIVE, after=5)
    watched.watch.know(KNOWN)
    watched.watch.missed(summary_of(issued(9), notice_event("Backup failed", "", level="error")))
    watched.passes(0.5)
    watched.watch.found(stored(30, _gap()))
    watched.watch.missed(GAP)
    assert list(watched.screen.shown) == [OUTAGE]
    watched.passes(1)
    (toast,) = watched.screen.shown.values()
    assert (toast.key, toast.title, toast.urgency) == (LOOK, "Connected again after 2 min", Urgency.NORMAL)
    assert toast.body.startswith("You missed 5 events, 2 need a look: 3 issued, 1 returned, 1 notice, 1 gap")
    assert watched.screen.count == 2


async def test_what_comes_right_behind_the_claim_that_all_is_there_goes_with_it(watched: Watched) -> None:
    watched.sees(LIVE)
    watched.sees(OFFLINE)
    watched.sees(OFFLINE, after=20)
    watched.sees(LIVE, after=10)
    watched.watch.found(stored(1, _gap()))
    watched.passes(5)
    watched.watch.know(KNOWN)
    watched.watch.missed(MISSED)
    watched.passes(1)
    (toast,) = watched.screen.shown.values()
    assert toast.body.startswith("You missed 3 transactions")


async def test_a_short_outage_has_one_toast_for_what_was_missed(watched: Watched) -> None:
    watched.sees(LIVE)
    watched.sees(OFFLINE)
    watched.sees(RESUMED, after=5)
    watched.watch.missed(MISSED)
    watched.watch.know(KNOWN)
    assert watched.screen.shown == {}
    watched.passes(1)
    assert [toast.title for toast in watched.screen.shown.values()] == ["You missed 3 transactions"]


async def test_what_is_not_known_after_20_seconds_is_told_as_far_as_it_is(watched: Watched) -> None:
    watched.sees(LIVE)
    watched.sees(OFFLINE)
    watched.sees(OFFLINE, after=20)
    watched.sees(LIVE, after=10)
    watched.watch.missed(MISSED)
    watched.passes(20)
    (toast,) = watched.screen.shown.values()
    assert toast.body.endswith("More is being fetched.")
    assert toast.key == MISSED.last.row, "what happened stays, and nothing needs a look"


async def test_a_watch_that_is_closed_takes_its_toast_back_and_tells_nothing(watched: Watched) -> None:
    watched.sees(LIVE)
    watched.sees(OFFLINE)
    watched.sees(OFFLINE, after=20)
    watched.watch.close()
    assert watched.screen.shown == {}
    watched.sees(RESUMED, after=20)
    watched.watch.missed(MISSED)
    watched.passes(100)
    assert watched.screen.shown == {}


async def test_a_call_for_help_takes_its_place(watched: Watched) -> None:
    watched.sees(LIVE)
    watched.sees(OFFLINE)
    watched.sees(OFFLINE, after=20)
    watched.sees(HELPLESS)
    assert watched.screen.shown == {}


async def test_another_server_begins_with_no_outage(watched: Watched) -> None:
    watched.sees(LIVE)
    watched.sees(OFFLINE)
    watched.sees(OFFLINE, after=20)
    watched.watch.begin_anew(CONNECTING)
    assert watched.screen.shown == {}
    watched.sees(CONNECTING, after=20)
    assert watched.screen.shown[OUTAGE].title == "Not connected to ArmGuard yet"
