"""Writes a small Django project that is laid out as the stock ArmGuard server is."""

from pathlib import Path
from typing import Final

PASSWORD: Final = "armory-24"

MANAGE: Final = """\
import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "core.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
"""

SETTINGS: Final = """\
from pathlib import Path

from decouple import config

BASE_DIR = Path(__file__).resolve().parent.parent
SECRET_KEY = config("SECRET_KEY")
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1", "localhost"]
INSTALLED_APPS = [
    "daphne",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "channels",
    "personnel",
    "inventory",
    "transactions",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
ROOT_URLCONF = "core.urls"
ASGI_APPLICATION = "core.asgi.application"
WSGI_APPLICATION = "core.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
    }
]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": BASE_DIR / "db.sqlite3"}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LOGIN_URL = "/login/"
LOGIN_REDIRECT_URL = "/"
SESSION_COOKIE_NAME = "armguard_sessionid"
TIME_ZONE = "Asia/Manila"
USE_TZ = True

REDIS_HOST = config("REDIS_HOST", default="127.0.0.1")
REDIS_PORT = config("REDIS_PORT", default=6379, cast=int)
REDIS_PASSWORD = config("REDIS_PASSWORD", default="")
# As on the stock server: an argument that RedisChannelLayer has not, so that every handshake fails.
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.core.RedisChannelLayer",
        "CONFIG": {"hosts": [(REDIS_HOST, REDIS_PORT)], "password": REDIS_PASSWORD},
    }
}
"""

# What python-decouple does, as far as the settings above ask for it.
DECOUPLE: Final = """\
import os
from pathlib import Path

_LINES = Path(__file__).with_name(".env").read_text(encoding="utf-8").splitlines()
_FILE = dict(line.split("=", 1) for line in _LINES if "=" in line and not line.startswith("#"))


def config(name, default=None, cast=str):
    value = os.environ.get(name, _FILE.get(name, default))
    return value if value is None else cast(value)
"""

URLS: Final = """\
from django.contrib.auth.views import LoginView
from django.http import HttpResponse
from django.urls import path

urlpatterns = [
    path("login/", LoginView.as_view(template_name="login.html")),
    path("", lambda request: HttpResponse("ArmGuard")),
]
"""

LOGIN: Final = """\
<form method="post">{% csrf_token %}<input name="username"><input name="password" type="password"></form>
"""

ASGI: Final = """\
import os

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "core.settings")
django_asgi_app = get_asgi_application()

from core.routing import websocket_urlpatterns

application = ProtocolTypeRouter(
    {
        "http": django_asgi_app,
        "websocket": AllowedHostsOriginValidator(AuthMiddlewareStack(URLRouter(websocket_urlpatterns))),
    }
)
"""

ROUTING: Final = """\
from django.urls import path

from core.consumers import NotificationConsumer

websocket_urlpatterns = [path("ws/notifications/", NotificationConsumer.as_asgi())]
"""

CONSUMERS: Final = """\
import json

from channels.generic.websocket import AsyncWebsocketConsumer


class NotificationConsumer(AsyncWebsocketConsumer):
    async def connect(self):
        self.user = self.scope["user"]
        if not self.user.is_authenticated:
            await self.close(code=4001)
            return
        self.group = f"notifications_{self.user.id}"
        await self.channel_layer.group_add(self.group, self.channel_name)
        await self.accept()
        welcome = {"type": "connection_established", "message": "Connected", "user_id": self.user.id}
        await self.send(json.dumps(welcome))

    async def disconnect(self, code):
        if hasattr(self, "group"):
            await self.channel_layer.group_discard(self.group, self.channel_name)

    async def receive(self, text_data=None, bytes_data=None):
        message = json.loads(text_data)
        if message.get("type") == "ping":
            await self.send(json.dumps({"type": "pong", "timestamp": message.get("timestamp")}))

    async def notification_message(self, event):
        names = ("title", "message", "level", "timestamp", "data")
        await self.send(json.dumps({"type": "notification", **{name: event.get(name) for name in names}}))
"""

NOTIFICATIONS: Final = """\
from datetime import datetime

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer


def send_user_notification(user_id, title, message, level="info", data=None):
    async_to_sync(get_channel_layer().group_send)(
        f"notifications_{user_id}",
        {
            "type": "notification_message",
            "title": title,
            "message": message,
            "level": level,
            "timestamp": datetime.now().isoformat(),
            "data": data or {},
        },
    )


def broadcast_transaction_created(transaction):
    async_to_sync(get_channel_layer().group_send)(
        "transactions_feed", {"type": "transaction_created", "transaction": {"id": transaction.pk}}
    )


def broadcast_transaction_returned(transaction):
    async_to_sync(get_channel_layer().group_send)(
        "transactions_feed", {"type": "transaction_returned", "transaction": {"id": transaction.pk}}
    )
"""

PERSONNEL: Final = """\
from django.db import models


class Personnel(models.Model):
    id = models.CharField(primary_key=True, max_length=50)
    firstname = models.CharField(max_length=50)
    surname = models.CharField(max_length=50)

    def get_full_name(self):
        return f"{self.firstname} {self.surname}"
"""

INVENTORY: Final = """\
from django.db import models


class Item(models.Model):
    id = models.CharField(primary_key=True, max_length=50)
    item_type = models.CharField(max_length=20)
    serial = models.CharField(max_length=50)
    status = models.CharField(max_length=20, default="Available")

    def __str__(self):
        return f"{self.item_type} - {self.serial}"
"""

TRANSACTIONS: Final = """\
from django.conf import settings
from django.db import models


class Transaction(models.Model):
    personnel = models.ForeignKey("personnel.Personnel", on_delete=models.PROTECT)
    item = models.ForeignKey("inventory.Item", on_delete=models.PROTECT)
    action = models.CharField(max_length=10)
    issued_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL)
    duty_type = models.CharField(max_length=50, null=True)
    mags = models.PositiveIntegerField(null=True)
    rounds = models.PositiveIntegerField(null=True)
    date_time = models.DateTimeField(auto_now_add=True)

    def save(self, *args, **kwargs):
        super().save(*args, **kwargs)
        self.item.status = "Issued" if self.action == "Take" else "Available"
        self.item.save()
"""

FILES: Final = {
    "manage.py": MANAGE,
    "decouple.py": DECOUPLE,
    "core/__init__.py": "",
    "core/settings.py": SETTINGS,
    "core/urls.py": URLS,
    "core/asgi.py": ASGI,
    "core/wsgi.py": ASGI.partition("from channels")[0]
    + "from django.core.wsgi import get_wsgi_application\n\n"
    + 'os.environ.setdefault("DJANGO_SETTINGS_MODULE", "core.settings")\n'
    + "application = get_wsgi_application()\n",
    "core/routing.py": ROUTING,
    "core/consumers.py": CONSUMERS,
    "core/notifications.py": NOTIFICATIONS,
    "personnel/__init__.py": "",
    "personnel/models.py": PERSONNEL,
    "inventory/__init__.py": "",
    "inventory/models.py": INVENTORY,
    "transactions/__init__.py": "",
    "transactions/models.py": TRANSACTIONS,
    "templates/login.html": LOGIN,
    ".env": "# secrets\nSECRET_KEY=the-key-of-the-stock-project-under-test-0123456789\nREDIS_PASSWORD=\n",
}


def write_project(root: Path, **env: str) -> None:
    """Write the project into the folder `root`; `env` goes into its .env."""
    for name, text in FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    with (root / ".env").open("a", encoding="utf-8") as dotenv:
        dotenv.writelines(f"{name}={value}\n" for name, value in env.items())
