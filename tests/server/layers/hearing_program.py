"""A process that hears the others, and does one thing more when it is told.

    python -m tests.server.layers.hearing_program URL DEED

DEED is "join_again" or "tell_replaced", as `Bells` has them. The process joins the doorbell's group, waits
for a line, does it, and says what the layer then uses. The layer's own checks are so seldom that only the
deed can have noticed what has become of Redis.
"""

import asyncio
import sys
from typing import Any, Final

import django
from django.conf import settings

from armguard_tray.server.layers import channel_layers, layer_status
from armguard_tray.tasks import TaskKeeper

_SELDOM: Final = 3600.0


async def main(deed: str) -> None:
    """Hear, and do it."""
    from armguard_tray.server.sockets.bells import Bells  # noqa: PLC0415 - not before there are settings

    # The times that both have in service: the layer's for an operation is the same.
    bells = Bells(_ignore, _ignore, seconds=2.0, pause=_SELDOM)
    keeper = TaskKeeper("test")
    keeper.start(bells.run(), name="bells")
    try:
        await asyncio.to_thread(sys.stdin.readline)
        if deed == "join_again":
            await bells.join_again()
        else:
            await bells.tell_replaced(["a lease"])
    except TimeoutError:
        pass  # the answer tells what came of it
    finally:
        print(layer_status().in_use, flush=True)  # noqa: T201 - its standard output is read by the test
        await keeper.close()


def _ignore(_: Any) -> None:
    pass


if __name__ == "__main__":
    settings.configure(
        INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "armguard_tray.server"],
        CHANNEL_LAYERS=channel_layers(
            redis_url=sys.argv[1],
            symmetric_encryption_keys=["a key of the tests"],
            check_every=_SELDOM,
            renew_every=_SELDOM,
            send_timeout=2.0,
        ),
    )
    django.setup()
    asyncio.run(main(sys.argv[2]))
