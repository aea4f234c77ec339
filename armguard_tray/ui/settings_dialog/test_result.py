"""What came of *Test*: the first rungs of the ladder, and the answer in words."""

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from armguard_tray.connection.phase import Need
from armguard_tray.diagnosis.ladder import Rung, RungId
from armguard_tray.settings.model import ServerSettings

TESTED = (RungId.NAME, RungId.TCP, RungId.TLS, RungId.HTTP, RungId.LOGIN, RungId.SESSION)
"""The rungs that a test climbs, from the bottom."""


@dataclass(frozen=True, slots=True)
class TestResult:
    """The outcome of a test, in words.

    Attributes:
        ok: whether the server let this desk in, and all rungs up to the session were seen to hold.
        message: what happened, one sentence.
        remedy: what to do about it; may be empty.
        need: what only the user can mend, so that the sentence stands beside the field for it too.
        beside: a shorter sentence to stand there, where the message would take more than its line.
        copy: a text to copy, such as a command for the server; empty if none.
        rungs: those of `TESTED` as they are in the end; empty if none was looked at.

    """

    __test__: ClassVar[bool] = False  # pytest takes a class of this name for tests

    ok: bool
    message: str
    remedy: str = ""
    need: Need | None = None
    copy: str = ""
    rungs: tuple[Rung, ...] = ()
    beside: str = ""


Progress = Callable[[Sequence[Rung]], None]
"""Is told the rungs of `TESTED` whenever more is known of one."""

# Tries to log in, once; a password of None means the one that is stored. It may be cancelled at any time.
Tester = Callable[[ServerSettings, str | None, Progress], Coroutine[Any, Any, TestResult]]
