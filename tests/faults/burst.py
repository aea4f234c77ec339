"""`python -m tests.faults.burst COUNT`: so many transactions, announced in one burst from one async task.

A process of the site, as a management command is. The stock functions send each announcement by itself and
wait for it; here they are held back and sent one after another without a pause, which is what an async view
does that announces many.
"""

import asyncio
import sys
from collections.abc import Mapping
from typing import Any

import django
from asgiref.sync import sync_to_async

PERSON = "PE-901377241126"
ITEM = "IP-BKP417241126"

Announcement = tuple[str, str, Mapping[str, Any]]


async def burst(count: int) -> None:
    """Make `count` transactions and announce them."""
    from channels.layers import get_channel_layer  # noqa: PLC0415 - Django must be set up before

    layer = get_channel_layer()
    assert layer is not None
    for group, kind, fields in await sync_to_async(_make)(count):
        await layer.group_send(group, {"type": kind, **fields})


def _make(count: int) -> list[Announcement]:
    from django.contrib.auth.models import User  # noqa: PLC0415 - as above

    from armguard_tray.server.demo import announcements, armory, broadcasts  # noqa: PLC0415 - as above

    held_back: list[Announcement] = []
    broadcasts._send = lambda group, kind, fields: held_back.append((group, kind, fields))
    who = User.objects.get(username="armorer1")
    for number in range(count):
        act = armory.take_back if number % 2 else armory.issue
        announcements.transaction_made(act(PERSON, ITEM, who, armory.Load("Guard Duty")))
    return held_back


if __name__ == "__main__":
    django.setup()
    asyncio.run(burst(int(sys.argv[1])))
