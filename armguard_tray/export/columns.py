"""PURE: the columns of a table that is exported, from the left, and what stands in each."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from armguard_tray.export.row import Row, moment_of

Value = str | int | None


@dataclass(frozen=True, slots=True)
class Column:
    """A column.

    Attributes:
        title: its heading.
        width: in characters, for whoever shows it.

    """

    title: str
    width: int = 12


COLUMNS: Final[Sequence[Column]] = (
    Column("Row"),
    Column("Time", 19),
    Column("What"),
    Column("Came", 14),
    Column("Text", 34),
    Column("Detail", 60),
    Column("Number"),
    Column("Action"),
    Column("Item", 18),
    Column("Item id", 18),
    Column("Person", 24),
    Column("Personnel id", 18),
    Column("Duty", 18),
    Column("Mags", 8),
    Column("Rounds", 8),
    Column("By", 14),
    Column("Status", 14),
    Column("Previous status", 14),
    Column("Level"),
    # With offset and fractions: exact, and the same in every zone.
    Column("Time by the server's clock", 33),
    Column("Received", 33),
    Column("Server", 28),
)
TITLES: Final = tuple(column.title for column in COLUMNS)
TIME: Final = TITLES.index("Time")
"""The column with times as spreadsheets of all languages read them: `2026-11-24 11:25:26`, in the server's
zone."""
TEXTS: Final = slice(TITLES.index("Text"), TITLES.index("Level"))
"""The columns with texts of the server's; the others are the program's own words, times and numbers."""
STATEMENT_AS: Final = "Statement"
"""What stands in the column What of a line that is no event but says something of the file."""


def values(row: Row) -> tuple[Value, ...]:
    """Return what stands in each column: a number, a text, or nothing."""
    told = moment_of(row)
    return (
        row.row,
        None if told is None else f"{told[:10]} {told[11:19]}",
        row.what,
        row.came,
        row.text,
        row.detail,
        row.number,
        row.action,
        row.item,
        row.item_id,
        row.person,
        row.personnel_id,
        row.duty,
        row.mags,
        row.rounds,
        row.issued_by,
        row.status,
        row.previous_status,
        row.level,
        row.time,
        row.received,
        row.server,
    )
