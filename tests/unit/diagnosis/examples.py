"""Facts of a desk in the morning of 24 November 2026, well in every way unless an example says otherwise."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from armguard_tray.catchup.audit_found import AuditFound
from armguard_tray.connection.explain import explain
from armguard_tray.connection.failures import Closure, Failure, FailureKind
from armguard_tray.connection.live_app import LiveApp
from armguard_tray.connection.phase import End, Phase, StreamFacts
from armguard_tray.diagnosis.facts import (
    Certificate,
    Facts,
    HandshakeFound,
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
from armguard_tray.messages.streams import DEFAULT_STREAMS, Stream
from armguard_tray.redis_probe.figures import RedisFigures
from armguard_tray.redis_probe.proof import Proof, ProofVerdict
from armguard_tray.redis_probe.report import Reason, RedisReport, answered, failed

NOW = datetime(2026, 11, 24, 3, 26, 40, tzinfo=UTC)
CERTIFICATE = Certificate(
    subject="armory.local",
    issuer="mkcert armory",
    hosts=("armory.local", "192.168.0.177"),
    not_before=NOW - timedelta(days=100),
    not_after=NOW + timedelta(days=214),
    fingerprint="AB:CD",
    authority="private CA “mkcert armory”",
)
WHERE = "127.0.0.1:6379"


def ago(**length: float) -> datetime:
    """Return the moment that lies so long before `NOW`."""
    return NOW - timedelta(**length)


def name(failure: FailureKind | None = None) -> NameFound:
    found = ("192.168.0.177",) if failure is None else ()
    return NameFound(at=NOW, ms=2.0, host="armory.local", addresses=found, failure=_failure(failure))


def tcp(failure: FailureKind | None = None) -> TcpFound:
    return TcpFound(at=NOW, ms=1.0, where="192.168.0.177:8443", failure=_failure(failure))


def tls(fault: TlsFault | None = None, **certificate: Any) -> TlsFound:
    shown = replace(CERTIFICATE, **certificate)
    version = "TLSv1.3" if fault is None else ""
    return TlsFound(at=NOW, ms=4.0, version=version, certificate=shown, fault=fault)


def http(failure: FailureKind | None = None, status: int | None = 200, **more: Any) -> HttpFound:
    usual: dict[str, Any] = {
        "site": Site.ARMGUARD if failure is None else None,
        "failure": _failure(failure, status),
    }
    return HttpFound(at=NOW, ms=9.0, status=status, **(usual | more))


def login(failure: FailureKind | None = None, status: int | None = None, **more: Any) -> LoginFound:
    return LoginFound(at=NOW, ms=300.0, username="sgt.reyes", failure=_failure(failure, status), **more)


def session(*, alive: bool | None = True, failure: FailureKind | None = None) -> SessionFound:
    known = alive if failure is None else None
    why = _failure(failure, 403)
    return SessionFound(at=NOW, ms=5.0, alive=known, began=ago(minutes=52), failure=why)


def handshake(stream: Stream, failure: Failure | None = None, **more: Any) -> HandshakeFound:
    usual: dict[str, Any] = {"at": NOW, "subscribed": "" if failure else "welcome frame"}
    return HandshakeFound(ms=7.0, stream=stream, failure=failure, **(usual | more))


def handshakes(failure: Failure | None = None, **more: Any) -> tuple[HandshakeFound, ...]:
    """Return the handshakes of all streams, which ended alike."""
    return tuple(handshake(stream, failure, **more) for stream in DEFAULT_STREAMS)


def refused_with(status: int) -> tuple[HandshakeFound, ...]:
    return handshakes(Failure(FailureKind.STATUS, status))


def closed_with(code: int, alive: float = 0.2) -> tuple[HandshakeFound, ...]:
    return handshakes(closure=Closure(code), alive=alive, silent=alive)


def live(stream: Stream, **more: Any) -> StreamFacts:
    usual: dict[str, Any] = {"phase": Phase.LIVE, "since": ago(hours=3), "last_event": ago(minutes=2)}
    return StreamFacts(stream=stream, **(usual | more))


def down(stream: Stream, *ends: Failure | Closure, **more: Any) -> StreamFacts:
    """Return a stream that is offline, after it ended so one time after another, 10 s apart."""
    ages = range(len(ends), 0, -1)
    usual: dict[str, Any] = {
        "phase": Phase.BACKING_OFF,
        "since": ago(minutes=4),
        "trouble": explain(ends[-1]) if ends else None,
        "ends": tuple(End(ago(seconds=10 * age), how) for age, how in zip(ages, ends, strict=True)),
    }
    return StreamFacts(stream=stream, **(usual | more))


def all_live(**more: Any) -> tuple[StreamFacts, ...]:
    return tuple(live(stream, **more) for stream in DEFAULT_STREAMS)


def audit(*unannounced: int, compared: int = 3, **more: Any) -> AuditFound:
    usual: dict[str, Any] = {"complete_to": 48211, "since": ago(hours=1)}
    return AuditFound(at=NOW, ms=40.0, unannounced=unannounced, compared=compared, **(usual | more))


def proof(verdict: ProofVerdict = ProofVerdict.NOT_PROVEN, *, was_member: bool = False) -> Proof:
    return Proof(
        verdict=verdict,
        at=NOW,
        where=WHERE,
        evidence="our membership joined armguard::group:notifications_2",
        reasons=() if verdict is ProofVerdict.PROVEN else ("It may be another Redis.",),
        was_member=was_member,
        socket_since=ago(hours=3),
    )


def redis(reason: Reason = Reason.ANSWERS) -> RedisReport:
    if reason in {Reason.ANSWERS, Reason.VERSION_HIDDEN, Reason.REPLICA, Reason.FULL}:
        well = answered(WHERE, vendor="Redis", version="7.0.15", round_trip=0.0004)
        return replace(well, reason=reason)
    return failed(WHERE, reason, detail="said so", timeout=2)


def figures(**more: Any) -> RedisFigures:
    well: dict[str, Any] = {
        "role": "master",
        "policy": "noeviction",
        "used_memory": 2**20,
        "max_memory": 0,
        "clients": 5,
        "max_clients": 10_000,
        "loading": False,
        "evicted_lately": 0,
        "refused_lately": 0,
        "last_save_ok": True,
    }
    return RedisFigures(**(well | more))


def app(**more: Any) -> LiveApp:
    usual: dict[str, Any] = {"version": "1.0", "layer": "redis", "why": "It answers."}
    return LiveApp(**(usual | more))


def checked(**more: Any) -> Facts:
    """Return what the command line finds out of a healthy stock server."""
    well: dict[str, Any] = {
        "name": name(),
        "tcp": tcp(),
        "tls": tls(),
        "http": http(ahead=timedelta(seconds=-1)),
        "password": Keeping.GIVEN,
        "login": login(),
        "session": session(),
        "app_known": True,
        "handshakes": handshakes(),
    }
    return Facts(now=NOW, **(well | more))


def running(**more: Any) -> Facts:
    """Return what a tray knows that has been live for three hours at a healthy server with the live app."""
    found = app()
    well: dict[str, Any] = {
        "password": Keeping.KEYRING,
        "login": login(live=True),
        "app": found,
        "handshakes": (),
        "streams": all_live(app=found),
        "audit": audit(),
        "redis": redis(),
        "figures": figures(),
        "proof": proof(ProofVerdict.PROVEN),
        "toasts": ToastsFound(by="the desktop"),
    }
    return checked(**(well | more))


def _failure(kind: FailureKind | None, status: int | None = None) -> Failure | None:
    return None if kind is None else Failure(kind, status)
