"""A demo server that is started by hand is the server's only process, and looks like the tray's own demo."""

import os
import subprocess
import sys

import pytest

SHOW = (
    "from armguard_tray.server.demo.live import settings\n"
    "print(settings.CHANNEL_LAYERS['default']['CONFIG']['single_process'])"
)


@pytest.mark.parametrize(("said", "alone"), [(None, "True"), ("yes", "True"), ("", "False")])
def test_it_is_alone_unless_somebody_says_that_it_is_not(said: str | None, alone: str) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ARMGUARD_")}
    if said is not None:
        environment["ARMGUARD_DEMO_ALONE"] = said

    shown = subprocess.run(
        [sys.executable, "-c", SHOW], env=environment, capture_output=True, text=True, check=True
    )

    assert shown.stdout.strip() == alone
