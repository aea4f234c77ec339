"""What is asked of whoever looks at Redis for people, and what it tells."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from armguard_tray.diagnosis.facts import Facts
from armguard_tray.settings.model import RedisSettings

AT_MOST_EVERY = 10.0
"""Seconds between the beginnings of two looks at one Redis, and of two proofs, whoever asks."""


@dataclass(frozen=True, slots=True)
class RedisAsked:
    """Where to look.

    Attributes:
        settings: where Redis is, or may be.
        password: for it; empty for none; None: the one that is stored.

    """

    settings: RedisSettings
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisSeen:
    """What is known of a Redis, and of what the server does with it.

    Attributes:
        facts: `redis` is None where nothing was looked at.
        at: when it was looked, aware; None: not yet.
        address: where, as the settings have an address; empty where there is nowhere to look.
        why: why there, a few words.
        trouble: what kept from looking, or from looking as asked; a sentence, or empty.

    """

    facts: Facts
    at: datetime | None = None
    address: str = ""
    why: str = ""
    trouble: str = ""


class RedisSource(Protocol):
    """Looks at Redis for people. What it does may be cancelled at any time."""

    def seen(self, asked: RedisAsked) -> RedisSeen:
        """Return what is known now; nothing is asked."""
        ...

    async def look(self, asked: RedisAsked, *, anew: bool = False) -> None:
        """Look, unless that was done within the last `AT_MOST_EVERY` seconds.

        A password that was refused is sent again, and a Redis that was looked at within that time as another
        user or in another database is looked at, only with `anew`, because the user asks.
        """
        ...

    async def prove(self, asked: RedisAsked) -> None:
        """Look within 10 s whether the server uses the Redis that was found; nothing is written.

        Nothing is done within `AT_MOST_EVERY` seconds of the last proof; what was refused is not sent again.
        """
        ...
