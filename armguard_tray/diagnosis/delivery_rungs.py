"""PURE: the rungs of what reaches this desk: the last event, whether all was announced, the channel layer."""

from armguard_tray.catchup.audit_found import AuditFound
from armguard_tray.connection.live_app import LiveApp
from armguard_tray.counting import counted
from armguard_tray.diagnosis.causes import cause
from armguard_tray.diagnosis.codes import Code
from armguard_tray.diagnosis.deafness import is_deaf
from armguard_tray.diagnosis.facts import Facts
from armguard_tray.diagnosis.finding import Finding, finding, joined, unseen
from armguard_tray.diagnosis.ladder import RungId, Status
from armguard_tray.diagnosis.moments import Moments
from armguard_tray.diagnosis.streams import app_of
from armguard_tray.redis_probe.proof import Proof, ProofVerdict

ENOUGH = 2
"""Transactions, none of them announced, from which on it is the server and not one way to create them."""
_IDS_SHOWN = 5


def delivery_rungs(facts: Facts, moments: Moments) -> list[Finding]:
    """Return the rungs last-event, complete and layer."""
    return [_last_event(facts, moments), _complete(facts, moments), _layer(facts, moments)]


def _last_event(facts: Facts, moments: Moments) -> Finding:
    if not facts.streams:
        return unseen(RungId.LAST_EVENT, "no running connection to have heard one")
    came = [(each.last_event, each.stream) for each in facts.streams if each.last_event is not None]
    if not came:
        return unseen(RungId.LAST_EVENT, "none in this run")
    last, stream = max(came)
    evidence = f"{stream}, {moments.age(last)} ago"
    return finding(RungId.LAST_EVENT, Status.OK, evidence, since=last)


def _complete(facts: Facts, moments: Moments) -> Finding:
    audit = facts.audit
    if audit is None:
        return unseen(RungId.COMPLETE)
    log, audited = _log(audit), f"audited {moments.at(audit.at)}"
    if audit.unannounced:
        return _incomplete(facts, audit, joined(audit.warning, log, audited))
    if audit.warning:
        evidence, why = joined(audit.warning, log, audited), cause(Code.RECORD_CHANGED, detail=audit.warning)
        return finding(RungId.COMPLETE, Status.WARNING, evidence, why, since=audit.at, ms=audit.ms)
    if audit.unannounced_today:
        return _incomplete_today(audit, joined(log, audited))
    since = f" since {moments.at(audit.since)}" if audit.since is not None else ""
    if audit.failure or not audit.compared:
        nothing = f"no transaction{since} shows whether they are announced"
        evidence = joined(audit.failure or (nothing if since else "nothing to compare yet"), log, audited)
        return finding(RungId.COMPLETE, Status.UNKNOWN, evidence, since=audit.at, ms=audit.ms)
    evidence = joined(log, f"all {audit.compared}{since} were announced", audited)
    return finding(RungId.COMPLETE, Status.OK, evidence, since=audit.at, ms=audit.ms)


def _log(audit: AuditFound) -> str:
    """Return how complete the log is, where there is one: but for its gaps, which stand in it."""
    complete = f"complete to #{audit.complete_to}" if audit.complete_to is not None else ""
    gaps = f"{counted(audit.gaps, 'gap')} in the log today" if audit.gaps else ""
    return joined(complete, gaps)


def _incomplete(facts: Facts, audit: AuditFound, rest: str) -> Finding:
    ids = _ids(audit)
    evidence = joined(f"{len(audit.unannounced):,} of {_compared(audit):,} not announced: {ids}", rest)
    code, told = Code.UNANNOUNCED, {"ids": ids}
    if _in_memory(facts):
        code, told = Code.MEMORY_MANY_PROCESSES, {"how": _how(facts)}
    elif is_deaf(facts):
        code, told = Code.DEAF, {}
    several = len(audit.unannounced) >= ENOUGH
    status = Status.FAILED if several and _nothing_announced(audit) else Status.WARNING
    return finding(
        RungId.COMPLETE, status, evidence, cause(code, **told), since=audit.since or audit.at, ms=audit.ms
    )


def _incomplete_today(audit: AuditFound, rest: str) -> Finding:
    """Return what it means that looks before the present one found some of today, perhaps in another run."""
    evidence = joined(f"{audit.unannounced_today:,} of today not announced", audit.failure, rest)
    why = cause(Code.UNANNOUNCED, ids=f"{audit.unannounced_today:,} today")
    return finding(RungId.COMPLETE, Status.WARNING, evidence, why, since=audit.at, ms=audit.ms)


def _ids(audit: AuditFound) -> str:
    shown = ", ".join(f"#{each}" for each in audit.unannounced[:_IDS_SHOWN])
    more = len(audit.unannounced) - _IDS_SHOWN
    return f"{shown} and {more:,} more" if more > 0 else shown


def _compared(audit: AuditFound) -> int:
    return max(audit.compared, len(audit.unannounced))


def _nothing_announced(audit: AuditFound) -> bool:
    return _compared(audit) == len(audit.unannounced)


def _proven(proof: Proof | None) -> bool:
    return proof is not None and proof.verdict is ProofVerdict.PROVEN


def _in_memory(facts: Facts) -> bool:
    """Tell whether nothing is announced because the layer is in memory: said by the server, or concluded.

    A membership that is missing in Redis alone proves nothing: it may be another Redis, database or prefix.
    Nor does one that nobody could look for.
    """
    audit, app = facts.audit, app_of(facts)
    if audit is None or not audit.unannounced or not _nothing_announced(audit):
        return False
    if app is not None and app.layer:
        return app.layer == "memory"
    proof = facts.proof
    sought = proof is not None and proof.looked and not _proven(proof) and not proof.was_member
    return sought and len(audit.unannounced) >= ENOUGH


def _how(facts: Facts) -> str:
    app = app_of(facts)
    if app is not None and app.layer:
        return "it says so"
    return "concluded: nothing is announced, and Redis does not list this desk"


def _layer(facts: Facts, moments: Moments) -> Finding:
    app, proof = app_of(facts), facts.proof
    since = proof.at if proof is not None else None
    if is_deaf(facts) and not _proven(proof):
        evidence = joined("our membership is gone", proof.evidence if proof is not None else "")
        return finding(RungId.LAYER, Status.FAILED, evidence, cause(Code.DEAF), since=since)
    if _in_memory(facts):
        why = cause(Code.MEMORY_MANY_PROCESSES, how=_how(facts))
        return finding(RungId.LAYER, Status.FAILED, f"in memory: {_how(facts)}", why, since=since)
    if app is not None and app.layer in {"memory", "none"}:
        return _without_redis(app, proof)
    return _with_redis(app, proof, moments)


def _with_redis(app: LiveApp | None, proof: Proof | None, moments: Moments) -> Finding:
    if proof is not None and _proven(proof):
        evidence = f"Redis, proven: {proof.evidence}"
        return finding(RungId.LAYER, Status.OK, evidence, since=proof.joined or proof.at, stands=True)
    if app is not None and app.layer == "redis":
        return finding(
            RungId.LAYER, Status.OK, joined("Redis, as the server says", app.why, app.warning or "")
        )
    if proof is None:
        return unseen(RungId.LAYER, "not proven")
    evidence = joined(f"not proven: {next(iter(proof.reasons), proof.evidence)}", moments.at(proof.at))
    return finding(RungId.LAYER, Status.UNKNOWN, evidence, since=proof.at)


def _without_redis(app: LiveApp, proof: Proof | None) -> Finding:
    """Return what a server that has no Redis in use means; one process alone needs none, and warns not."""
    evidence = joined("in memory" if app.layer == "memory" else "no channel layer", app.why.rstrip("."))
    # The live app's own words where it has counted its processes.
    many = "several processes serve" in (app.warning or "").casefold()
    if app.layer == "memory" and (many or _proven(proof)):
        how = "it says so" if many else "it says so, while another of its processes uses Redis"
        why = cause(Code.MEMORY_MANY_PROCESSES, how=how)
        return finding(RungId.LAYER, Status.WARNING, joined(evidence, app.warning or ""), why)
    if app.warning:
        why = cause(Code.MEMORY_LAYER, detail=app.why)
        return finding(RungId.LAYER, Status.WARNING, joined(evidence, app.warning), why)
    if app.layer == "memory":
        return finding(RungId.LAYER, Status.OK, joined(evidence, "one process alone needs no Redis"))
    return finding(RungId.LAYER, Status.UNKNOWN, evidence)
