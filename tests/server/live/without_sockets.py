"""Settings of a project whose asgi.py was left as it was: the app is there, but serves no sockets."""

from armguard_tray.server.demo.live.settings import *  # noqa: F403 - how a settings module goes on from another

ASGI_APPLICATION = "armguard_tray.server.demo.asgi.application"
