"""Writes down every transaction that the demo server commits: the record that a desk is held against."""

from datetime import UTC, datetime
from pathlib import Path

from tests.faults.judge import Committed, Deed
from tests.faults.read_only import NotReadableNow, one_moment_of

_NEWER = """
    SELECT made.id, who.firstname || ' ' || who.surname, what.item_type || ' - ' || what.serial, made.action
    FROM demo_transaction AS made
    JOIN demo_personnel AS who ON who.id = made.personnel_id
    JOIN demo_item AS what ON what.id = made.item_id
    WHERE made.id > ? ORDER BY made.id
"""


class Bookkeeper:
    """Reads them from the server's database itself, so that no answer and no socket has to be believed.

    Attributes:
        committed: all since it began, in order.

    """

    def __init__(self, database: Path) -> None:
        """Begin after what `database` holds now."""
        self.committed: list[Committed] = []
        self._database = database
        self._era = 0
        self._last = self._newest()

    def look(self) -> list[Committed]:
        """Write down what is new, and return it; nothing while the database cannot be read."""
        try:
            with one_moment_of(self._database) as database:
                rows = database.execute(_NEWER, [self._last]).fetchall()
        except NotReadableNow:
            return []
        by = datetime.now(UTC)  # after the reading: at the latest by then they were committed
        new = [Committed(number, Deed(*deed), by, self._era) for number, *deed in rows]
        self.committed += new
        self._last = new[-1].number if new else self._last
        return new

    def put_back(self) -> None:
        """Know that the database is now an older copy of itself: its numbers begin again."""
        self._era += 1
        self._last = self._newest()

    @property
    def newest(self) -> int:
        """The number of the newest transaction that the server has now."""
        return self._last

    def _newest(self) -> int:
        with one_moment_of(self._database) as database:
            (newest,) = database.execute("SELECT coalesce(max(id), 0) FROM demo_transaction").fetchone()
        return int(newest)
