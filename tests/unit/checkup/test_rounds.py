"""Nobody but us comes and goes with our sockets often enough to be taken for us. Time is the test's own."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from random import Random
from types import SimpleNamespace

import pytest

from armguard_tray.checkup import rounds
from armguard_tray.checkup.rounds import NothingCameError, Rounds, UnprovenError
from armguard_tray.redis_probe.proof import Arrival, Glance, group_of, group_under

BEGAN = 1_795_575_000.0
GROUP = group_under("armguard:", group_of(7))
LOOK_TAKES = 0.002
WITHIN = 6.7


@dataclass
class World:
    """A server, a Redis, and somebody else of the account who may come and go there.

    Attributes:
        uses_it: whether it is the server's Redis.
        welcomes_after, lets_go_after: seconds.
        stranger: the seconds for which somebody else is there, and for which not; None for nobody.

    """

    uses_it: bool = True
    welcomes_after: float = 0.03
    lets_go_after: float = 0.01
    stranger: tuple[float, float] | None = None
    now: float = 0.0
    sockets: int = 0
    ours: list[tuple[float, float]] = field(default_factory=list)

    async def sleep(self, seconds: float) -> None:
        self.now += seconds

    async def glance(self) -> Glance:
        self.now += LOOK_TAKES
        members = {
            f"specific.ours!c{number}": BEGAN + begin
            for number, (begin, end) in enumerate(self.ours)
            if begin <= self.now < end
        }
        if self.stranger is not None:
            number, into = divmod(self.now, sum(self.stranger))
            if into < self.stranger[0]:
                members[f"specific.theirs!c{number:.0f}"] = BEGAN + self.now - into
        return BEGAN + self.now, (replace(GROUP, members=members, ttl=86400, subscribers=0),)

    @asynccontextmanager
    async def open_socket(self) -> AsyncIterator[int]:
        self.sockets += 1
        joined = self.now + self.welcomes_after / 2
        if self.uses_it:
            self.ours.append((joined, float("inf")))
        self.now += self.welcomes_after
        yield 7
        if self.uses_it:
            self.ours[-1] = (joined, self.now + self.lets_go_after)

    async def run(self) -> Arrival:
        usual = await self.glance()
        return await Rounds(self.open_socket, self.glance, usual, self.now + WITHIN).run()


Make = Callable[..., World]


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Make:
    # One in a thousand may be taken for us: which ones the test sees is always the same.
    monkeypatch.setattr(rounds, "uniform", Random(1).uniform)  # noqa: S311 - no secret

    def made(**how: object) -> World:
        new = World(**how)  # type: ignore[arg-type]  # any of its fields
        monkeypatch.setattr(rounds, "time", SimpleNamespace(monotonic=lambda: new.now))
        monkeypatch.setattr(rounds, "asyncio", SimpleNamespace(sleep=new.sleep))
        return new

    return made


@pytest.mark.parametrize(("welcomes_after", "lets_go_after"), [(0.02, 0.01), (0.1, 0.3), (0.15, 0.1)])
async def test_a_steady_server_is_always_proven(
    world: Make, welcomes_after: float, lets_go_after: float
) -> None:
    for _ in range(100):
        healthy = world(welcomes_after=welcomes_after, lets_go_after=lets_go_after)

        assert (await healthy.run()).place == GROUP.key
        assert healthy.sockets >= 2
        assert healthy.now < 10


async def test_the_longer_the_window_the_more_rounds(world: Make) -> None:
    quick = world()
    await quick.run()
    slow = world(welcomes_after=0.15)
    await slow.run()

    assert slow.sockets > quick.sockets


@pytest.mark.parametrize(
    ("welcomes_after", "stays", "away"),
    [
        (0.05, 0.25, 0.05),
        (0.2, 0.5, 0.1),
        (0.28, 0.7, 0.6),
        (0.5, 0.8, 0.2),
        (0.8, 1.0, 0.2),
        (0.5, 2.0, 0.3),
        (1.0, 3.0, 0.5),
    ],
)
async def test_somebody_who_reconnects_in_a_loop_elsewhere_is_never_taken_for_us(
    world: Make, welcomes_after: float, stays: float, away: float
) -> None:
    for number in range(100):
        looping = world(uses_it=False, welcomes_after=welcomes_after, stranger=(stays, away))
        looping.now = number * 0.21

        with pytest.raises((UnprovenError, NothingCameError)):
            await looping.run()


async def reason_of(world: World) -> str:
    with pytest.raises(UnprovenError) as doubt:
        await world.run()
    return doubt.value.reason


async def test_others_of_the_account_who_come_and_go_leave_it_open(world: Make) -> None:
    assert "cannot be told" in await reason_of(world(stranger=(0.3, 0.2)))


async def test_others_who_stay_do_not_matter(world: Make) -> None:
    assert await world(stranger=(1000.0, 1.0)).run()


async def test_a_server_that_welcomes_slowly_is_not_proven_and_that_is_said(world: Make) -> None:
    slow = world(welcomes_after=0.8)

    assert "takes so long to be welcomed" in await reason_of(slow)
    assert slow.sockets > 2, "it was tried again"


async def test_nor_is_one_that_lets_go_late(world: Make) -> None:
    assert "so long after it was closed" in await reason_of(world(lets_go_after=0.9))


async def test_a_membership_that_stays_is_not_ours(world: Make) -> None:
    assert "stayed when it was closed" in await reason_of(world(lets_go_after=100.0))


async def test_nobody_came(world: Make) -> None:
    with pytest.raises(NothingCameError):
        await world(uses_it=False).run()
