"""The stock demo server's settings, and what the app adds to them.

Read from the environment, besides what those read:
    ARMGUARD_DEMO_LIVE: more for `ARMGUARD_LIVE`, as a JSON object.
    ARMGUARD_DEMO_ALONE: empty where this is not the server's only process; it is unless somebody says so.
"""

import json
import os

from armguard_tray.server.demo import settings as stock
from armguard_tray.server.demo.settings import *  # noqa: F403 - how a settings module goes on from another
from armguard_tray.server.layers import channel_layers

INSTALLED_APPS = [*stock.INSTALLED_APPS, "armguard_tray.server"]
ROOT_URLCONF = "armguard_tray.server.demo.live.urls"
ASGI_APPLICATION = "armguard_tray.server.demo.live.asgi.application"
BROADCASTS = "armguard_tray.server.announce"
CHANNEL_LAYERS = (
    channel_layers(redis_url=stock.REDIS_URL)
    if stock.REDIS_URL
    else channel_layers(use="memory", single_process=os.environ.get("ARMGUARD_DEMO_ALONE") != "")
)
ARMGUARD_LIVE = {
    "TRANSACTION_MODEL": "demo.Transaction",
    "ITEM_MODEL": "demo.Item",
    # BROADCASTS has replaced the stock functions: nobody else tells the browsers.
    "RELAY_TO_STOCK": True,
    **json.loads(os.environ.get("ARMGUARD_DEMO_LIVE") or "{}"),
}
