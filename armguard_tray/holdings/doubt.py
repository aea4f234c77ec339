"""PURE: why it is not certain that a weapon is out, or with whom."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto


class Why(Enum):
    """What speaks against it, or what is lacking for it."""

    UNCHECKED = auto()
    """Nobody has looked yet whether transactions are missing."""
    BEFORE = auto()
    """Its last transaction is older than what the log is complete from on."""
    GAP = auto()
    """The log has gaps since, in which it may have come back or gone to somebody else."""
    PUT_BACK = auto()
    """A later transaction is of a record that the server has no more: a backup was put in place."""
    TAKEN_BEFORE_PUT_BACK = auto()
    """It went out by such a transaction; by the server's present record it did not."""
    ON_ITS_WAY = auto()
    """Newer transactions have come already, but not all before them."""
    STATUS = auto()
    """Its status was set by hand to one that weapons have which are in the armory."""
    SET_ISSUED = auto()
    """Its status was set to Issued by hand; no transaction says who took it."""
    NOT_LISTED = auto()
    """The server does not list it as issued."""
    OTHER_HOLDER = auto()
    """The server lists it as issued to somebody else."""
    OTHER_TIME = auto()
    """The server lists it as issued to the same person, but at another time."""
    ONLY_LISTED = auto()
    """The server lists it as issued; the log has no transaction with which it went out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """One reason.

    Attributes:
        why: which.
        what: a status, a person, or the numbers of a gap; empty where there is none.
        at: when the status was set, the list was asked for, or the gap began; aware.
        listed: since when it is out by the server's list, aware.
        count: how many gaps; a number from which on the log is complete; that of a transaction.

    """

    why: Why
    what: str = ""
    at: datetime | None = None
    listed: datetime | None = None
    count: int = 0
