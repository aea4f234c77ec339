"""PURE: where the server's Redis may be, seen from this desk."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from armguard_tray.redis_probe.address import DEFAULT_PORT, Target, bracketed, target_of, without_password
from armguard_tray.settings.model import is_loopback

VARIABLE = "REDIS_URL"


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A place where Redis may be.

    Attributes:
        address: as the settings have one, without a password.
        why: why it may be there, a few words.
        password: what is known of it; it is sent there and nowhere else.

    """

    address: str
    why: str
    password: str | None = field(default=None, repr=False)


def candidates(  # noqa: PLR0913 - all have names
    *,
    given: str = "",
    password: str | None = None,
    environ: Mapping[str, str] | None = None,
    told: str = "",
    server_host: str = "",
    only_given: bool = False,
) -> tuple[Candidate, ...]:
    """Return the places, the likeliest first, each once.

    Args:
        given: the address of the settings, or empty.
        password: that for `given`.
        environ: the environment of this process.
        told: the address that the server's live app tells its admins, as the server sees it; or empty.
        server_host: the server's host as this desk knows it; or empty.
        only_given: whether `given` is the only one.

    """
    found: dict[tuple[str, int, str], Candidate] = {}
    first = Candidate(address=given, why="the address of the settings", password=password)
    others = [] if only_given else _others(environ or {}, told, server_host)
    for each in (first, *others):
        try:
            target = target_of(each.address)
        except ValueError:
            continue  # the settings and the variable may hold anything
        found.setdefault(_place(target), each)
    return tuple(found.values())


def _others(environ: Mapping[str, str], told: str, server_host: str) -> Iterator[Candidate]:
    try:
        address, its_password = without_password(environ.get(VARIABLE, ""))
    except ValueError:
        pass  # there is none, or none that can be looked at
    else:
        yield Candidate(address=address, why=f"the variable {VARIABLE}", password=its_password)
    yield Candidate(address=_as_seen_from_here(told, server_host), why="the address that the server tells")
    if server_host:
        yield Candidate(address=f"redis://{bracketed(server_host)}:{DEFAULT_PORT}/0", why="the server's host")
    yield Candidate(address=f"redis://127.0.0.1:{DEFAULT_PORT}/0", why="this machine")


def _as_seen_from_here(told: str, server_host: str) -> str:
    """Return an address that the server sees as this desk sees it; empty where it cannot see it."""
    try:
        target = target_of(told)
    except ValueError:
        return ""
    if is_loopback(f"//{bracketed(server_host)}"):
        return told
    if target.path:
        return ""
    if not is_loopback(told):
        return told
    scheme = "rediss" if target.tls else "redis"
    return f"{scheme}://{bracketed(server_host)}:{target.port}/{target.database}" if server_host else ""


def _place(target: Target) -> tuple[str, int, str]:
    host = target.host.lower()
    return ("127.0.0.1" if is_loopback(f"//{bracketed(host)}") else host, target.port, target.path)
