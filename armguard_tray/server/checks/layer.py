"""What is wrong with `CHANNEL_LAYERS`. Nothing is connected to."""

import importlib.util
import inspect
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from django.core.checks import CheckMessage, Error, Warning  # noqa: A004 - Django's name
from django.utils.module_loading import import_string

from armguard_tray.server.layers import BACKEND
from armguard_tray.server.layers.options import LayerOptions
from armguard_tray.server.layers.status import memory_warning

IN_MEMORY: Final = "channels.layers.InMemoryChannelLayer"
_OURS: Final = (
    "In the settings: from armguard_tray.server.layers import channel_layers; "
    "CHANNEL_LAYERS = channel_layers()"
)


def layer_faults(layers: object, argv: Sequence[str]) -> list[CheckMessage]:
    """Return what is wrong with the setting, in a process started as `argv`."""
    if not isinstance(layers, Mapping) or not isinstance(layers.get("default"), Mapping):
        text = "CHANNEL_LAYERS has no entry 'default', so that no process hears another."
        return [Error(text, hint=_OURS, id="armguard_live.E021")]
    entry = layers["default"]
    backend, config = entry.get("BACKEND"), entry.get("CONFIG", {})
    if not isinstance(config, Mapping):
        return [
            Error(
                "CHANNEL_LAYERS['default']['CONFIG'] is no dictionary.", hint=_OURS, id="armguard_live.E022"
            )
        ]
    if backend == BACKEND:
        return list(_own_faults(config, argv))
    return list(_foreign_faults(backend, config, argv))


def _own_faults(config: Mapping[str, Any], argv: Sequence[str]) -> Iterator[CheckMessage]:
    try:
        options = LayerOptions(**config)
    except (TypeError, ValueError) as error:
        yield Error(f"CHANNEL_LAYERS: {error}", id="armguard_live.E022")
        return
    if options.use == "memory":
        if not options.single_process and memory_warning(argv):
            yield _in_memory("Take channel_layers(), or say channel_layers(single_process=True) if so it is.")
        return
    for package in ("channels_redis", "redis"):
        if importlib.util.find_spec(package) is None:
            yield Warning(
                f"The package {package} is not installed, so that Redis is not used.",
                hint="pip install 'channels-redis[cryptography]>=4.1,<4.4'",
                id="armguard_live.W022",
            )
            return
    if importlib.util.find_spec("cryptography") is None:
        yield Warning(
            "The package cryptography is not installed: messages with names lie in Redis in clear text, "
            "and a Redis on another machine is not used at all.",
            hint="pip install cryptography",
            id="armguard_live.W023",
        )


def _foreign_faults(
    backend: object, config: Mapping[str, Any], argv: Sequence[str]
) -> Iterator[CheckMessage]:
    if backend == IN_MEMORY:
        if memory_warning(argv):
            yield _in_memory(_OURS)
        return
    try:
        kind = import_string(str(backend))
    except ImportError as error:
        yield Error(
            f"CHANNEL_LAYERS names {backend!r}, which cannot be imported: {error}",
            hint=_OURS,
            id="armguard_live.E023",
        )
        return
    unknown = unknown_arguments(kind, config)
    if unknown:
        address = "The password belongs into the address: redis://:PASSWORD@HOST:PORT/DB. "
        yield Error(
            f"CHANNEL_LAYERS gives {', '.join(map(repr, unknown))} to {backend}, which has no such argument: "
            "every handshake fails with 500.",
            hint=(address if "password" in unknown else "") + _OURS,
            id="armguard_live.E024",
        )
    yield Warning(
        f"CHANNEL_LAYERS names {backend}, not the app's own layer, which outlives a loss of Redis.",
        hint=_OURS,
        id="armguard_live.W024",
    )


def _in_memory(hint: str) -> CheckMessage:
    return Warning(
        "The channel layer is in memory: what gunicorn announces reaches daphne's clients late or never.",
        hint=hint,
        id="armguard_live.W021",
    )


def unknown_arguments(kind: Any, config: Mapping[str, Any]) -> list[str]:
    """Return the keys of `config` that the layer's constructor does not take."""
    parameters = inspect.signature(kind).parameters.values()
    if any(each.kind is inspect.Parameter.VAR_KEYWORD for each in parameters):
        return []
    return sorted(set(config) - {each.name for each in parameters})
