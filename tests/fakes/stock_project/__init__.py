"""A project with the stock server's models and the app, on SQLite and PostgreSQL side by side.

Django is set up once in a process. Which of the databases is in use can change from test to test.
"""

import os
import tempfile
from pathlib import Path

from tests.fakes.machine_zone import kept_zone

SETTINGS = "tests.fakes.stock_project.settings"
FOLDER = "STOCK_PROJECT_FOLDER"
POSTGRES_PORT = "STOCK_PROJECT_POSTGRES_PORT"
DATABASE = "STOCK_PROJECT_DATABASE"


def start(environment: dict[str, str]) -> None:
    """Set Django up with this project, unless it is already."""
    import django  # noqa: PLC0415 - as late as the settings
    from django.conf import settings  # noqa: PLC0415

    if not settings.configured:
        outside = {name: os.environ.get(name) for name in environment}
        os.environ.update(environment)
        with kept_zone():
            django.setup()
        # Children that other tests start have settings of their own.
        for name, value in outside.items():
            os.environ.pop(name) if value is None else os.environ.__setitem__(name, value)
    assert settings.SETTINGS_MODULE == SETTINGS, "another test has set Django up with other settings"


def new_environment(postgres_port: int) -> dict[str, str]:
    """Return where the databases of a process and its children are to be; nothing is made yet."""
    folder = Path(tempfile.gettempdir()) / f"armguard-stock-{os.getpid()}"
    return {"DJANGO_SETTINGS_MODULE": SETTINGS, FOLDER: str(folder), POSTGRES_PORT: str(postgres_port)}
