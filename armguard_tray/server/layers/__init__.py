"""Channel layers that survive the loss of Redis.

The project's settings file needs one line::

    from armguard_tray.server.layers import channel_layers

    CHANNEL_LAYERS = channel_layers()

Importing and calling this probes nothing and reads no settings; the first use of the layer does.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, Literal

from armguard_tray.server.layers.options import LayerOptions, Secret
from armguard_tray.server.layers.status import InUse, LayerStatus

if TYPE_CHECKING:
    from redis.asyncio import Redis

__all__ = [
    "BACKEND",
    "InUse",
    "LayerStatus",
    "channel_layers",
    "current_redis",
    "layer_status",
    "on_layer_change",
    "time_limit",
]

BACKEND: Final = "armguard_tray.server.layers.resilient.ResilientChannelLayer"

_BEYOND_THE_LAYER: Final = 1.0  # seconds


def channel_layers(  # noqa: PLR0913 - each is a setting, and all are optional
    *,
    use: Literal["auto", "redis", "memory"] = "auto",
    redis_url: str | None = None,
    host: str | None = None,
    port: int | str | None = None,
    password: str | None = None,
    db: int | str | None = None,
    prefix: str = "armguard:",
    **more: Any,
) -> dict[str, Any]:
    """Return what belongs into `CHANNEL_LAYERS`.

    Args:
        use: "auto" takes Redis where it answers, and memory while it does not; "redis" does the same, but
            calls its absence an error; "memory" never looks for Redis.
        redis_url: `redis://`, `rediss://` (TLS) or `unix://`; see `address.find_address` for what is taken
            where no address is given here.
        host, port, password, db: the address in parts.
        prefix: begins the name of every key in Redis.
        more: see `options.LayerOptions`.

    Raises:
        TypeError: an option does not exist.
        ValueError: an option's value cannot work.

    """
    given = {
        "redis_url": None if redis_url is None else Secret(redis_url),
        "host": host,
        "port": port,
        "password": None if password is None else Secret(password),
        "db": db,
    }
    config: dict[str, Any] = {"use": use, "prefix": prefix, **more}
    config |= {name: value for name, value in given.items() if value is not None}
    LayerOptions(**config)  # says at once what is wrong, where the mistake stands
    return {"default": {"BACKEND": BACKEND, "CONFIG": config}}


def layer_status(alias: str = "default") -> LayerStatus:
    """Return what is known of this process's layer, without asking Redis; a foreign layer's too."""
    from channels.layers import get_channel_layer  # noqa: PLC0415 - a settings file imports this module

    from armguard_tray.server.layers.status import foreign_status, no_layer  # noqa: PLC0415 - as above

    layer: Any = get_channel_layer(alias)
    if layer is None:
        return no_layer(alias)
    own = getattr(layer, "status", None)
    if callable(own):
        status = own()
        if isinstance(status, LayerStatus):
            return status
    return foreign_status(layer)


def on_layer_change(callback: Callable[[], None], alias: str = "default") -> Callable[[], None]:
    """Call `callback` after each change of this process's layer, in whichever thread; return what ends that.

    A foreign layer tells nobody.
    """
    from channels.layers import get_channel_layer  # noqa: PLC0415 - as in layer_status

    own = getattr(get_channel_layer(alias), "on_change", None)
    if not callable(own):
        return lambda: None
    end: Callable[[], None] = own(callback)
    return end


def time_limit(layer: Any, seconds: float) -> float:
    """Return the seconds to allow an operation of `layer`: `seconds`, or more where the layer is ours.

    Then it is more than the layer itself takes to give Redis up. Cancelled before that, it would not learn
    that Redis is frozen, and every later operation would wait again.
    """
    options = getattr(layer, "options", None)
    if not isinstance(options, LayerOptions):
        return seconds
    return max(seconds, options.look_timeout + options.send_timeout + _BEYOND_THE_LAYER)


async def current_redis(alias: str = "default") -> "Redis | None":
    """Return a client of the layer's Redis that belongs to the running loop, or None where it is not in use.

    The client is the layer's: never close it. Its operations raise redis-py's errors, and have no time limit,
    so whoever uses it sets one. The first call may take the second that a look takes.
    """
    from channels.layers import get_channel_layer  # noqa: PLC0415 - as in layer_status

    layer: Any = get_channel_layer(alias)
    own = getattr(layer, "redis", None)
    if callable(own):
        client: Redis | None = await own()
        return client
    # channels_redis.core.RedisChannelLayer, configured by the project itself
    connection = getattr(layer, "connection", None)
    return connection(0) if callable(connection) else None
