"""What is written into a file: the rows, once or more often, and what is said of them."""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError
from dataclasses import dataclass
from datetime import tzinfo
from hashlib import sha256
from typing import Final, Protocol

from armguard_tray.export.local_times import LocalTimes
from armguard_tray.export.row import Columns, Row, columns_of, encode, rows_of
from armguard_tray.export.statement import Statement
from armguard_tray.export.target import Target
from armguard_tray.storage.moment import Moment

_AT_ONCE: Final = 100
_TELL_EACH: Final = 20
"""So many pieces of rows are between two tellings of how far it has come."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Some rows, one after the other.

    Attributes:
        columns: what stands in their fields.
        rows: the rows.
        canonical: their canonical forms, each a line of UTF-8 with its end.

    """

    columns: Columns
    rows: Sequence[Row]
    canonical: bytes


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an export has come: rows that are done of all, each as often as it is gone through."""

    done: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Conduct:
    """How an export is done, by whoever wants it.

    Attributes:
        unwanted: is set once nobody wants it any more.
        on_progress: is told how far it has come, in the thread that works.

    """

    unwanted: threading.Event
    on_progress: Callable[[Progress], None]


class Rows:
    """All rows, oldest first. Each round through them may be cancelled, and is told of."""

    def __init__(self, moment: Moment, zone: tzinfo, conduct: Conduct, *, rounds: int = 1) -> None:
        """Take the rows of `moment`, with times in `zone`; they will be gone through `rounds` times."""
        self._moment = moment
        self._times = LocalTimes(zone)
        self._conduct = conduct
        self._total = moment.sums.rows * rounds
        self._done = 0
        self._digest: str | None = None

    def __iter__(self) -> Iterator[Piece]:
        """Yield them in pieces. Raises CancelledError once they are unwanted."""
        digest = sha256()
        conduct = self._conduct
        for number, batch in enumerate(self._moment.batches(_AT_ONCE)):
            if conduct.unwanted.is_set():
                raise CancelledError
            columns = columns_of(batch, self._moment.urls, self._times)
            rows = rows_of(columns)
            canonical = encode(rows)
            digest.update(canonical)
            yield Piece(columns, rows, canonical)
            self._done += len(rows)
            if number % _TELL_EACH == 0:
                self.tell()
        self._digest = digest.hexdigest()
        self.tell()

    def tell(self) -> None:
        """Tell how far it has come."""
        self._conduct.on_progress(Progress(self._done, self._total))

    @property
    def digest(self) -> str:
        """The SHA-256 digest of all canonical forms, in hexadecimal digits, after a whole round."""
        if self._digest is None:
            raise RuntimeError("the rows have not been gone through yet")
        return self._digest


class Writer(Protocol):
    """Writes an export in one format; it blocks, and lets OSError pass.

    Attributes:
        rounds: how often it goes through the rows.

    """

    rounds: int

    def write(self, statement: Statement, rows: Rows, zone: tzinfo, target: Target) -> None:
        """Write all of it to `target`, times in `zone`."""
        ...
