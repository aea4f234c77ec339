"""How far a desk has come in the server's event log, frame by frame."""

from dataclasses import replace

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from armguard_tray.connection.resume import Resumption, follow
from armguard_tray.messages import wire
from armguard_tray.messages.decoding import Decoded
from armguard_tray.messages.event import Received, Source
from armguard_tray.messages.position import Position
from armguard_tray.messages.streams import Stream
from tests.unit.messages import frames
from tests.unit.messages.frames import AT, received

BEFORE = Resumption(Position("e1", 5), AT)


def follow_all(resumption: Resumption, *texts: str) -> list[Received]:
    taken = []
    for text in texts:
        resumption, each = follow(resumption, received(text))
        taken.append(each)
    return taken


def test_whoever_comes_for_the_first_time_begins_where_the_hello_says() -> None:
    hello, event = follow_all(Resumption(), frames.HELLO, frames.logged(frames.TAKE, 8))

    assert hello.position == Position("e1", 7)
    assert (event.position, event.source) == (Position("e1", 8), Source.LIVE)


def test_whoever_comes_back_has_moved_only_once_what_was_missed_is_there() -> None:
    hello, *events, reached = follow_all(
        BEFORE,
        frames.HELLO,
        *(frames.logged(frames.take(seq), seq) for seq in (6, 7, 9, 10)),
        frames.POSITION.replace("9", "10", 1),
    )

    assert hello.position is None
    assert [each.position for each in events] == [Position("e1", seq) for seq in (6, 7, 9, 10)]
    assert [each.source for each in events] == [Source.CATCHUP] * 3 + [Source.LIVE], "the head was 9"
    assert reached.ends_replay


def test_each_event_is_of_the_stream_that_it_names() -> None:
    texts = [
        frames.logged(frames.STATUS, 8, stream="inventory"),
        frames.logged(frames.NOTICE, 9, stream="notifications"),
        frames.logged(frames.TAKE, 10, stream="presence"),
        frames.logged(frames.TAKE, 11, stream="weather"),
        "no JSON",
    ]

    assert [each.stream for each in follow_all(Resumption(), frames.HELLO, *texts)[1:]] == [
        Stream.INVENTORY,
        Stream.NOTIFICATIONS,
        *[Stream.TRANSACTIONS] * 3,
    ]


@pytest.mark.parametrize(
    ("gap", "reached"),
    [
        ('"from": 6, "to": 8, "reason": "trimmed"', Position("e1", 8)),
        ('"from": 10, "to": 12, "reason": "ahead"', Position("e1", 9)),
        ('"from": 6, "to": 7, "reason": "epoch"', Position("e1", 7)),
        ('"from": null, "to": null, "reason": "epoch"', Position("e1", 7)),
        ('"from": 0, "to": 0, "reason": "ahead"', Position("e1", 0)),
    ],
)
def test_a_gap_is_stepped_over_as_the_server_does_it(gap: str, reached: Position) -> None:
    _, missing = follow_all(BEFORE, frames.HELLO, f'{{"type": "gap", "epoch": "e1", {gap}}}')

    assert missing.position == reached
    assert missing.silent_since == AT, "all was well until then"


def test_a_gap_of_another_epoch_that_tells_no_numbers_leaves_it_to_what_follows() -> None:
    text = '{"type": "gap", "epoch": "e2", "from": null, "to": null, "reason": "epoch"}'
    _, missing = follow_all(BEFORE, frames.HELLO, text)

    assert missing.position is None


def test_whoever_was_there_all_along_has_missed_nothing() -> None:
    _, event = follow_all(replace(BEFORE, attended=True), frames.HELLO, frames.logged(frames.TAKE, 8))

    assert event.source is Source.LIVE


class Log(RuleBasedStateMachine):
    """An event log, and a desk that follows it with a journal and a link that breaks at any time.

    The server's rule is written here anew, from the protocol's page, and not taken from the server's code.
    """

    def __init__(self) -> None:
        super().__init__()
        self.epoch = 1
        self.oldest, self.seq = 1, 0
        self.committed: dict[int, tuple[int, str]] = {}  # what was published: seq -> (epoch, text)
        self.followed_from: int | None = None
        self.position: Position | None = None
        self.stored: list[str] = []
        self.missing: set[int] = set()
        self.on_the_wire: list[str] = []
        self.resumption = Resumption()
        self.connected = False

    def name(self) -> str:
        return f"e{self.epoch}"

    @initialize()
    def connect(self) -> None:
        """Shake hands, with the position that is on disk."""
        since = self.position
        after, gap = self.seq, None
        if since is not None:
            after, gap = self.after(since)
        texts = [
            frames.HELLO.replace('"e1"', f'"{self.name()}"')
            .replace('"head": 9', f'"head": {self.seq}')
            .replace('"oldest": 4', f'"oldest": {self.oldest}')
            .replace('"position": 7', f'"position": {after}')
        ]
        texts += [gap] if gap else []
        texts += [self.committed[seq][1] for seq in range(after + 1, self.seq + 1)]
        self.on_the_wire = [*texts, self.reached()]
        self.resumption = Resumption(since, AT)
        self.connected = True

    def after(self, since: Position) -> tuple[int, str | None]:
        def gap(first: int | None, last: int | None, reason: str) -> str:
            numbers = f'"from": {first or "null"}, "to": {last or "null"}'
            return f'{{"type": "gap", "epoch": "{self.name()}", {numbers}, "reason": "{reason}"}}'

        if since.epoch != self.name():
            first = min(since.seq + 1, self.oldest)
            known = first < self.oldest
            return self.oldest - 1, gap(first, self.oldest - 1, "epoch") if known else gap(
                None, None, "epoch"
            )
        if since.seq < self.oldest - 1:
            return self.oldest - 1, gap(since.seq + 1, self.oldest - 1, "trimmed")
        return since.seq, None

    def reached(self) -> str:
        return frames.POSITION.replace('"e1"', f'"{self.name()}"').replace('"seq": 9', f'"seq": {self.seq}')

    @rule()
    def publish(self) -> None:
        self.seq += 1
        text = frames.logged(frames.take(self.seq), self.seq, epoch=self.name())
        self.committed[self.seq] = (self.epoch, text)
        if self.connected:
            self.on_the_wire.append(text)

    @rule()
    def drop(self) -> None:
        self.connected = False
        self.on_the_wire = []

    @rule(data=st.data())
    def trim(self, data: st.DataObject) -> None:
        if not self.connected:
            self.oldest = data.draw(st.integers(self.oldest, self.seq + 1))

    @rule()
    def begin_anew(self) -> None:
        if not self.connected:
            self.epoch += 1
            self.oldest = self.seq + 1

    @rule()
    def reconnect(self) -> None:
        self.connect()

    @rule(count=st.integers(1, 5))
    def arrive(self, count: int) -> None:
        """Take frames from the wire and store them, each with its position, in one transaction."""
        for text in self.on_the_wire[:count]:
            self.resumption, taken = follow(self.resumption, received(text))
            content = taken.content
            assert isinstance(content, Decoded)
            if isinstance(content.frame, wire.Gap):
                first, last = content.frame.first, content.frame.last
                self.missing |= set(range(first, last + 1)) if first and last else set()
            elif not taken.is_control and text not in self.stored:
                self.stored.append(text)
            self.position = taken.position or self.position
            if self.followed_from is None and self.position is not None:
                self.followed_from = self.position.seq
        self.on_the_wire = self.on_the_wire[count:]

    @invariant()
    def what_came_and_the_gaps_cover_all_up_to_the_position(self) -> None:
        if self.position is None or self.followed_from is None:
            return
        came = {seq for seq, (_, text) in self.committed.items() if text in self.stored}
        due = {seq for seq in self.committed if self.followed_from < seq <= self.position.seq}
        assert due <= came | self.missing

    @invariant()
    def each_once_and_in_order(self) -> None:
        places = [received(text).content.position.seq for text in self.stored]  # type: ignore[union-attr]
        assert places == sorted(set(places))


TestLog = Log.TestCase
TestLog.settings = settings(max_examples=100, stateful_step_count=30, deadline=None)
