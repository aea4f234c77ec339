"""PURE: which columns the table has, in which order and how wide, as the reader chose."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from armguard_tray.ui.models.event_columns import Column

_HIDDEN = "-"
MAX_WIDTH = 2000


@dataclass(frozen=True, slots=True)
class Columns:
    """What the reader chose; the default is what is usual.

    Attributes:
        order: all columns, from the left.
        hidden: those that are not shown; never all of them.
        widths: px, of those whose width the reader chose; the others share what is left.

    """

    order: tuple[Column, ...] = tuple(Column)
    hidden: frozenset[Column] = frozenset()
    widths: Mapping[Column, int] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def shown(self) -> tuple[Column, ...]:
        """The columns that are shown, from the left."""
        return tuple(column for column in self.order if column not in self.hidden)

    def toggled(self, column: Column) -> "Columns":
        """Return the same with this column hidden if it is shown, else shown; the last one stays."""
        hidden = self.hidden ^ {column}
        return self if len(hidden) == len(Column) else replace(self, hidden=hidden)

    def moved(self, column: Column, by: int) -> "Columns":
        """Return the same with this column so many steps further right, left if negative."""
        others = [each for each in self.order if each is not column]
        others.insert(max(0, self.order.index(column) + by), column)
        return replace(self, order=tuple(others))

    def sized(self, column: Column, width: int | None) -> "Columns":
        """Return the same with this column so wide, px; None lets it share what is left."""
        others = {each: px for each, px in self.widths.items() if each is not column}
        return replace(self, widths=others if width is None else {**others, column: width})

    def order_as_text(self) -> str:
        """Return order and choice as `columns_of` reads them: by name, as other versions have others."""
        return " ".join(f"{_HIDDEN * (column in self.hidden)}{column.name}" for column in self.order)

    def widths_as_text(self) -> str:
        """Return the widths as `columns_of` reads them."""
        return " ".join(f"{column.name}={width}" for column, width in self.widths.items())


USUAL = Columns()


def columns_of(order: object, widths: object) -> Columns:
    """Return the columns that were remembered, as far as there are such columns.

    One that was not known then stands behind the one that is usually before it.
    """
    names = order.split() if isinstance(order, str) else []
    known = dict.fromkeys(each for each in names if each.removeprefix(_HIDDEN) in Column.__members__)
    found = list(dict.fromkeys(Column[each.removeprefix(_HIDDEN)] for each in known))
    hidden = frozenset(Column[each.removeprefix(_HIDDEN)] for each in known if each.startswith(_HIDDEN))
    for column in Column:
        if column not in found:
            found.insert(found.index(Column(column - 1)) + 1 if column else 0, column)
    shown = hidden if len(hidden) < len(Column) else frozenset[Column]()
    return Columns(tuple(found), shown, _widths(widths))


def _widths(remembered: object) -> dict[Column, int]:
    pairs = (each.partition("=") for each in remembered.split()) if isinstance(remembered, str) else ()
    return {
        Column[name]: min(int(width), MAX_WIDTH)
        for name, _, width in pairs
        if name in Column.__members__ and width.isdecimal() and int(width) > 0
    }
