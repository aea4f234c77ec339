"""The checkup of the running tray: whose login it uses, and who looks at Redis."""

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from armguard_tray.app import tray_check
from armguard_tray.app.tray_check import Known, TrayCheck
from armguard_tray.catchup.audit_found import AuditFound
from armguard_tray.checkup import checkup
from armguard_tray.checkup.account import RunningLogin
from armguard_tray.checkup.checkup import Asked
from armguard_tray.checkup.limits import Limits
from armguard_tray.checkup.redis_source import RedisAsked, RedisSeen
from armguard_tray.checkup.redis_watch import RedisWatch
from armguard_tray.connection.session import Standing
from armguard_tray.diagnosis.facts import Facts, Keeping, ToastsFound
from armguard_tray.settings.model import RedisSettings, ServerSettings, Settings
from armguard_tray.ui.health_panel.checker import HELD_AT_MOST
from tests.fakes.clock import FakeClock
from tests.fakes.redis_seen import AILING, DOWN, NOT_LOOKED, PROVEN
from tests.fakes.stream_health import healthy

if TYPE_CHECKING:
    from armguard_tray.diagnosis.ladder import Diagnosis

SERVER = ServerSettings(address="https://armory.local:8443", username="sgt.reyes")
AUDIT = AuditFound(at=FakeClock().now(), ms=80, complete_to=48211)


class FakeCheckup:
    """Finds the same each time; keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.limits = Limits()
        self.accounts: list[Any] = []

    async def check(
        self, asked: Asked, account: Any, *, clock: FakeClock, progress: Any, limits: Limits
    ) -> Facts:
        self.asked.append(asked)
        self.accounts.append(account)
        self.limits = limits
        toasts = await asked.toasts() if asked.toasts is not None else None
        facts = Facts(now=clock.now(), audit=AUDIT, toasts=toasts)
        progress(facts)
        return facts


class FakeWatch(RedisWatch):
    """Has looked at Redis as the test says.

    Attributes:
        found: what is known of Redis.
        looks: where was looked.

    """

    def __init__(self) -> None:
        self.found = DOWN
        self.looks: list[RedisAsked] = []
        self.audits: list[AuditFound | None] = []

    def seen(self, asked: RedisAsked) -> RedisSeen:
        return self.found if asked in self.looks else NOT_LOOKED

    async def look(self, asked: RedisAsked, *, anew: bool = False) -> None:
        assert not anew, "it is the user's word that a refused password may be sent again"
        self.looks.append(asked)

    def take_audit(self, audit: AuditFound | None) -> None:
        self.audits.append(audit)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeCheckup:
    made = FakeCheckup()
    monkeypatch.setattr(checkup, "check", made.check)
    return made


@pytest.fixture
def watch() -> FakeWatch:
    return FakeWatch()


class FakeToasts:
    """Whether toasts are held back.

    Attributes:
        off: why.

    """

    off = ""

    async def found(self) -> ToastsFound:
        return ToastsFound(by="the tray icon", off=self.off)


@pytest.fixture
def toasts() -> FakeToasts:
    return FakeToasts()


@pytest.fixture
def check(clock: FakeClock, watch: FakeWatch, toasts: FakeToasts) -> TrayCheck:
    known = Known(
        settings=Settings(server=SERVER),
        standing=Standing,
        streams=lambda: healthy().streams,
        keeping=Keeping.KEYRING,
        toasts=toasts.found,
        redis=watch,
    )
    return TrayCheck(known, clock)


async def test_it_uses_the_login_and_the_streams_of_the_running_connection(
    fake: FakeCheckup, check: TrayCheck
) -> None:
    told: list[Diagnosis] = []
    await check(told.append)

    assert isinstance(fake.accounts[0], RunningLogin)
    assert fake.accounts[0].streams == healthy().streams
    assert len(told) == 1


def evidence(diagnosis: "Diagnosis", rung_id: str) -> str:
    return next(rung.evidence for rung in diagnosis.rungs if rung.id == rung_id)


async def test_redis_is_looked_at_by_the_one_who_looks_for_the_page_redis_too(
    fake: FakeCheckup, check: TrayCheck, watch: FakeWatch
) -> None:
    found = await check(lambda _: None)

    assert watch.looks == [RedisAsked(RedisSettings())]
    assert [asked.redis for asked in fake.asked] == [None], "nobody else"
    assert "Nothing listens at 127.0.0.1:6379" in evidence(found, "redis")


async def test_what_was_proven_on_the_page_redis_counts_here(
    fake: FakeCheckup, check: TrayCheck, watch: FakeWatch
) -> None:
    del fake
    watch.found = PROVEN

    assert evidence(await check(lambda _: None), "layer").startswith("Redis, proven: our membership joined")


async def test_whose_figures_a_guessed_redis_tells_is_not_known_before_the_proof(
    fake: FakeCheckup, check: TrayCheck, watch: FakeWatch
) -> None:
    del fake
    watch.found = replace(AILING, facts=replace(AILING.facts, redis_guessed=True, proof=None))
    assert "evicted" not in evidence(await check(lambda _: None), "redis")

    watch.found = replace(AILING, facts=replace(AILING.facts, redis_guessed=True))
    assert "evicted" in evidence(await check(lambda _: None), "redis")


async def test_whether_toasts_are_held_back_is_looked_up_at_each_check(
    fake: FakeCheckup, check: TrayCheck, toasts: FakeToasts
) -> None:
    del fake
    assert "toasts-off" not in codes(await check(lambda _: None))

    toasts.off = "“Do not disturb” is on"
    held_back = await check(lambda _: None)
    assert "toasts-off" in codes(held_back)
    assert evidence(held_back, "toasts") == "the tray icon · “Do not disturb” is on"


def codes(diagnosis: "Diagnosis") -> set[str]:
    return {str(cause.code) for cause in diagnosis.causes}


async def test_the_page_redis_hears_of_the_audit(
    fake: FakeCheckup, check: TrayCheck, watch: FakeWatch
) -> None:
    del fake

    await check(lambda _: None)

    assert watch.audits == [AUDIT]


async def test_whatever_hangs_the_page_has_what_was_found_so_far_in_time(
    fake: FakeCheckup, check: TrayCheck, watch: FakeWatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hangs(*_: object, **__: object) -> None:
        await asyncio.Event().wait()

    limits: list[asyncio.Timeout] = []

    def limited(seconds: float | None) -> asyncio.Timeout:
        limits.append(asyncio.Timeout(when=None))
        assert seconds == tray_check.WITHIN
        return limits[-1]

    def time_is_up(_: object) -> None:
        limits[-1].reschedule(asyncio.get_running_loop().time())

    await check(lambda _: None)
    assert fake.limits.whole < tray_check.WITHIN
    assert tray_check.WITHIN + HELD_AT_MOST <= 15

    monkeypatch.setattr(asyncio, "timeout", limited)
    monkeypatch.setattr(watch, "look", hangs)
    found = await check(time_is_up)

    assert check.found is found
    assert len(fake.asked) == len(watch.audits) == 2
    assert watch.audits[-1] == AUDIT, "it was found before"
    assert evidence(found, "toasts") == "shown by the tray icon", "and so was this"
