"""Looks into the tray's journal while it is written, and notes each claim that is false at that moment."""

import sqlite3
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.faults.judge import (
    Claim,
    Committed,
    Deed,
    Hole,
    Journal,
    Journalled,
    Name,
    Silence,
    belied_by,
    unaccounted,
)
from tests.faults.read_only import NotReadableNow, one_moment_of

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ROWS = """
    SELECT row, coalesce(moved, row << 33), transaction_id, person, item, action, source
    FROM event WHERE row > ? AND transaction_id IS NOT NULL AND category <> 'gap' ORDER BY row
"""
_HOLES = "SELECT first, last FROM gap WHERE closed_at IS NULL AND first IS NOT NULL ORDER BY first"
_TOLD = """
    SELECT row, stream, ref FROM event
    WHERE row > ? AND category IN ('notice', 'status') AND ref IS NOT NULL ORDER BY row
"""
_SILENCES = "SELECT streams, since, until FROM gap WHERE closed_at IS NULL AND first IS NULL"
_CLAIM = "SELECT begins, complete_to, as_of FROM ledger"


@dataclass(frozen=True, slots=True)
class FalseClaim:
    """A claim that stood in the journal while something that it covers did not.

    Attributes:
        at: when it was first seen, aware.
        claim: it.
        numbers: the transactions that belie it.

    """

    at: datetime
    claim: Claim
    numbers: tuple[int, ...]


class Witness:
    """Sees the journal of one tray from outside.

    Attributes:
        journal: the transactions that it has seen there.
        holes: those that are declared missing now.
        heard: how often it has seen which notices and status changes there.
        silences: the times of which something is declared missing now.
        claim: what the journal answers for now; None while it answers for nothing.
        open: what is committed, but neither journalled nor declared missing.
        false_claims: the claims that were false, each once.
        looks: how often the journal could be read.

    """

    def __init__(self, file: Path) -> None:
        """Look into `file`, whether it is there yet or not."""
        self.journal = Journal()
        self.holes: list[Hole] = []
        self.heard: Counter[Name] = Counter()
        self.silences: list[Silence] = []
        self.claim: Claim | None = None
        self.open: list[Committed] = []
        self.false_claims: list[FalseClaim] = []
        self.looks = 0
        self._file = file
        self._identity: tuple[int, int] | None = None
        self._last_row = self._last_told_row = 0
        self._committed: list[Committed] = []
        self._absent: list[Committed] = []

    def look(self, committed: Iterable[Committed]) -> None:
        """Read the journal in one moment, and hold its claim against what is `committed` since then.

        Call it after the server's database was read: what was committed by then has to be answered for now.
        """
        new = list(committed)
        self._committed += new
        self._absent += new
        self._begin_again_if_it_is_another_file()
        try:
            with one_moment_of(self._file) as database:
                self._read(database)
        except NotReadableNow:
            return
        self.looks += 1
        self._absent = [made for made in self._absent if not self.journal.of(made)]
        self.open = unaccounted(self._absent, self.journal, self.holes)
        self._judge()

    def _begin_again_if_it_is_another_file(self) -> None:
        """Believe nothing of a journal that was moved away."""
        try:
            found = self._file.stat()
        except FileNotFoundError:
            return
        identity = (found.st_dev, found.st_ino)
        if self._identity not in {None, identity}:
            self.forget()
        self._identity = identity

    def forget(self) -> None:
        """Read the whole journal anew at the next look."""
        self.journal, self.holes, self.claim, self._last_row = Journal(), [], None, 0
        self.heard, self.silences, self._last_told_row = Counter(), [], 0
        self._absent = list(self._committed)

    def _read(self, database: sqlite3.Connection) -> None:
        rows = database.execute(_ROWS, [self._last_row]).fetchall()
        self.journal.add(
            Journalled(place, number, Deed(person, item, action), source, row)
            for row, place, number, person, item, action, source in rows
        )
        self._last_row = rows[-1][0] if rows else self._last_row
        self.holes = [Hole(first, last) for first, last in database.execute(_HOLES)]
        told = database.execute(_TOLD, [self._last_told_row]).fetchall()
        self.heard.update(Name(stream, of) for _, stream, of in told)
        self._last_told_row = told[-1][0] if told else self._last_told_row
        self.silences = [_silence(*row) for row in database.execute(_SILENCES)]
        self.claim = next((_claim(*row) for row in database.execute(_CLAIM)), None)

    def _judge(self) -> None:
        if self.claim is None:
            return
        numbers = tuple(made.number for made in belied_by(self.claim, self.open))
        told = self.false_claims[-1] if self.false_claims else None
        if numbers and (told is None or told.numbers != numbers or told.claim != self.claim):
            self.false_claims.append(FalseClaim(datetime.now(UTC), self.claim, numbers))


def _claim(begins: int, complete_to: int, as_of: int) -> Claim:
    return Claim(begins, complete_to, _time(as_of))


def _silence(streams: str, since: int | None, until: int | None) -> Silence:
    ends = (None if each is None else _time(each) for each in (since, until))
    return Silence(frozenset(streams.split(",")), *ends)


def _time(microseconds: int) -> datetime:
    return _EPOCH + timedelta(microseconds=microseconds)
