"""Whose socket it is, and whether that login still holds. It asks the database: call it in a thread."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from importlib import import_module
from itertools import islice
from typing import Any, Final, TypeVar

from django.conf import settings
from django.contrib.auth import (
    BACKEND_SESSION_KEY,
    HASH_SESSION_KEY,
    SESSION_KEY,
    get_user_model,
    load_backend,
)
from django.contrib.sessions.backends.db import SessionStore as DatabaseSession
from django.contrib.sessions.backends.signed_cookies import SessionStore as CookieSession
from django.http import parse_cookie
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from armguard_tray.server.sockets.wire import Scope

T = TypeVar("T")

_CHUNK: Final = 500  # SQLite takes 999 parameters in old versions


@dataclass(frozen=True, slots=True)
class Identity:
    """A login, as it was when the socket came.

    Attributes:
        user_id: the user's primary key, as text.
        username: for people.
        session_key: the session of the handshake's cookie.
        backend: the authentication backend that logged the user in.
        proof: changes with the password (`get_session_auth_hash`).
        expires: when the session ends by its age, as last seen; None where the session's store cannot tell.
        seen: when the session was last looked at.

    """

    user_id: str
    username: str
    session_key: str
    backend: str
    proof: str
    expires: datetime | None
    seen: datetime


def identify(scope: Scope) -> Identity | None:
    """Return whose session the handshake's cookie names, or None if nobody is logged in with it.

    As `channels.auth.get_user` does it, but without side effects: a session that does not hold is left alone.
    Raises what the database raises.
    """
    key = _session_key(scope)
    if not key:
        return None
    now = timezone.now()
    data, expires = _load(key)
    backend_path: str = data.get(BACKEND_SESSION_KEY, "")
    if SESSION_KEY not in data or backend_path not in settings.AUTHENTICATION_BACKENDS:
        return None
    user_id = get_user_model()._meta.pk.to_python(data[SESSION_KEY])  # noqa: SLF001 - public by its documentation
    user = load_backend(backend_path).get_user(user_id)
    if user is None or not _verifies(user, data.get(HASH_SESSION_KEY)):
        return None
    return Identity(str(user.pk), user.get_username(), key, backend_path, _proof(user), expires, now)


def look_again(identities: Sequence[Identity]) -> dict[Identity, Identity | None]:
    """Return for each login what it is now, or None if it no longer holds.

    It no longer holds when the user is deleted, not active or has another password, or when the session is
    gone: the user has logged out. A session that ended by its age is no reason, as on the stock server.

    A session that is gone counts as ended by its age only if it already had been when it was last looked at:
    from then on nobody can log out of it, and `clearsessions` may remove it. One that reached its age since
    then may have been logged out of before that, so it counts as logged out.

    Of sessions in signed cookies the server keeps no record that a log-out would end: for them, only the user
    is looked at. Raises what the database raises.
    """
    now = timezone.now()  # before the looks: what happens during them is for the next one
    users = _users({identity.user_id for identity in identities})
    ends = _session_ends(identities)
    looked: dict[Identity, Identity | None] = {}
    for identity in identities:
        user = users.get(identity.user_id)
        aged = identity.expires is not None and identity.expires <= identity.seen
        if user is None or not _may_log_in(user, identity) or _proof(user) != identity.proof:
            looked[identity] = None
        elif identity.session_key in ends:
            looked[identity] = replace(identity, expires=ends[identity.session_key], seen=now)
        else:
            looked[identity] = identity if aged else None
    return looked


def _session_key(scope: Scope) -> str | None:
    for name, value in scope.get("headers", []):
        if name == b"cookie":
            key: str | None = parse_cookie(value.decode("latin-1")).get(settings.SESSION_COOKIE_NAME)
            return key
    return None


def _load(key: str) -> tuple[dict[str, Any], datetime | None]:
    store_class = _store_class()
    store = store_class(key)
    if not issubclass(store_class, DatabaseSession):
        return store.load(), None
    # The row holds when the session ends; the loaded session would only say how long one lasts from now.
    row = (
        store_class.get_model_class().objects.filter(session_key=key, expire_date__gt=timezone.now()).first()
    )
    return (store.decode(row.session_data), row.expire_date) if row else ({}, None)


def _session_ends(identities: Iterable[Identity]) -> dict[str, datetime | None]:
    """Return the sessions that exist, with when they end, which a cache cannot tell."""
    keys = {identity.session_key for identity in identities}
    store_class = _store_class()
    if issubclass(store_class, CookieSession):
        return dict.fromkeys(keys)  # its exists() is always False; signature and age were checked on coming
    if not issubclass(store_class, DatabaseSession):
        return {key: None for key in keys if store_class(key).exists(key)}
    model = store_class.get_model_class()
    ends: dict[str, datetime | None] = {}
    for some in _chunks(keys):
        ends.update(model.objects.filter(session_key__in=some).values_list("session_key", "expire_date"))
    return ends


def _users(user_ids: Iterable[str]) -> dict[str, Any]:
    model = get_user_model()
    users: dict[str, Any] = {}
    for some in _chunks(user_ids):
        found = model._default_manager.in_bulk(some)  # noqa: SLF001 - public by its documentation
        users.update({str(pk): user for pk, user in found.items()})
    return users


def _may_log_in(user: Any, identity: Identity) -> bool:
    backend = load_backend(identity.backend)
    asked = getattr(backend, "user_can_authenticate", None)
    return bool(asked(user)) if callable(asked) else bool(getattr(user, "is_active", True))


def _verifies(user: Any, session_hash: str | None) -> bool:
    if not hasattr(user, "get_session_auth_hash"):
        return True
    if not session_hash:
        return False
    accepted = [user.get_session_auth_hash()]
    fallbacks = getattr(user, "get_session_auth_fallback_hash", None)  # SECRET_KEY_FALLBACKS
    if callable(fallbacks):
        accepted += fallbacks()
    return any(constant_time_compare(session_hash, each) for each in accepted)


def _proof(user: Any) -> str:
    return user.get_session_auth_hash() if hasattr(user, "get_session_auth_hash") else ""


def _store_class() -> Any:
    return import_module(settings.SESSION_ENGINE).SessionStore


def _chunks(values: Iterable[T]) -> Iterator[list[T]]:
    left = iter(values)
    while some := list(islice(left, _CHUNK)):
        yield some
