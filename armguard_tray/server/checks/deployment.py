"""How the app is built into the project: its addresses, its sockets, and sessions that both servers know."""

import importlib.util
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from django.core.checks import CheckMessage, Error, Warning  # noqa: A004 - Django's name
from django.urls import NoReverseMatch, reverse

STATUS_PAGE: Final = "armguard_live_status"
_WRAPPER: Final = "with_live"
_LOCAL: Final = (
    "django.core.cache.backends.locmem.LocMemCache",
    "django.core.cache.backends.dummy.DummyCache",
)


def url_faults(urlconf: str | None) -> Iterator[CheckMessage]:
    """Yield what is wrong if the app's pages are not among the project's addresses."""
    if urlconf is None:
        return
    try:
        reverse(STATUS_PAGE, urlconf=urlconf)
    except NoReverseMatch:
        yield Warning(
            "The project's addresses do not include the app's: trays take this server for one without it.",
            hint=f"In {urlconf}: path('armguard-live/', include('armguard_tray.server.urls'))",
            id="armguard_live.W041",
        )


def asgi_faults(application: str | None, settings_module: str) -> Iterator[CheckMessage]:
    """Yield what is wrong if the module of the ASGI `application` does not speak of the app's sockets.

    Where the setting ASGI_APPLICATION is missing, `asgi.py` beside the settings is looked at. It is read, not
    imported: that would build the application.
    """
    module = application.rpartition(".")[0] if application else f"{settings_module.rpartition('.')[0]}.asgi"
    source = _source(module)
    if source is not None and _WRAPPER not in source:
        yield Warning(
            f"{module} does not speak of {_WRAPPER}: /ws/live/ is not served, and no socket has limits.",
            hint="At its end: from armguard_tray.server.sockets.asgi import with_live; "
            "application = with_live(application)",
            id="armguard_live.W042",
        )


def session_faults(engine: str, cache: str, caches: Mapping[str, Any]) -> Iterator[CheckMessage]:
    """Yield what is wrong if sessions lie where not every process can look them up."""
    if engine == "django.contrib.sessions.backends.signed_cookies":
        yield Error(
            "Sessions lie in the browsers' cookies: nobody can look up whether a login still "
            "holds, so no socket can be closed when its user logs out.",
            hint="SESSION_ENGINE = 'django.contrib.sessions.backends.db' or '…cached_db'.",
            id="armguard_live.E044",
        )
    backend = caches.get(cache, {}).get("BACKEND") if isinstance(caches.get(cache), Mapping) else None
    if engine == "django.contrib.sessions.backends.cache" and backend in _LOCAL:
        yield Warning(
            f"Sessions lie in {backend}: who logs in under gunicorn is nobody to daphne, and every socket is "
            "refused.",
            hint="SESSION_ENGINE = 'django.contrib.sessions.backends.db', or a cache that processes share.",
            id="armguard_live.W043",
        )


def _source(module: str) -> str | None:
    """Return a module's text, or None where it is not known."""
    try:
        spec = importlib.util.find_spec(module)
    except (ImportError, ValueError):  # no such package, or no name at all
        return None
    if spec is None or spec.origin is None or not spec.origin.endswith(".py"):
        return None
    try:
        return Path(spec.origin).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None
