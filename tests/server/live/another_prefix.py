"""The demo's settings, with other names in Redis."""

from armguard_tray.server.demo import settings as stock
from armguard_tray.server.demo.live.settings import *  # noqa: F403 - how a settings module goes on from another
from armguard_tray.server.layers import channel_layers

CHANNEL_LAYERS = channel_layers(redis_url=stock.REDIS_URL, prefix="elsewhere:")
