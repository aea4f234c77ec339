"""What a certificate says, and what is wrong with it."""

import ssl
from datetime import UTC, datetime, timedelta

import pytest
import trustme

from armguard_tray.checkup.certificate import fault_in, is_for, read_certificate
from armguard_tray.diagnosis.facts import Certificate, TlsFault

NOW = datetime(2026, 11, 24, 3, 25, 26, tzinfo=UTC)
DAY = timedelta(days=1)


def made(hosts: tuple[str, ...] = ("armory.local",), begins: int = -1, ends: int = 1) -> Certificate:
    return Certificate(
        subject="armory",
        issuer="mkcert",
        hosts=hosts,
        not_before=NOW + begins * DAY,
        not_after=NOW + ends * DAY,
        fingerprint="AB",
    )


@pytest.mark.parametrize(
    ("certificate", "fault"),
    [
        (made(), None),
        (made(begins=1, ends=2), TlsFault.NOT_YET_VALID),
        (made(begins=-2, ends=-1), TlsFault.EXPIRED),
        (made(hosts=("other.local",)), TlsFault.OTHER_HOST),
        (made(hosts=("other.local",), ends=-1, begins=-2), TlsFault.EXPIRED),
    ],
)
def test_the_fault_in_a_certificate(certificate: Certificate, fault: TlsFault | None) -> None:
    assert fault_in(certificate, "armory.local", NOW) is fault


@pytest.mark.parametrize(
    ("hosts", "host", "good"),
    [
        (("armory.local",), "ARMORY.local.", True),
        (("Armory.Local",), "armory.local", True),
        (("*.armory.local",), "web.armory.local", True),
        (("*.armory.local",), "armory.local", False),
        (("*.armory.local",), "a.b.armory.local", False),
        (("*",), "armory", False),
        (("192.168.0.177",), "192.168.0.177", True),
        (("192.168.0.17",), "192.168.0.177", False),
        (("::1",), "0:0::1", True),
        (("*.0.0.1",), "127.0.0.1", False),
        (("xn--bcher-kva.example",), "bücher.example", True),
        ((), "armory.local", False),
    ],
)
def test_for_which_hosts_a_certificate_is_good(hosts: tuple[str, ...], host: str, good: bool) -> None:  # noqa: FBT001 - a column of the table
    assert is_for(hosts, host) is good


def test_reading_a_certificate() -> None:
    leaf = trustme.CA(organization_name="Armory").issue_cert("armory.local", "10.0.0.7", common_name="web")
    der = ssl.PEM_cert_to_DER_cert(leaf.cert_chain_pems[0].bytes().decode())
    shown = read_certificate(der, "somebody")
    assert shown is not None
    assert (shown.subject, shown.hosts, shown.authority) == ("web", ("armory.local", "10.0.0.7"), "somebody")
    assert shown.issuer.startswith("Testing CA")
    assert shown.not_before < shown.not_after
    assert shown.not_before.tzinfo is not None


@pytest.mark.parametrize("der", [b"", b"no certificate", b"\x30\x03\x02\x01\x01"])
def test_what_is_no_certificate_is_told_as_none(der: bytes) -> None:
    assert read_certificate(der) is None


def test_a_hostile_name_is_made_plain() -> None:
    leaf = trustme.CA().issue_cert("armory.local", common_name="web\x1b[2J\u202e")
    der = ssl.PEM_cert_to_DER_cert(leaf.cert_chain_pems[0].bytes().decode())
    shown = read_certificate(der)
    assert shown is not None
    assert shown.subject == "web\ufffd[2J\ufffd"
