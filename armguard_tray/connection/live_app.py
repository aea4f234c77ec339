"""PURE: the live app that a server may have, as it describes itself, and by which way its events come."""

from dataclasses import dataclass, replace
from enum import StrEnum

import msgspec

from armguard_tray.messages import wire
from armguard_tray.messages.plain_text import plain

STATUS_PATH = "/armguard-live/"
EVENTS_PATH = "/armguard-live/events/"
SOCKET_PATH = "/ws/live/"
NAME = "armguard-live"


class Way(StrEnum):
    """By which way events come from the server."""

    STOCK = "stock"
    """One socket for each stream, as every ArmGuard has them."""
    LIVE = "live"
    """The live app's one socket."""
    POLLED = "polled"
    """Over HTTP, now and then: real time is switched off."""


@dataclass(frozen=True, slots=True)
class LiveApp:
    """The live app of a server. Its words are plain text.

    Attributes:
        version: which version it says it is.
        real_time: whether it serves its socket.
        layer: the channel layer that it says it uses: "redis", "memory", "none"; empty if it does not say.
        why: why that one.
        warning: what it warns of; None if nothing.
        in_use: whether events come through it.
        redis: where it says that its Redis is, as it sees it; only admins are told, so it is mostly empty.

    """

    version: str
    real_time: bool = True
    layer: str = ""
    why: str = ""
    warning: str | None = None
    in_use: bool = True
    redis: str = ""


def way_to(app: LiveApp | None) -> Way:
    """Return by which way events come from a server that has `app`."""
    if app is None or not app.in_use:
        return Way.STOCK
    return Way.LIVE if app.real_time else Way.POLLED


def with_layer(app: LiveApp, layer: wire.Layer | None) -> LiveApp:
    """Return the app with what it says of its channel layer now."""
    layer = layer or wire.Layer()
    warning = plain(layer.warning) if layer.warning else None
    return replace(app, layer=plain(layer.in_use), why=plain(layer.why), warning=warning)


def without_socket(app: LiveApp, why: str) -> LiveApp:
    """Return the app as one whose socket has been found not to work; `why` is how it fails, in plain text."""
    warning = f"The live app answers, but its socket does not ({why}); the stock streams are used instead."
    return replace(app, in_use=False, warning=warning)


class _Status(msgspec.Struct):
    app: str
    protocol: int
    version: str = ""
    real_time: bool = True
    layer: wire.Layer | None = None
    address: str = ""


_status = msgspec.json.Decoder(_Status)


def read_status(text: str) -> LiveApp | None:
    """Return the app whose status page says `text`; None if that is another page.

    A protocol newer than ours only adds to it.
    """
    try:
        status = _status.decode(text)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return None
    if status.app != NAME or status.protocol < 1:
        return None
    app = LiveApp(plain(status.version), status.real_time, redis=plain(status.address))
    return with_layer(app, status.layer)
