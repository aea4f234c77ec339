"""The ASGI application: Django over HTTP, the four consumers over WebSocket."""

from typing import Any

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from django.core.asgi import get_asgi_application
from django.urls import path

from armguard_tray.server.demo.consumers import (
    FeedConsumer,
    InventoryConsumer,
    NotificationConsumer,
    PresenceConsumer,
    TransactionConsumer,
)


def _socket(address: str, consumer: type[FeedConsumer]) -> Any:
    # Django's path() is typed for views only; channels passes its applications through it.
    return path(address, consumer.as_asgi())  # type: ignore[arg-type]


def build_application() -> ProtocolTypeRouter:
    """Build the application; Django must be set up."""
    # A path that is not here raises in URLRouter, which daphne answers with 500, as on the stock server.
    sockets = URLRouter(
        [
            _socket("ws/notifications/", NotificationConsumer),
            _socket("ws/transactions/", TransactionConsumer),
            _socket("ws/inventory/", InventoryConsumer),
            _socket("ws/presence/", PresenceConsumer),
        ]
    )
    return ProtocolTypeRouter(
        {
            "http": get_asgi_application(),
            "websocket": AllowedHostsOriginValidator(AuthMiddlewareStack(sockets)),
        }
    )
