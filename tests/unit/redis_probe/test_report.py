"""What one look at Redis is said to have found."""

import pytest

from armguard_tray.redis_probe.figures import RedisFigures
from armguard_tray.redis_probe.report import Reason, RedisState, answered, failed, vendor_and_version


@pytest.mark.parametrize(
    ("info", "expected"),
    [
        ({"redis_version": "7.0.15"}, ("Redis", "7.0.15")),
        ({"redis_version": "7.2.4", "valkey_version": "8.1.0"}, ("Valkey", "8.1.0")),
        ({"redis_version": "7.2.5", "memurai_version": "4.1.2"}, ("Memurai", "4.1.2")),
        ({"redis_version": 8.0}, ("Redis", "8.0")),
        ({}, (None, None)),
    ],
)
def test_the_vendors_own_version_comes_before_the_one_it_is_compatible_with(
    info: dict[str, object], expected: tuple[str | None, str | None]
) -> None:
    assert vendor_and_version(info) == expected


def test_a_redis_that_answers_is_up() -> None:
    report = answered("127.0.0.1:6379", vendor="Valkey", version="8.1.0", round_trip=0.0004)

    assert report.state is RedisState.UP
    assert report.sentence == "Valkey 8.1.0 answers at 127.0.0.1:6379."


def test_a_hidden_version_is_said_to_be_hidden_not_made_up() -> None:
    report = answered("127.0.0.1:6379", vendor=None, version=None, round_trip=0.0004)

    assert report.state is RedisState.UP
    assert report.reason is Reason.VERSION_HIDDEN
    assert "+info" in report.remedy


@pytest.mark.parametrize(
    ("figures", "reason", "words"),
    [
        (RedisFigures(role="master"), Reason.ANSWERS, "Redis 7.0.15 answers"),
        (RedisFigures(role="replica"), Reason.REPLICA, "read-only replica"),
        (RedisFigures(used_memory=100, max_memory=100), Reason.FULL, "memory limit"),
    ],
)
def test_a_redis_that_takes_nothing_is_up_but_not_simply_well(
    figures: RedisFigures, reason: Reason, words: str
) -> None:
    report = answered("127.0.0.1:6379", vendor="Redis", version="7.0.15", round_trip=0.0004, figures=figures)

    assert (report.state, report.reason) == (RedisState.UP, reason)
    assert words in report.sentence


ANSWERS = {Reason.ANSWERS, Reason.VERSION_HIDDEN, Reason.REPLICA, Reason.FULL}
FAILURES = [reason for reason in Reason if reason not in ANSWERS]


@pytest.mark.parametrize("reason", FAILURES)
def test_each_failure_is_not_up_and_names_the_place(reason: Reason) -> None:
    report = failed("redis.local:6379", reason, detail="no route to host", timeout=2)

    assert report.state is not RedisState.UP
    assert "redis.local:6379" in report.sentence
    assert report.sentence.endswith(".")


@pytest.mark.parametrize(
    ("reason", "state"),
    [
        (Reason.LOGIN_NEEDED, RedisState.UNUSABLE),
        (Reason.LOGIN_REFUSED, RedisState.UNUSABLE),
        (Reason.NO_PERMISSION, RedisState.UNUSABLE),
        (Reason.LOADING, RedisState.UNUSABLE),
        (Reason.TOO_MANY_CLIENTS, RedisState.UNUSABLE),
        (Reason.PROTECTED_MODE, RedisState.UNUSABLE),
        (Reason.TLS_NEEDED, RedisState.UNCLEAR),
        (Reason.CERTIFICATE, RedisState.UNCLEAR),
        (Reason.NOT_REDIS, RedisState.DOWN),
        (Reason.REFUSED, RedisState.DOWN),
        (Reason.TIMED_OUT, RedisState.DOWN),
    ],
)
def test_a_redis_that_turns_this_desk_away_is_not_nothing(reason: Reason, state: RedisState) -> None:
    assert failed("redis.local:6379", reason).state is state


def test_each_failure_has_words_of_its_own() -> None:
    sentences = {failed("redis.local:6379", reason).sentence for reason in FAILURES}

    assert len(sentences) == len(FAILURES)
