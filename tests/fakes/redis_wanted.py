"""A Redis that somebody has named for a checkup."""

from armguard_tray.checkup.redis_search import RedisWanted
from armguard_tray.settings.model import RedisSettings


def named(address: str, password: str | None = None, **settings: str) -> RedisWanted:
    """Return what is asked of a checkup that is to look at `address`."""

    async def its_password() -> str | None:
        return password

    return RedisWanted(
        settings=RedisSettings(address=address, **settings), is_named=True, password=its_password
    )
