"""Draws a picture with Matplotlib, into pixels or into a file. It blocks: run it in a thread.

One picture is drawn at a time: Matplotlib's settings and fonts are not made for more
(https://matplotlib.org/stable/users/faq.html#work-with-threads).
"""

import io
import textwrap
import threading
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any, Final

import matplotlib as mpl
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.dates import AutoDateLocator, date2num, num2date
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, MaxNLocator

from armguard_tray.tallies.look import Look
from armguard_tray.tallies.picture import RETURNED, TAKEN, Bars, Curve, Picture

_DPI: Final = 96
_BAR: Final = 0.4
_WIDE: Final = 460  # pixels: room for what the bars are, side by side
_A_YEAR: Final = 366.0  # days
_TWO_DAYS: Final = 2.0
_MOST_YEARS: Final = 60
_DATE_LETTERS: Final = 8
_LONGEST_LABEL: Final = 28
_SMALLER: Final = 0.9
_RETURNED_HATCH, _DOUBT_HATCH = "////", "xx"
_ONE_AT_A_TIME: Final = threading.Lock()
# The first that has a letter is taken; the rest is for names in other scripts, where they are installed.
_FONTS: Final = (
    "DejaVu Sans",
    "Noto Sans CJK SC",
    "Microsoft YaHei",
    "Noto Sans Arabic",
    "Segoe UI",
    "Noto Sans Thai",
)


@dataclass(frozen=True, slots=True)
class Pixels:
    """A drawn picture: RGBA, 8 bits each, row by row from the top."""

    width: int
    height: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Size:
    """How large a picture is, in pixels of 1/96 inch, and how many of the screen's one of these is."""

    width: int
    height: int
    scale: float = 1.0


def pixels(picture: Picture, look: Look, size: Size) -> Pixels:
    """Return the picture for the screen; what is said below it is left to the window."""
    with _made(picture, look, size, caption=False) as figure:
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
        width, height = canvas.get_width_height()
        return Pixels(width, height, bytes(canvas.buffer_rgba()))


def png(picture: Picture, look: Look, size: Size) -> bytes:
    """Return the picture as a PNG file, with its caption in the picture and as its description."""
    return _file(picture, look, size, "png", {})


def svg(picture: Picture, look: Look, size: Size) -> bytes:
    """Return the picture as an SVG file, whose text is text, with its caption in it."""
    return _file(picture, look, size, "svg", {"Date": None, "Creator": None})


def _file(picture: Picture, look: Look, size: Size, form: str, metadata: dict[str, str | None]) -> bytes:
    told = {"Title": picture.title, "Description": "\n".join(picture.caption), **metadata}
    file = io.BytesIO()
    with _made(picture, look, size, caption=True) as figure:
        figure.savefig(file, format=form, facecolor=look.background, dpi=figure.dpi, metadata=told)
    return file.getvalue()


@contextmanager
def _made(picture: Picture, look: Look, size: Size, *, caption: bool) -> Iterator[Figure]:
    """Yield the figure of a picture, to be drawn inside: labels are made only then."""
    with _ONE_AT_A_TIME, warnings.catch_warnings(), mpl.rc_context(_settings(look)):
        # A letter that no font has is a box; the numbers beside the picture name it.
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        # In a window that is too small for all words they overlap.
        warnings.filterwarnings("ignore", message="constrained_layout not applied")
        yield _figure(picture, look, size, caption=caption)


def _figure(picture: Picture, look: Look, size: Size, *, caption: bool) -> Figure:
    figure = Figure(
        figsize=(size.width / _DPI, size.height / _DPI),
        dpi=_DPI * size.scale,
        layout="constrained",
        facecolor=look.background,
    )
    figure.suptitle(picture.title, x=0.01, ha="left", weight="bold", color=look.text)
    axes = figure.add_subplot()
    if isinstance(picture.shown, Bars):
        _draw_bars(axes, picture.shown, look, size)
    elif isinstance(picture.shown, Curve):
        _draw_curve(axes, picture.shown, look, size)
    else:
        _say(axes, picture.instead, look, size)
    if caption:
        text = "\n".join(_wrapped(picture.caption, look, size))
        figure.supxlabel(text, x=0.01, ha="left", fontsize=look.points * _SMALLER, color=look.text)
    return figure


def _settings(look: Look) -> dict[Any, Any]:
    installed = set(font_manager.fontManager.get_font_names())
    return {
        "font.family": [name for name in _FONTS if name in installed],
        "font.size": look.points,
        "figure.titlesize": look.points * 1.15,
        # A duty may be called "$x$".
        "text.parse_math": False,
        "text.color": look.text,
        "axes.facecolor": look.background,
        "axes.edgecolor": look.faint,
        "axes.labelcolor": look.text,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.axisbelow": True,
        "axes.unicode_minus": True,
        "xtick.color": look.text,
        "ytick.color": look.text,
        "grid.color": look.faint,
        "grid.alpha": 0.3,
        "hatch.color": look.background,
        "hatch.linewidth": 1.2,
        "legend.frameon": False,
        "figure.constrained_layout.w_pad": 0.1,
        "figure.constrained_layout.h_pad": 0.08,
        "svg.fonttype": "none",
        "svg.hashsalt": "armguard",
    }


def _draw_bars(axes: Axes, bars: Bars, look: Look, size: Size) -> None:
    places = range(len(bars.labels))
    if bars.lying:
        lower, upper = [at - _BAR / 2 for at in places], [at + _BAR / 2 for at in places]
        axes.barh(lower, [each.taken for each in bars.moves], _BAR, color=look.taken)
        axes.barh(
            upper, [each.returned for each in bars.moves], _BAR, color=look.returned, hatch=_RETURNED_HATCH
        )
        axes.set_yticks(list(places), [_short(label) for label in bars.labels])
        axes.invert_yaxis()
        axes.set_xlabel("Transactions")
        _count_along(axes, "x")
    else:
        axes.bar(
            [at - _BAR / 2 for at in places], [each.taken for each in bars.moves], _BAR, color=look.taken
        )
        axes.bar(
            [at + _BAR / 2 for at in places],
            [each.returned for each in bars.moves],
            _BAR,
            color=look.returned,
            hatch=_RETURNED_HATCH,
        )
        longest = max(map(len, bars.labels), default=0)
        every = max(1, -(-len(bars.labels) // _most_labels(longest, look, size)))
        axes.set_xticks(list(places)[::every], list(bars.labels)[::every])
        axes.set_xlim(-0.6, max(len(bars.labels), 1) - 0.4)
        axes.set_xlabel(bars.axis)
        axes.set_ylabel("Transactions")
        _count_along(axes, "y")
    for first, last in bars.doubtful:
        _hatch(axes, first - 0.5, last + 0.5, look)
    _explain(
        axes,
        [
            Patch(facecolor=look.taken, label=f"→ {TAKEN}"),
            Patch(facecolor=look.returned, hatch=_RETURNED_HATCH, label=f"← {RETURNED}"),
        ],
        bool(bars.doubtful),
        look,
        size,
    )


def _draw_curve(axes: Axes, curve: Curve, look: Look, size: Size) -> None:
    times = [date2num(each.since) for each in curve.levels]
    heights = [each.out for each in curve.levels]
    begins, ends = date2num(curve.begins), date2num(curve.ends)
    axes.step(
        [*times, ends],
        [*heights, heights[-1]],
        where="post",
        color=look.taken,
        linewidth=0.8 if curve.is_thinned else 1.5,
    )
    margin = (ends - begins) * 0.01 or 0.01
    axes.set_xlim(begins - margin, ends + margin)
    if ends - begins > _MOST_YEARS * _A_YEAR:  # only where something bears an absurd date
        axes.xaxis.set_major_locator(MaxNLocator(4))
    else:
        most = _most_labels(_DATE_LETTERS, look, size)
        axes.xaxis.set_major_locator(AutoDateLocator(tz=curve.zone, minticks=min(4, most - 1), maxticks=most))
    axes.xaxis.set_major_formatter(FuncFormatter(_date_words(ends - begins, curve.zone)))
    axes.set_xlabel(curve.axis)
    axes.set_ylabel(curve.height)
    _count_along(axes, "y", from_nought=min(heights) >= 0)
    for since, until in curve.doubtful:
        # A gap of a minute is not to vanish in a picture of a year.
        _hatch(axes, date2num(since) - margin / 4, date2num(until) + margin / 4, look)
    _explain(axes, [], bool(curve.doubtful), look, size)


def _most_labels(letters: int, look: Look, size: Size) -> int:
    """Return how many labels of so many letters stand beside each other below a picture."""
    # A digit of DejaVu Sans is 0.64 as wide as letters are high, and two are left free.
    return max(int(size.width * 0.8 / ((letters + 2) * 0.64 * look.points * _DPI / 72)), 2)


def _date_words(days: float, zone: tzinfo) -> Callable[[float, object], str]:
    """Return what writes a time on an axis of so many days, as the armory writes it."""
    form = "%d/%m/%y" if days <= _A_YEAR else "%m/%Y"
    if days <= _TWO_DAYS:
        form = "%H:%M\n%d/%m/%y"

    def words(value: float, _: object) -> str:
        try:
            return f"{num2date(value, tz=zone):{form}}"
        except (ValueError, OverflowError):
            return ""  # beyond the calendar

    return words


def _count_along(axes: Axes, which: str, *, from_nought: bool = True) -> None:
    axis = axes.yaxis if which == "y" else axes.xaxis
    axis.set_major_locator(MaxNLocator(nbins=6, integer=True, min_n_ticks=1, steps=[1, 2, 5, 10]))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}".replace("-", "\N{MINUS SIGN}")))
    axes.grid(visible=True, axis="y" if which == "y" else "x")
    if from_nought and which == "y":
        axes.set_ylim(bottom=0)
    elif from_nought:
        axes.set_xlim(left=0)


def _hatch(axes: Axes, first: float, last: float, look: Look) -> None:
    axes.axvspan(first, last, **_doubtful(look), zorder=0)


def _doubtful(look: Look) -> dict[str, Any]:
    return {
        "facecolor": (look.faint, 0.18),
        "edgecolor": look.faint,
        "hatchcolor": (look.faint, 0.6),
        "hatch": _DOUBT_HATCH,
        "linewidth": 0,
    }


def _explain(axes: Axes, patches: list[Patch], has_doubt: bool, look: Look, size: Size) -> None:  # noqa: FBT001 - private
    if has_doubt:
        patches = [*patches, Patch(label="Something may be missing", **_doubtful(look))]
    if patches:
        axes.legend(
            handles=patches,
            loc="lower left",
            bbox_to_anchor=(0, 1),
            ncols=3 if size.width >= _WIDE else 1,
            borderaxespad=0.2,
        )


def _say(axes: Axes, sentence: str, look: Look, size: Size) -> None:
    axes.set_axis_off()
    text = "\n".join(_wrapped([sentence], look, size, share=0.7))
    axes.text(0.5, 0.5, text, ha="center", va="center", color=look.text, transform=axes.transAxes)


def _wrapped(lines: Sequence[str], look: Look, size: Size, share: float = 0.98) -> Iterable[str]:
    # A letter of DejaVu Sans is somewhat more than half as wide as it is high.
    letters = max(int(size.width * share / (look.points * _DPI / 72 * _SMALLER * 0.6)), 20)
    for line in lines:
        yield from textwrap.wrap(line, letters) or [""]


def _short(label: str) -> str:
    return label if len(label) <= _LONGEST_LABEL else f"{label[: _LONGEST_LABEL - 1]}…"
