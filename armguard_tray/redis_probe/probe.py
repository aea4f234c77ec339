"""One look at Redis from this desk, with no retry: a wrong password is tried once. Nothing is written.

Sent are PING and INFO, SELECT where the address names a database, and what shows whether the account may read
what a proof of the channel layer needs.
"""

import asyncio
import logging
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import BusyLoadingError, MasterDownError, NoPermissionError, ResponseError

from armguard_tray.messages.plain_text import plain
from armguard_tray.redaction.secrets import Secrets
from armguard_tray.redis_probe.address import Target, target_of
from armguard_tray.redis_probe.client import client_for, understood
from armguard_tray.redis_probe.figures import RedisFigures, figures
from armguard_tray.redis_probe.permissions import COSTS, KEYS
from armguard_tray.redis_probe.reasons import REDIS_TROUBLE, detail_of, reason_of
from armguard_tray.redis_probe.report import Reason, RedisReport, answered, failed, vendor_and_version
from armguard_tray.redis_probe.second_look import second_look

log = logging.getLogger(__name__)

PINGS = 5
_PINGING = 0.5
"""Seconds after which no more pings are sent: over a slow link there are fewer of them."""
_ANY_GROUP = "armguard::group:transactions_feed"

Looked = tuple[RedisReport, RedisFigures | None]


async def look(
    address: str,
    *,
    password: str | None = None,
    tls: ssl.SSLContext | None = None,
    before: RedisFigures | None = None,
    timeout: float = 2.0,  # noqa: ASYNC109 - the report names the time limit
) -> Looked:
    """Look at the Redis at `address`, and return what was found and its figures; None where it told none.

    It takes `timeout` seconds at most, and one more where silence needs a second look.

    Args:
        address: as the settings have it.
        password: None for none.
        tls: whom to trust where the address asks for TLS; None: the system's certificates.
        before: the figures of the look before at the same Redis, to tell what has happened since.
        timeout: seconds.

    Raises:
        ValueError: the address is not one that the settings accept.

    """
    target = target_of(address)
    try:
        async with asyncio.timeout(timeout):
            report, found = await _look(target, password, tls, before)
    except TimeoutError:
        report, found = failed(target.where, Reason.TIMED_OUT, timeout=timeout), None
    better = await second_look(target, report.reason)
    if better is not None:
        report = failed(target.where, better)
    log.info("Redis at %s: %s", target.where, report.reason)
    return report, found


async def _look(
    target: Target, password: str | None, tls: ssl.SSLContext | None, before: RedisFigures | None
) -> Looked:
    try:
        async with client_for(target, password, tls) as client:
            told = await _ask(target, client)
    except REDIS_TROUBLE as error:
        return failed(target.where, reason_of(error), detail=detail_of(error, password)), None
    missing = [(name, COSTS[name]) for name in told.missing]
    found = figures(told.info, before, pings=told.pings, missing=missing)
    if told.trouble is not None:
        return failed(target.where, told.trouble), found
    vendor, version = vendor_and_version(told.info)
    report = answered(
        target.where,
        vendor=vendor,
        version=plain(Secrets([password]).strike(version)) if version else None,
        round_trip=told.pings[0] / 1000,
        figures=found,
    )
    return report, found


@dataclass
class _Told:
    """What one look was told; `trouble` is why Redis answers no ping, though it tells of itself."""

    trouble: Reason | None = None
    pings: list[float] = field(default_factory=list)
    info: Mapping[str, object] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)


async def _ask(target: Target, client: Redis) -> _Told:
    told = _Told()
    started = time.perf_counter()
    try:
        await client.ping()  # it connects too, so it is not one that counts
    except (BusyLoadingError, MasterDownError) as error:
        told.trouble = reason_of(error)
    try:
        with understood():
            told.info = await client.info()
    except ResponseError as error:
        log.debug("INFO at %s: %s", target.where, error)
        told.missing.append("info")
    if told.trouble is None:
        told.missing += await _missing(client, target.database)
        while not told.pings or (len(told.pings) < PINGS and time.perf_counter() - started < _PINGING):
            told.pings.append(await _ping(client))
    return told


async def _ping(client: Redis) -> float:
    """Return the round trip in milliseconds."""
    started = time.perf_counter()
    await client.ping()
    return (time.perf_counter() - started) * 1000


async def _missing(client: Redis, database: int) -> list[str]:
    """Return what the account may not do of what the proof does, by trying it on a group that need not be."""
    pipeline = client.pipeline(transaction=False)
    tries = {
        "time": ("TIME",),
        "zrangebyscore": ("ZRANGEBYSCORE", _ANY_GROUP, 0, 0),
        "ttl": ("TTL", _ANY_GROUP),
        "pubsub|numsub": ("PUBSUB NUMSUB", "armguard:__group__transactions_feed"),
        "select": ("SELECT", database),
    }
    for words in tries.values():
        pipeline.execute_command(*words)
    with understood():
        answers: list[Any] = await pipeline.execute(raise_on_error=False)
    missing: dict[str, None] = {}
    for name, answer in zip(tries, answers, strict=True):
        if isinstance(answer, ResponseError) and not str(answer).startswith("WRONGTYPE"):
            denies_keys = isinstance(answer, NoPermissionError) and " key" in str(answer)
            missing[KEYS if denies_keys else name] = None
    return list(missing)
