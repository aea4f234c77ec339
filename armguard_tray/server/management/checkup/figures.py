"""What processes that serve sockets say of how events come to them, in the database."""

import asyncio
from collections.abc import Collection
from typing import Final

from asgiref.sync import sync_to_async

from armguard_tray.server.management.checkup.evidence import Figures
from armguard_tray.server.models import ServerProcess

_LOOK_AGAIN: Final = 0.2


def read_figures(database: str) -> dict[str, Figures]:
    """Return the figures of all processes, by their ids."""
    return {
        row.pk: Figures(
            row.bells, row.healed, row.seen, frozenset(each.get("user") or "" for each in row.connections)
        )
        for row in ServerProcess.objects.using(database).all()
    }


async def newer_figures(database: str, users: Collection[str], seconds: float) -> dict[str, Figures]:
    """Return the figures of the processes to which these users are connected, told after this call began.

    Returns none if that does not come within `seconds`: a process writes its figures now and then.
    """
    now = await sync_to_async(read_figures)(database)
    try:
        async with asyncio.timeout(seconds):
            while True:
                # Nothing but asking tells when another process has written.
                await asyncio.sleep(_LOOK_AGAIN)
                after = await sync_to_async(read_figures)(database)
                theirs = {key: each for key, each in after.items() if not each.users.isdisjoint(users)}
                reached = set(users) <= {user for each in theirs.values() for user in each.users}
                if reached and all(
                    key not in now or each.seen > now[key].seen for key, each in theirs.items()
                ):
                    return theirs
    except TimeoutError:
        return {}
