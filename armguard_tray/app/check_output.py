"""The checkup in the terminal: the ladder while it grows, and the answer."""

import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.padding import Padding
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from armguard_tray.diagnosis.ladder import Cause, Diagnosis, Rung, Status
from armguard_tray.diagnosis.verdict import is_well_so_far

log = logging.getLogger(__name__)

_SIGNS = {
    Status.OK: ("✓", "green"),
    Status.WARNING: ("!", "yellow"),
    Status.FAILED: ("✗", "bold red"),
    Status.UNKNOWN: ("?", "dim"),
}
_ALL_WELL = ("✓", "bold green")
_SO_FAR = ("◐", "bold")
"""Half of a disc: neither the tick nor a warning, since not all of it was seen."""
_INDENT = " " * 4
_WIDTH = len("Subscription of notifications")

Draw = Callable[[Diagnosis], RenderableType]


def report_lines(diagnosis: Diagnosis) -> Iterator[Text]:
    """Yield the answer, the ladder, and what to do, line by line: for files and pipes."""
    yield _headline(diagnosis)
    yield Text()
    for rung in diagnosis.rungs:
        yield Text.assemble(_status(rung), _seen(rung))
    for cause in diagnosis.causes:
        yield Text()
        yield _cause(cause)
        for line in [*cause.remedy.splitlines(), *cause.copy.splitlines()]:
            yield Text(f"{_INDENT}{line}")


def print_on_terminal(diagnosis: Diagnosis, out: Console) -> None:
    """Print the ladder, and the answer below it, where the reader's eye is in the end."""
    out.print(ladder(diagnosis.rungs))
    out.print()
    out.print(_headline(diagnosis))
    for cause in diagnosis.causes:
        out.print()
        out.print(_cause(cause))
        out.print(Padding.indent(Text(cause.remedy), len(_INDENT)))
        for line in cause.copy.splitlines():
            # Left to the terminal to wrap: what is to be copied stays one line.
            out.print(Text(f"{_INDENT}{line}"), soft_wrap=True)


def ladder(rungs: tuple[Rung, ...]) -> Table:
    """Return `rungs` one below the other; what does not fit into a line goes on below its beginning."""
    grid = Table.grid()
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for rung in rungs:
        grid.add_row(_status(rung), _seen(rung))
    return grid


def growing_ladder(diagnosis: Diagnosis) -> RenderableType:
    """Return what is known of the ladder so far."""
    return Group(ladder(_known(diagnosis)), Spinner("dots", "Looking on"))


def newest_rung(diagnosis: Diagnosis) -> RenderableType:
    """Return how far it has come, in one line."""
    known = _known(diagnosis)
    return Spinner("dots", f"Checking: {known[-1].name}" if known else "Checking")


def _known(diagnosis: Diagnosis) -> tuple[Rung, ...]:
    return tuple(rung for rung in diagnosis.rungs if rung.status is not Status.UNKNOWN)


def _headline(diagnosis: Diagnosis) -> Text:
    sign, style = _SIGNS[diagnosis.verdict]
    if diagnosis.verdict is Status.OK:
        sign, style = _SO_FAR if is_well_so_far(diagnosis) else _ALL_WELL
    return Text(f"{sign} {diagnosis.headline}", style=style)


def _cause(cause: Cause) -> Text:
    return Text.assemble((cause.text, "bold"), (f"  [{cause.code}]", "dim"))


def _status(rung: Rung) -> Text:
    sign, style = _SIGNS[rung.status]
    return Text(f"{sign} {rung.status.value:<8}", style=style)


def _seen(rung: Rung) -> Text:
    took = f"{rung.ms:,.0f} ms" if rung.ms is not None else ""
    return Text.assemble(
        f"{rung.name:<{_WIDTH}}  {took:>9}  ", (rung.evidence, "dim" if rung.status is Status.UNKNOWN else "")
    )


class Progress(AbstractContextManager["Progress"]):
    """Shows what is known while the rest is being looked at, where there is a terminal; then it is gone."""

    def __init__(self, console: Console, draw: Draw) -> None:
        """Show on `console` what `draw` makes of it."""
        self._console = console
        self._draw = draw
        self._live: Live | None = None
        self._writable = True

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._live = Live(Spinner("dots", "Checking"), console=self._console, transient=True)
            self._try(self._live.start)
            # It would stay hidden where the check is interrupted.
            self._try(self._console.show_cursor)
        return self

    def __exit__(self, *_: object) -> None:
        if self._live is not None:
            self._try(self._live.stop)

    def see(self, diagnosis: Diagnosis) -> None:
        """Show what is known so far."""
        live = self._live
        if live is not None and self._writable:
            self._try(lambda: live.update(self._draw(diagnosis)))

    def _try(self, show: Callable[[], object]) -> None:
        """Show something; where nothing can be written, the answer still counts."""
        try:
            show()
        except OSError as error:
            log.info("progress cannot be shown: %s", error)
            self._writable = False
