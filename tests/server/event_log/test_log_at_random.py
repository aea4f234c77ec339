"""Whatever happens to the log, clients that follow the rules of `resume` can account for every event."""

import json
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from django.utils import timezone
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from armguard_tray.server import event_log
from armguard_tray.server.models import Event, Head
from armguard_tray.server.resume import Gap, resume
from tests.server.event_log.armory import Live, atomic, install, note, roll_back

USERS = ("1", "2")
EVERYBODY = None
Mark = tuple[str, int]  # epoch and number, which together name an event


@dataclass(frozen=True)
class Committed:
    """An event that was committed, in the order in which it was."""

    mark: Mark
    user_id: str | None
    text: str


@dataclass
class Client:
    """What one client got and was told.

    Attributes:
        user: whose it is.
        joined: how many events had been committed when it came; those are not its concern.
        epoch, position: where it goes on.
        got: each event it got.
        gaps: the gaps it was told of, each with the number of events that had been committed by then.

    """

    user: str
    joined: int
    epoch: str
    position: int
    got: list[tuple[Mark, str]] = field(default_factory=list)
    gaps: list[tuple[int, Gap]] = field(default_factory=list)

    def at(self) -> "Client":
        """Return a copy, to which a client can fall back whose disk was restored."""
        return replace(self, got=[*self.got], gaps=[*self.gaps])


class LogAtRandom(RuleBasedStateMachine):
    """Publishers, a trimmer, an administrator, and clients that come and go."""

    live: Live

    def __init__(self) -> None:
        """Begin with an empty log and no client."""
        super().__init__()
        install()
        self.committed: list[Committed] = []
        self.origins: set[str] = set()
        self.clients: list[Client] = []
        self.earlier: list[Client] = []
        self.now = timezone.now()
        self.texts = 0

    @rule(
        users=st.lists(st.sampled_from([*USERS, EVERYBODY]), min_size=1, max_size=4),
        rolled_back=st.booleans(),
    )
    def publish(self, users: list[str | None], rolled_back: bool) -> None:  # noqa: FBT001 - a rule's argument
        """Publish some events in a transaction, and commit it or not."""
        drafts = [note(self._text(), user) for user in users]
        before = event_log.head().seq
        with atomic():
            event_log.publish(*drafts)
            if rolled_back:
                roll_back()
        published = event_log.read_after(before, 1000)
        assert len(published) == (0 if rolled_back else len(drafts))
        self._commit(published)

    @rule(origins=st.lists(st.sampled_from("abc"), min_size=1, max_size=3), user=st.sampled_from(USERS))
    def publish_of_origins(self, origins: list[str], user: str) -> None:
        """Publish what may have been published already, or twice at once."""
        published = event_log.publish(*[note(self._text(), user, origin) for origin in origins])
        assert len(published) == len(set(origins) - self.origins)
        self.origins.update(origins)
        self._commit(published)

    @rule(events=st.integers(0, 6))
    def trim_to_a_number(self, events: int) -> None:
        """Keep the newest events only."""
        self.live.change(retention_events=events, retention_days=7.0)
        self._trim(self.now)
        head = event_log.head()
        assert head.seq - head.oldest + 1 <= events

    @rule(days=st.floats(0, 3))
    def trim_by_age(self, days: float) -> None:
        """Let time pass, and keep what is young."""
        self.live.change(retention_events=100_000, retention_days=1.0)
        self.now += timedelta(days=days)
        self._trim(self.now)

    @rule()
    def new_epoch(self) -> None:
        """Begin a new epoch."""
        event_log.new_epoch()
        self.origins.clear()

    @precondition(lambda self: self.committed)
    @rule(lost=st.integers(1, 5))
    def restore_a_backup(self, lost: int) -> None:
        """Lose the newest events, as a restored database does, and begin a new epoch, as its owner must."""
        seq = max(event_log.head().seq - lost, 0)
        Event.objects.filter(seq__gt=seq).delete()
        Head.objects.update(seq=seq)
        event_log.new_epoch()
        self.origins.clear()

    @rule(user=st.sampled_from(USERS))
    def join(self, user: str) -> None:
        """Come for the first time: from now on."""
        head = event_log.head()
        self.clients.append(Client(user, len(self.committed), head.epoch, resume(head, None, None).position))

    @precondition(lambda self: self.clients)
    @rule(data=st.data(), limit=st.integers(1, 5))
    def read(self, data: st.DataObject, limit: int) -> None:
        """Come back, or go on."""
        client = data.draw(st.sampled_from(self.clients))
        self.earlier.append(client.at())
        self._deliver(client, limit)

    @precondition(lambda self: self.earlier)
    @rule(data=st.data())
    def fall_back(self, data: st.DataObject) -> None:
        """Come back from an earlier position, with what was known there."""
        self.clients.append(data.draw(st.sampled_from(self.earlier)).at())

    @invariant()
    def the_log_has_no_hole(self) -> None:
        """Compare what is kept with what the head says."""
        head = event_log.head()
        assert [each.seq for each in event_log.read_after(0, 1000)] == list(range(head.oldest, head.seq + 1))

    def teardown(self) -> None:
        """Everybody reads to the end, and everything is accounted for."""
        for client in self.clients:
            self._deliver(client, 1000)
            self._account(client)

    def _account(self, client: Client) -> None:
        got = dict(client.got)
        assert len(got) == len(client.got), "an event came twice"
        concerned = [
            each for each in self.committed[client.joined :] if each.user_id in {client.user, EVERYBODY}
        ]
        assert set(got) <= {each.mark for each in concerned}, "somebody else's event, or one from before"
        order = [each.mark for each in concerned if each.mark in got]
        assert order == list(got), "out of order"
        assert all(got[each.mark] == each.text for each in concerned if each.mark in got)
        for number, event in enumerate(self.committed):
            if number >= client.joined and event in concerned and event.mark not in got:
                told = [gap for told_at, gap in client.gaps if told_at > number]
                assert any(_covers(gap, event.mark) for gap in told), f"{event} was lost in silence"
        for _, gap in client.gaps:
            if gap.reason != "epoch":
                assert not any(_covers(gap, mark) for mark in got), "said to be missing, but came"

    def _deliver(self, client: Client, limit: int) -> None:
        going_on = resume(event_log.head(), client.epoch, client.position)
        if going_on.gap:
            client.gaps.append((len(self.committed), going_on.gap))
        client.epoch, client.position = event_log.head().epoch, going_on.position
        for event in event_log.read_after(client.position, limit):
            client.position = event.seq
            if event.user_id in {client.user, EVERYBODY}:
                client.got.append(((event.epoch, event.seq), json.loads(event.body)["text"]))

    def _commit(self, published: list[event_log.Logged]) -> None:
        Event.objects.filter(seq__in=[each.seq for each in published]).update(created=self.now)
        self.committed += [
            Committed((each.epoch, each.seq), each.user_id, json.loads(each.body)["text"])
            for each in published
        ]

    def _trim(self, now: datetime) -> None:
        event_log.trim(now)
        self.origins = {each for each in self.origins if event_log.is_published(each)}

    def _text(self) -> str:
        self.texts += 1
        return str(self.texts)


def _covers(gap: Gap, mark: Mark) -> bool:
    epoch, seq = mark
    if gap.reason == "epoch" and epoch != gap.epoch:
        return True
    return (
        epoch == gap.epoch and gap.first is not None and gap.last is not None and gap.first <= seq <= gap.last
    )


def test_every_event_is_accounted_for(live: Live) -> None:
    class Machine(LogAtRandom):
        """On the database in use."""

    Machine.live = live
    run_state_machine_as_test(
        Machine, settings=settings(max_examples=30, stateful_step_count=25, deadline=None)
    )
