"""PURE: the columns of a table that is exported, from the left, and what stands in each."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from armguard_tray.export.row import Columns, moments_of

Value = str | int | None


@dataclass(frozen=True, slots=True)
class Column:
    """A column.

    Attributes:
        title: its heading.
        width: in characters, for whoever shows it.
        field: the field of `Row` that stands in it; empty: another value.

    """

    title: str
    field: str
    width: int = 12


COLUMNS: Final[Sequence[Column]] = (
    Column("Row", "row"),
    Column("Time", "", 19),
    Column("What", "what"),
    Column("Came", "came", 14),
    Column("Text", "text", 34),
    Column("Detail", "detail", 60),
    Column("Number", "number"),
    Column("Action", "action"),
    Column("Item", "item", 18),
    Column("Item id", "item_id", 18),
    Column("Person", "person", 24),
    Column("Personnel id", "personnel_id", 18),
    Column("Duty", "duty", 18),
    Column("Mags", "mags", 8),
    Column("Rounds", "rounds", 8),
    Column("By", "issued_by", 14),
    Column("Status", "status", 14),
    Column("Previous status", "previous_status", 14),
    Column("Level", "level"),
    # With offset and fractions: exact, and the same in every zone.
    Column("Time by the server's clock", "time", 33),
    Column("Received", "received", 33),
    Column("Server", "server", 28),
)
TITLES: Final = tuple(column.title for column in COLUMNS)
TIME: Final = TITLES.index("Time")
"""The column with times as spreadsheets of all languages read them: `2026-11-24 11:25:26`, in the server's
zone."""
TEXTS: Final = slice(TITLES.index("Text"), TITLES.index("Level"))
"""The columns with texts of the server's; the others are the program's own words, times and numbers."""
STATEMENT_AS: Final = "Statement"
"""What stands in the column What of a line that is no event but says something of the file."""


def values(columns: Columns) -> list[Sequence[Value]]:
    """Return what stands in each column, row by row: a number, a text, or nothing."""
    told = [None if each is None else f"{each[:10]} {each[11:19]}" for each in moments_of(columns)]
    return [columns[each.field] if each.field else told for each in COLUMNS]
