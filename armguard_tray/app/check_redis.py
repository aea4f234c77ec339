"""Which Redis `check` looks at: what is said on the command line, besides what the settings say."""

from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from armguard_tray.redis_probe.address import Target, target_of
from armguard_tray.settings.model import RedisSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisGiven:
    """What is said of Redis on the command line; None: nothing.

    Attributes:
        address: without a password; empty: do not look.
        ca_file: of its CA.
        prefix: of the server's channel layer.

    """

    address: str | None = None
    ca_file: str | None = None
    prefix: str | None = None


def redis_settings(given: RedisGiven, stored: RedisSettings) -> RedisSettings:
    """PURE: return where to look and how.

    What is stored is of one Redis: of another one that is named, its CA file and prefix say nothing. Of the
    same one they count, and so do the user and the database where the address that is named has none.

    Args:
        given: what is said for this run.
        stored: the settings of the server that is checked.

    """
    settings = stored
    if given.address is not None:
        same = _is_same(given.address, stored.address)
        address = _completed(given.address, stored.address) if same else given.address
        settings = replace(stored if same else RedisSettings(), address=address)
    if given.ca_file is not None:
        settings = replace(settings, ca_file=given.ca_file)
    if given.prefix is not None:
        settings = replace(settings, prefix=given.prefix)
    return settings


def _is_same(one: str, other: str) -> bool:
    """Tell whether both name the same place, with TLS or both without: the other way it is another one."""
    try:
        return _place(target_of(one)) == _place(target_of(other))
    except ValueError:
        return False


def _place(target: Target) -> tuple[str, int, str, bool]:
    return target.host.lower(), target.port, target.path, target.tls


def _completed(given: str, stored: str) -> str:
    parts, known = urlsplit(given), urlsplit(stored)
    if parts.scheme == "unix":
        return given if parts.query or "@" in parts.netloc else stored
    user = known.netloc.rpartition("@")[0]
    netloc = parts.netloc if "@" in parts.netloc or not user else f"{user}@{parts.netloc}"
    return parts._replace(netloc=netloc, path=parts.path if parts.path.strip("/") else known.path).geturl()
