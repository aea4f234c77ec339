"""PURE: whether a look into Redis, while our own socket opens, proves that the server uses that Redis.

A socket of `/ws/notifications/` joins its user's own group, `notifications_<user id>`, and leaves it in
the end.
In the core layer of channels_redis (3.0 to 4.3) a group is a sorted set `<prefix>:group:<group>` of
members `specific.<process>!<connection>`, each with the time at which it joined, by the server's clock;
joining renews the set's expiry. In its pub/sub layer it is a channel `<prefix>__group__<group>`.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from enum import StrEnum

from armguard_tray.clock import in_zone

CORE, PUB_SUB = "core", "pub/sub"
USUAL_PREFIXES = ("armguard:", "asgi")
"""ArmGuard's, and the library's default."""
TOLERANCE = 5.0
"""Seconds by which a join may be apart from our own opening: the clocks are two machines'."""
NEVER_EXPIRES = -1
_MEMBER = re.compile(r"specific\.\w+!\w+", re.ASCII)


class ProofVerdict(StrEnum):
    """What a look has shown. No evidence is not evidence of the contrary."""

    PROVEN = "proven"
    NOT_PROVEN = "not proven"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What came of looking for our own membership.

    Attributes:
        verdict: what it shows.
        at: when it was looked.
        where: the Redis that was looked into (host:port or a socket's path, and the database).
        evidence: the facts, one line: "our membership joined armguard::group:notifications_2 at 07:58:12".
        reasons: where nothing is proven, what could be the reason, the most likely first; plain sentences.
        group: the key or channel in which the membership was found; empty if none.
        joined: when our membership joined, by the server's clock; None if none was found, or by pub/sub.
        kind: "core" or "pub/sub"; empty if unknown.
        member: the running connection's own membership in `group`, by which a later look finds it
            again; empty if it is not known.
        was_member: whether the running connection's membership was found before, and is gone now: a deaf
            socket. The verdict may be *proven* all the same, by a socket that was opened for it.
        socket_since: since when the running connection's socket is live, of which `member` and `was_member`
            tell: that names the socket, and is compared for equality only. None: there was none.
        login_refused: whether Redis refused the user name or password.
        looked: whether our membership was looked for, and could have been seen.

    """

    verdict: ProofVerdict
    at: datetime
    where: str
    evidence: str
    reasons: tuple[str, ...] = ()
    group: str = ""
    joined: datetime | None = None
    kind: str = ""
    member: str = ""
    was_member: bool = False
    socket_since: datetime | None = None
    login_refused: bool = False
    looked: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A group under one prefix, as it was at one moment.

    Attributes:
        key, channel: its names in the core and in the pub/sub layer.
        members: the core layer's, all of them, and when each joined (Unix seconds, by the server's clock);
            None: they may not be read, or are too many.
        ttl: seconds until the key expires, `NEVER_EXPIRES`; None: there is no key, or this may not be read.
        subscribers: the pub/sub layer's processes; None: this may not be read.

    """

    key: str
    channel: str
    members: Mapping[str, float] | None = None
    ttl: int | None = None
    subscribers: int | None = None


Glance = tuple[float, tuple[Group, ...]]
"""Redis's time (Unix seconds), and the groups; of several looks always the same ones in the same order."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A membership that came while our socket was opened."""

    kind: str
    before: Group
    during: Group
    member: str = ""
    joined: float | None = None

    @property
    def place(self) -> str:
        """Where it came."""
        return self.during.key if self.kind == CORE else self.during.channel


def group_of(user_id: int) -> str:
    """Return the name of a user's own group."""
    return f"notifications_{user_id}"


def group_under(prefix: str, group: str) -> Group:
    """Return a group's names under a prefix; nothing is known of it yet."""
    return Group(key=f"{prefix}:group:{group}", channel=f"{prefix}__group__{group}")


def prefix_of(key: str, group: str) -> str | None:
    """Return the prefix under which `key` is that of `group`; None if it is another one's."""
    prefix = key.removesuffix(f":group:{group}")
    return prefix if prefix != key else None


def joined_near(group: Group, moment: float) -> list[str]:
    """Return the members that joined within `TOLERANCE` of a moment."""
    return [
        name
        for name, joined in (group.members or {}).items()
        if _MEMBER.fullmatch(name) and abs(joined - moment) <= TOLERANCE
    ]


def arrivals(before: Glance, during: Glance) -> list[Arrival]:
    """Return what came between two looks."""
    found = []
    for then, now in zip(before[1], during[1], strict=True):
        if then.members is not None and now.members is not None:
            found += [
                Arrival(CORE, then, now, name, joined)
                for name, joined in now.members.items()
                if name not in then.members and _MEMBER.fullmatch(name)
            ]
        if then.subscribers == 0 and now.subscribers == 1:
            found.append(Arrival(PUB_SUB, then, now))
    return found


def has_left(arrival: Arrival, glance: Glance) -> bool:
    """Tell whether what came is gone."""
    group = next(each for each in glance[1] if each.key == arrival.during.key)
    if arrival.kind == CORE:
        return group.members is not None and arrival.member not in group.members
    return not group.subscribers


def others_moved(usual: Glance, now: Glance, ours: Arrival | None) -> bool:
    """Tell whether anybody has come or gone but `ours`, which may be there or not; the unreadable stays."""
    return any(
        _members_moved(then, group, ours) or _subscribers_moved(then, group, ours)
        for then, group in zip(usual[1], now[1], strict=True)
    )


def _members_moved(usual: Group, now: Group, ours: Arrival | None) -> bool:
    if usual.members is None or now.members is None:
        return False
    own = {ours.member} if ours is not None and ours.kind == CORE and ours.during.key == now.key else set()
    return now.members.keys() - own != usual.members.keys()


def _subscribers_moved(usual: Group, now: Group, ours: Arrival | None) -> bool:
    if usual.subscribers is None or now.subscribers is None:
        return False
    may_be_ours = ours is not None and ours.kind == PUB_SUB and ours.during.channel == now.channel
    return now.subscribers - usual.subscribers not in ({0, 1} if may_be_ours else {0})


def is_settled(inside: Glance, now: Glance) -> bool:
    """Tell whether, since a socket was open, somebody left, or there is nobody who could."""
    pairs = list(zip(inside[1], now[1], strict=True))
    left = any(
        (then.members or {}).keys() - (each.members or {}).keys()
        or (then.subscribers or 0) > (each.subscribers or 0)
        for then, each in pairs
    )
    return left or not any(each.members or each.subscribers for _, each in pairs)


def objection(arrival: Arrival, before: float, during: float, after: Glance) -> str | None:
    """Return what speaks against a membership being our socket's, or None.

    Args:
        arrival: the only one that came.
        before, during: Redis's time when it was looked before our socket was opened, and while it was open.
        after: how it was when our socket had been closed.

    """
    now = next(group for group in after[1] if group.key == arrival.during.key)
    if arrival.kind == PUB_SUB:
        return (
            "A subscription came with our socket, but stayed when it was closed." if now.subscribers else None
        )
    if now.members is None or arrival.member in now.members:
        return "A membership came when our socket was opened, but stayed when it was closed."
    ahead = _outside(arrival.joined or 0.0, before, during)
    if abs(ahead) > TOLERANCE:
        return (
            f"A membership came and went with our socket, but its time is {abs(ahead):.0f} s "
            f"{'ahead of' if ahead > 0 else 'behind'} Redis's clock: set the clocks of the server and of the "
            "machine with Redis."
        )
    if arrival.during.ttl == NEVER_EXPIRES or (arrival.before.ttl or 0) > (arrival.during.ttl or 2**63):
        return (
            "A membership came and went with our socket, but the expiry of its group was not renewed with it."
        )
    return None


def _outside(moment: float, begin: float, end: float) -> float:
    """Return by how much a moment is after (or, negative, before) a time."""
    return max(0.0, moment - end) + min(0.0, moment - begin)


@dataclass(frozen=True, slots=True, kw_only=True)
class Elsewhere:
    """What is known of where else the server's memberships may be.

    Attributes:
        database: the number of another database in which the group has a member that joined just now.
        other_databases: whether there can be others that were not looked into.
        other_prefixes: whether the core layer can have another prefix than those looked for. A pub/sub layer
            always can.
        crowded: whether a pub/sub channel of the group had subscribers already, so that one more process's
            could not show ours.
        missing: what the account may not do, each with what that costs.

    """

    database: int | None = None
    other_databases: bool = True
    other_prefixes: bool = True
    crowded: bool = False
    missing: Sequence[tuple[str, str]] = ()


def reasons_for_nothing(elsewhere: Elsewhere) -> tuple[str, ...]:
    """Return what could be the reason that nothing came with our socket, the most likely first."""
    said = [f"This desk's account at Redis may not use {name}: {cost}." for name, cost in elsewhere.missing]
    if elsewhere.crowded:
        return (*said, _CROWDED, _ANOTHER_REDIS)
    if elsewhere.database is not None:
        return (*said, _OTHER_DATABASE.format(number=elsewhere.database))
    if elsewhere.other_databases:
        said.append("The server may use another database of this Redis: try the address with its number.")
    if elsewhere.other_prefixes:
        said.append("The server may use another prefix: enter the one of its CHANNEL_LAYERS.")
    said += [_MEMORY, _ANOTHER_REDIS]
    return (*said, *([] if elsewhere.other_prefixes else [_PUB_SUB_PREFIX]))


_CROWDED = (
    "The server may use a pub/sub layer in which this account has a subscriber already, so that ours does "
    "not show. Prove it while nobody else is connected with this account."
)
_OTHER_DATABASE = (
    "The server most likely uses database {number} of this Redis: somebody joined the same group there "
    "just now. Let the address end with /{number}."
)
_PUB_SUB_PREFIX = (
    "The server may use a pub/sub layer under another prefix, which is not found by itself: enter that of "
    "its CHANNEL_LAYERS."
)
_MEMORY = "The server may use its memory, as it does for good where Redis was down when it started."
_ANOTHER_REDIS = "The server may use another Redis than the one that this desk sees."


def unreachable(sentence: str) -> tuple[str, ...]:
    """Return the reasons where this desk cannot look into Redis; `sentence` says why."""
    return (f"This desk cannot look into Redis. {sentence}", _ONLY_ITS_MACHINE)


_ONLY_ITS_MACHINE = (
    "The server may use it all the same: often Redis serves its own machine only. Run `armguard-tray check` "
    "on the server, or give the address of Redis as seen from this desk."
)


def words_of(place: str, joined: float | None, zone: tzinfo | None, who: str = "our membership") -> str:
    """Return that a membership came, ours unless `who` says otherwise; `zone` None: this machine's."""
    moment = moment_of(joined)
    if moment is None:
        return f"our subscription came to {place}"
    return f"{who} joined {place} at {in_zone(moment, zone):%H:%M:%S}"


def moment_of(seconds: float | None) -> datetime | None:
    """Return a Unix time, aware; None where there is no such day."""
    try:
        return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None
