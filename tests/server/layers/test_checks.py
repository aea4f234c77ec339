"""What `manage.py check` names: each fault with its number and a hint, and nothing where all is well."""

import asyncio
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from django.core.checks import CheckMessage

from armguard_tray.server.checks.deployment import asgi_faults, session_faults
from armguard_tray.server.checks.layer import IN_MEMORY, layer_faults
from armguard_tray.server.checks.live_settings import settings_faults
from armguard_tray.server.checks.versions import parsed, version_faults
from armguard_tray.server.layers import channel_layers
from tests.server.layers.layer import PATIENCE

CORE = "channels_redis.core.RedisChannelLayer"
GUNICORN = ("gunicorn", "site.wsgi")
GOOD = {
    "Django": "5.2.1",
    "channels": "4.3.2",
    "channels-redis": "4.3.0",
    "redis": "8.1.0",
    "daphne": "4.2.3",
}


def numbers(faults: Iterable[CheckMessage]) -> list[str]:
    """Return the numbers of the faults, each of which must have a text."""
    found = list(faults)
    assert all(fault.msg for fault in found)
    return [str(fault.id).removeprefix("armguard_live.") for fault in found]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, []),
        ({"CONNECTIONS_PER_USER": 5, "RETENTION_DAYS": 30, "LOCK_TIMEOUT": 0}, []),
        (["CONNECTIONS_PER_USER"], ["E001"]),
        ({"CONNECTION_PER_USER": 5}, ["E002"]),
        ({"connections_per_user": 5}, ["E002"]),
        ({"REAL_TIME": "yes"}, ["E003"]),
        ({"CONNECTIONS_PER_USER": 2.5}, ["E003"]),
        ({"CONNECTIONS_PER_USER": True}, ["E003"]),
        ({"CONNECT_TIMEOUT": "5"}, ["E003"]),
        ({"ITEM_MODEL": None}, ["E003"]),
        ({"ITEM_FIELDS": {"status": 1}}, ["E003"]),
        ({"CONNECTIONS_PER_USER": 0}, ["E004"]),
        ({"CONNECT_TIMEOUT": float("nan")}, ["E004"]),
        ({"RETENTION_DAYS": -1}, ["E004"]),
        ({"DATABASE": "other"}, ["E005"]),
        ({"LEASE_SECONDS": 20}, ["E006"]),
        ({"HEAD_CHECK_ALONE": 20}, ["W001"]),
        ({"REAL_TIME": 1, "WINDOW": 0}, ["E003", "E004"]),
    ],
)
def test_app_settings(given: Any, expected: list[str]) -> None:
    assert numbers(settings_faults(given, ["default"])) == expected


def test_misspelt_key_gets_the_right_one_as_a_hint() -> None:
    (fault,) = settings_faults({"CONNECTION_PER_USER": 5}, ["default"])
    assert fault.hint == "Did you mean CONNECTIONS_PER_USER?"


@pytest.mark.parametrize(
    ("layers", "expected"),
    [
        (channel_layers(), []),
        (channel_layers(use="memory", single_process=True), []),
        (channel_layers(use="memory"), ["W021"]),
        ({"default": {"BACKEND": IN_MEMORY}}, ["W021"]),
        (None, ["E021"]),
        ({"other": {}}, ["E021"]),
        ({"default": {"BACKEND": CORE, "CONFIG": ["redis://h"]}}, ["E022"]),
        ({"default": {**channel_layers()["default"], "CONFIG": {"passwort": "x"}}}, ["E022"]),
        ({"default": {**channel_layers()["default"], "CONFIG": {"socket_timeout": 5}}}, ["E022"]),
        ({"default": {"BACKEND": "nowhere.Layer"}}, ["E023"]),
        (
            {"default": {"BACKEND": CORE, "CONFIG": {"hosts": ["redis://h"], "password": "x"}}},
            ["E024", "W024"],
        ),
        ({"default": {"BACKEND": CORE, "CONFIG": {"hosts": ["redis://h"]}}}, ["W024"]),
    ],
)
def test_channel_layers(layers: Any, expected: list[str]) -> None:
    assert numbers(layer_faults(layers, GUNICORN)) == expected


def test_password_argument_is_sent_into_the_address_and_not_shown() -> None:
    layers = {"default": {"BACKEND": CORE, "CONFIG": {"password": "s3cret-word"}}}
    fault = layer_faults(layers, GUNICORN)[0]
    assert "every handshake fails with 500" in fault.msg
    assert "redis://:PASSWORD@HOST" in str(fault.hint)
    assert "s3cret-word" not in str(fault)


def test_memory_is_enough_for_runserver() -> None:
    assert layer_faults({"default": {"BACKEND": IN_MEMORY}}, ("manage.py", "runserver", "8000")) == []


@pytest.mark.parametrize(
    ("installed", "expected"),
    [
        (GOOD, []),
        ({**GOOD, "daphne": "4.2.1"}, ["W032"]),
        ({**GOOD, "daphne": "4.2.2"}, []),
        ({**GOOD, "daphne": "4.10.0"}, []),
        ({**GOOD, "Django": "4.1.13"}, ["W031"]),
        ({**GOOD, "Django": "4.2"}, []),
        ({**GOOD, "Django": "6.0rc1"}, ["W031"]),
        ({**GOOD, "channels": "3.0.5"}, ["W031"]),
        ({**GOOD, "channels-redis": "5.0"}, ["W031"]),
        ({**GOOD, "redis": "4.5.5"}, ["W031"]),
        ({"Django": "4.2.16", "channels": "4.0.0"}, []),
    ],
)
def test_versions(installed: dict[str, str], expected: list[str]) -> None:
    assert numbers(version_faults(installed, channel_layers())) == expected


@pytest.mark.parametrize(
    ("hosts", "redis", "expected"),
    [
        (None, "8.0.0", ["W033"]),
        (["redis://h"], "8.0.0", ["W033"]),
        ([("h", 6379)], "8.0.0", ["W033"]),
        ([{"address": "redis://h"}], "8.0.0", ["W033"]),
        ([{"address": "redis://h", "socket_timeout": 5}], "8.0.0", ["W033"]),
        ([{"address": "redis://h", "socket_timeout": 15}], "8.0.0", []),
        ([{"address": "redis://h", "socket_timeout": None}], "8.0.0", []),
        (["redis://h"], "7.4.0", []),
    ],
)
def test_redis_version_that_closes_idle_sockets(hosts: Any, redis: str, expected: list[str]) -> None:
    layers = {"default": {"BACKEND": CORE, "CONFIG": {"hosts": hosts}}}
    assert numbers(version_faults({**GOOD, "redis": redis}, layers)) == expected


def test_versions_are_read_as_numbers() -> None:
    assert parsed("4.2.2rc1") == (4, 2, 2)
    assert parsed("4.10") > parsed("4.9.9")
    assert parsed("unknown") == ()


@pytest.mark.parametrize(
    ("engine", "backend", "expected"),
    [
        ("django.contrib.sessions.backends.db", "django.core.cache.backends.locmem.LocMemCache", []),
        ("django.contrib.sessions.backends.cache", "django.core.cache.backends.locmem.LocMemCache", ["W043"]),
        ("django.contrib.sessions.backends.cache", "django.core.cache.backends.redis.RedisCache", []),
        ("django.contrib.sessions.backends.cached_db", "django.core.cache.backends.locmem.LocMemCache", []),
        ("django.contrib.sessions.backends.signed_cookies", "", ["E044"]),
    ],
)
def test_sessions(engine: str, backend: str, expected: list[str]) -> None:
    assert numbers(session_faults(engine, "default", {"default": {"BACKEND": backend}})) == expected


def test_asgi_module_that_cannot_be_known_is_passed_over() -> None:
    assert numbers(asgi_faults("nowhere.asgi.application", "")) == []
    assert numbers(asgi_faults(None, "")) == []
    assert numbers(asgi_faults(None, "settings")) == []
    assert numbers(asgi_faults("armguard_tray.server.sockets.asgi.application", "")) == []
    assert numbers(asgi_faults("armguard_tray.cli.application", "")) == ["W042"]


MODELS = """
from django.db import models

class Person(models.Model):
    id = models.CharField(primary_key=True, max_length=20)
    def get_full_name(self): return self.id

class Weapon(models.Model):
    id = models.CharField(primary_key=True, max_length=20)
    status = models.CharField(max_length=20)
    def __str__(self): return self.id

class Handover(models.Model):
    kind = models.CharField(max_length=10)
    personnel = models.ForeignKey(Person, on_delete=models.CASCADE)
    item = models.ForeignKey(Weapon, on_delete=models.CASCADE)
"""
SETTINGS = """
from armguard_tray.server.layers import channel_layers
SECRET_KEY = "of the tests, and long enough for everybody who counts its letters and signs 1234567890"
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions",
                  "site_of_tests.armory", "armguard_tray.server"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
ROOT_URLCONF = "site_of_tests.urls"
CHANNEL_LAYERS = channel_layers()
"""
GOOD_SETTINGS = """
ARMGUARD_LIVE = {
    "TRANSACTION_MODEL": "armory.Handover",
    "ITEM_MODEL": "armory.Weapon",
    "TRANSACTION_FIELDS": {"action": "kind", "issued_by": "personnel.get_full_name"},
}
"""
BAD_FIELDS = """
ARMGUARD_LIVE = {
    "TRANSACTION_MODEL": "armory.Handover",
    "ITEM_MODEL": "armory.Weapon",
    "TRANSACTION_FIELDS": {"mags": "magazines", "personnel": "personnel.nickname", "colour": "kind"},
}
"""
LIVE_ASGI = "from armguard_tray.server.sockets.asgi import with_live"
LIVE_URLS = """
from django.urls import include, path
urlpatterns = [path("armguard-live/", include("armguard_tray.server.urls"))]
"""


async def manage_check(folder: Path, settings: str, *, urls: str, asgi: str) -> tuple[int | None, str]:
    """Run `django-admin check` on a small project; return its exit code and what it said."""
    site = folder / "site_of_tests"
    (site / "armory").mkdir(parents=True)
    for name, text in {
        "__init__.py": "",
        "armory/__init__.py": "",
        "armory/models.py": MODELS,
        "settings.py": SETTINGS + settings,
        "urls.py": urls,
        "asgi.py": asgi,
    }.items():
        (site / name).write_text(text)
    program = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "django", "check"),
        env={"DJANGO_SETTINGS_MODULE": "site_of_tests.settings", "PYTHONPATH": f"{folder}:{Path.cwd()}"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    async with asyncio.timeout(PATIENCE):
        said, _ = await program.communicate()
    return program.returncode, said.decode()


def named(said: str) -> set[str]:
    return set(re.findall(r"armguard_live\.([EW]\d+)", said))


async def test_good_project_has_no_fault(tmp_path: Path) -> None:
    code, said = await manage_check(tmp_path, GOOD_SETTINGS, urls=LIVE_URLS, asgi=LIVE_ASGI)
    assert (code, named(said)) == (0, set()), said


async def test_models_that_do_not_exist(tmp_path: Path) -> None:
    code, said = await manage_check(tmp_path, "", urls=LIVE_URLS, asgi=LIVE_ASGI)
    assert (code, named(said)) == (1, {"E011"}), said
    assert "'transactions.Transaction'" in said
    assert "'inventory.Item'" in said


async def test_fields_that_do_not_exist(tmp_path: Path) -> None:
    code, said = await manage_check(tmp_path, BAD_FIELDS, urls=LIVE_URLS, asgi=LIVE_ASGI)
    assert (code, named(said)) == (1, {"E012", "E013", "W011"}), said
    assert "armory.Handover has no 'magazines'" in said
    assert "armory.Handover has no 'personnel.nickname'" in said
    assert "'colour', which is no field of a frame" in said
    assert "armory.Handover has no 'issued_by.username', so that 'issued_by' is always empty" in said


async def test_app_that_is_not_built_in(tmp_path: Path) -> None:
    code, said = await manage_check(
        tmp_path, GOOD_SETTINGS, urls="urlpatterns = []", asgi="application = None"
    )
    assert (code, named(said)) == (0, {"W041", "W042"}), said
