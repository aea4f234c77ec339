"""What came of trying to log in with the settings as they stand in the dialog."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, ClassVar

from armguard_tray.connection.phase import Need
from armguard_tray.settings.model import ServerSettings


@dataclass(frozen=True, slots=True)
class TestResult:
    """The outcome of a test, in words.

    Attributes:
        ok: whether the server let this desk in.
        message: what happened, one sentence.
        remedy: what to do about it; may be empty.
        need: what only the user can mend, so that the sentence stands beside the field for it too.

    """

    __test__: ClassVar[bool] = False  # pytest takes a class of this name for tests

    ok: bool
    message: str
    remedy: str = ""
    need: Need | None = None


# Tries to log in; a password of None means the one that is stored. It may be cancelled at any time.
Tester = Callable[[ServerSettings, str | None], Coroutine[Any, Any, TestResult]]
