"""Looks at logins as a server process does, where a test cannot: prints what holds, as a JSON object.

Takes the session engine as its argument; the database must be there.
"""
# ruff: noqa: E402 - Django must be set up before its models are imported

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import django

django.setup()

from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client, override_settings
from django.utils import timezone

from armguard_tray.server.sockets.sessions import Identity, identify, look_again

NAME = "capt.santos"
SECOND = timedelta(seconds=1)


def log_in() -> Client:
    """Return somebody who has just logged in."""
    client = Client()
    client.force_login(User.objects.get_or_create(username=NAME)[0])
    return client


def identity_of(client: Client, *, spoilt: bool = False) -> Identity | None:
    """Return who the server takes the client for, `spoilt` being somebody who has changed the cookie."""
    name = settings.SESSION_COOKIE_NAME
    cookie = f"{name}={client.cookies[name].value}{'x' if spoilt else ''}"
    return identify({"headers": [(b"cookie", cookie.encode())]})


def known(client: Client) -> Identity:
    """Return who the client is."""
    found = identity_of(client)
    assert found is not None
    return found


def holds(identity: Identity) -> bool:
    """Whether the next look finds that the login still holds."""
    return look_again([identity])[identity] is not None


def untouched() -> bool:
    """Whether a login holds that nothing happened to, look after look."""
    identity = known(log_in())
    again = look_again([identity])[identity]
    return again is not None and holds(again)


def logged_out() -> bool:
    """Whether it holds once the user has logged out."""
    client = log_in()
    identity = known(client)
    client.logout()
    return holds(identity)


def logged_out_in_its_last_second() -> bool:
    """Whether it holds when the user logged out, and then the session would have ended by its age."""
    client = log_in()
    now = timezone.now()
    identity = replace(known(client), expires=now - SECOND, seen=now - 2 * SECOND)
    client.logout()
    return holds(identity)


def removed_when_it_had_grown_old() -> bool:
    """Whether it holds when the session had ended by its age at the last look, and was then removed."""
    client = log_in()
    now = timezone.now()
    identity = replace(known(client), expires=now - 2 * SECOND, seen=now - SECOND)
    client.logout()  # as far as the table goes, what clearsessions does
    return holds(identity)


def deactivated() -> bool:
    """Whether it holds when the user may not log in any more."""
    return _changed(is_active=False)


def password_changed() -> bool:
    """Whether it holds when the user has another password."""
    return _changed(password="another")


def cookie_changed() -> bool:
    """Whether somebody is known by a cookie that was tampered with."""
    return identity_of(log_in(), spoilt=True) is not None


def cookie_grown_old() -> bool:
    """Whether somebody is known by a cookie whose time is up."""
    client = log_in()
    with override_settings(SESSION_COOKIE_AGE=-1):
        return identity_of(client) is not None


def _changed(**fields: object) -> bool:
    identity = known(log_in())
    User.objects.filter(username=NAME).update(**fields)
    try:
        return holds(identity)
    finally:
        User.objects.filter(username=NAME).delete()


CASES: tuple[Callable[[], bool], ...] = (
    untouched,
    logged_out,
    logged_out_in_its_last_second,
    removed_when_it_had_grown_old,
    deactivated,
    password_changed,
    cookie_changed,
    cookie_grown_old,
)


def main() -> None:
    """Go through the cases."""
    with override_settings(SESSION_ENGINE=f"django.contrib.sessions.backends.{sys.argv[1]}"):
        sys.stdout.write(json.dumps({case.__name__: case() for case in CASES}))
    User.objects.filter(username=NAME).delete()


main()
