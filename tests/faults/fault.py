"""What a fault is, and the budgets that a desk has when it meets one."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum
from typing import Final

from tests.faults.stage import USUAL, Setting, Stage

NOTICED_WITHIN: Final = 25.0
NOTICED_AFTER_WAKING_WITHIN: Final = 5.0
BACK_AFTER_SHORT_WITHIN: Final = 5.0  # in 95 of 100 cases
BACK_AFTER_LONG_WITHIN: Final = 60.0


class Outage(Enum):
    """How long the desk cannot be live."""

    NONE = "none"
    """It stays live, or has nothing to notice."""
    SHORT = "short"
    LONG = "long"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something that goes wrong.

    Attributes:
        name: what people call it.
        happens: makes it, and returns when it is over.
        outage: how long the desk cannot be live.
        noticed_within: seconds within which the desk is to say that it is not live.
        setting: what is unusual about the stage.
        repeatable: whether it leaves the stage as it was, so that a soak can make it among others.
        lived: seconds that the desk has to have been live before a soak makes it.
        drops: whether a stock server's layer may lose some of what it was given, of which nobody learns.
            What has no history is then lost before any desk could hear it, until the desk subscribes anew.
        deafens: whether the open sockets of a stock server hear nothing more. A desk finds and declares that,
            unless the next fault of a soak cuts it off before it can.

    """

    name: str
    happens: Callable[[Stage], Awaitable[None]]
    outage: Outage = Outage.SHORT
    noticed_within: float = NOTICED_WITHIN
    setting: Setting = USUAL
    repeatable: bool = False
    lived: float = 0.0
    drops: bool = False
    deafens: bool = False


class NotMadeError(Exception):
    """This fault cannot be made on this machine; the text says why.

    Attributes:
        excused: whether it takes rights that a tester need not have, and not only what is to be installed.

    """

    def __init__(self, why: str, *, excused: bool = False) -> None:
        """Say why."""
        super().__init__(why)
        self.excused = excused
