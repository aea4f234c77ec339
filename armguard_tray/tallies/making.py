"""PURE: makes the pictures of sums of the log."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Final

from armguard_tray.clock import in_zone
from armguard_tray.export.statement import completeness_words
from armguard_tray.messages.plain_text import plain
from armguard_tray.storage.tallies import Moves, Tallies
from armguard_tray.tallies.doubt import Doubts, Span, doubts
from armguard_tray.tallies.picture import RETURNED, TAKEN, Bars, Curve, Kind, Picture
from armguard_tray.tallies.shape import Level, Stretch, by_calendar, by_hour, by_part, levels, thinned
from armguard_tray.tallies.steps import Step, label_of

NO_TRANSACTIONS: Final = "No transactions in this time."
NOTHING_MATCHES: Final = "No transactions match the filter."
NOT_PAIRED: Final = (
    "Items out cannot be worked out under this filter: it leaves out returns of items that it shows as "
    "issued, or the other way round. Ask only for a time, item types, an item or a person."
)
_MOST_BARS: Final = 12
_MOST_TOLD: Final = 3
_ALL_OTHERS: Final = "All others"
_NO_TYPE, _NO_DUTY = "No type", "No duty told"
_PARTS: Final = {Kind.TYPE: 0, Kind.DUTY: 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the pictures are of.

    Attributes:
        wanted: the filter, in words.
        since, until: the first moment that is asked for and the first that is not any more, aware; None:
            open.
        zone: the server's, in which times are told.
        made: when it was read, aware.
        program: which program made it, with its version.

    """

    wanted: str
    since: datetime | None
    until: datetime | None
    zone: tzinfo
    made: datetime
    program: str


def pictures_of(tallies: Tallies, asked: Asked) -> list[Picture]:
    """Return a picture of each kind."""
    return [picture_of(kind, tallies, asked) for kind in Kind]


def picture_of(kind: Kind, tallies: Tallies, asked: Asked) -> Picture:
    """Return the picture of one kind."""
    if not tallies.quarters:
        instead = NOTHING_MATCHES if asked.since is None and asked.until is None else NO_TRANSACTIONS
        return _without(kind, tallies, asked, instead)
    match kind:
        case Kind.HOUR:
            return _hours(tallies, asked)
        case Kind.DAY:
            return _calendar(tallies, asked)
        case Kind.OUT if tallies.before is None:
            return _without(kind, tallies, asked, NOT_PAIRED)
        case Kind.OUT:
            return _out(tallies, asked)
        case Kind.TYPE | Kind.DUTY:
            return _parts(kind, tallies, asked)


_TITLES: Final = {
    Kind.HOUR: "Transactions by hour of the day",
    Kind.DAY: "Transactions by day",
    Kind.OUT: "Items out over time",
    Kind.TYPE: "Transactions by type of item",
    Kind.DUTY: "Transactions by duty",
}


def _without(kind: Kind, tallies: Tallies, asked: Asked, instead: str) -> Picture:
    doubt = _doubts(tallies, asked) if tallies.quarters else Doubts((), 0)
    caption = _caption(tallies, asked, doubt)
    return Picture(
        kind=kind, title=_TITLES[kind], shown=None, instead=instead, heads=(), rows=(), caption=caption
    )


def _hours(tallies: Tallies, asked: Asked) -> Picture:
    hours = by_hour(tallies, asked.zone)
    labels = [f"{hour:02}" for hour in range(24)]
    axis = f"Hour of the day ({asked.zone})"
    told = [f"{hour:02}:00\N{EN DASH}{hour + 1:02}:00" for hour in range(24)]
    return Picture(
        kind=Kind.HOUR,
        title=_TITLES[Kind.HOUR],
        shown=Bars(labels=labels, moves=hours, axis=axis),
        instead="",
        heads=("Hour", TAKEN, RETURNED),
        rows=_table(told, hours),
        caption=_caption(tallies, asked, _doubts(tallies, asked)),
    )


def _calendar(tallies: Tallies, asked: Asked) -> Picture:
    begins, ends = _shown_time(tallies, asked)
    first, last = (in_zone(each, asked.zone).date() for each in (begins, ends))
    step, stretches = by_calendar(tallies, asked.zone, first, last)
    labels = [label_of(each.start, step) for each in stretches]
    moves = [each.moves for each in stretches]
    doubt = _doubts(tallies, asked)
    of_what = f"{step.word.capitalize()} ({'from Monday, ' if step is Step.WEEK else ''}{asked.zone})"
    return Picture(
        kind=Kind.DAY,
        title=f"Transactions by {step.word}",
        shown=Bars(
            labels=labels, moves=moves, axis=of_what, doubtful=_runs(stretches, doubt.spans, asked.zone)
        ),
        instead="",
        heads=(step.word.capitalize(), TAKEN, RETURNED),
        rows=_table(labels, moves),
        caption=_caption(tallies, asked, doubt, *_ragged(step), marked=True),
    )


def _ragged(step: Step) -> list[str]:
    if step is Step.DAY:
        return []
    return [f"The first and the last {step.word} count only as far as the time reaches."]


def _runs(stretches: Sequence[Stretch], spans: Sequence[Span], zone: tzinfo) -> list[tuple[int, int]]:
    """Return the first and the last place of the stretches that each span touches."""
    starts = [each.start for each in stretches]

    def place(time: datetime) -> int:
        return max(bisect_right(starts, in_zone(time, zone).date()) - 1, 0)

    return [(place(since), place(until)) for since, until in spans]


def _out(tallies: Tallies, asked: Asked) -> Picture:
    begins, ends = _shown_time(tallies, asked)
    doubt = _doubts(tallies, asked)
    step, stretches = by_calendar(tallies, asked.zone)
    # As many as before, until the first of these.
    before = Level(begins, (tallies.before or Moves()).net)
    kept = thinned(levels(tallies), tallies)
    is_thinned = len(kept) < len(tallies.quarters)
    thinning = ["Of each short time only the first, the least, the greatest and the last number are drawn."]
    known = _begins_with_the_first(tallies)
    height = "Items out" if known else "Items out, relative to the beginning of the log"
    note = (
        "Items out is what was issued less what was returned, from the first row of the log on."
        if known
        else "Items out is relative to the beginning of the log: how many were out in all is not known."
    )
    at_ends, out = [], before.out
    for each in stretches:
        out += each.moves.net
        at_ends.append(out)
    return Picture(
        kind=Kind.OUT,
        title=_TITLES[Kind.OUT],
        shown=Curve(
            levels=[before, *kept],
            is_thinned=is_thinned,
            begins=begins,
            ends=max(ends, kept[-1].since),
            zone=asked.zone,
            axis=f"Time ({asked.zone})",
            height=height,
            doubtful=doubt.spans,
        ),
        instead="",
        heads=(step.word.capitalize(), TAKEN, RETURNED, "Out at the end" if known else "Out, relative"),
        rows=[
            (label_of(each.start, step), f"{each.moves.taken:,}", f"{each.moves.returned:,}", f"{out:,}")
            for each, out in zip(stretches, at_ends, strict=True)
        ],
        caption=_caption(tallies, asked, doubt, note, *(thinning if is_thinned else []), marked=True),
    )


def _begins_with_the_first(tallies: Tallies) -> bool:
    """Tell whether the log of the one server that it knows has its first transaction of all."""
    ledgers = list(tallies.servers.values())
    return not tallies.gone and len(ledgers) == 1 and ledgers[0] is not None and ledgers[0].begins <= 1


def _parts(kind: Kind, tallies: Tallies, asked: Asked) -> Picture:
    parts = by_part(tallies, _PARTS[kind])
    named = [(plain(name), moves) for name, moves in parts if name]
    nameless = next((moves for name, moves in parts if not name), None)
    drawn = named
    if len(named) > _MOST_BARS:
        others = sum((moves for _, moves in named[_MOST_BARS - 1 :]), Moves())
        drawn = [*named[: _MOST_BARS - 1], (_ALL_OTHERS, others)]
    no_name = _NO_TYPE if kind is Kind.TYPE else _NO_DUTY
    listed = [*named, *([] if nameless is None else [(no_name, nameless)])]
    what = "type" if kind is Kind.TYPE else "duty"
    notes = [] if nameless is None else [f"{_moves_words(nameless)} bear no {what}, and are not drawn."]
    bars = Bars(
        labels=[name for name, _ in drawn],
        moves=[moves for _, moves in drawn],
        axis=_TITLES[kind].removeprefix("Transactions by ").capitalize(),
        lying=True,
    )
    return Picture(
        kind=kind,
        title=_TITLES[kind],
        shown=bars if drawn else None,
        instead="" if drawn else f"No transaction of these bears a {what}.",
        heads=(bars.axis, TAKEN, RETURNED),
        rows=_table([name for name, _ in listed], [moves for _, moves in listed]),
        caption=_caption(tallies, asked, _doubts(tallies, asked), *notes),
    )


def _moves_words(moves: Moves) -> str:
    return f"{moves.taken:,} issued and {moves.returned:,} returned"


def _table(names: Sequence[str], moves: Sequence[Moves]) -> list[tuple[str, ...]]:
    return [(name, f"{each.taken:,}", f"{each.returned:,}") for name, each in zip(names, moves, strict=True)]


def _shown_time(tallies: Tallies, asked: Asked) -> Span:
    """Return from when to when a picture goes: as asked, or else as there are transactions."""
    first, last = min(tallies.quarters), max(tallies.quarters)
    begins = first if asked.since is None else min(asked.since, first)
    ends = last if asked.until is None else max(asked.until - timedelta(microseconds=1), last)
    if asked.since is not None and asked.until is None:
        ends = max(asked.made, last)  # the present ends it
    elif asked.until is not None:
        ends = max(min(ends, asked.made), last)  # the future is not empty, but unknown
    return begins, ends


def _doubts(tallies: Tallies, asked: Asked) -> Doubts:
    return doubts(tallies, *_shown_time(tallies, asked))


def _caption(tallies: Tallies, asked: Asked, doubt: Doubts, *notes: str, marked: bool = False) -> list[str]:
    total = tallies.total
    return [
        f"{asked.wanted}. {_moves_words(total)}.",
        *notes,
        *_doubt_words(tallies, doubt, asked.zone, marked=marked),
        *completeness_words(dict(tallies.servers), asked.zone),
        f"Times by the server's clock ({asked.zone}).",
        f"As of {_minute(asked.made, asked.zone)}, by {asked.program}.",
    ]


def _doubt_words(tallies: Tallies, doubt: Doubts, zone: tzinfo, *, marked: bool) -> Iterator[str]:
    if tallies.gone:
        are = "1 transaction is" if tallies.gone == 1 else f"{tallies.gone:,} transactions are"
        yield (
            f"{are} of a record that the server has no more, as after a backup was put back: they count as "
            "far as they lie in this time, and what was entered anew counts twice."
        )
    if tallies.complete_since is not None:
        yield f"Older transactions than of {_minute(tallies.complete_since, zone)} may be missing."
    count = len(tallies.open_gaps)
    if not count:
        return
    gaps = "1 open gap" if count == 1 else f"{count:,} open gaps"
    told = ", ".join(
        f"{_minute(since, zone)} to {_minute(until, zone)}" for since, until in doubt.spans[-_MOST_TOLD:]
    )
    where = f" ({'the last: ' if len(doubt.spans) > _MOST_TOLD else ''}{told})" if told else ""
    without = "" if not doubt.without_time else f" Of {doubt.without_time:,} it is not known when they were."
    shaded = " The shaded times are doubtful." if marked and doubt.spans else ""
    yield f"Not complete: {gaps} in this time{where}; the numbers may be wrong.{without}{shaded}"


def _minute(time: datetime, zone: tzinfo) -> str:
    told = in_zone(time, zone)
    return f"{told:%d/%m/%y %H:%M}"
