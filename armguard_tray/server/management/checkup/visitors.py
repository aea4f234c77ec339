"""Whom the check logs in as."""

import re
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from http.cookies import SimpleCookie
from importlib import import_module
from typing import Any, Protocol
from urllib.parse import urlencode
from uuid import uuid4

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model
from django.shortcuts import resolve_url

from armguard_tray.server.management.checkup.findings import Bad
from armguard_tray.server.management.checkup.site import Site

_MODEL_BACKEND = "django.contrib.auth.backends.ModelBackend"
_FOUND = 302


@dataclass(frozen=True)
class Visitor:
    """Somebody who is logged in.

    Attributes:
        user_id: as notifications are addressed.
        name: the user's.
        cookie: the session, as the `Cookie` header of a request.

    """

    user_id: str
    name: str
    cookie: str


class Visitors(Protocol):
    """Where visitors come from. All of it is synchronous."""

    alone: bool
    """Whether nobody else uses a visitor's account, so that its connections can be counted."""

    def visit(self) -> AbstractContextManager[Visitor]:
        """Let a visitor be there for the block."""


class TemporaryVisitors:
    """Users who are made for a visit, can never log in, and are deleted at its end, as their sessions are."""

    alone = True

    @contextmanager
    def visit(self) -> Iterator[Visitor]:
        """Make a user and a session, as a login would."""
        model: Any = get_user_model()
        user = model(**{model.USERNAME_FIELD: f"armguard-check-{uuid4().hex[:12]}"})
        user.set_unusable_password()
        user.save()
        session = import_module(settings.SESSION_ENGINE).SessionStore()
        try:
            session[SESSION_KEY] = user._meta.pk.value_to_string(user)  # noqa: SLF001 - as Django's login does
            session[BACKEND_SESSION_KEY] = _backend()
            session[HASH_SESSION_KEY] = user.get_session_auth_hash()
            session.save()
            yield Visitor(
                str(user.pk), user.get_username(), f"{settings.SESSION_COOKIE_NAME}={session.session_key}"
            )
        finally:
            session.flush()
            user.delete()


def _backend() -> str:
    """Return the backend that will be asked for the session's user; of several, Django's own."""
    backends: list[str] = list(settings.AUTHENTICATION_BACKENDS)
    return _MODEL_BACKEND if _MODEL_BACKEND in backends else backends[-1]


class LoggedInVisitors:
    """One user of the project, logged in by name and password on the login page. Asked once, never again."""

    alone = False

    def __init__(self, site: Site, username: str, password: str) -> None:
        """Log in at `site`. Raises Bad if that is refused."""
        user = get_user_model().objects.filter(**{get_user_model().USERNAME_FIELD: username}).first()
        if user is None:
            raise Bad(f"this database has no user {username}")
        self._visitor = Visitor(str(user.pk), user.get_username(), _logged_in(site, username, password))

    @contextmanager
    def visit(self) -> Iterator[Visitor]:
        """Give the same one each time."""
        yield self._visitor


def _logged_in(site: Site, username: str, password: str) -> str:
    page = resolve_url(settings.LOGIN_URL)
    shown = site.request("GET", page)
    token = re.search(rb"name=[\"']csrfmiddlewaretoken[\"'] value=[\"'](\w+)[\"']", shown.body)
    if token is None:
        raise Bad(f"{page} shows no login form (HTTP {shown.status})")
    form = {"username": username, "password": password, "csrfmiddlewaretoken": token[1].decode()}
    answer = site.request(
        "POST",
        page,
        {
            "Content-Type": "application/x-www-form-urlencoded",
            "Cookie": _cookies(shown.headers.get("set-cookie", "")),
            "Referer": site.url + page,
        },
        urlencode(form).encode(),
    )
    set_now = [SimpleCookie(line) for line in answer.headers.get("set-cookie", "").splitlines()]
    name = settings.SESSION_COOKIE_NAME
    session = next((cookie[name] for cookie in set_now if name in cookie), None)
    if answer.status != _FOUND or session is None:
        raise Bad(f"{username} was not let in (HTTP {answer.status})")
    return f"{name}={session.value}"


def _cookies(lines: str) -> str:
    return "; ".join(line.split(";", 1)[0] for line in lines.splitlines())
