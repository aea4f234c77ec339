"""Looks for the server's Redis in one checkup: where it may be, and then where the server says that it is."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from armguard_tray.checkup.limits import Deadline
from armguard_tray.checkup.proof import RedisPlace
from armguard_tray.checkup.redis import Found, best
from armguard_tray.checkup.redis_places import find_redis, trusted_by
from armguard_tray.checkup.redis_watch import is_guessed, redis_places
from armguard_tray.clock import Clock
from armguard_tray.redis_probe.find import Candidate, candidates
from armguard_tray.redis_probe.report import RedisState
from armguard_tray.settings.model import RedisSettings, ServerSettings


async def no_password() -> str | None:
    """Look nothing up."""
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisWanted:
    """Which Redis is to be looked at.

    Attributes:
        settings: its address, CA file and prefix; without an address none is looked at.
        is_named: whether somebody has said that it is there. Else it is looked for, as the page Redis does:
            unless the address is not the usual one, or has a password.
        password: looks up the password of that very address and user; it is sent nowhere else.

    """

    settings: RedisSettings = field(default_factory=RedisSettings)
    is_named: bool = False
    password: Callable[[], Awaitable[str | None]] = no_password


class RedisSearch:
    """One search.

    Attributes:
        found: the Redis that is worth most, of those that were looked at; None where there is none.

    """

    def __init__(self, wanted: RedisWanted, server: ServerSettings, clock: Clock, deadline: Deadline) -> None:
        """Look at nothing yet."""
        self._wanted = wanted
        self._server = server
        self._clock = clock
        self._deadline = deadline
        self._password: str | None = None
        self._looked: dict[str, Found] = {}
        self.found: Found | None = None

    @property
    def is_guessed(self) -> bool:
        """Whether nobody has said that it is there."""
        return not self._wanted.is_named and is_guessed(self._wanted.settings, self._password)

    async def look(self) -> None:
        """Look where it may be, as far as this desk knows."""
        if self._wanted.settings.address:
            self._password = await self._wanted.password()
            await self._look_at(self._places())

    async def look_where_told(self, told: str) -> None:
        """Look where the server says that it is, too; not where somebody has said otherwise."""
        if told and self._wanted.settings.address and self.is_guessed:
            await self._look_at(self._places(told))

    def place(self) -> RedisPlace | None:
        """Return what there is to look into; None where nothing answers."""
        if self.found is None or self.found.report.state is not RedisState.UP:
            return None
        there = self.found.candidate
        return RedisPlace(
            address=there.address,
            password=there.password,
            tls=trusted_by([there], self._ca_file),
            prefix=self._wanted.settings.prefix,
        )

    @property
    def _ca_file(self) -> str:
        return self._wanted.settings.ca_file or self._server.ca_file

    def _places(self, told: str = "") -> tuple[Candidate, ...]:
        settings = self._wanted.settings
        if self.is_guessed:
            return redis_places(settings, None, server=self._server.base_url, told=told)
        return candidates(given=settings.address, password=self._password, only_given=True)

    async def _look_at(self, places: Sequence[Candidate]) -> None:
        new = [each for each in places if each.address not in self._looked]
        try:
            async with asyncio.timeout(self._deadline.left):
                looked = await find_redis(new, trusted_by(new, self._ca_file), self._clock, self._deadline)
        except TimeoutError:
            return  # no time was left: nothing is known of them
        self._looked |= {each.candidate.address: each for each in looked}
        known = [self._looked[each.address] for each in places if each.address in self._looked]
        self.found = best(known)
