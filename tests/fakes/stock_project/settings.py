"""The settings; where the databases are, and which of them is in use at first, is in the environment."""

import os
from pathlib import Path
from typing import Any

from tests.fakes.postgres_server import USER
from tests.fakes.stock_project import DATABASE, FOLDER, POSTGRES_PORT

SECRET_KEY = "no secret"
USE_TZ = True
TIME_ZONE = "Asia/Manila"
LOGGING_CONFIG = None
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "tests.fakes.stock_project.personnel",
    "tests.fakes.stock_project.inventory",
    "tests.fakes.stock_project.transactions",
    "armguard_tray.server",
]
DATABASES: dict[str, dict[str, Any]] = {
    "default": {},
    "sqlite": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": Path(os.environ[FOLDER]) / "armory.sqlite3",
        "OPTIONS": {"timeout": 20},
    },
    "postgres": {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": "127.0.0.1",
        "PORT": os.environ[POSTGRES_PORT],
        "USER": USER,
        "NAME": "armory",
    },
}
DATABASE_ROUTERS = ["tests.fakes.stock_project.routing.InUse"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
MIGRATION_MODULES: dict[str, None] = dict.fromkeys(
    ("auth", "contenttypes", "personnel", "inventory", "transactions")
)
CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
ARMGUARD_LIVE = {"DATABASE": os.environ.get(DATABASE, "sqlite")}
