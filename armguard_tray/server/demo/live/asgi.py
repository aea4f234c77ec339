"""The stock demo server's ASGI application in the app's hands."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "armguard_tray.server.demo.live.settings")

from armguard_tray.server.demo.asgi import application as stock
from armguard_tray.server.sockets.asgi import with_live

application = with_live(stock)
