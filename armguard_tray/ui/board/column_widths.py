"""PURE: which columns of the board there is room for, and how they share it.

What, with whom, since when and whether it is overdue stay. By little room the others leave, the one first
that is asked for least; what they say is told of the chosen row, and in the tooltip of its item. Only where
even what stays has no room is there a scroll bar.
"""

from collections.abc import Mapping
from typing import Final

from armguard_tray.ui.board.columns import Column

_LEAVE: Final = (Column.BY, Column.DUTY, Column.OUT_FOR)
"""What leaves, first to last."""
_GROW: Final = {Column.HOLDER: 3, Column.DUTY: 2, Column.STATE: 2}
"""What grows, by its share."""


def share(wanted: Mapping[Column, int], least: Mapping[Column, int], room: int) -> dict[Column, int]:
    """Return the width of each column that is shown, px.

    Args:
        wanted: widths that hold what usually stands in the columns.
        least: widths that hold it in its shortest words.
        room: the width there is.

    """
    widths = dict(wanted)
    for column in _LEAVE:
        if sum(least[each] for each in widths) > room:
            del widths[column]
    spare = room - sum(widths.values())
    slack = {each: widths[each] - least[each] for each in widths}
    parts = {each: part for each, part in _GROW.items() if each in widths} if spare > 0 else slack
    # Rounded down: what is shared must not come to more than the room.
    shared = {each: spare * part // (sum(parts.values()) or 1) for each, part in parts.items()}
    return {each: width + max(shared.get(each, 0), -slack[each]) for each, width in widths.items()}
