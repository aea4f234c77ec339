"""PURE: the rung of Redis: what a look found, and what is wrong in its figures."""

from collections.abc import Iterator
from dataclasses import dataclass

from armguard_tray.diagnosis.causes import cause
from armguard_tray.diagnosis.codes import Code
from armguard_tray.diagnosis.facts import Facts
from armguard_tray.diagnosis.failure_codes import BY_REASON
from armguard_tray.diagnosis.finding import Finding, finding, joined, unseen
from armguard_tray.diagnosis.ladder import Cause, RungId, Status
from armguard_tray.redis_probe.figures import RedisFigures
from armguard_tray.redis_probe.proof import ProofVerdict
from armguard_tray.redis_probe.report import RedisReport, RedisState

NEARLY = 0.9
"""The part of a limit from which on it is warned of."""
_KEEPS_ALL = "noeviction"


@dataclass(frozen=True, slots=True)
class _Fault:
    status: Status
    code: Code
    evidence: str


def redis_rung(facts: Facts, *, covered: bool) -> Finding:
    """Return the rung redis; `covered`: all streams work, so that a Redis that is down hurts nobody now."""
    report, figures = facts.redis, facts.figures
    if report is None:
        return unseen(RungId.REDIS)
    if report.state is not RedisState.UP:
        return _not_up(facts, report, covered=covered)
    faults = _sorted_faults(report, figures)
    status = faults[0].status if faults else Status.OK
    # What ails a Redis that need not be the server's is no fault of the server's, and no comfort either.
    foreign = facts.redis_guessed and not _is_used(facts)
    if foreign and faults:
        status = Status.UNKNOWN
    evidence = joined(
        report.sentence.rstrip("."),
        "found by looking, not known to be the server's" if foreign else "",
        *_told(figures),
        *(each.evidence for each in faults),
    )
    causes = (
        () if foreign else [cause(each.code, redis=report.where, detail=each.evidence) for each in faults]
    )
    ms = report.round_trip * 1000 if report.round_trip is not None else None
    return finding(RungId.REDIS, status, evidence, *causes, ms=ms, stands=True)


def _sorted_faults(report: RedisReport, figures: RedisFigures | None) -> list[_Fault]:
    faults = list(_faults(figures)) if figures is not None else []
    told = BY_REASON.get(report.reason)
    if told is not None and told not in {each.code for each in faults}:
        faults.append(_Fault(Status.WARNING, told, ""))
    return sorted(faults, key=lambda each: each.status is not Status.FAILED)


def _not_up(facts: Facts, report: RedisReport, *, covered: bool) -> Finding:
    if facts.redis_guessed:
        # Nobody said that it is there.
        return finding(
            RungId.REDIS, Status.UNKNOWN, f"nothing known to be the server's: {report.sentence}", stands=True
        )
    evidence = joined(
        report.sentence.rstrip("."), "the server uses this very Redis" if _is_used(facts) else ""
    )
    status = Status.WARNING if covered else Status.FAILED
    return finding(RungId.REDIS, status, evidence, _cause_of(report), stands=True)


def _is_used(facts: Facts) -> bool:
    return facts.proof is not None and facts.proof.verdict is ProofVerdict.PROVEN


def _cause_of(report: RedisReport) -> Cause:
    # Only the sentence has the other side's own words, after a colon.
    detail = report.sentence.partition(report.where)[2].partition(": ")[2].rstrip(".")
    return cause(BY_REASON.get(report.reason, Code.REDIS_ERROR), redis=report.where, detail=detail)


def _told(figures: RedisFigures | None) -> Iterator[str]:
    if figures is None:
        return
    if figures.restarted:
        yield "restarted since the last look"
    for what, cost in figures.missing:
        yield f"may not {what}: {cost}"


def _faults(figures: RedisFigures) -> Iterator[_Fault]:
    if figures.loading:
        yield _Fault(Status.WARNING, Code.REDIS_LOADING, "loading its data")
    if figures.role == "replica":
        yield _Fault(Status.WARNING, Code.REDIS_REPLICA, "a replica, read-only")
    yield from _memory(figures)
    yield from _clients(figures)
    if figures.last_save_ok is False:
        # stop-writes-on-bgsave-error, on by default: https://redis.io/docs/latest/operate/oss_and_stack/management/persistence/
        evidence = "its last background save failed: it may refuse to write until one succeeds"
        yield _Fault(Status.WARNING, Code.REDIS_ERROR, evidence)


def _memory(figures: RedisFigures) -> Iterator[_Fault]:
    used, limit, policy = figures.used_memory, figures.max_memory, figures.policy
    full = used / limit if used is not None and limit else 0.0
    keeps_all = policy in {None, _KEEPS_ALL}
    if full >= NEARLY and keeps_all:
        status = Status.FAILED if full >= 1 and policy == _KEEPS_ALL else Status.WARNING
        yield _Fault(status, Code.REDIS_FULL, f"memory {full:.0%} of its limit")
    # Without a limit nothing is ever evicted, whatever the policy.
    if figures.evicted_lately or (not keeps_all and limit != 0):
        lately = f"{figures.evicted_lately} keys evicted lately" if figures.evicted_lately else ""
        how = f"policy {policy}" if policy is not None else ""
        share = f"memory {full:.0%} of its limit" if full >= NEARLY else ""
        yield _Fault(Status.WARNING, Code.REDIS_EVICTING, ", ".join(filter(None, (how, share, lately))))


def _clients(figures: RedisFigures) -> Iterator[_Fault]:
    clients, most = figures.clients, figures.max_clients
    nearly = clients is not None and most is not None and most > 0 and clients >= NEARLY * most
    if nearly or figures.refused_lately:
        used = f"{clients:,} of {most:,} clients" if clients is not None and most is not None else ""
        refused = f"{figures.refused_lately} refused lately" if figures.refused_lately else ""
        evidence = ", ".join(filter(None, (used, refused)))
        yield _Fault(Status.WARNING, Code.REDIS_TOO_MANY_CLIENTS, evidence)
