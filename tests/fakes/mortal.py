"""Programs that do not outlive the test run that started them."""

import shutil
from collections.abc import Sequence
from typing import Literal


def mortal(command: Sequence[str], by: Literal["INT", "TERM", "KILL"] = "TERM") -> list[str]:
    """Return `command` so that the kernel ends it with us, by that signal, should the test run be killed.

    It has the process id that it is started with. To be run as the user that it is for: a change of user
    would clear the signal (prctl(2), PR_SET_PDEATHSIG).
    """
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", by, "--", *command] if setpriv else list(command)
