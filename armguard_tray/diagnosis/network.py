"""PURE: the rungs of the way to the server, from its name to its login page, and the clock."""

import ipaddress
from datetime import timedelta
from http import HTTPStatus

from armguard_tray.connection.explain import explain
from armguard_tray.connection.failures import Failure, FailureKind
from armguard_tray.diagnosis.causes import cause
from armguard_tray.diagnosis.codes import Code
from armguard_tray.diagnosis.facts import (
    Certificate,
    Facts,
    HttpFound,
    Looked,
    NameFound,
    Site,
    TlsFault,
    TlsFound,
)
from armguard_tray.diagnosis.failure_codes import page_code
from armguard_tray.diagnosis.finding import Finding, finding, joined, unseen
from armguard_tray.diagnosis.ladder import Cause, RungId, Status
from armguard_tray.diagnosis.moments import Moments
from armguard_tray.diagnosis.place import PAGES, place_of
from armguard_tray.durations import length

SOON = timedelta(days=14)
"""Before its end a certificate is warned of. Those that renew themselves do it earlier."""
CLOCKS_MAY_DIFFER = timedelta(seconds=5)

_LONGEST_WAIT = 1e9  # seconds; a header may hold any number

_CONSENT = "allow the unencrypted connection in Settings, Server"

_BY_FAULT = {
    TlsFault.NOT_TLS: Code.NOT_TLS,
    TlsFault.CA_UNKNOWN: Code.CA_UNKNOWN,
    TlsFault.CA_FILE: Code.CA_FILE,
    TlsFault.EXPIRED: Code.CERTIFICATE_EXPIRED,
    TlsFault.NOT_YET_VALID: Code.CERTIFICATE_NOT_YET_VALID,
    TlsFault.OTHER_HOST: Code.CERTIFICATE_OF_ANOTHER_HOST,
    TlsFault.CLIENT_CERTIFICATE: Code.CLIENT_CERTIFICATE,
    TlsFault.HUNG_UP: Code.HUNG_UP,
    # It is looked at only over a TCP connection that was accepted.
    TlsFault.TIMED_OUT: Code.SERVER_HANGS,
    TlsFault.OTHER: Code.TLS_FAILED,
}

# A page that is not the login page says by itself only that; these say more.
_BY_SITE = {
    Site.OTHER: Code.NOT_ARMGUARD,
    Site.PORTAL: Code.CAPTIVE_PORTAL,
    Site.PROXY: Code.PROXY_PAGE,
}
# What a page means that is ArmGuard's, and nobody else's: a proxy's own 403 locks no account.
_GUESSED = {Code.NOT_ARMGUARD, Code.LOCKED_OUT, Code.SERVER_ERROR}


def way_rungs(facts: Facts, moments: Moments) -> list[Finding]:
    """Return the rungs name, tcp, tls, http and clock."""
    return [_name(facts), _tcp(facts), _tls(facts, moments), _http(facts), _clock(facts)]


def said_of(failure: Failure) -> str:
    """Return what a failure was, in a few words: `HTTP 502`, `server refused the connection`."""
    status = f"HTTP {failure.status}" if failure.status is not None else ""
    # The words for a bare status guess at its meaning; here more is known.
    words = "" if failure.kind is FailureKind.STATUS and status else explain(failure).summary
    # A library's word for silence only says it again.
    detail = "" if words and failure.detail.startswith("timed out") else failure.detail
    return joined(words, status, detail)


def wait_of(failure: Failure) -> str:
    """Return how long the server asks to wait: `2 min`; empty if it does not."""
    seconds = failure.retry_after or 0.0
    return length(timedelta(seconds=min(seconds, _LONGEST_WAIT))) if seconds >= 1 else ""


def _name(facts: Facts) -> Finding:
    if not facts.configured:
        return finding(RungId.NAME, Status.FAILED, "no server is set up", cause(Code.NOT_SET_UP))
    name = facts.name
    if name is None:
        return unseen(RungId.NAME)
    if name.failure is not None:
        why = cause(page_code(name.failure), **place_of(facts), detail=name.failure.detail)
        return _failed(RungId.NAME, f"{name.host}: {said_of(name.failure)}", why, name)
    if not name.addresses:
        return unseen(RungId.NAME, f"{name.host}: no address was found")
    evidence = f"{name.host} → {', '.join(name.addresses)}"
    return finding(RungId.NAME, Status.OK, evidence, since=name.at, ms=name.ms)


def _tcp(facts: Facts) -> Finding:
    tcp = facts.tcp
    if tcp is None:
        return unseen(RungId.TCP)
    if tcp.failure is not None:
        why = cause(page_code(tcp.failure), **place_of(facts), detail=tcp.failure.detail)
        return _failed(RungId.TCP, f"{tcp.where}: {said_of(tcp.failure)}", why, tcp)
    source = f"from {tcp.source}" if tcp.source else ""
    return finding(RungId.TCP, Status.OK, joined(tcp.where, source), since=tcp.at, ms=tcp.ms)


def _tls(facts: Facts, moments: Moments) -> Finding:
    if facts.plain_http_refused:
        evidence = "not encrypted, and nobody has allowed that"
        return finding(
            RungId.TLS,
            Status.FAILED,
            evidence,
            cause(Code.PLAIN_HTTP, **place_of(facts), consent=_CONSENT),
        )
    if not facts.tls_expected:
        return _unencrypted(facts)
    tls = facts.tls
    if tls is None:
        return unseen(RungId.TLS)
    fault = tls.fault
    if fault is None and tls.certificate is not None and tls.certificate.not_after <= moments.now:
        fault = TlsFault.EXPIRED
    if fault is not None:
        return _distrusted(facts, tls, fault, moments)
    return _trusted(facts, tls, moments)


def _unencrypted(facts: Facts) -> Finding:
    if facts.tls is not None and facts.tls.version and facts.tls.fault is not TlsFault.NOT_TLS:
        return _tls_needed(facts, facts.tls)
    if facts.name is None:
        return unseen(RungId.TLS)
    if _is_this_machine(facts.name):
        return finding(RungId.TLS, Status.OK, "not encrypted, and need not be: this machine")
    why = cause(Code.PLAIN_HTTP, **place_of(facts))
    return finding(RungId.TLS, Status.WARNING, "not encrypted: the address begins with http://", why)


def _tls_needed(facts: Facts, tls: TlsFound) -> Finding:
    why = cause(Code.TLS_NEEDED, **_with_secure(facts))
    return _failed(RungId.TLS, f"the port speaks {tls.version}, the address begins with http://", why, tls)


def _with_secure(facts: Facts) -> dict[str, str]:
    place = place_of(facts)
    told = facts.http.secure if facts.http is not None else ""
    return place | {"secure": told or place.get("origin", "").replace("http://", "https://", 1)}


def _distrusted(facts: Facts, tls: TlsFound, fault: TlsFault, moments: Moments) -> Finding:
    shown = tls.certificate
    certificate = _facts_of(shown, moments) if shown else {}
    why = cause(_BY_FAULT[fault], **place_of(facts), detail=tls.detail, **certificate)
    # Of a fault that the facts tell, the library's words are only noise.
    words = "" if shown is not None and fault is not TlsFault.OTHER else tls.detail
    evidence = joined(fault.value, words, _shown(shown, moments) if shown else "")
    return _failed(RungId.TLS, evidence, why, tls)


def _facts_of(certificate: Certificate, moments: Moments) -> dict[str, str]:
    return {
        "issuer": certificate.issuer,
        "hosts": ", ".join(certificate.hosts),
        "until": moments.day(certificate.not_after),
        "begins": moments.day(certificate.not_before),
        "left": length(certificate.not_after - moments.now),
    }


def _shown(certificate: Certificate, moments: Moments) -> str:
    valid = f"{moments.day(certificate.not_before)} to {moments.day(certificate.not_after)}"
    return joined(
        f"shown: “{certificate.subject}” of “{certificate.issuer}”",
        f"for {', '.join(certificate.hosts)}" if certificate.hosts else "",
        f"valid {valid}",
        f"SHA-256 of this server's certificate {certificate.fingerprint}",
    )


def _trusted(facts: Facts, tls: TlsFound, moments: Moments) -> Finding:
    shown = tls.certificate
    if shown is None:
        if not tls.version:
            return unseen(RungId.TLS, "no handshake was seen")
        return finding(RungId.TLS, Status.OK, tls.version, since=tls.at, ms=tls.ms)
    left = shown.not_after - moments.now
    evidence = joined(tls.version, f"valid for another {length(left)}", shown.authority)
    if left > SOON:
        return finding(RungId.TLS, Status.OK, evidence, since=tls.at, ms=tls.ms)
    why = cause(Code.CERTIFICATE_EXPIRES_SOON, **place_of(facts), **_facts_of(shown, moments))
    return finding(RungId.TLS, Status.WARNING, evidence, why, since=tls.at, ms=tls.ms)


def _is_this_machine(name: NameFound) -> bool:
    try:
        return bool(name.addresses) and all(ipaddress.ip_address(each).is_loopback for each in name.addresses)
    except ValueError:
        return False


def _http(facts: Facts) -> Finding:
    http = facts.http
    if http is None:
        return unseen(RungId.HTTP)
    code = _http_code(http, accepted=facts.accepted)
    status = f"HTTP {http.status}" if http.status is not None else ""
    if code is None:
        if http.status is None and http.site is None:
            return unseen(RungId.HTTP, "no answer was seen")
        return finding(
            RungId.HTTP, Status.OK, joined("ArmGuard's login page", status), since=http.at, ms=http.ms
        )
    detail = http.failure.detail if http.failure else ""
    told = {
        "status": str(http.status or ""),
        "leads_to": http.leads_to,
        "detail": detail or (f"it leads to {http.leads_to}" if http.leads_to else status),
        "wait": wait_of(http.failure) if http.failure else "",
    }
    evidence = joined(
        said_of(http.failure) if http.failure and code is _failure_code(http.failure, facts) else status,
        http.site.value if http.site and http.site is not Site.ARMGUARD else "",
        f"leads to {http.leads_to}" if http.leads_to else "",
    )
    return _failed(RungId.HTTP, evidence, cause(code, **_with_secure(facts), **PAGES, **told), http)


def _failure_code(failure: Failure, facts: Facts) -> Code:
    return page_code(failure, accepted=facts.accepted)


def _http_code(http: HttpFound, *, accepted: bool) -> Code | None:
    """Return what is wrong, the more special first: a proxy's page may say that the server is down."""
    by_site = _BY_SITE.get(http.site) if http.site is not None else None
    # What a portal says is not about the server, not even its status 511.
    if http.failure is None or http.site is Site.PORTAL:
        return by_site
    code = page_code(http.failure, accepted=accepted)
    if http.site is Site.PROXY and http.status == HTTPStatus.NOT_FOUND:
        return code  # a web server with pages of its own, such as nginx's after its installation
    return by_site if by_site is not None and code in _GUESSED else code


def _clock(facts: Facts) -> Finding:
    http = facts.http
    if http is None or http.ahead is None:
        return unseen(RungId.CLOCK, "the server tells no time" if http else "not looked at")
    apart, direction = length(abs(http.ahead)), "ahead" if http.ahead > timedelta() else "behind"
    if abs(http.ahead) <= CLOCKS_MAY_DIFFER:
        # The header that tells it counts whole seconds.
        same = abs(http.ahead) <= timedelta(seconds=1)
        evidence = "the same, to the second" if same else f"the server's is {apart} {direction}"
        return finding(RungId.CLOCK, Status.OK, evidence, since=http.at, stands=True)
    why = cause(Code.CLOCKS_APART, apart=apart, direction=direction)
    evidence = f"the server's is {apart} {direction}"
    return finding(RungId.CLOCK, Status.WARNING, evidence, why, since=http.at, stands=True)


def _failed(rung: RungId, evidence: str, why: Cause, looked: Looked) -> Finding:
    return finding(rung, Status.FAILED, evidence, why, since=looked.at, ms=looked.ms)
