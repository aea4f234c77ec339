"""PURE: what a certificate says, and what is wrong with it for a host at a time."""

import ipaddress
from datetime import UTC, datetime

from cryptography import x509

from armguard_tray.connection.ca_file import fingerprint, name_of
from armguard_tray.diagnosis.facts import Certificate, TlsFault
from armguard_tray.messages.plain_text import plain

MOST_HOSTS = 50


def read_certificate(der: bytes, authority: str = "") -> Certificate | None:
    """Return what a certificate says, None if it cannot be read; `authority` is who vouches for it."""
    try:
        certificate = x509.load_der_x509_certificate(der)
        return Certificate(
            subject=name_of(certificate.subject),
            issuer=name_of(certificate.issuer),
            hosts=_hosts(certificate),
            not_before=certificate.not_valid_before_utc.astimezone(UTC),
            not_after=certificate.not_valid_after_utc.astimezone(UTC),
            fingerprint=fingerprint(certificate),
            authority=authority,
        )
    except ValueError:
        return None


def _hosts(certificate: x509.Certificate) -> tuple[str, ...]:
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, x509.DuplicateExtension):
        return ()
    hosts = names.get_values_for_type(x509.DNSName)
    addresses = [str(address) for address in names.get_values_for_type(x509.IPAddress)]
    return tuple(plain(host) for host in [*hosts, *addresses][:MOST_HOSTS])


def fault_in(certificate: Certificate, host: str, now: datetime) -> TlsFault | None:
    """Return what is wrong with a certificate itself; None leaves the CA, or another one of the chain."""
    if now < certificate.not_before:
        return TlsFault.NOT_YET_VALID
    if now > certificate.not_after:
        return TlsFault.EXPIRED
    return None if is_for(certificate.hosts, host) else TlsFault.OTHER_HOST


def is_for(hosts: tuple[str, ...], host: str) -> bool:
    """Tell whether a certificate for `hosts` is good for `host` (RFC 6125, 6.4)."""
    try:
        return str(ipaddress.ip_address(host)) in hosts
    except ValueError:
        wanted = _as_sent(host)
    return any(_matches(pattern.casefold().removesuffix("."), wanted) for pattern in hosts)


def _as_sent(host: str) -> str:
    """Return a name as it stands in a certificate: names of other scripts in their ASCII form."""
    name = host.casefold().removesuffix(".")
    try:
        return name.encode("idna").decode()
    except UnicodeError:
        return name


def _matches(pattern: str, host: str) -> bool:
    if pattern.startswith("*."):
        return pattern[2:] == host.partition(".")[2]
    return pattern == host
