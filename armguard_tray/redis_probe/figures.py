"""PURE: what INFO tells of a Redis, as figures; what is wrong in them is said by `diagnosis`."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from armguard_tray.messages.plain_text import plain

_MOST = 2**63 - 1
_MOST_SECONDS = 10**10
_FULL = 0.99
"""The part of the limit that counts as reached: clients' buffers come and go, and the last bit is no use."""
_MASTER, _REPLICA = "master", "replica"


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisFigures:
    """The figures of one look; None is what this Redis does not tell, or does not let this account read.

    Attributes:
        role: "master" or "replica".
        uptime: since its start.
        run_id: another one after each start.
        restarted: whether `run_id` or a shorter uptime shows a restart since the look before.
        used_memory, max_memory: bytes, of those that count against the limit; 0 is no limit.
        policy: what is done when memory is full: "noeviction" and others.
        evicted, refused: keys evicted, and connections refused, since its start.
        evicted_lately, refused_lately: the same since the look before.
        clients, max_clients, blocked_clients: connections now, the most there may be, those that wait in it.
        loading: whether it is still loading its data.
        last_save_ok: whether the last background save succeeded; last_save_ago: how long ago that was, None
            if there was none since its start.
        pings: round trips of this look in milliseconds, ascending.
        missing: what the account may not do, each with what that costs: ("info", "its figures stay unknown").

    """

    role: str | None = None
    uptime: timedelta | None = None
    run_id: str | None = None
    restarted: bool = False
    used_memory: int | None = None
    max_memory: int | None = None
    policy: str | None = None
    evicted: int | None = None
    refused: int | None = None
    evicted_lately: int | None = None
    refused_lately: int | None = None
    clients: int | None = None
    max_clients: int | None = None
    blocked_clients: int | None = None
    loading: bool | None = None
    last_save_ok: bool | None = None
    last_save_ago: timedelta | None = None
    pings: tuple[float, ...] = ()
    missing: tuple[tuple[str, str], ...] = ()

    @property
    def full(self) -> bool:
        """Whether it takes nothing new, since its memory has reached the limit and nothing may go."""
        if not self.max_memory or self.used_memory is None:
            return False
        keeps_all = self.policy in {None, "noeviction"}
        return keeps_all and self.used_memory >= _FULL * self.max_memory

    def ping(self, percent: float) -> float | None:
        """Return the round trip in milliseconds that so many percent of this look's pings do not exceed."""
        return percentile(self.pings, percent)


def figures(
    info: Mapping[str, object],
    before: RedisFigures | None = None,
    *,
    pings: Sequence[float] = (),
    missing: Sequence[tuple[str, str]] = (),
) -> RedisFigures:
    """Return the figures of a look from what INFO told.

    Args:
        info: the fields of INFO, as redis-py reads them; what is of no use there counts as not told.
        before: the figures of the look before at the same Redis.
        pings: round trips in milliseconds.
        missing: what the account may not do, with what that costs.

    """
    uptime, run_id = _seconds(info, "uptime_in_seconds"), _text(info, "run_id")
    restarted = before is not None and _restarted(before, uptime, run_id)
    evicted, refused = _count(info, "evicted_keys"), _count(info, "rejected_connections")
    return RedisFigures(
        role={"master": _MASTER, "slave": _REPLICA, "replica": _REPLICA}.get(_text(info, "role") or ""),
        uptime=uptime,
        run_id=run_id,
        restarted=restarted,
        used_memory=_used_memory(info),
        max_memory=_count(info, "maxmemory"),
        policy=_text(info, "maxmemory_policy"),
        evicted=evicted,
        refused=refused,
        evicted_lately=_lately(evicted, before.evicted, restarted=restarted) if before else None,
        refused_lately=_lately(refused, before.refused, restarted=restarted) if before else None,
        clients=_count(info, "connected_clients"),
        max_clients=_count(info, "maxclients"),
        blocked_clients=_count(info, "blocked_clients"),
        loading=_flag(info, "loading"),
        last_save_ok={"ok": True, "err": False}.get(_text(info, "rdb_last_bgsave_status") or ""),
        last_save_ago=_last_save_ago(info),
        pings=tuple(sorted(pings)),
        missing=tuple(missing),
    )


def percentile(values: Sequence[float], percent: float) -> float | None:
    """Return the smallest of the ascending `values` that `percent` of them do not exceed; None of none."""
    if not values:
        return None
    return values[max(0, math.ceil(len(values) * percent / 100) - 1)]


def _restarted(before: RedisFigures, uptime: timedelta | None, run_id: str | None) -> bool:
    if before.run_id is not None and run_id is not None:
        return before.run_id != run_id
    return before.uptime is not None and uptime is not None and uptime < before.uptime


def _lately(now: int | None, before: int | None, *, restarted: bool) -> int | None:
    if now is None or before is None:
        return None
    # CONFIG RESETSTAT lets a counter begin anew, as a restart does.
    return now if restarted or now < before else now - before


def _used_memory(info: Mapping[str, object]) -> int | None:
    used = _count(info, "used_memory")
    if used is None:
        return None
    # Buffers for replicas do not count (freeMemoryIfNeeded in Redis's evict.c).
    return max(0, used - (_count(info, "mem_not_counted_for_evict") or 0))


def _last_save_ago(info: Mapping[str, object]) -> timedelta | None:
    # Without a save since the start, rdb_last_save_time is the time of the start.
    if info.get("rdb_last_bgsave_time_sec") == -1:
        return None
    saved, microseconds = _count(info, "rdb_last_save_time"), _count(info, "server_time_usec")
    if saved is None or microseconds is None:
        return None
    return timedelta(seconds=min(max(0, microseconds // 10**6 - saved), _MOST_SECONDS))


def _count(info: Mapping[str, object], name: str) -> int | None:
    value = info.get(name)
    is_count = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MOST
    return value if is_count and isinstance(value, int) else None


def _flag(info: Mapping[str, object], name: str) -> bool | None:
    value = _count(info, name)
    return None if value is None else value != 0


def _seconds(info: Mapping[str, object], name: str) -> timedelta | None:
    value = _count(info, name)
    return None if value is None or value > _MOST_SECONDS else timedelta(seconds=value)


def _text(info: Mapping[str, object], name: str) -> str | None:
    value = info.get(name)
    # redis-py makes a number of what looks like one: a run id may be all digits.
    return plain(str(value)) if isinstance(value, str | int | float) and value != "" else None
