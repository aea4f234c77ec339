"""PURE: where Redis is, from what is given, the settings and the environment."""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import SplitResult, quote, unquote, urlsplit

DEFAULT_HOST: Final = "127.0.0.1"
DEFAULT_PORT: Final = 6379
_SCHEMES: Final = ("redis", "rediss", "unix")


class AddressError(ValueError):
    """No address can be made of what is given. Its text holds no part of a URL, hence no password."""


@dataclass(frozen=True, slots=True)
class RedisAddress:
    """Where Redis is.

    Attributes:
        url: with user and password; never to be shown.
        shown: the same without them.
        source: where it comes from, in words.
        host, port: of a server that is reached over the network; None for a unix socket.
        path: of the unix socket, else empty.
        tls: whether the connection is encrypted.
        local: whether what is sent stays on this machine.

    """

    url: str = field(repr=False)
    shown: str
    source: str
    host: str | None
    port: int | None
    path: str
    tls: bool
    local: bool


def find_address(
    given: Mapping[str, Any], settings: Mapping[str, Any], environ: Mapping[str, str]
) -> RedisAddress:
    """Return where Redis is.

    Taken is the first of: `redis_url` of `given`; its `host`, `port`, `password`, `db`, if one of them is
    there; REDIS_URL of the settings; that of the environment; REDIS_HOST, REDIS_PORT, REDIS_PASSWORD and
    REDIS_DB, each from the settings, else the environment; the usual place on this machine. Parts that are
    not given come from the same places. Empty values count as absent.

    Raises:
        AddressError: what was found is no address.

    """
    parts = {name: given.get(name) for name in ("host", "port", "password", "db")}
    if given.get("redis_url"):
        return _with_password(str(given["redis_url"]), parts["password"], "given to channel_layers()")
    if all(value in {None, ""} for value in parts.values()):
        for source, values in (("the setting REDIS_URL", settings), ("the variable REDIS_URL", environ)):
            if values.get("REDIS_URL"):
                return _parsed(str(values["REDIS_URL"]), source)
    return _parsed(*_assembled(parts, settings, environ))


def _assembled(
    parts: Mapping[str, Any], settings: Mapping[str, Any], environ: Mapping[str, str]
) -> tuple[str, str]:
    found: dict[str, str] = {}
    for name, value in parts.items():
        variable = f"REDIS_{name.upper()}"
        values = (value, settings.get(variable), environ.get(variable))
        text = next((str(each) for each in values if each not in {None, ""}), None)
        if text is not None:
            found[name] = text
    port = _number(found.get("port", str(DEFAULT_PORT)), "REDIS_PORT")
    db = _number(found.get("db", "0"), "REDIS_DB")
    host = found.get("host", DEFAULT_HOST)
    if ":" in host and not host.startswith("["):
        host = f"[{host}]"
    login = f":{quote(found['password'], safe='')}@" if "password" in found else ""
    source = "the parts REDIS_HOST, REDIS_PORT, REDIS_PASSWORD, REDIS_DB" if found else "the usual place"
    return f"redis://{login}{host}:{port}/{db}", source


def _number(text: str, name: str) -> int:
    if not text.isdecimal():
        raise AddressError(f"{name} is not a number")
    return int(text)


def _with_password(url: str, password: Any, source: str) -> RedisAddress:
    """Take a password that is given beside the URL, where the URL has none."""
    parts = _split(url, source)
    if password in {None, ""} or "@" in parts.netloc:
        return _parsed(url, source)
    login = f":{quote(str(password), safe='')}@"
    return _parsed(parts._replace(netloc=login + parts.netloc).geturl(), source)


def _split(url: str, source: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:  # its text may hold parts of the URL
        raise AddressError(f"{source}: the address cannot be read") from None


def _parsed(url: str, source: str) -> RedisAddress:
    parts = _split(url, source)
    if parts.scheme not in _SCHEMES:
        raise AddressError(f"{source}: the address must begin with redis://, rediss:// or unix://")
    if parts.scheme == "unix":
        path = unquote(parts.path)
        if not path:
            raise AddressError(f"{source}: the address names no unix socket")
        return RedisAddress(url, f"unix://{path}", source, None, None, path, tls=False, local=True)
    try:
        port = parts.port or DEFAULT_PORT
    except ValueError:
        raise AddressError(f"{source}: the port is no number from 1 to 65535") from None
    db = parts.path.strip("/")
    if db and not db.isdecimal():
        raise AddressError(f"{source}: the database is not a number")
    host = parts.hostname or "localhost"
    shown_host = f"[{host}]" if ":" in host else host
    return RedisAddress(
        url=url,
        shown=f"{parts.scheme}://{shown_host}:{port}/{db or 0}",
        source=source,
        host=host,
        port=port,
        path="",
        tls=parts.scheme == "rediss",
        local=_is_loopback(host),
    )


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:  # a name, which may lead anywhere
        return False
