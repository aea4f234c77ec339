"""What people are shown of a CA file before it is trusted."""

import ssl
from datetime import UTC, datetime
from pathlib import Path

import pytest
import trustme

from armguard_tray.connection.ca_file import MAX_SIZE, issuer_in, read_ca_file
from armguard_tray.errors import UserError


def saved(path: Path, *blobs: trustme.Blob) -> Path:
    path.write_bytes(b"".join(blob.bytes() for blob in blobs))
    return path


def der(leaf: trustme.LeafCert) -> bytes:
    return ssl.PEM_cert_to_DER_cert(leaf.cert_chain_pems[0].bytes().decode())


def test_a_file_with_a_ca(tmp_path: Path) -> None:
    ca = trustme.CA(organization_name="Armory")
    (shown,) = read_ca_file(saved(tmp_path / "rootCA.pem", ca.cert_pem))
    assert shown.is_ca
    assert shown.subject == shown.issuer
    own = ssl.PEM_cert_to_DER_cert(ca.cert_pem.bytes().decode())
    import hashlib  # noqa: PLC0415 - another way to the same figure

    digest = hashlib.sha256(own).hexdigest().upper()
    assert shown.fingerprint.replace(":", "") == digest
    assert shown.fingerprint[2::3] == ":" * 31
    assert shown.is_valid(datetime.now(UTC))
    assert not shown.is_valid(datetime(1980, 1, 1, tzinfo=UTC))


def test_a_file_with_several_and_one_that_is_no_ca(tmp_path: Path) -> None:
    ca = trustme.CA()
    leaf = ca.issue_cert("armory.local", common_name="armory")
    shown = read_ca_file(saved(tmp_path / "chain.pem", leaf.cert_chain_pems[0], ca.cert_pem))
    assert [each.is_ca for each in shown] == [False, True]
    assert shown[0].subject == "armory"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "cannot be read"),
        (b"", "no certificate"),
        (b"-----BEGIN CERTIFICATE-----\nbm90IG9uZQ==\n-----END CERTIFICATE-----\n", "no certificate"),
        (b"-----BEGIN PRIVATE KEY-----\nMA==\n-----END PRIVATE KEY-----\n", "no certificate"),
        (b"\n" * (MAX_SIZE + 1), "too big"),
    ],
)
def test_a_file_that_cannot_be_used(tmp_path: Path, content: bytes | None, said: str) -> None:
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UserError, match=said) as raised:
        read_ca_file(path)
    assert raised.value.remedy


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be read"):
        read_ca_file(tmp_path)
    with pytest.raises(UserError, match="cannot be read"):
        read_ca_file("a\0b")


def test_who_has_signed(tmp_path: Path) -> None:
    ca, other = trustme.CA(), trustme.CA()
    file = saved(tmp_path / "ca.pem", other.cert_pem, ca.cert_pem)
    name = issuer_in(file, der(ca.issue_cert("armory.local")))
    assert name == read_ca_file(file)[1].subject
    assert issuer_in(file, der(trustme.CA().issue_cert("armory.local"))) is None
    assert issuer_in(file, b"no certificate") is None
