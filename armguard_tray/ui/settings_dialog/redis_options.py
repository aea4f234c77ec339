"""PURE: what an admin can do about the channel layer, with the lines to copy."""

from dataclasses import dataclass

from armguard_tray.redis_probe.permissions import read_only_account

WITH_THE_APP = "With the server app (armguard_tray.server), in settings.py"
STOCK = "A stock ArmGuard, in settings.py"
ACCOUNT = "armguard-tray"
_FIRST_WITH_ACCOUNTS, _FIRST_WITH_READ_ONLY_KEYS = 6, 7

_LAYERS = """\
from armguard_tray.server.layers import channel_layers

CHANNEL_LAYERS = channel_layers({})"""
_REDIS_URL = '\n    redis_url="redis://:<password>@127.0.0.1:6379/0",\n'
# `socket_timeout`: longer than the layer's own blocking read of 5 s, or redis-py 8 gives idle sockets up. The
# prefix is ArmGuard's own.
_STOCK_REDIS = """\
CHANNEL_LAYERS = {"default": {
    "BACKEND": "channels_redis.core.RedisChannelLayer",
    "CONFIG": {
        "hosts": [{
            "address": "redis://:<password>@127.0.0.1:6379/0",
            "socket_timeout": 15,
        }],
        "prefix": "armguard:",
        "capacity": 300,
        "expiry": 60,
        "group_expiry": 86400,
        "symmetric_encryption_keys": [SECRET_KEY],
    },
}}"""
_IN_MEMORY = """\
CHANNEL_LAYERS = {
    "default": {"BACKEND": "channels.layers.InMemoryChannelLayer"},
}"""
_REAL_TIME_OFF = 'ARMGUARD_LIVE = {"REAL_TIME": False}'


@dataclass(frozen=True, slots=True)
class Option:
    """Something that can be done.

    Attributes:
        title: what.
        text: when that is right, and what it means.
        copies: what there is to copy, each with where it goes.

    """

    title: str
    text: str
    copies: tuple[tuple[str, str], ...] = ()


OPTIONS = (
    Option(
        "A: Redis connects all processes",
        "Right wherever more than one process serves: gunicorn beside daphne, or several workers. Put the "
        "password into the address; a `password` argument of its own breaks every handshake. Without one it "
        "is redis://127.0.0.1:6379/0. Then restart every process of the server: one that did not find Redis "
        "at its start stays on its memory.",
        ((WITH_THE_APP, _LAYERS.format(_REDIS_URL)), (STOCK, _STOCK_REDIS)),
    ),
    Option(
        "B: in memory, on purpose",
        "Right for one single process (daphne alone), as no Redis is needed. Where there are more, nothing "
        "that one of them announces reaches the desks of another.",
        ((WITH_THE_APP, _LAYERS.format('use="memory", single_process=True')), (STOCK, _IN_MEMORY)),
    ),
    Option(
        "C: real time switched off",
        "Right where no WebSockets can be had. With the server app desks look every 15 s instead; nothing is "
        "missed. A stock ArmGuard has no such switch: without its sockets desks hear nothing.",
        ((WITH_THE_APP, _REAL_TIME_OFF),),
    ),
)


def read_only_option(version: str | None) -> Option:
    """Return how this desk gets an account that can read and change nothing, in a Redis of that version."""
    major = _major(version)
    title = "A read-only account for this desk"
    if major is not None and major < _FIRST_WITH_ACCOUNTS:
        return Option(title, f"Redis {major} has no accounts, only one password: it takes Redis 6 or newer.")
    reads_keys = major is None or major >= _FIRST_WITH_READ_ONLY_KEYS
    return Option(
        title,
        "It suffices for all that this page shows and proves. Choose a password in place of "
        f"CHOOSE-A-PASSWORD, enter the line in redis-cli on its machine, and name {ACCOUNT} in the address "
        f"below: redis://{ACCOUNT}@host:6379/0. CONFIG REWRITE or ACL SAVE keeps it over a restart.",
        (
            (
                "In redis-cli",
                read_only_account(
                    ACCOUNT, _FIRST_WITH_READ_ONLY_KEYS if reads_keys else _FIRST_WITH_ACCOUNTS
                ),
            ),
        ),
    )


def _major(version: str | None) -> int | None:
    first = (version or "").partition(".")[0]
    return int(first) if first.isdecimal() and len(first) <= 3 else None  # noqa: PLR2004 - no version has more
