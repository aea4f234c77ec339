"""Django settings of the demo server, close to the deployed ArmGuard's.

Read from the environment:
    ARMGUARD_DEMO_DATA_DIR: the folder of the SQLite database; the current one unless given.
    ARMGUARD_DEMO_SECRET_KEY: random for each process unless given. Processes that share a database, or
        whose sessions shall outlive a restart, need the same one.
    ARMGUARD_DEMO_REDIS_URL: where the channel layer lives; in this process's memory unless given.
"""

import os
from pathlib import Path
from typing import Any

from django.core.management.utils import get_random_secret_key

DATA_DIR = Path(os.environ.get("ARMGUARD_DEMO_DATA_DIR", ""))
SECRET_KEY = os.environ.get("ARMGUARD_DEMO_SECRET_KEY") or get_random_secret_key()
REDIS_URL = os.environ.get("ARMGUARD_DEMO_REDIS_URL")

DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1", "localhost"]
ROOT_URLCONF = "armguard_tray.server.demo.urls"
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "armguard_tray.server.demo.apps.DemoConfig",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",  # refuses foreign hosts on every request
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "armguard_tray.server.demo.request_limit.RequestLimit",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
            ]
        },
    }
]

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": DATA_DIR / "armguard-demo.sqlite3",
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            # Writers queue up instead of failing half-way: each takes the write lock at its beginning.
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF",
        },
    }
}
# Tables are made straight from the models: a demo database is never upgraded.
MIGRATION_MODULES: dict[str, None] = dict.fromkeys(("auth", "contenttypes", "sessions", "demo"))


def _channel_layer() -> dict[str, Any]:
    if not REDIS_URL:
        return {"BACKEND": "channels.layers.InMemoryChannelLayer"}
    # redis-py's default socket timeout of 5 s equals the layer's blocking read and would close idle sockets.
    host = {"address": REDIS_URL, "socket_timeout": 15}
    return {
        "BACKEND": "channels_redis.core.RedisChannelLayer",
        "CONFIG": {
            "hosts": [host],
            "prefix": "armguard:",
            "capacity": 300,
            "expiry": 60,
            "group_expiry": 86400,
            "symmetric_encryption_keys": [SECRET_KEY],
        },
    }


CHANNEL_LAYERS = {"default": _channel_layer()}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

SESSION_COOKIE_NAME = "armguard_sessionid"
SESSION_COOKIE_AGE = 3600
SESSION_SAVE_EVERY_REQUEST = True  # the hour counts from the last HTTP request
LOGIN_URL = "/login/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/login/"
# Demo passwords protect nothing; a slow hash would only delay the start.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

USE_TZ = True
TIME_ZONE = "Asia/Manila"
LANGUAGE_CODE = "en-us"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    # Without this Django would also try to mail the site's admins.
    "loggers": {"django": {"handlers": ["stderr"], "level": "INFO", "propagate": False}},
}
