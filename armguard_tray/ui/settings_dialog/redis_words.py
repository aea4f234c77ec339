"""PURE: what the Redis page says: of the Redis that was found, and of what the server does with it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import tzinfo

from armguard_tray.checkup.redis_source import RedisSeen
from armguard_tray.clock import in_zone
from armguard_tray.connection.phase import Phase
from armguard_tray.counting import counted
from armguard_tray.diagnosis.causes import cause
from armguard_tray.diagnosis.codes import Code
from armguard_tray.diagnosis.deafness import is_deaf
from armguard_tray.diagnosis.diagnose import diagnose
from armguard_tray.diagnosis.facts import Facts
from armguard_tray.diagnosis.ladder import Cause, Rung, RungId, Status
from armguard_tray.diagnosis.redis_rung import redis_rung
from armguard_tray.diagnosis.streams import app_of
from armguard_tray.durations import length
from armguard_tray.redis_probe.figures import RedisFigures
from armguard_tray.redis_probe.proof import Proof, ProofVerdict
from armguard_tray.redis_probe.report import RedisState
from armguard_tray.ui.health_panel.sign import SIGN_OF, Sign

PROVEN = "Proven: the server uses Redis"
NOT_PROVEN = "Not proven"
FALLBACK = "The server runs in memory, without Redis"
IN_MEMORY = "The server runs in memory"
NOT_TRIED = "No proof was tried yet."
NOT_LOOKED = "Not looked at yet."
NOWHERE = "There is no address to look at, so Redis is not looked for."
FOREIGN = "Found by looking around: only a proof shows whether the server uses it."
NONE_NAMED = "The settings have the usual address, so all usual places were tried; this is the likeliest."
CHANGED = "What the server says of its channel layer has changed since."
UNKNOWN = "not told"

_MEMORY_CODES = {Code.MEMORY_MANY_PROCESSES, Code.MEMORY_LAYER}
_UNITS = (("GiB", 2**30), ("MiB", 2**20), ("KiB", 2**10))


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of figures: its name, and what it is."""

    name: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisWords:
    """What is said of the Redis that was found.

    Attributes:
        sign: how it is.
        sentence: what was found, where, and when.
        note: what else is to be known of that; may be empty.
        figures: line by line.
        full: the part of its memory limit that it uses, 0 to 1; None where there is no limit, or none known.
        causes: what is wrong with it, and what to do.

    """

    sign: Sign
    sentence: str
    note: str = ""
    figures: tuple[Figure, ...] = ()
    full: float | None = None
    causes: tuple[Cause, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Which channel layer the server uses, as far as that is known.

    Attributes:
        sign: how good that is.
        sentence: the answer.
        evidence: how it is known.
        reasons: what could be the reason where it is not; the most likely first.
        causes: what is wrong with it, and what to do.

    """

    sign: Sign
    sentence: str
    evidence: str
    reasons: tuple[str, ...] = ()
    causes: tuple[Cause, ...] = ()


def answer_of(facts: Facts, zone: tzinfo | None = None) -> Answer:
    """Return which channel layer the server uses: never "in memory" unless the ladder concludes it."""
    diagnosis = diagnose(facts, zone)
    layer = next(rung for rung in diagnosis.rungs if rung.id == RungId.LAYER)
    causes = tuple(each for each in diagnosis.causes if each.code == layer.code)
    if _is_in_memory(layer, facts):
        kept = layer.status is Status.OK
        said = layer.evidence.removeprefix("in memory").lstrip(" ·:")
        sought, reasons = _sought(facts.proof, zone)
        return Answer(
            sign=SIGN_OF[layer.status],
            sentence=IN_MEMORY if kept else FALLBACK,
            evidence=" ".join(filter(None, (_sentences(said), sought, _audited(layer, facts, zone)))),
            reasons=reasons,
            causes=causes,
        )
    proof = facts.proof
    if proof is not None and proof.verdict is ProofVerdict.PROVEN:
        # The proof is by a socket of its own: that of the running connection may be deaf all the same.
        deaf = (cause(Code.DEAF),) if is_deaf(facts) else ()
        return Answer(
            sign=Sign.WARNING if deaf else Sign.OK,
            sentence=PROVEN,
            evidence=_proven(proof, zone),
            causes=deaf,
        )
    sign = Sign.FAILED if layer.status is Status.FAILED else Sign.UNKNOWN
    evidence, reasons = _not_proven(layer, facts, zone)
    return Answer(sign=sign, sentence=NOT_PROVEN, evidence=evidence, reasons=reasons, causes=causes)


def server_says(facts: Facts) -> tuple[str, ...]:
    """Return what the server's live app says of its channel layer now: where that changes, a look is old."""
    app = app_of(facts)
    return (app.layer, app.why, app.warning or "", app.redis) if app is not None else ()


def _sought(proof: Proof | None, zone: tzinfo | None) -> tuple[str, tuple[str, ...]]:
    """Return what a proof shows beside what a server says that is in memory, and why it shows nothing."""
    if proof is None:
        return "", ()
    if proof.verdict is ProofVerdict.PROVEN:
        return _proven(proof, zone), ()
    # That nobody came is what is to be expected then; only a look that failed needs reasons.
    return f"Sought in Redis all the same: {_seen(proof, zone)}", () if proof.looked else proof.reasons


def _audited(layer: Rung, facts: Facts, zone: tzinfo | None) -> str:
    """Return when it was seen that nothing is announced, where that is what shows it."""
    if layer.status is not Status.FAILED or facts.audit is None:
        return ""
    return f"As of {in_zone(facts.audit.at, zone):%d/%m/%y %H:%M:%S}."


def _is_in_memory(layer: Rung, facts: Facts) -> bool:
    if layer.code is Code.MEMORY_MANY_PROCESSES:
        return True
    app = app_of(facts)
    says_so = app is not None and app.layer == "memory"
    return says_so and layer.status is not Status.UNKNOWN and layer.code in {None, *_MEMORY_CODES}


def _proven(proof: Proof, zone: tzinfo | None) -> str:
    kind = {"core": "the core layer", "pub/sub": "the pub/sub layer"}.get(proof.kind, "a layer")
    seen = f"{in_zone(proof.at, zone):%d/%m/%y %H:%M:%S}"
    return f"{_sentence(proof.evidence)} By {kind}, in Redis at {proof.where}. As of {seen}."


def _not_proven(layer: Rung, facts: Facts, zone: tzinfo | None) -> tuple[str, tuple[str, ...]]:
    app, proof = app_of(facts), facts.proof
    said = ""
    if app is not None and app.layer == "redis":
        why = f": {app.why.rstrip('.').replace('It ', 'it ', 1)}" if app.why else ""
        said = f"The server's live app says that it uses Redis{why}. This desk has not seen it."
    elif app is not None and layer.status is not Status.UNKNOWN:
        said = _sentences(layer.evidence)
    if proof is None:
        return said or NOT_TRIED, ()
    return " ".join(filter(None, (said, _sentence(_seen(proof, zone))))), proof.reasons


def _seen(proof: Proof, zone: tzinfo | None) -> str:
    return f"{proof.evidence.rstrip('.')}. As of {in_zone(proof.at, zone):%d/%m/%y %H:%M:%S}."


def words_of(seen: RedisSeen, zone: tzinfo | None = None, *, changed: bool = False) -> RedisWords:
    """Return what is said of the Redis that was found; `changed`: the server has told something new since."""
    facts, report = seen.facts, seen.facts.redis
    if report is None:
        return RedisWords(sign=Sign.UNKNOWN, sentence=NOWHERE if seen.at else NOT_LOOKED, note=seen.trouble)
    finding = redis_rung(_as_if_named(facts), covered=_is_covered(facts))
    return RedisWords(
        sign=SIGN_OF[finding.rung.status],
        sentence=_looked(seen, report.sentence, zone),
        note=" ".join(filter(None, (CHANGED if changed else "", _guess(facts), seen.trouble))),
        figures=tuple(_figures(seen)),
        full=_full(facts.figures),
        causes=finding.causes,
    )


def _looked(seen: RedisSeen, found: str, zone: tzinfo | None) -> str:
    """Return in one sentence what was found, where, and when: "Redis answers at x (…, as of 11:26:38)."."""
    when = f"as of {in_zone(seen.at, zone):%H:%M:%S}" if seen.at is not None else ""
    where = ", ".join(filter(None, (seen.why, when)))
    return f"{found.rstrip('.')} ({where})." if where else found


def _guess(facts: Facts) -> str:
    """Return what it means that nobody named this Redis; empty if somebody did, or the server uses it."""
    if not facts.redis_guessed or _is_proven(facts):
        return ""
    is_there = facts.redis is not None and facts.redis.state is not RedisState.DOWN
    return FOREIGN if is_there else NONE_NAMED


def _as_if_named(facts: Facts) -> Facts:
    """Return the facts so that what ails this Redis is said; that there is none is no fault of a guess."""
    is_there = facts.redis is not None and facts.redis.state is not RedisState.DOWN
    return replace(facts, redis_guessed=False) if is_there else facts


def _is_covered(facts: Facts) -> bool:
    return bool(facts.streams) and all(each.phase is Phase.LIVE for each in facts.streams)


def _is_proven(facts: Facts) -> bool:
    return facts.proof is not None and facts.proof.verdict is ProofVerdict.PROVEN


def _figures(seen: RedisSeen) -> Iterator[Figure]:
    report, figures = seen.facts.redis, seen.facts.figures
    yield Figure("Address", seen.address)
    if report is not None and report.vendor is not None:
        yield Figure("Version", " ".join(filter(None, (report.vendor, report.version))))
    if figures is not None:
        yield from _told(figures)


def _told(figures: RedisFigures) -> Iterator[Figure]:
    yield Figure("Role", {"replica": "replica, read-only"}.get(figures.role or "", figures.role or UNKNOWN))
    up = "" if figures.uptime is None else length(figures.uptime)
    again = "restarted since the last look" if figures.restarted else ""
    yield Figure("Up for", _listed(up, again))
    yield Figure("Memory", _memory(figures))
    yield Figure("Evicted", _listed(_counted(figures.evicted, figures.evicted_lately, "key")))
    yield Figure("Refused", _listed(_counted(figures.refused, figures.refused_lately, "connection")))
    yield Figure("Clients", _clients(figures))
    yield Figure("Last save", _save(figures))
    yield Figure("Round trip", _pings(figures))
    if figures.loading:
        yield Figure("Loading", "it is still loading its data")
    if figures.missing:
        costs = " ".join(f"May not {what}: {cost}." for what, cost in figures.missing)
        yield Figure("Account", costs)


def _full(figures: RedisFigures | None) -> float | None:
    if figures is None or not figures.max_memory or figures.used_memory is None:
        return None
    return min(1.0, figures.used_memory / figures.max_memory)


def _memory(figures: RedisFigures) -> str:
    if figures.used_memory is None:
        return UNKNOWN
    used, limit = _bytes(figures.used_memory), figures.max_memory
    if limit is None:
        return used
    if limit == 0:
        return f"{used}, no limit"
    share = figures.used_memory / limit
    return _listed(f"{used} of {_bytes(limit)} ({share:.0%})", figures.policy or "")


def _bytes(number: int) -> str:
    for unit, size in _UNITS:
        if number >= size:
            return f"{number / size:.1f} {unit}"
    return f"{number} B"


def _counted(total: int | None, lately: int | None, thing: str) -> str:
    if total is None:
        return UNKNOWN
    count = counted(total, thing)
    return f"{count}, {lately:,} of them since the last look" if lately else f"{count} since its start"


def _clients(figures: RedisFigures) -> str:
    if figures.clients is None:
        return UNKNOWN
    most = f" of {figures.max_clients:,}" if figures.max_clients else ""
    blocked = f"{figures.blocked_clients:,} wait in it" if figures.blocked_clients else ""
    return _listed(f"{figures.clients:,}{most}", blocked)


def _save(figures: RedisFigures) -> str:
    if figures.last_save_ago is None:
        return "failed" if figures.last_save_ok is False else "none since its start"
    when = f"{length(figures.last_save_ago)} ago"
    return f"failed since then; the last one that is known, {when}" if figures.last_save_ok is False else when


def _pings(figures: RedisFigures) -> str:
    half, nearly_all = figures.ping(50), figures.ping(99)
    if half is None or nearly_all is None:
        return "not measured"
    return f"half within {_ms(half)}, 99 of 100 within {_ms(nearly_all)}"


def _ms(milliseconds: float) -> str:
    return f"{milliseconds:.1f} ms" if milliseconds < 10 else f"{milliseconds:,.0f} ms"  # noqa: PLR2004 - two digits are enough


def _listed(*parts: str) -> str:
    return " · ".join(filter(None, parts)) or UNKNOWN


def _sentences(evidence: str) -> str:
    return " ".join(_sentence(part) for part in evidence.split(" · "))


def _sentence(text: str) -> str:
    """Return words as a sentence."""
    text = text.strip()
    return f"{text[:1].upper()}{text[1:].rstrip('.')}." if text else ""
