"""Django settings of the stock demo server, close to the deployed ArmGuard's.

Read from the environment:
    ARMGUARD_DEMO_DATA_DIR: the folder of the SQLite database; the current one unless given.
    ARMGUARD_DEMO_DATABASE_URL: instead of SQLite, `postgresql://user:password@host:port/name`, where the
        folder of a socket stands as `?host=/folder`.
    ARMGUARD_DEMO_SECRET_KEY: random for each process unless given. Processes that share a database, or
        whose sessions shall outlive a restart, need the same one.
    ARMGUARD_DEMO_REDIS_URL: where the channel layer lives; in this process's memory unless given.
"""

import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import django
from django.core.management.utils import get_random_secret_key

DATA_DIR = Path(os.environ.get("ARMGUARD_DEMO_DATA_DIR", ""))
SECRET_KEY = os.environ.get("ARMGUARD_DEMO_SECRET_KEY") or get_random_secret_key()
REDIS_URL = os.environ.get("ARMGUARD_DEMO_REDIS_URL", "")
DATABASE_URL = os.environ.get("ARMGUARD_DEMO_DATABASE_URL", "")

DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1", "localhost"]
ROOT_URLCONF = "armguard_tray.server.demo.urls"
ASGI_APPLICATION = "armguard_tray.server.demo.asgi.application"
BROADCASTS = "armguard_tray.server.demo.broadcasts"  # where the functions are that broadcast
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


def _sqlite() -> dict[str, Any]:
    options: dict[str, Any] = {"timeout": 20}
    if django.VERSION >= (5, 1):
        # Writers queue up instead of failing half-way: each takes the write lock at its beginning.
        options["transaction_mode"] = "IMMEDIATE"
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": DATA_DIR / "armguard-demo.sqlite3",
        "OPTIONS": options,
    }


def _postgresql(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.removeprefix("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": dict(parse_qsl(parts.query)).get("host", parts.hostname or ""),
        "PORT": str(parts.port or ""),
    }


DATABASES = {"default": (_postgresql(DATABASE_URL) if DATABASE_URL else _sqlite()) | {"CONN_MAX_AGE": None}}
# The armory's tables are made straight from the models: a demo database is never upgraded.
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
