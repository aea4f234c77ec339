"""The Django application of the demo server."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    """Gives the application its short label."""

    name = "armguard_tray.server.demo"
    label = "demo"
    default_auto_field = "django.db.models.AutoField"
