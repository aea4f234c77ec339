"""Lives of the transactions that no look has judged yet, and what looks bring of their time."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, cast

import pytest

from armguard_tray.catchup import listening
from armguard_tray.catchup.listening import SETTLED, Listening
from armguard_tray.connection.phase import Phase, StreamFacts
from armguard_tray.messages.streams import Stream

if TYPE_CHECKING:
    from armguard_tray.catchup.look import Look

START = datetime(2026, 11, 24, 3, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


@dataclass
class Brought:
    """What a look at that time brought: transactions made then."""

    at: datetime
    made: list[float] = field(default_factory=list)
    failure: str = ""

    def brought_between(self, since: datetime, until: datetime) -> int:
        return sum(since <= at(each) <= until for each in self.made)


class Desk:
    """Lives one after the other, each a minute long and ten seconds apart.

    Attributes:
        deaf: the lives that are found to have been deaf, by when they began.

    """

    def __init__(self) -> None:
        self.deaf: list[datetime] = []
        self.listening = Listening(on_deaf=lambda: None, on_was_deaf=self.deaf.append, reopen=lambda: None)
        self.now = 0.0

    def live(self, lives: int) -> None:
        """Live so many lives, and begin one more."""
        for _ in range(lives):
            self._answer(self.now, self.now + 60)
            self.now += 70
        self._answer(self.now, self.now)

    def _answer(self, since: float, heard: float) -> None:
        facts = StreamFacts(stream=Stream.TRANSACTIONS, phase=Phase.LIVE, since=at(since), heard=at(heard))
        self.listening.live(facts)

    def look(self, *made: float, failure: str = "") -> None:
        """Look, a minute and more after the last life, and find what was made at these seconds."""
        look = Brought(at(self.now) + SETTLED, list(made), failure)
        self.listening.brought(cast("Look", look))


def test_each_life_is_judged_by_what_was_made_in_it() -> None:
    desk = Desk()
    desk.live(3)
    desk.look(65, 135, 205)
    assert desk.deaf == [], "made between them"


def test_the_first_deaf_one_is_told_and_those_after_it_with_it() -> None:
    desk = Desk()
    desk.live(3)
    desk.look(100, 170)
    assert desk.deaf == [at(70)]
    desk.look(180)
    assert desk.deaf == [at(70)]


def test_a_life_is_judged_only_by_a_look_that_saw_all() -> None:
    desk = Desk()
    desk.live(2)
    desk.look(failure="the server is away")
    desk.look(100)
    assert desk.deaf == [at(70)]


def test_once_judged_a_life_is_not_judged_again() -> None:
    desk = Desk()
    desk.live(2)
    desk.look()
    desk.look(100)
    assert desk.deaf == []


def test_more_lives_than_are_remembered_are_rather_told_than_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(listening, "MOST_LIVES", 3)
    desk = Desk()
    desk.live(6)
    desk.look(30)
    assert desk.deaf == [at(0)]
