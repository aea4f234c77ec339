"""What a client of `/ws/live/` asks for in its address. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl

from armguard_tray.messages.streams import Stream

STREAMS: Final = (Stream.NOTIFICATIONS, Stream.TRANSACTIONS, Stream.INVENTORY)
"""What the event log holds. Presence is no event that could be missed."""

_FIELDS: Final = 20
_NUMBER: Final = re.compile(r"[0-9]{1,18}")  # fits the log's 64 bits
_NAME: Final = re.compile(r"[0-9A-Za-z_-]{1,64}")


class BadQueryError(ValueError):
    """The address asks for something that does not exist; the message is for the client."""


@dataclass(frozen=True, slots=True)
class LiveQuery:
    """What is asked for.

    Attributes:
        streams: what to send.
        epoch, since: the client's last event; None for both: only what comes from now on.
        client: names the client, so that a new connection of it replaces the old; empty if it has no name.
        acks: whether the client acknowledges what it got.

    """

    streams: frozenset[Stream] = frozenset(STREAMS)
    epoch: str | None = None
    since: int | None = None
    client: str = ""
    acks: bool = False


def read_query(query_string: bytes) -> LiveQuery:
    """Return what `query_string` asks for. Fields that are not known are passed over.

    Raises:
        BadQueryError: it asks for what cannot be.

    """
    try:
        given = dict(parse_qsl(query_string.decode("ascii"), keep_blank_values=True, max_num_fields=_FIELDS))
    except ValueError as error:
        raise BadQueryError("the address cannot be read") from error
    epoch, since = _position(given)
    return LiveQuery(
        streams=_streams(given),
        epoch=epoch,
        since=since,
        client=_name(given, "client") or "",
        acks=_flag(given, "acks"),
    )


def _streams(given: Mapping[str, str]) -> frozenset[Stream]:
    if "streams" not in given:
        return frozenset(STREAMS)
    known = {stream.value: stream for stream in STREAMS}
    names = [name for name in given["streams"].split(",") if name]
    if not names:
        raise BadQueryError("no streams named")
    if any(name not in known for name in names):
        raise BadQueryError(f"unknown stream; there are {', '.join(known)}")
    return frozenset(known[name] for name in names)


def _position(given: Mapping[str, str]) -> tuple[str | None, int | None]:
    epoch = _name(given, "epoch")
    since = given.get("since") or None
    if since is not None and not _NUMBER.fullmatch(since):
        raise BadQueryError("since is no event's number")
    resumes = _flag(given, "resume") and epoch is not None and since is not None
    return (epoch, int(since)) if resumes and since is not None else (None, None)


def _flag(given: Mapping[str, str], name: str) -> bool:
    value = given.get(name, "0")
    if value not in {"0", "1"}:
        raise BadQueryError(f"{name} is neither 0 nor 1")
    return value == "1"


def _name(given: Mapping[str, str], name: str) -> str | None:
    value = given.get(name) or None
    if value is not None and not _NAME.fullmatch(value):
        raise BadQueryError(f"{name} is not usable")
    return value
