"""Settings of a project that names an ASGI application which it has not."""

from armguard_tray.server.demo.live.settings import *  # noqa: F403 - how a settings module goes on from another

ASGI_APPLICATION = "armguard_tray.server.demo.nowhere.application"
