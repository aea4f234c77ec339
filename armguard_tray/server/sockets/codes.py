"""Why a socket is closed, as a client is told: an error frame, then the close code with its reason. Pure."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import msgspec

REASON_LIMIT: Final = 123
"""Bytes: a close frame carries 125, two of which are the code (RFC 6455, section 5.5)."""


class Code(IntEnum):
    """The close codes of the protocol."""

    SERVER_ERROR = 4000
    UNAUTHORIZED = 4001
    REPLACED = 4008
    RATE_LIMITED = 4029
    TOO_MANY = 4030


@dataclass(frozen=True, slots=True)
class Ending:
    """One way in which the server ends a connection.

    Attributes:
        code: the close code.
        message: the cause, for a person.

    """

    code: Code
    message: str

    @property
    def frame(self) -> str:
        """The frame that is sent before the close."""
        return _text({"type": "error", "code": int(self.code), "message": self.message})

    @property
    def reason(self) -> str:
        """The close frame's reason: JSON that fits, if need be with a shorter message."""
        message = self.message
        while len((reason := _text({"code": int(self.code), "message": message})).encode()) > REASON_LIMIT:
            message = message[:-1]
        return reason


def complaint(message: str) -> str:
    """Return the frame that tells a client of a message that makes no sense; it stays connected."""
    return _text({"type": "error", "message": message})


def _text(frame: dict[str, object]) -> str:
    return msgspec.json.encode(frame).decode()


NOT_LOGGED_IN: Final = Ending(Code.UNAUTHORIZED, "not logged in")
LOGGED_OUT: Final = Ending(Code.UNAUTHORIZED, "logged out")
REPLACED: Final = Ending(Code.REPLACED, "replaced by a newer connection of the same client")
TOO_MANY_MESSAGES: Final = Ending(Code.RATE_LIMITED, "too many messages")
READS_TOO_SLOWLY: Final = Ending(Code.RATE_LIMITED, "reads too slowly")
BROKEN: Final = Ending(Code.SERVER_ERROR, "server error")
NO_ANSWER: Final = Ending(Code.SERVER_ERROR, "the server did not answer in time")
NO_EVENT_LOG: Final = Ending(Code.SERVER_ERROR, "the event log cannot be read")
NOTHING_HERE: Final = Ending(Code.SERVER_ERROR, "there is no socket at this address")
SWITCHED_OFF: Final = Ending(Code.SERVER_ERROR, "real time is switched off")


def too_many_connections(limit: int) -> Ending:
    """Return the refusal of a user who already has as many connections as allowed."""
    return Ending(Code.TOO_MANY, f"no more than {limit} connections a user")
