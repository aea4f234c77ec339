"""PURE: how the columns share the width of the table, so that the last of them is in sight.

What the reader chose stays. With room to spare, person and duty grow, and with them what is read across the
columns; with too little they shrink first, then item and issuer, then all others, each down to its least.
"""

from collections.abc import Collection, Mapping

from armguard_tray.ui.models.event_columns import Column

_GROW = {Column.PERSON: 3, Column.DUTY: 2}
"""What grows, by its share."""
_FIRST, _SECOND = (Column.PERSON, Column.DUTY), (Column.ITEM, Column.BY)
_SHRINK = (_FIRST, _SECOND, tuple(each for each in Column if each not in {*_FIRST, *_SECOND}))
"""What shrinks, first to last."""


def share(
    wanted: Mapping[Column, int], least: Mapping[Column, int], chosen: Collection[Column], room: int
) -> dict[Column, int]:
    """Return the width of each column, px: together `room`, where `least` and `chosen` allow it.

    Args:
        wanted: widths that hold what usually stands in the columns on show, or what the reader chose.
        least: widths below which a column is of no use.
        chosen: the columns whose width the reader chose.
        room: the width there is.

    """
    widths = dict(wanted)
    spare = room - sum(widths.values())
    if spare > 0:
        shares = {each: part for each, part in _GROW.items() if each in widths and each not in chosen}
        for column, part in _parts(spare, shares).items():
            widths[column] += part
        return widths
    for group in _SHRINK:
        slack = {
            each: max(0, widths[each] - least[each]) for each in group if each in least and each not in chosen
        }
        less = _parts(min(sum(widths.values()) - room, sum(slack.values())), slack)
        for column, part in less.items():
            widths[column] -= part
    return widths


def _parts(amount: int, shares: Mapping[Column, int]) -> dict[Column, int]:
    """Return `amount` in whole parts by their `shares`; none of it is left over."""
    left, weight = amount, sum(shares.values())
    parts: dict[Column, int] = {}
    for column, part in shares.items():
        parts[column] = left * part // weight if weight else 0
        left, weight = left - parts[column], weight - part
    return parts
