"""The Django application."""

from django.apps import AppConfig


class LiveConfig(AppConfig):
    """Gives the application its short label, and connects it when Django is ready."""

    name = "armguard_tray.server"
    label = "armguard_live"
    verbose_name = "ArmGuard live"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Connect the hooks and register the system checks."""
        # Models can only be imported now.
        from armguard_tray.server import checks, signals  # noqa: F401, PLC0415

        signals.connect()
