"""Accounts of a real redis-server, and one that is full."""

from redis.asyncio import Redis
from redis.exceptions import OutOfMemoryError

from armguard_tray.redis_probe.permissions import read_only_rules

READER, SECRET = "reader", "a secret"


def account(rules: str, name: str = READER) -> tuple[str, ...]:
    """Return the options that make an account."""
    return ("--user", name, "on", f">{SECRET}", *rules.split())


def reader_without(rule: str) -> tuple[str, ...]:
    """Return the options that make the read-only account, but for one rule."""
    return account(" ".join(each for each in read_only_rules().split() if each != rule))


async def fill(port: int) -> None:
    """Write until Redis takes nothing more."""
    async with Redis(port=port) as client:
        for number in range(1_000_000):
            try:
                await client.set(f"filler-{number}", "x" * 5_000)
            except OutOfMemoryError:
                return
