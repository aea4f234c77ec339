"""PURE: the rungs as rows: what all streams share stands in one row."""

import re
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from armguard_tray.diagnosis.finding import NOT_LOOKED_AT
from armguard_tray.diagnosis.ladder import Rung, Status
from armguard_tray.messages.plain_text import plain
from armguard_tray.ui.health_panel.sign import SIGN_OF, Sign
from armguard_tray.ui.wording import since

_SHOWN = 320
"""Characters of an evidence; the whole of a longer one is in the tooltip."""
_LONG_RUN = re.compile(r"\S{20,}")
_BREAK = "\u200b"
_PART = " · "
_MS_A_SECOND = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class LadderRow:
    """A row of the ladder.

    Attributes:
        kind: of its rungs.
        name: for people.
        sign: how it is.
        evidence: how that is known.
        since: since when it is so; empty if unknown.
        took: how long it took; empty if nothing was timed.

    """

    kind: str
    name: str
    sign: Sign
    evidence: str
    since: str = ""
    took: str = ""

    @property
    def spoken(self) -> str:
        """The row for those who do not see its sign."""
        return f"{self.name}: {self.sign.value}: {self.evidence}"


def rows_of(
    rungs: Sequence[Rung], now: datetime, zone: tzinfo | None = None, *, checking: bool = False
) -> list[LadderRow]:
    """Return the rows of a ladder; while it is `checking`, what was not looked at is still to come."""
    rows = []
    for of_kind in _grouped(rungs, lambda rung: rung.id.partition(":")[0]):
        for alike in _grouped(of_kind, _fate):
            streams = _streams_in_words(alike, of_kind)
            pending = checking and _is_pending(alike[0])
            rows.append(_row(alike, "" if pending else streams, now, zone, pending=pending))
    return rows


def breakable(text: str) -> str:
    """Return `text` with places to break long words at: a fingerprint would widen the window."""
    return _LONG_RUN.sub(lambda run: _BREAK.join(_pieces(run[0])), text)


def _pieces(run: str) -> Iterable[str]:
    for piece in re.findall(r"[^-:/.,_=]*[-:/.,_=]|[^-:/.,_=]+", run):
        yield from (piece[start : start + 16] for start in range(0, len(piece), 16))


def shortened(text: str) -> str:
    """Return what of `text` fits into a row."""
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


def took_words(ms: float | None) -> str:
    """Return how long a step took: `2 ms`, `0.4 ms`, `1.2 s`."""
    if ms is None:
        return ""
    if ms >= _MS_A_SECOND:
        return f"{ms / _MS_A_SECOND:.1f} s"
    return f"{ms:.0f} ms" if ms >= 1 else f"{ms:.1f} ms"


def _grouped(rungs: Iterable[Rung], by: Callable[[Rung], Hashable]) -> list[list[Rung]]:
    groups: dict[Hashable, list[Rung]] = {}
    for rung in rungs:
        groups.setdefault(by(rung), []).append(rung)
    return list(groups.values())


def _fate(rung: Rung) -> Hashable:
    """Return what makes one row of streams: all that are well, and those whose trouble is the same."""
    return rung.status, _said(rung) if rung.status is not Status.OK else ""


def _said(rung: Rung) -> str:
    """Return the evidence without the stream's own name: "unknown while handshake of … fails"."""
    _, has_stream, stream = rung.id.partition(":")
    return rung.evidence.replace(f" of {stream} ", " ") if has_stream else rung.evidence


def _is_pending(rung: Rung) -> bool:
    return rung.status is Status.UNKNOWN and rung.evidence == NOT_LOOKED_AT


def _streams_in_words(rungs: Sequence[Rung], of_kind: Sequence[Rung]) -> str:
    """Return of which streams these rungs are; empty if of none, or if nothing is known of any."""
    streams = [rung.id.partition(":")[2] for rung in rungs]
    if not all(streams):
        return ""
    if len(rungs) == len(of_kind):
        return "" if rungs[0].status is Status.UNKNOWN else "all streams"
    return ", ".join(streams)


def _common(evidences: Sequence[str]) -> str:
    """Return the parts that all share: each stream's own round trip stands with the stream."""
    first, *others = [each.split(_PART) for each in evidences]
    return _PART.join(part for part in first if all(part in other for other in others))


def _row(
    rungs: Sequence[Rung], streams: str, now: datetime, zone: tzinfo | None, *, pending: bool
) -> LadderRow:
    first = rungs[0]
    evidence = "" if pending else plain(_common([_said(rung) for rung in rungs]))
    times = [rung.since for rung in rungs if rung.since is not None]
    lengths = [rung.ms for rung in rungs if rung.ms]
    return LadderRow(
        kind=first.id.partition(":")[0],
        name=plain(first.name.partition(" of ")[0]),
        sign=Sign.PENDING if pending else SIGN_OF[first.status],
        evidence=": ".join(part for part in (streams, evidence) if part),
        since=since(max(times), now, zone) if times else "",
        took=took_words(max(lengths)) if lengths else "",
    )
