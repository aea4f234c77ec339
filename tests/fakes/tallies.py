"""Sums of a log, to make pictures of."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from armguard_tray.messages.event import Category, Event, Source, StoredEvent
from armguard_tray.messages.gap import Gap, Reason
from armguard_tray.messages.streams import Stream
from armguard_tray.storage.ledger import Ledger
from armguard_tray.storage.tallies import Moves, Tallies
from armguard_tray.tallies.making import Asked

MANILA = ZoneInfo("Asia/Manila")
MADE = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
"""24/11/26 20:00 at the armory."""
SERVER = "https://armory.local:8443"
COMPLETE = Ledger(begins=1, complete_to=48_211, as_of=MADE)


def at(hour: float, *, day: int = 24) -> datetime:
    """Return a time of November by the armory's clock."""
    return datetime(2026, 11, day, tzinfo=MANILA).astimezone(UTC) + timedelta(hours=hour)


def asked(
    wanted: str = "Everything",
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    zone: ZoneInfo = MANILA,
) -> Asked:
    return Asked(wanted=wanted, since=since, until=until, zone=zone, made=MADE, program="ArmGuard Tray 1")


def gap(since: datetime | None, until: datetime | None, number: int | None = None) -> StoredEvent:
    """Return an open gap."""
    what = Gap(
        reason=Reason.AWAY,
        streams=(Stream.TRANSACTIONS,),
        since=since,
        until=until,
        first=number,
        last=number,
    )
    event = Event(
        stream=Stream.TRANSACTIONS,
        kind="gap",
        category=Category.GAP,
        received=MADE,
        source=Source.MISSING,
        raw="{}",
        title="A gap",
        gap=what,
    )
    return StoredEvent(1, event)


def sums(
    quarters: Mapping[datetime, Moves],
    *,
    sorts: Mapping[tuple[str, str], Moves] | None = None,
    before: Moves | None = Moves(),  # noqa: B008 - it never changes
    gaps: Sequence[StoredEvent] = (),
    ledger: Ledger | None = COMPLETE,
    complete_since: datetime | None = None,
) -> Tallies:
    """Return sums; unless given, everything was an M4."""
    everything = sum(quarters.values(), Moves())
    given = {("M4", "Guard Duty"): everything} if everything != Moves() else {}
    return Tallies(
        quarters=dict(sorted(quarters.items())),
        sorts=given if sorts is None else sorts,
        before=before,
        open_gaps=gaps,
        servers={SERVER: ledger},
        complete_since=complete_since,
    )
