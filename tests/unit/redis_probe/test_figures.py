"""INFO becomes figures, whatever it holds."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from armguard_tray.redis_probe.figures import RedisFigures, figures, percentile

INFO: dict[str, object] = {
    "role": "slave",
    "uptime_in_seconds": 3600,
    "run_id": "4d98fcc4",
    "used_memory": 1000,
    "mem_not_counted_for_evict": 100,
    "maxmemory": 2000,
    "maxmemory_policy": "noeviction",
    "evicted_keys": 7,
    "rejected_connections": 3,
    "rdb_last_bgsave_status": "err",
    "rdb_last_bgsave_time_sec": 0,
    "rdb_last_save_time": 1_795_575_000,
    "server_time_usec": 1_795_575_060_500_000,
}


def test_what_info_tells() -> None:
    found = figures(INFO, pings=[3.0, 1.0, 2.0])

    assert found.role == "replica"
    assert found.uptime == timedelta(hours=1)
    assert found.used_memory == 900  # buffers for replicas do not count against the limit
    assert found.last_save_ok is False
    assert found.last_save_ago == timedelta(minutes=1)
    assert found.pings == (1.0, 2.0, 3.0)
    assert (found.evicted, found.evicted_lately) == (7, None)


def test_an_old_redis_tells_less() -> None:
    found = figures({"redis_version": "5.0.14", "role": "master"})

    assert (found.role, found.max_clients, found.last_save_ago) == ("master", None, None)


def test_a_run_id_of_digits_alone_is_one() -> None:
    assert figures({"run_id": 1234}).run_id == "1234"


@pytest.mark.parametrize(
    ("now", "lately", "restarted"),
    [
        (INFO | {"evicted_keys": 9}, 2, False),
        (INFO | {"evicted_keys": 4}, 4, False),  # CONFIG RESETSTAT
        (INFO | {"evicted_keys": 9, "run_id": "another"}, 9, True),
        ({"evicted_keys": 9, "uptime_in_seconds": 5}, 9, True),
        ({}, None, False),
    ],
)
def test_what_happened_since_the_look_before(
    now: dict[str, object], lately: int | None, *, restarted: bool
) -> None:
    found = figures(now, figures(INFO))

    assert (found.evicted_lately, found.restarted) == (lately, restarted)


@pytest.mark.parametrize(
    ("used", "policy", "full"),
    [
        (100, "noeviction", True),
        (99, None, True),
        (98, "noeviction", False),
        (100, "allkeys-lru", False),
        (None, "noeviction", False),
    ],
)
def test_full_is_what_takes_nothing_new(used: int | None, policy: str | None, *, full: bool) -> None:
    assert RedisFigures(used_memory=used, max_memory=100, policy=policy).full is full


def test_without_a_limit_nothing_is_full() -> None:
    assert not RedisFigures(used_memory=100, max_memory=0, policy="noeviction").full


@pytest.mark.parametrize(("percent", "value"), [(50, 3.0), (99, 5.0), (100, 5.0), (0, 1.0)])
def test_percentiles(percent: float, value: float) -> None:
    assert percentile((1.0, 2.0, 3.0, 4.0, 5.0), percent) == value


def test_a_percentile_of_nothing_is_unknown() -> None:
    assert percentile((), 50) is None


ANYTHING = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.just({"a": 1}))


@given(st.dictionaries(st.sampled_from([*INFO, "loading"]), ANYTHING), st.booleans())
def test_whatever_info_holds_there_are_figures(info: dict[str, object], again: bool) -> None:  # noqa: FBT001 - drawn by hypothesis
    found = figures(info, figures(INFO) if again else None)

    assert found.used_memory is None or found.used_memory >= 0
    assert found.evicted_lately is None or found.evicted_lately >= 0
    assert found.role in {None, "master", "replica"}
