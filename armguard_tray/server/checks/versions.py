"""PURE: installed versions that do not fit, or have known faults."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from django.core.checks import CheckMessage, Warning  # noqa: A004 - Django's name

Version = tuple[int, ...]

RANGES: Final[Mapping[str, tuple[str, str]]] = {
    "Django": ("4.2", "5.3"),
    "channels": ("4.0", "4.4"),
    "channels-redis": ("4.1", "4.4"),
    "redis": ("4.6", "9"),
}
"""From the first, to below the second."""

PACKAGES: Final = (*RANGES, "daphne")

_SAFE_DAPHNE: Final = (4, 2, 2)
_SHORT_TIMEOUT: Final = (8,)  # redis-py's first version with a socket timeout by default, of 5 s
_BLOCKING_READ: Final = 5.0  # seconds, of channels_redis's core layer
_CORE: Final = "channels_redis.core.RedisChannelLayer"


def version_faults(installed: Mapping[str, str], layers: Mapping[str, Any]) -> list[CheckMessage]:
    """Return what is wrong with `installed` versions by package, used by `layers` as in CHANNEL_LAYERS."""
    return [
        *_out_of_range(installed),
        *_unsafe_daphne(installed),
        *_idle_sockets_closed(installed, layers),
    ]


def parsed(text: str) -> Version:
    """Return a version's leading numbers: (4, 2, 2) of "4.2.2rc1"."""
    found = re.match(r"\d+(?:\.\d+)*", text)
    return tuple(int(part) for part in found[0].split(".")) if found else ()


def _out_of_range(installed: Mapping[str, str]) -> Iterator[CheckMessage]:
    for package, (least, below) in RANGES.items():
        text = installed.get(package)
        if text is not None and not parsed(least) <= parsed(text) < parsed(below):
            yield Warning(
                f"{package} {text} is installed; the app is tried with {least} to below {below}.",
                hint=f"pip install '{package}>={least},<{below}'",
                id="armguard_live.W031",
            )


def _unsafe_daphne(installed: Mapping[str, str]) -> Iterator[CheckMessage]:
    text = installed.get("daphne")
    if text is not None and parsed(text) < _SAFE_DAPHNE:
        yield Warning(
            f"daphne {text} is open to CVE-2026-44545 and CVE-2026-44546.",
            hint="pip install 'daphne>=4.2.2'",
            id="armguard_live.W032",
        )


def _idle_sockets_closed(installed: Mapping[str, str], layers: Mapping[str, Any]) -> Iterator[CheckMessage]:
    redis = installed.get("redis")
    if redis is None or parsed(redis) < _SHORT_TIMEOUT or "channels-redis" not in installed:
        return
    for name, entry in layers.items():
        if isinstance(entry, Mapping) and entry.get("BACKEND") == _CORE and not _has_timeout(entry):
            yield Warning(
                f"CHANNEL_LAYERS[{name!r}]: redis {redis} gives up a connection after 5 s without an answer, "
                "as long as the layer waits for a message: idle sockets are closed with 1011 all the time.",
                hint="Give each host as {'address': URL, 'socket_timeout': 15}, or take channel_layers() of "
                "armguard_tray.server.layers.",
                id="armguard_live.W033",
            )


def _has_timeout(entry: Mapping[str, Any]) -> bool:
    config = entry.get("CONFIG")
    hosts = config.get("hosts") if isinstance(config, Mapping) else None
    if not isinstance(hosts, list | tuple) or not hosts:
        return False
    return all(isinstance(host, Mapping) and _is_long(host.get("socket_timeout", 0)) for host in hosts)


def _is_long(timeout: object) -> bool:
    return timeout is None or (isinstance(timeout, int | float) and timeout > _BLOCKING_READ)
