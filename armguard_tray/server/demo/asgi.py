"""The ASGI application: Django over HTTP, the four consumers over WebSocket.

Importing it sets Django up, as is the custom for this module.
"""

import os
from typing import Any

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from django.core.asgi import get_asgi_application
from django.urls import path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "armguard_tray.server.demo.settings")
pages = get_asgi_application()

from armguard_tray.server.demo import consumers  # noqa: E402 - Django must be set up


def _socket(address: str, consumer: type[consumers.FeedConsumer]) -> Any:
    # Django's path() is typed for views only; channels passes its applications through it.
    return path(address, consumer.as_asgi())  # type: ignore[arg-type]


# A path that is not here raises in URLRouter, which daphne answers with 500, as on the stock server.
sockets = URLRouter(
    [
        _socket("ws/notifications/", consumers.NotificationConsumer),
        _socket("ws/transactions/", consumers.TransactionConsumer),
        _socket("ws/inventory/", consumers.InventoryConsumer),
        _socket("ws/presence/", consumers.PresenceConsumer),
    ]
)
application: Any = ProtocolTypeRouter(
    {"http": pages, "websocket": AllowedHostsOriginValidator(AuthMiddlewareStack(sockets))}
)
