"""What is added to a project's files. Pure."""

import re
from dataclasses import dataclass
from typing import Final

from server_setup.options import Layer

APP: Final = "armguard_tray.server"
URL: Final = "armguard-live/"
STOCK_FUNCTIONS: Final = frozenset({"send_user_notification", "broadcast_transaction_created"})


@dataclass(frozen=True, slots=True)
class SettingsFacts:
    """What the block in the settings depends on.

    Attributes:
        layer: how real time is to be served.
        config: under which name the settings have python-decouple's `config`; None where they do not use it.
        relay: whether the stock functions are replaced.
        asgi: for ASGI_APPLICATION where the settings have none; else None.

    """

    layer: Layer = "auto"
    config: str | None = None
    relay: bool = False
    asgi: str | None = None


def settings_body(facts: SettingsFacts) -> str:
    """Return the block of a settings module."""
    live = {"REAL_TIME": "False"} if facts.layer == "off" else {}
    live |= {"RELAY_TO_STOCK": "True"} if facts.relay else {}
    items = "".join(f', "{key}": {value}' for key, value in live.items())
    lines = [
        f"from {APP}.layers import channel_layers",
        "",
        f'if "{APP}" not in INSTALLED_APPS:',
        f'    INSTALLED_APPS = [*INSTALLED_APPS, "{APP}"]',
        *([f'ASGI_APPLICATION = "{facts.asgi}"'] if facts.asgi else []),
        *_channel_layers(facts),
        f'ARMGUARD_LIVE = {{**globals().get("ARMGUARD_LIVE", {{}}){items}}}',
    ]
    return "\n".join(lines) + "\n"


def layer_chosen(settings_text: str) -> Layer | None:
    """Return the layer that the block in a settings module chooses; None where no block of ours is."""
    if f"from {APP}.layers import channel_layers" not in settings_text:
        return None
    if re.search(r'"REAL_TIME": False', settings_text):
        return "off"
    used = re.search(r'use="(redis|memory)"', settings_text)
    return "auto" if used is None else "redis" if used[1] == "redis" else "memory"


def asgi_body(application: str) -> str:
    """Return the block of the ASGI module whose application has that name."""
    return f"from {APP}.sockets.asgi import with_live\n\n{application} = with_live({application})\n"


def urls_body() -> str:
    """Return the block of the root URL module; first, since some projects end with a path that takes all."""
    return (
        "from django.urls import include, path\n\n"
        f'urlpatterns = [path("{URL}", include("{APP}.urls")), *urlpatterns]\n'
    )


def notifications_body() -> str:
    """Return the block of the module with the stock functions: whoever calls them then calls the app's."""
    names = (
        "broadcast_announcement",
        "broadcast_inventory_update",
        "broadcast_transaction_created",
        "broadcast_transaction_returned",
        "send_user_notification",
    )
    return f"from {APP}.announce import (\n" + "".join(f"    {name},\n" for name in names) + ")\n"


def _channel_layers(facts: SettingsFacts) -> list[str]:
    use = [f'use="{facts.layer}"'] if facts.layer in {"redis", "memory"} else []
    if facts.config is None or facts.layer == "memory":
        return [f"CHANNEL_LAYERS = channel_layers({', '.join(use)})"]
    # decouple reads .env, which the app by itself does not.
    names = {"redis_url": "REDIS_URL", "host": "REDIS_HOST", "port": "REDIS_PORT"}
    names |= {"password": "REDIS_PASSWORD", "db": "REDIS_DB"}
    read = [f'{argument}={facts.config}("{name}", default="")' for argument, name in names.items()]
    return ["CHANNEL_LAYERS = channel_layers(", *(f"    {each}," for each in use + read), ")"]
