"""PURE: what became of each transaction that the server committed, and of all else that it told the desk.

Each is to be in the journal, once and in order, or within a gap that the journal declares. A claim of
completeness is false if, at the moment it stands in the journal, a transaction that it covers is neither.
Notices and status changes have no numbers: their gaps are times.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from armguard_tray.catchup.deafness import MOST_SKIPPED

LIVE = "live"
LAST_ANSWER_WITHIN = timedelta(seconds=25)
"""How long before the desk says that it is not live the server's last answer was, at most."""
_NOTHING = (-1, -1)  # before every era and number


@dataclass(frozen=True, slots=True)
class Deed:
    """What a transaction did, as people read it; None where that is not known."""

    person: str | None
    item: str | None
    action: str | None

    def agrees_with(self, other: "Deed") -> bool:
        """Whether both may be one: what is not known speaks against nothing."""
        mine, theirs = (self.person, self.item, self.action), (other.person, other.item, other.action)
        return all(a is None or b is None or a == b for a, b in zip(mine, theirs, strict=True))


@dataclass(frozen=True, slots=True)
class Committed:
    """A transaction that the server has committed.

    Attributes:
        number: its id.
        deed: what it did.
        by: when it was committed at the latest, aware, by this machine's clock.
        era: how often the server's database had been put back to an older copy before.

    """

    number: int
    deed: Deed
    by: datetime
    era: int = 0


@dataclass(frozen=True, slots=True)
class Journalled:
    """A transaction that stands in the journal.

    Attributes:
        place: where it stands there, ascending.
        number: its id.
        deed: what it did.
        source: how it came.
        row: its row, ascending in order of arrival.

    """

    place: int
    number: int
    deed: Deed
    source: str
    row: int


@dataclass(frozen=True, slots=True)
class Hole:
    """Numbers that the journal declares missing, the last one included."""

    first: int
    last: int

    def __contains__(self, number: int) -> bool:
        return self.first <= number <= self.last


@dataclass(frozen=True, slots=True)
class Claim:
    """Of all numbers from `begins` to `complete_to` each is in the journal or in a hole, as of then."""

    begins: int
    complete_to: int
    as_of: datetime

    def covers(self, made: Committed) -> bool:
        """Whether it speaks of that transaction."""
        return self.begins <= made.number <= self.complete_to and made.by < self.as_of


@dataclass(frozen=True, slots=True)
class Name:
    """What a notice or a status change is known by: its stream, and the transaction or item that it is of."""

    stream: str
    of: str


@dataclass(frozen=True, slots=True)
class Told:
    """A notice or a status change that the server has told, as whoever caused it was answered.

    Attributes:
        name: which one.
        since, until: between these it was told, aware, by this machine's clock.

    """

    name: Name
    since: datetime
    until: datetime

    def __str__(self) -> str:
        """Return it for whoever looks for the cause."""
        return f"{self.name.stream} of {self.name.of} at {self.since:%H:%M:%S.%f}"


@dataclass(frozen=True, slots=True)
class Silence:
    """A time of which something is known to be missing of these streams; None: without that end."""

    streams: frozenset[str]
    since: datetime | None
    until: datetime | None

    def covers(self, told: Told) -> bool:
        """Whether it may have been told in that time."""
        begun = self.since is None or self.since <= told.until
        return told.name.stream in self.streams and begun and (self.until is None or told.since <= self.until)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hearing:
    """What became of notices and status changes, in numbers.

    Attributes:
        told: by the server.
        heard: journalled.
        declared: not journalled, in a gap that the journal declares.
        dropped: neither, but told while the server's own layer may have lost it and no desk can know that.
        lost: none of these.
        doubled: copies beyond the first.

    """

    told: int = 0
    heard: int = 0
    declared: int = 0
    dropped: int = 0
    lost: int = 0
    doubled: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What became of the transactions, in numbers.

    Attributes:
        committed: by the server.
        live: journalled as they happened.
        caught_up: journalled later.
        declared: not journalled, and declared missing.
        lost: neither.
        doubled: copies beyond the first.
        disordered: those that stand behind a later one in the journal; what came live stands as it was
            announced.
        invented: in the journal, but never committed.

    """

    committed: int = 0
    live: int = 0
    caught_up: int = 0
    declared: int = 0
    lost: int = 0
    doubled: int = 0
    disordered: int = 0
    invented: int = 0


class Journal:
    """The transactions of a journal, found by their numbers."""

    def __init__(self, rows: Iterable[Journalled] = ()) -> None:
        """Begin with `rows`."""
        self._by_number: defaultdict[int, list[Journalled]] = defaultdict(list)
        self.add(rows)

    def __iter__(self) -> Iterator[Journalled]:
        for rows in self._by_number.values():
            yield from rows

    def add(self, rows: Iterable[Journalled]) -> None:
        """Take more."""
        for row in rows:
            self._by_number[row.number].append(row)

    def of(self, made: Committed) -> list[Journalled]:
        """Return the rows of a transaction: each beyond the first is one too many."""
        return [row for row in self._by_number.get(made.number, ()) if row.deed.agrees_with(made.deed)]


def unaccounted(committed: Iterable[Committed], journal: Journal, holes: Sequence[Hole]) -> list[Committed]:
    """Return those that are neither journalled nor declared missing."""
    return [
        made for made in committed if not journal.of(made) and not any(made.number in hole for hole in holes)
    ]


def belied_by(claim: Claim, missing: Iterable[Committed]) -> list[Committed]:
    """Return those among the `missing` that a claim says are there: with any it is false."""
    return [made for made in missing if claim.covers(made)]


def account(committed: Sequence[Committed], journal: Journal, holes: Sequence[Hole]) -> Account:
    """Count what became of the transactions; rows of numbers below the first of them do not count."""
    rows = {made: journal.of(made) for made in committed}
    lost = len(unaccounted(committed, journal, holes))
    absent = sum(not found for found in rows.values())
    live = sum(any(row.source == LIVE for row in found) for found in rows.values())
    return Account(
        committed=len(committed),
        live=live,
        caught_up=len(committed) - absent - live,
        declared=absent - lost,
        lost=lost,
        doubled=sum(len(found) - 1 for found in rows.values() if found),
        disordered=len(disordered(committed, journal)),
        invented=_invented(committed, rows, journal),
    )


def disordered(committed: Sequence[Committed], journal: Journal) -> list[tuple[Journalled, Journalled]]:
    """Return the rows that stand behind one of a later transaction, each with that one."""
    standing = sorted(
        ((row, (made.era, made.number)) for made in committed for row in journal.of(made)),
        key=lambda each: (each[0].place, each[1]),
    )
    wrong, newest_live = [], _NOTHING
    for (before, before_number), (row, number) in pairwise(standing):
        newest_live = max(newest_live, before_number) if before.source == LIVE else newest_live
        # Between two that were announced the wrong way round there is no right place for what came later. Nor
        # could what was fetched know of an announcement that was still to come.
        misplaced = row.source != LIVE or (newest_live < number and before.row > row.row)
        if before_number > number and misplaced:
            wrong.append((row, before))
    return wrong


def _invented(
    committed: Sequence[Committed], rows: dict[Committed, list[Journalled]], journal: Journal
) -> int:
    first = min((made.number for made in committed), default=0)
    meant = {row for found in rows.values() for row in found}
    return sum(row not in meant for row in journal if row.number >= first)


def hearing(
    told: Sequence[Told], heard: Counter[Name], gaps: Sequence[Silence], deaf: Sequence[Silence] = ()
) -> Hearing:
    """Count what became of what was told.

    Args:
        told: it, in order. What nobody was answered for does not count.
        heard: how often the journal has what.
        gaps: those in time that the journal declares.
        deaf: when the server's layer may have reached nobody without any desk's knowing it.

    """
    absent = unheard(told, heard)
    undeclared = outside(gaps, absent)
    lost = outside(deaf, undeclared)
    times_told = Counter(each.name for each in told)
    return Hearing(
        told=len(told),
        heard=len(told) - len(absent),
        declared=len(absent) - len(undeclared),
        dropped=len(undeclared) - len(lost),
        lost=len(lost),
        doubled=(Counter({name: heard[name] for name in times_told}) - times_told).total(),
    )


def unknowable(deaf: Iterable[Silence], made: Sequence[Committed]) -> list[Silence]:
    """Return those deaf times of which a desk may not have known, for too few transactions showed them.

    Those that were made after the last answer of a socket show nothing of it.

    Args:
        deaf: each from when open sockets heard nothing until the desk was next not live, if it was.
        made: the transactions.

    """
    return [each for each in deaf if sum(_shows(transaction, each) for transaction in made) <= MOST_SKIPPED]


def _shows(made: Committed, deaf: Silence) -> bool:
    answered = deaf.until is None or made.by <= deaf.until - LAST_ANSWER_WITHIN
    return answered and (deaf.since is None or deaf.since <= made.by)


def outside(silences: Sequence[Silence], told: Iterable[Told]) -> list[Told]:
    """Return what was told in none of the `silences`."""
    return [each for each in told if not any(silence.covers(each) for silence in silences)]


def unheard(told: Iterable[Told], heard: Counter[Name]) -> list[Told]:
    """Return what the journal does not have; of what was told by one name again, the last."""
    left = heard.copy()
    absent = []
    for each in told:
        if left[each.name]:
            left[each.name] -= 1
        else:
            absent.append(each)
    return absent
