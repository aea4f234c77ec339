"""Puts the app's sockets in front of a project's ASGI application.

At the end of the project's `asgi.py`, after `get_asgi_application()`::

    from armguard_tray.server.sockets.asgi import with_live

    application = with_live(application)
"""

import logging
from typing import TYPE_CHECKING, Any

from channels.security.websocket import AllowedHostsOriginValidator

from armguard_tray.server.conf import live_settings
from armguard_tray.server.sockets import codes
from armguard_tray.server.sockets.guard import Guard
from armguard_tray.server.sockets.hub import Hubs
from armguard_tray.server.sockets.live import PATH, Live
from armguard_tray.server.sockets.socket import Socket
from armguard_tray.server.sockets.wire import path_of

if TYPE_CHECKING:
    from armguard_tray.server.sockets.wire import Application, Receive, Scope, Send

__all__ = ["with_live"]

log = logging.getLogger(__name__)


def with_live(application: "Application") -> "Application":
    """Return `application` with `/ws/live/` beside its own sockets, which are guarded."""
    hubs = Hubs()
    # As on the stock server, whoever comes from another site is refused before the socket opens.
    live: Any = AllowedHostsOriginValidator(Live(hubs))
    guard = Guard(application, hubs)

    async def serve(scope: "Scope", receive: "Receive", send: "Send") -> None:
        if scope["type"] != "websocket":
            await application(scope, receive, send)
        elif path_of(scope) != PATH:
            await guard(scope, receive, send)
        else:
            await _serve_live(live, scope, receive, send)

    return serve


async def _serve_live(live: "Application", scope: "Scope", receive: "Receive", send: "Send") -> None:
    try:
        await live(scope, receive, send)
    except ValueError as error:  # an Origin that is no URL; a socket that was opened fails otherwise
        socket = Socket(scope, send)
        socket.end(codes.BROKEN, error)
        await socket.finish(live_settings().disconnect_timeout)
