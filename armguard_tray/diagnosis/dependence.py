"""PURE: which rung rests on which, so that one that failed says nothing of those above it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from armguard_tray.diagnosis.finding import Finding
from armguard_tray.diagnosis.ladder import RungId, Status

# Password, Redis and toasts rest on nothing here.
_BELOW: Mapping[str, tuple[str, ...]] = {
    RungId.TCP: (RungId.NAME,),
    RungId.TLS: (RungId.TCP,),
    RungId.HTTP: (RungId.TLS,),
    RungId.CLOCK: (RungId.HTTP,),
    RungId.LOGIN: (RungId.HTTP, RungId.PASSWORD),
    RungId.SESSION: (RungId.LOGIN,),
    RungId.HANDSHAKE: (RungId.SESSION,),
    RungId.COMPLETE: (RungId.SESSION,),
}
_NEED_ANY_STREAM = {RungId.LAST_EVENT, RungId.LAYER}


def kind_of(rung_id: str) -> str:
    """Return the kind of a rung, without its stream."""
    return rung_id.partition(":")[0]


def rests_on(rung_id: str, streams: Iterable[str]) -> tuple[tuple[str, ...], bool]:
    """Return the rungs right below one, and whether it takes all of them to fail until it is unknowable."""
    kind, _, stream = rung_id.partition(":")
    if kind == RungId.SUBSCRIBED:
        return (f"{RungId.HANDSHAKE}:{stream}",), False
    if kind in _NEED_ANY_STREAM:
        return tuple(f"{RungId.SUBSCRIBED}:{each}" for each in streams), True
    return _BELOW.get(kind, ()), False


def with_unknowable(findings: Sequence[Finding]) -> list[Finding]:
    """Return the ladder with each rung that rests on a failed one as unknown, unless its evidence stands."""
    subscriptions = [each.rung.id for each in findings if kind_of(each.rung.id) == RungId.SUBSCRIBED]
    streams = [each.partition(":")[2] for each in subscriptions]
    # Each rung that is failed or unknowable, with the place and the name of the one that makes it so.
    broken: dict[str, tuple[int, str]] = {}
    known: list[Finding] = []
    for place, each in enumerate(findings):
        below, takes_all = rests_on(each.rung.id, streams)
        culprits = [broken[rung] for rung in below if rung in broken]
        hidden = bool(culprits) and (len(culprits) == len(below) or not takes_all) and not each.stands
        if hidden:
            broken[each.rung.id] = lowest = min(culprits)
            known.append(_unknowable(each, lowest[1]))
            continue
        if each.rung.status is Status.FAILED:
            broken[each.rung.id] = (place, each.rung.name)
        known.append(each)
    return known


def _unknowable(finding: Finding, culprit: str) -> Finding:
    said = culprit if culprit.isupper() else culprit[0].lower() + culprit[1:]
    rung = replace(
        finding.rung,
        status=Status.UNKNOWN,
        evidence=f"unknown while {said} fails",
        since=None,
        ms=None,
        code=None,
    )
    return Finding(rung)
