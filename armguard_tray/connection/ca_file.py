"""What a file of CA certificates holds, for people to see before it is trusted; whom a CA vouches for."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import NameOID

from armguard_tray.errors import UserError
from armguard_tray.messages.plain_text import plain

MAX_SIZE = 4 * 1024 * 1024
"""Bytes; the whole bundle of a system's CAs has a quarter of a MiB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaCertificate:
    """One certificate of a file, as people judge it. All text is plain; all times are aware.

    Attributes:
        subject, issuer: whose it is, and who vouches for it; the same for a root.
        fingerprint: SHA-256 of its DER form, as `AB:CD:…`: to compare with what the admin reads out.
        not_before, not_after: between which it is valid.
        is_ca: whether it says that it may vouch for others.

    """

    subject: str
    issuer: str
    fingerprint: str
    not_before: datetime
    not_after: datetime
    is_ca: bool

    def is_valid(self, now: datetime) -> bool:
        """Tell whether it is valid at `now`."""
        return self.not_before <= now <= self.not_after


def read_ca_file(file: str | Path) -> tuple[CaCertificate, ...]:
    """Return what a PEM file holds, in its order.

    Raises:
        UserError: it cannot be read, or holds no certificate that can be.

    """
    return tuple(_described(certificate) for certificate in _load(file))


def issuer_in(file: str | Path, der: bytes) -> str | None:
    """Return the name of the CA in `file` that has signed the certificate `der`; None if none there has.

    Raises:
        UserError: the file cannot be read.

    """
    try:
        certificate = x509.load_der_x509_certificate(der)
    except ValueError:
        return None
    for authority in _load(file):
        try:
            certificate.verify_directly_issued_by(authority)
        # By another one, or by one whose kind of key or signature the library does not know.
        except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
            continue
        return name_of(authority.subject)
    return None


def name_of(name: x509.Name) -> str:
    """Return what people call whoever bears `name`: its common name, else its organisation."""
    for kind in (NameOID.COMMON_NAME, NameOID.ORGANIZATIONAL_UNIT_NAME, NameOID.ORGANIZATION_NAME):
        for attribute in name.get_attributes_for_oid(kind):
            value = attribute.value
            return plain(value if isinstance(value, str) else value.decode("utf-8", "replace"))
    return plain(name.rfc4514_string())


def fingerprint(certificate: x509.Certificate) -> str:
    """Return the SHA-256 fingerprint as `AB:CD:…`."""
    return certificate.fingerprint(SHA256()).hex(":").upper()


def _load(file: str | Path) -> list[x509.Certificate]:
    try:
        with Path(file).open("rb") as opened:
            content = opened.read(MAX_SIZE + 1)
    except (OSError, ValueError) as error:
        raise UserError(f"The CA file cannot be read: {_why(error)}.", "Choose another one.") from error
    if len(content) > MAX_SIZE:
        raise UserError("The CA file is far too big to hold certificates.", "Choose another one.")
    try:
        return x509.load_pem_x509_certificates(content)
    except ValueError as error:
        raise UserError(
            "The file holds no certificate in PEM form.",
            "It begins with -----BEGIN CERTIFICATE-----; of mkcert it is rootCA.pem.",
        ) from error


def _why(error: OSError | ValueError) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def _described(certificate: x509.Certificate) -> CaCertificate:
    return CaCertificate(
        subject=name_of(certificate.subject),
        issuer=name_of(certificate.issuer),
        fingerprint=fingerprint(certificate),
        not_before=certificate.not_valid_before_utc.astimezone(UTC),
        not_after=certificate.not_valid_after_utc.astimezone(UTC),
        is_ca=_may_vouch(certificate),
    )


def _may_vouch(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except (x509.ExtensionNotFound, x509.DuplicateExtension, ValueError):
        return False
