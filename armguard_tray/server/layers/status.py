"""What is known of the channel layer of this process."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Literal

InUse = Literal["redis", "memory", "none"]

DEAF = (
    "The channel layer is in memory: what other processes announce is not heard here at once. "
    "Where more than one process runs (gunicorn beside daphne, several workers), Redis is needed."
)
_SEVERAL = (
    "Several processes serve sockets, and the channel layer is in memory: what is announced in one of them "
    "reaches the clients of the others late. Redis is needed."
)
_NOT_ALONE = "The server's settings say that it has one process only, which is not so."


@dataclass(frozen=True, slots=True)
class LayerStatus:
    """What carries messages in this process.

    Attributes:
        in_use: "none" where nothing is configured, where it is not known, or before the first use.
        why: in plain words; never holds a password.
        since: when that began.
        address: of Redis, without user and password; empty where there is none.
        warning: what an admin should do something about.
        alone: whether the settings say that no other process announces or serves anything.

    """

    in_use: InUse
    why: str
    since: datetime
    address: str = ""
    warning: str | None = None
    alone: bool = False


def no_layer(alias: str) -> LayerStatus:
    """Return the status where CHANNEL_LAYERS has no such entry."""
    why = f"CHANNEL_LAYERS has no entry {alias!r}."
    return LayerStatus("none", why, datetime.now(UTC), warning="No channel layer is configured.")


def foreign_status(layer: Any) -> LayerStatus:
    """Return what can be said of a layer that is not ours; whether its Redis answers is not known."""
    names = {f"{base.__module__}.{base.__qualname__}" for base in type(layer).__mro__}
    own = f"{type(layer).__module__}.{type(layer).__qualname__}"
    now = datetime.now(UTC)
    if "channels.layers.InMemoryChannelLayer" in names:
        return LayerStatus("memory", f"The settings name {own}.", now, warning=memory_warning(sys.argv))
    if any(name.startswith("channels_redis.") for name in names):
        why = f"The settings name {own}; whether Redis answers is not known."
        return LayerStatus("redis", why, now)
    return LayerStatus("none", f"The settings name {own}; how it carries messages is not known.", now)


def memory_warning(argv: Sequence[str]) -> str | None:
    """Return what is wrong with a layer in memory; nothing where `manage.py runserver` is all there is."""
    return None if "runserver" in argv[1:2] else DEAF


def several_warning(*, alone: bool) -> str:
    """Return what is wrong with a layer in memory where several processes serve sockets.

    `alone` is whether the settings deny that.
    """
    return f"{_SEVERAL} {_NOT_ALONE}" if alone else _SEVERAL


def beside_others(status: LayerStatus) -> LayerStatus:
    """Return the status of a process that serves sockets as others do: memory will not do then."""
    if status.in_use != "memory":
        return status
    return replace(status, warning=several_warning(alone=status.alone))
