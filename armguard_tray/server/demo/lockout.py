"""Five wrong passwords lock an account out, from that address, for an hour."""

from hashlib import sha256
from typing import Final

from django.core.cache import cache
from django.http import HttpRequest

FAILURES: Final = 5
HOUR: Final = 3600


def is_locked_out(request: HttpRequest, username: str) -> bool:
    """Whether this account may not log in from this address now."""
    return int(cache.get(_key(request, username), 0)) >= FAILURES


def count_failure(request: HttpRequest, username: str) -> None:
    """Remember a wrong password; the hour counts from the last one."""
    key = _key(request, username)
    cache.set(key, int(cache.get(key, 0)) + 1, HOUR)


def forget_failures(request: HttpRequest, username: str) -> None:
    """Start anew after a right password."""
    cache.delete(_key(request, username))


def _key(request: HttpRequest, username: str) -> str:
    # Hashed, as a user name may hold what a cache key may not, and any amount of it.
    digest = sha256(username.encode()).hexdigest()
    return f"login-failures:{request.META['REMOTE_ADDR']}:{digest}"
