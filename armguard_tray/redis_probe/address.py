"""PURE: an address of Redis, taken apart; the password is never a part of it."""

from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

from armguard_tray.settings.model import RedisSettings, problems

DEFAULT_PORT = 6379


@dataclass(frozen=True, slots=True)
class Target:
    """Where a Redis is; `path` is that of a Unix socket, else empty."""

    host: str
    port: int
    path: str
    tls: bool
    username: str | None
    database: int

    @property
    def where(self) -> str:
        """The place for people: host:port or the socket's path."""
        return self.path or f"{bracketed(self.host)}:{self.port}"


def target_of(address: str) -> Target:
    """Return the parts of an address.

    Raises:
        ValueError: it is not one that the settings accept.

    """
    problem = problems(RedisSettings(address=address)).get("address")
    if problem or not address:
        raise ValueError(problem or "There is no address to look at.")
    parts = urlsplit(address)
    unix = parts.scheme == "unix"
    # redis-py has the database of a Unix socket in the query: the path is the socket's.
    database = parse_qs(parts.query).get("db", [""])[0] if unix else parts.path.strip("/")
    return Target(
        host=parts.hostname or "localhost",
        port=parts.port or DEFAULT_PORT,
        path=unquote(parts.path) if unix else "",
        tls=parts.scheme == "rediss",
        username=unquote(parts.username) if parts.username else None,
        database=int(database) if database.isdecimal() else 0,
    )


def without_password(url: str) -> tuple[str, str | None]:
    """Return a URL as the settings accept it, and the password that was in it.

    Raises:
        ValueError: it is no address of Redis. The text holds no part of it.

    """
    try:
        parts = urlsplit(url)
        password = unquote(parts.password) if parts.password else None
    except ValueError:
        raise ValueError("this is not an address") from None
    login, at, host = parts.netloc.rpartition("@")
    username = login.partition(":")[0]
    netloc = f"{username}{at}{host}" if username else host
    address = parts._replace(netloc=netloc).geturl()
    if not host and parts.scheme == "unix" and not username:
        address = f"unix://{parts.path}" + (f"?{parts.query}" if parts.query else "")
    if problems(RedisSettings(address=address)) or not address:
        raise ValueError("this is not an address of Redis")
    return address, password


def bracketed(host: str) -> str:
    """Return a host as it stands in a URL."""
    return f"[{host}]" if ":" in host else host
