"""PURE: from what was found out to what it means: the whole ladder, the answer, the causes."""

from datetime import tzinfo
from typing import Any

from armguard_tray.diagnosis.account import account_rungs
from armguard_tray.diagnosis.causes import cause
from armguard_tray.diagnosis.codes import Code
from armguard_tray.diagnosis.delivery_rungs import delivery_rungs
from armguard_tray.diagnosis.dependence import kind_of, with_unknowable
from armguard_tray.diagnosis.facts import Facts
from armguard_tray.diagnosis.finding import Finding, finding, joined, unseen
from armguard_tray.diagnosis.ladder import Diagnosis, RungId, Status
from armguard_tray.diagnosis.moments import Moments
from armguard_tray.diagnosis.network import way_rungs
from armguard_tray.diagnosis.redis_rung import redis_rung
from armguard_tray.diagnosis.streams import stream_rungs
from armguard_tray.diagnosis.verdict import causes_of, headline_of, verdict_of

_COVERING = {Status.OK, Status.WARNING}


def diagnose(facts: Facts, zone: tzinfo | None = None) -> Diagnosis:
    """Return what `facts` mean; times in `zone`, None: this machine's."""
    moments = Moments(facts.now, zone)
    connection = with_unknowable(
        [
            *way_rungs(facts, moments),
            *account_rungs(facts, moments),
            *stream_rungs(facts, moments),
            *delivery_rungs(facts, moments),
        ]
    )
    findings = [*connection, redis_rung(facts, covered=_is_covered(connection)), _toasts(facts)]
    rungs = tuple(each.rung for each in findings)
    causes = causes_of(findings)
    gaps = facts.audit.gaps if facts.audit is not None else 0
    return Diagnosis(verdict_of(rungs), headline_of(rungs, causes, gaps), rungs, causes)


def as_json(diagnosis: Diagnosis) -> dict[str, Any]:
    """Return the diagnosis as JSON has it; what is to be copied stands in the remedy, on lines of its own."""
    return {
        "verdict": diagnosis.verdict.value,
        "headline": diagnosis.headline,
        "rungs": [
            {
                "id": rung.id,
                "status": rung.status.value,
                "evidence": rung.evidence,
                "ms": round(rung.ms, 1) if rung.ms is not None else None,
                "since": rung.since.isoformat() if rung.since is not None else None,
            }
            for rung in diagnosis.rungs
        ],
        "causes": [
            {
                "code": each.code.value,
                "text": each.text,
                "remedy": f"{each.remedy}\n{each.copy}" if each.copy else each.remedy,
            }
            for each in diagnosis.causes
        ],
    }


def _is_covered(findings: list[Finding]) -> bool:
    return all(
        each.rung.status in _COVERING for each in findings if kind_of(each.rung.id) == RungId.SUBSCRIBED
    )


def _toasts(facts: Facts) -> Finding:
    toasts = facts.toasts
    if toasts is None:
        return unseen(RungId.TOASTS)
    if not toasts.off:
        return finding(RungId.TOASTS, Status.OK, f"shown by {toasts.by}")
    why = cause(Code.TOASTS_OFF, detail=toasts.off)
    return finding(RungId.TOASTS, Status.WARNING, joined(toasts.by, toasts.off), why)
