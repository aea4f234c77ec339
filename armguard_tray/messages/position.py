"""Where a desk stands in the event log of a server that has the live app."""

from dataclasses import dataclass
from datetime import datetime

MAX_EPOCH = 64
"""Characters of an epoch's name; more is no name but an attack."""


@dataclass(frozen=True, slots=True)
class Position:
    """An event's place in the log, and thereby all that lies before it.

    Attributes:
        epoch: under which the numbers count; those of another epoch say nothing.
        seq: the event's number.

    """

    epoch: str
    seq: int


@dataclass(frozen=True, slots=True)
class Reached:
    """How far a desk has all that is for it.

    Attributes:
        account: whose events they are: besides those for everybody there are personal ones.
        position: up to where.
        at: when that was so, aware.

    """

    account: str
    position: Position
    at: datetime


@dataclass(frozen=True, slots=True)
class ResumePoint:
    """From where a desk asks a server to go on.

    Attributes:
        client: what this installation calls itself to that server, the same for ever.
        position: up to where it has all; None if it never followed this server's log.
        at: when it had all up to there, aware.

    """

    client: str
    position: Position | None = None
    at: datetime | None = None
