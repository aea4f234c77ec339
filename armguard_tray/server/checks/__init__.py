"""System checks for what makes sockets fail or fall silent: `manage.py check` names it, with its fix.

Importing this registers them, as Django has it; each module holds what one of them looks at.
"""

import os
import sys
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final

from django.apps import apps
from django.conf import settings
from django.core.checks import CheckMessage, register

from armguard_tray.server.checks.deployment import asgi_faults, session_faults, url_faults
from armguard_tray.server.checks.layer import layer_faults
from armguard_tray.server.checks.live_settings import settings_faults
from armguard_tray.server.checks.project_models import model_faults
from armguard_tray.server.checks.versions import PACKAGES, version_faults
from armguard_tray.server.conf import NAME, live_settings

TAG: Final = "armguard_live"


@register(TAG)
def check_live_settings(**_: Any) -> list[CheckMessage]:
    """Look at `ARMGUARD_LIVE`."""
    return settings_faults(getattr(settings, NAME, {}), settings.DATABASES)


@register(TAG)
def check_project_models(**_: Any) -> list[CheckMessage]:
    """Look at the models that are named there."""
    if check_live_settings():
        return []  # what is wrong already may be why nothing is found
    return model_faults(apps, live_settings())


@register(TAG)
def check_channel_layers(**_: Any) -> list[CheckMessage]:
    """Look at `CHANNEL_LAYERS`."""
    return layer_faults(getattr(settings, "CHANNEL_LAYERS", None), sys.argv)


@register(TAG)
def check_versions(**_: Any) -> list[CheckMessage]:
    """Look at what is installed."""
    layers = getattr(settings, "CHANNEL_LAYERS", None)
    return version_faults(_installed(), layers if isinstance(layers, Mapping) else {})


@register(TAG)
def check_deployment(**_: Any) -> list[CheckMessage]:
    """Look at how the app is built in."""
    return [
        *url_faults(getattr(settings, "ROOT_URLCONF", None)),
        *asgi_faults(
            getattr(settings, "ASGI_APPLICATION", None), os.environ.get("DJANGO_SETTINGS_MODULE", "")
        ),
        *session_faults(settings.SESSION_ENGINE, settings.SESSION_CACHE_ALIAS, settings.CACHES),
    ]


def _installed() -> dict[str, str]:
    found: dict[str, str] = {}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
