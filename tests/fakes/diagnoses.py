"""Believable diagnoses of the desk of `stream_health`, made by the program from facts."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from armguard_tray.catchup.audit_found import AuditFound
from armguard_tray.connection.explain import explain
from armguard_tray.connection.failures import Closure, Failure, FailureKind
from armguard_tray.connection.phase import End, Phase, StreamFacts
from armguard_tray.diagnosis.diagnose import diagnose
from armguard_tray.diagnosis.facts import (
    Certificate,
    Facts,
    HttpFound,
    Keeping,
    LoginFound,
    NameFound,
    SessionFound,
    Site,
    TcpFound,
    TlsFault,
    TlsFound,
    ToastsFound,
)
from armguard_tray.diagnosis.ladder import Diagnosis
from armguard_tray.diagnosis.record import Record
from armguard_tray.messages.streams import DEFAULT_STREAMS, Stream
from armguard_tray.redis_probe.proof import Proof, ProofVerdict, unreachable
from armguard_tray.redis_probe.report import Reason, failed
from tests.fakes.stream_health import MANILA, NOW, before, broken, healthy

_AT = before(seconds=1)
_CERTIFICATE = Certificate(
    subject="armory.local",
    issuer="mkcert armory",
    hosts=("armory.local", "192.168.0.177"),
    not_before=datetime(2026, 1, 4, tzinfo=UTC),
    not_after=NOW + timedelta(days=214),
    fingerprint=":".join(f"{number:02X}" for number in range(160, 192)),
    authority="private CA “mkcert armory”",
)
_TLS = TlsFound(at=_AT, ms=4.1, version="TLSv1.3", certificate=_CERTIFICATE)
_WAY = Facts(
    now=NOW,
    name=NameFound(at=_AT, ms=1.6, host="armory.local", addresses=("192.168.0.177",)),
    tcp=TcpFound(at=_AT, ms=0.7, where="192.168.0.177:8443", source="192.168.0.21"),
    tls=_TLS,
    http=HttpFound(at=_AT, ms=11.2, status=200, site=Site.ARMGUARD, ahead=timedelta(seconds=0.4)),
    password=Keeping.KEYRING,
    toasts=ToastsFound(by="the desktop's notification service"),
)

HEALTHY = replace(
    _WAY,
    login=LoginFound(at=before(minutes=52), ms=0, username="sgt.reyes", live=True),
    session=SessionFound(at=_AT, ms=6.0, alive=True, began=before(minutes=52)),
    streams=healthy().streams,
    audit=AuditFound(at=before(minutes=2), ms=84, complete_to=48211, compared=37, since=before(hours=3)),
    redis=failed("192.168.0.177:6379", Reason.REFUSED),
    redis_guessed=True,
    proof=Proof(
        verdict=ProofVerdict.NOT_PROVEN,
        at=_AT,
        where="192.168.0.177:6379",
        evidence="",
        reasons=unreachable("Nothing listens at 192.168.0.177:6379."),
    ),
)
REFUSED = replace(
    _WAY,
    tcp=TcpFound(
        at=_AT, ms=0.4, where="192.168.0.177:8443", failure=Failure(FailureKind.REFUSED, detail="errno 111")
    ),
    tls=None,
    http=None,
    streams=broken().streams,
)
CA_UNKNOWN = replace(
    REFUSED,
    tcp=_WAY.tcp,
    tls=replace(_TLS, fault=TlsFault.CA_UNKNOWN, certificate=replace(_CERTIFICATE, authority="")),
)
_FORBIDDEN = Failure(FailureKind.STATUS, 403)
ORIGIN = replace(
    HEALTHY,
    audit=None,
    proof=None,
    redis=None,
    streams=tuple(
        StreamFacts(
            stream=stream,
            phase=Phase.REFUSED,
            since=before(minutes=31),
            troubled_since=before(minutes=31),
            trouble=explain(Failure(FailureKind.ORIGIN)),
            ends=(End(before(minutes=31), _FORBIDDEN),),
        )
        for stream in DEFAULT_STREAMS
    ),
)
STEPS = (
    Facts(now=NOW),
    replace(Facts(now=NOW), name=_WAY.name),
    replace(Facts(now=NOW), name=_WAY.name, tcp=_WAY.tcp, tls=_WAY.tls),
)
"""How far a checkup has come, step by step."""


def diagnosis(facts: Facts) -> Diagnosis:
    """Return what they mean, in Manila's time."""
    return diagnose(facts, MANILA)


def morning() -> Record:
    """Return what the streams did: pings of the last 50 minutes, and two reconnects of the notifications."""
    record = Record()
    lost = Closure(1006), Closure(1012, said="restarting")
    for seconds in range(3000, 0, -10):
        now = before(seconds=seconds)
        slow = 0.021 if 1100 < seconds < 1250 else 0.0
        streams = []
        for number, facts in enumerate(healthy().streams):
            trip = 0.0021 + 0.0004 * ((seconds * (7 + number)) % 11) / 10 + slow
            streams.append(replace(facts, round_trip=trip, reconnects=0))
        record.take(streams, now)
    live = next(each for each in healthy().streams if each.stream is Stream.NOTIFICATIONS)
    for number, (minutes, how) in enumerate(zip((95, 22), lost, strict=True), 1):
        gone, back = before(minutes=minutes), before(minutes=minutes) + timedelta(seconds=12 * number)
        ends = (End(gone, how),)
        record.take([replace(live, phase=Phase.BACKING_OFF, since=gone, round_trip=None, ends=ends)], gone)
        record.take([replace(live, since=back, round_trip=None, reconnects=number, ends=ends)], back)
    return record
