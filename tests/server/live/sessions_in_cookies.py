"""The demo's settings, with sessions in the browsers' cookies."""

from armguard_tray.server.demo.live.settings import *  # noqa: F403 - how a settings module goes on from another

SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
