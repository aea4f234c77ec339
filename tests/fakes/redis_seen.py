"""Believable looks at Redis, as the desk of `stream_health` sees it."""

from dataclasses import replace
from datetime import timedelta

from armguard_tray.catchup.audit_found import AuditFound
from armguard_tray.checkup.redis_source import RedisSeen
from armguard_tray.connection.live_app import LiveApp
from armguard_tray.diagnosis.deafness import PROVEN_ON
from armguard_tray.diagnosis.facts import Facts
from armguard_tray.redis_probe.figures import RedisFigures
from armguard_tray.redis_probe.proof import Elsewhere, Proof, ProofVerdict, reasons_for_nothing, unreachable
from armguard_tray.redis_probe.report import Reason, answered, failed
from tests.fakes.stream_health import NOW, before, healthy

WHERE = "127.0.0.1:6379"
ADDRESS = f"redis://{WHERE}/0"
GROUP = "armguard::group:notifications_2"

FIGURES = RedisFigures(
    role="master",
    uptime=timedelta(days=3, hours=4),
    run_id="4f3c",
    used_memory=13_002_342,
    max_memory=256 * 2**20,
    policy="noeviction",
    evicted=0,
    refused=0,
    evicted_lately=0,
    refused_lately=0,
    clients=14,
    max_clients=10_000,
    blocked_clients=2,
    loading=False,
    last_save_ok=True,
    last_save_ago=timedelta(minutes=4),
    pings=(0.11, 0.12, 0.12, 0.19, 0.42),
)
WELL = answered(WHERE, vendor="Redis", version="7.0.15", round_trip=0.00042, figures=FIGURES)
_FACTS = Facts(now=NOW, streams=healthy().streams, redis=WELL, figures=FIGURES)
PROOF = Proof(
    verdict=ProofVerdict.PROVEN,
    at=before(seconds=4),
    where=f"{WHERE}, database 0",
    evidence=f"our membership joined {GROUP} at 11:26:34, and left when we closed it",
    group=GROUP,
    joined=before(seconds=6),
    kind="core",
    socket_since=next(each.since for each in healthy().streams if each.stream is PROVEN_ON),
)
NO_PROOF = replace(
    PROOF,
    verdict=ProofVerdict.NOT_PROVEN,
    evidence=f"nobody joined {GROUP} or asgi:group:notifications_2 when our socket was opened",
    reasons=reasons_for_nothing(Elsewhere()),
    group="",
    joined=None,
    kind="",
)

NOT_LOOKED = RedisSeen(facts=Facts(now=NOW, streams=healthy().streams))
ANSWERS = RedisSeen(facts=_FACTS, at=before(seconds=2), address=ADDRESS, why="the address of the settings")
PROVEN = replace(ANSWERS, facts=replace(_FACTS, proof=PROOF))
NOT_PROVEN = replace(ANSWERS, facts=replace(_FACTS, proof=NO_PROOF))
FOUND_BY_ITSELF = replace(
    ANSWERS,
    facts=replace(_FACTS, redis_guessed=True),
    address="redis://armory.local:6379/0",
    why="the server's host",
)
ASKS_FOR_A_PASSWORD = replace(
    ANSWERS, facts=replace(_FACTS, redis=failed(WHERE, Reason.LOGIN_NEEDED), figures=None)
)
DOWN = replace(ANSWERS, facts=replace(_FACTS, redis=failed(WHERE, Reason.REFUSED), figures=None))
NOT_SEEN = replace(
    DOWN,
    facts=replace(
        DOWN.facts,
        proof=replace(
            NO_PROOF,
            evidence="Redis could not be looked into",
            reasons=unreachable(failed(WHERE, Reason.REFUSED).sentence),
        ),
    ),
)
AILING = replace(
    PROVEN,
    facts=replace(
        PROVEN.facts,
        figures=replace(
            FIGURES,
            used_memory=250 * 2**20,
            policy="allkeys-lru",
            evicted=1204,
            evicted_lately=12,
            refused=3,
            refused_lately=3,
            restarted=True,
            uptime=timedelta(minutes=7),
            missing=(("pubsub|numsub", "a pub/sub layer cannot be proven"),),
        ),
    ),
)


def of_app(seen: RedisSeen, app: LiveApp) -> RedisSeen:
    """Return the same of a server with the live app."""
    streams = tuple(replace(each, app=app) for each in seen.facts.streams)
    return replace(seen, facts=replace(seen.facts, streams=streams))


SAYS_MEMORY = of_app(
    DOWN,
    LiveApp(
        "1.2",
        layer="memory",
        why="Redis at 127.0.0.1:6379 refuses: nothing listens there.",
        warning="What other processes announce is not heard here at once.",
    ),
)
BY_AUDIT = replace(
    NOT_PROVEN,
    facts=replace(
        NOT_PROVEN.facts,
        audit=AuditFound(
            at=before(minutes=1), ms=80, unannounced=(48209, 48210, 48211), since=before(hours=1), compared=3
        ),
    ),
)
DEAF = replace(
    NOT_PROVEN,
    facts=replace(
        NOT_PROVEN.facts,
        proof=replace(
            NO_PROOF, evidence=f"the membership of our stream in {GROUP} is gone", was_member=True, reasons=()
        ),
    ),
)
