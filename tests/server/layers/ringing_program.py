"""A process that rings the doorbell and ends at once, as a management command does.

    python -m tests.server.layers.ringing_program URL HOW

HOW is "once"; "frozen", with the time limits that it has in service; or "forked": then a parent that has rung
forks while that is still importing what it needs, and the child rings.
"""

import os
import sys
import threading
from importlib.abc import MetaPathFinder
from typing import Any

from django.conf import settings


class HeldImport(MetaPathFinder):
    """Holds up the import of one module."""

    def __init__(self, name: str) -> None:
        self.begun, self.let = threading.Event(), threading.Event()
        self._name = name

    def find_spec(self, name: str, *_: object) -> None:
        """Leave it to the next finder."""
        if name == self._name:
            self.begun.set()
            self.let.wait()


def main(url: str, how: str) -> None:
    """Ring."""
    from armguard_tray.server import doorbell  # noqa: PLC0415 - not before there are settings
    from armguard_tray.server.layers import channel_layers  # noqa: PLC0415 - as above
    from tests.server.layers.test_doorbell import event  # noqa: PLC0415 - as above

    patience: dict[str, Any] = {"look_timeout": 10.0, "send_timeout": 10.0} if how != "frozen" else {}
    settings.configure(
        CHANNEL_LAYERS=channel_layers(
            redis_url=url, symmetric_encryption_keys=["a key of the tests"], **patience
        ),
        ARMGUARD_LIVE={"DOORBELL_TIMEOUT": 10.0} if patience else {},
    )
    held = HeldImport("channels_redis.core")
    if how == "forked":
        sys.meta_path.insert(0, held)
    doorbell.ring([event(1)], [("stock_group", {"type": "stock"})])
    if sys.platform != "win32" and how == "forked":
        held.begun.wait()
        os.register_at_fork(before=held.let.set)  # called before the doorbell's, which came earlier
        child = os.fork()
        if child == 0:
            doorbell.ring([event(2)])
            return
        os.waitpid(child, 0)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
