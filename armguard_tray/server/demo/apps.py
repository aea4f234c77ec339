"""The Django application of the demo server."""

from typing import Any

from django.apps import AppConfig
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created


class DemoConfig(AppConfig):
    """Gives the application its short label, and SQLite its pace."""

    name = "armguard_tray.server.demo"
    label = "demo"
    default_auto_field = "django.db.models.AutoField"

    def ready(self) -> None:
        """Be told of each connection to the database."""
        connection_created.connect(_tune_sqlite, dispatch_uid="armguard-demo-sqlite")


def _tune_sqlite(connection: BaseDatabaseWrapper, **_: Any) -> None:
    # By the signal and not by the option `init_command`, which Django has only since 5.1.
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA journal_mode=WAL")
            cursor.execute("PRAGMA synchronous=OFF")
