"""PURE: from the rungs to the one answer, "does it work?"."""

from collections.abc import Iterable, Sequence

from armguard_tray.diagnosis.dependence import kind_of
from armguard_tray.diagnosis.finding import Finding
from armguard_tray.diagnosis.ladder import Cause, Diagnosis, Rung, RungId, Status

EVERYTHING_WORKS = "Everything works."
STREAMS_WORK = "Login and all streams work; whether the server announces everything was not seen."

_GAPS = "Everything works now. {} of today {} in the log."

# What must have been seen to call it well. Not the clock: some servers tell no time. Not the password:
# whoever is logged in had one.
_NEEDED = frozenset(
    {
        RungId.NAME,
        RungId.TCP,
        RungId.TLS,
        RungId.HTTP,
        RungId.LOGIN,
        RungId.SESSION,
        RungId.HANDSHAKE,
        RungId.SUBSCRIBED,
    }
)


def verdict_of(rungs: Sequence[Rung]) -> Status:
    """Return the worst that is known; ok only where all that is needed was seen."""
    statuses = {rung.status for rung in rungs}
    for worst in (Status.FAILED, Status.WARNING):
        if worst in statuses:
            return worst
    needed = [rung for rung in rungs if kind_of(rung.id) in _NEEDED]
    return Status.OK if needed and all(rung.status is Status.OK for rung in needed) else Status.UNKNOWN


def is_well_so_far(diagnosis: Diagnosis) -> bool:
    """Tell whether it works, but is not shown as all well.

    Nobody saw that the server announces everything, or something of today is missing. Its status is ok all
    the same: nothing speaks against it now.
    """
    return diagnosis.verdict is Status.OK and diagnosis.headline != EVERYTHING_WORKS


def headline_of(rungs: Sequence[Rung], causes: Sequence[Cause], gaps: int = 0) -> str:
    """Return the answer in one sentence, or two.

    `causes` are the rungs', the most important first; `gaps` are those of today. A gap is a loss that is
    over, and each restart of a stock server leaves one: warned of for hours, people would learn to overlook
    warnings. So it is a fact beside the answer, which is no longer that all is well.
    """
    match verdict_of(rungs):
        case Status.FAILED:
            return causes[0].text
        case Status.WARNING if _all_seen(rungs):
            return f"It works, with a warning: {causes[0].text}"
        case Status.WARNING:
            return causes[0].text
        case Status.OK:
            return _works(gaps) if _is_complete(rungs) else STREAMS_WORK
        case _:
            first = next(rung for rung in rungs if _is_missing(rung))
            return f"Whether it works is not known. {first.name}: {first.evidence}."


def _works(gaps: int) -> str:
    if not gaps:
        return EVERYTHING_WORKS
    return _GAPS.format(*(("A gap", "stands") if gaps == 1 else (f"{gaps:,} gaps", "stand")))


def causes_of(findings: Iterable[Finding]) -> tuple[Cause, ...]:
    """Return what is wrong, what failed first, each once."""
    found = list(findings)
    causes: dict[str, Cause] = {}
    for status in (Status.FAILED, Status.WARNING):
        for each in found:
            if each.rung.status is status:
                for cause in each.causes:
                    # Of two that differ only in what they tell, the one from further below says it.
                    causes.setdefault(cause.code, cause)
    return tuple(causes.values())


def _is_complete(rungs: Sequence[Rung]) -> bool:
    return any(rung.id == RungId.COMPLETE and rung.status is Status.OK for rung in rungs)


def _is_missing(rung: Rung) -> bool:
    return kind_of(rung.id) in _NEEDED and rung.status is Status.UNKNOWN


def _all_seen(rungs: Sequence[Rung]) -> bool:
    return not any(_is_missing(rung) for rung in rungs)
