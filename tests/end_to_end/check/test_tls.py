"""Why a secure connection is not trusted, told apart by what the server shows."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme

from armguard_tray.connection.failures import FailureKind
from armguard_tray.diagnosis.facts import Facts, TlsFault
from tests.end_to_end.check.looking import failures, look
from tests.fakes.scripted_server import PASSWORD, Link, ScriptedServer, page

NOW = datetime.now(UTC)
DAY = timedelta(days=1)


def context(certificate: trustme.LeafCert) -> ssl.SSLContext:
    """Return what a server needs to show `certificate`."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(tls)
    return tls


def expired(ca: trustme.CA) -> trustme.LeafCert:
    return ca.issue_cert("127.0.0.1", not_before=NOW - 90 * DAY, not_after=NOW - DAY)


def not_yet_valid(ca: trustme.CA) -> trustme.LeafCert:
    return ca.issue_cert("127.0.0.1", not_before=NOW + DAY, not_after=NOW + 90 * DAY)


def of_another_host(ca: trustme.CA) -> trustme.LeafCert:
    return ca.issue_cert("armory.local", "*.armory.local")


def assert_not_a_word_was_said(server: ScriptedServer, facts: Facts) -> None:
    assert server.requests == []
    assert (facts.http, facts.login, facts.handshakes) == (None, None, ())


async def test_a_certificate_of_the_ca_file(ca: trustme.CA, ca_file: str) -> None:
    leaf = ca.issue_cert("127.0.0.1", "localhost", common_name="armory", not_after=NOW + 90 * DAY)
    async with ScriptedServer().running(tls=context(leaf)) as server:
        facts = await look(server.url, ca_file=ca_file)
        assert server.passwords == [PASSWORD]
    assert failures(facts) == {}
    assert facts.tls is not None
    assert facts.tls.fault is None
    assert facts.tls.version == "TLSv1.3"
    shown = facts.tls.certificate
    assert shown is not None
    assert shown.subject == "armory"
    assert set(shown.hosts) == {"127.0.0.1", "localhost"}
    assert shown.authority.startswith("private CA “")
    assert abs(shown.not_after - (NOW + 90 * DAY)) < timedelta(seconds=2)
    assert len(shown.fingerprint) == len("AB:" * 32) - 1


async def test_a_certificate_of_a_ca_that_the_ca_file_vouches_for(ca: trustme.CA, ca_file: str) -> None:
    leaf = ca.create_child_ca().issue_cert("127.0.0.1")
    async with ScriptedServer().running(tls=context(leaf)) as server:
        facts = await look(server.url, ca_file=ca_file)
    assert facts.tls is not None
    assert facts.tls.certificate is not None
    assert facts.tls.certificate.authority == "the private CA of the CA file"


@pytest.mark.parametrize(
    ("issue", "fault"),
    [
        (expired, TlsFault.EXPIRED),
        (not_yet_valid, TlsFault.NOT_YET_VALID),
        (of_another_host, TlsFault.OTHER_HOST),
    ],
)
async def test_a_certificate_with_a_fault_of_its_own(
    ca: trustme.CA, ca_file: str, issue: Callable[[trustme.CA], trustme.LeafCert], fault: TlsFault
) -> None:
    async with ScriptedServer().running(tls=context(issue(ca))) as server:
        facts = await look(server.url, ca_file=ca_file)
        assert_not_a_word_was_said(server, facts)
    assert facts.tls is not None
    assert facts.tls.fault is fault
    shown = facts.tls.certificate
    assert shown is not None, "it is shown, though it is not trusted"
    assert shown.hosts == (
        ("armory.local", "*.armory.local") if fault is TlsFault.OTHER_HOST else ("127.0.0.1",)
    )
    assert shown.authority == "", "nobody vouches for it"


async def test_a_certificate_of_an_unknown_ca(ca: trustme.CA) -> None:
    async with ScriptedServer().running(tls=context(ca.issue_cert("127.0.0.1"))) as server:
        facts = await look(server.url)
        assert_not_a_word_was_said(server, facts)
    assert facts.tls is not None
    assert facts.tls.fault is TlsFault.CA_UNKNOWN
    assert facts.tls.certificate is not None


async def test_a_ca_file_that_does_not_vouch_for_the_server(ca: trustme.CA, tmp_path: Path) -> None:
    other = tmp_path / "other.pem"
    trustme.CA().cert_pem.write_to_path(other)
    async with ScriptedServer().running(tls=context(ca.issue_cert("127.0.0.1"))) as server:
        facts = await look(server.url, ca_file=str(other))
    assert facts.tls is not None
    assert facts.tls.fault is TlsFault.CA_UNKNOWN


@contextmanager
def bare(tls: ssl.SSLContext) -> Iterator[str]:
    """Serve nothing but handshakes, and yield the address.

    By the library's own sockets: asyncio's hang up on a failed handshake without the alert that says why.
    """
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            while True:
                try:
                    link, _ = listening.accept()
                except OSError:
                    return
                with link, suppress(OSError), tls.wrap_socket(link, server_side=True) as secure:
                    secure.recv(1)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"https://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            thread.join()


@pytest.fixture
def demanding(ca: trustme.CA) -> ssl.SSLContext:
    """Return the context of a server that demands a certificate."""
    tls = context(ca.issue_cert("127.0.0.1"))
    tls.verify_mode = ssl.CERT_REQUIRED
    ca.configure_trust(tls)
    return tls


VERSIONS = [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3]


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_client_certificate_that_is_demanded(
    demanding: ssl.SSLContext, ca_file: str, version: ssl.TLSVersion
) -> None:
    demanding.maximum_version = version
    with bare(demanding) as address:
        facts = await look(address, ca_file=ca_file)
    assert facts.tls is not None
    assert facts.tls.fault is TlsFault.CLIENT_CERTIFICATE
    assert facts.http is None


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_client_certificate_that_is_demanded_without_a_word(
    demanding: ssl.SSLContext, ca_file: str, version: ssl.TLSVersion
) -> None:
    demanding.maximum_version = version
    async with ScriptedServer().running(tls=demanding) as server:
        facts = await look(server.url, ca_file=ca_file)
        assert_not_a_word_was_said(server, facts)
    assert facts.tls is not None
    assert facts.tls.fault is TlsFault.CLIENT_CERTIFICATE


async def test_a_server_with_no_cipher_in_common_demands_no_certificate(ca: trustme.CA, ca_file: str) -> None:
    odd = context(ca.issue_cert("127.0.0.1"))
    odd.maximum_version = ssl.TLSVersion.TLSv1_2
    odd.set_ciphers("ADH:@SECLEVEL=0")
    with bare(odd) as address:
        facts = await look(address, ca_file=ca_file)
    assert facts.tls is not None
    assert facts.tls.fault is TlsFault.OTHER
    assert "ALERT" in facts.tls.detail


async def test_a_proxy_that_asks_for_a_client_certificate_over_http(ca: trustme.CA, ca_file: str) -> None:
    async with ScriptedServer().running(tls=context(ca.issue_cert("127.0.0.1"))) as server:
        refusal = "<center>No required SSL certificate was sent</center><hr><center>nginx/1.22.1</center>"
        server.on_page("GET", "/login/", page(400, refusal))
        facts = await look(server.url, ca_file=ca_file)
        assert server.passwords == []
    assert failures(facts) == {"http": FailureKind.CLIENT_CERTIFICATE}


async def speaks_http_at_once(link: Link) -> None:
    await link.reader.read(1)
    await link.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
    await link.gone()


async def hangs_up(link: Link) -> None:
    await link.reader.read(1)
    link.writer.close()


async def test_https_to_a_port_that_answers_the_greeting_in_http(server: ScriptedServer) -> None:
    server.on_connect(Link.gone, speaks_http_at_once)
    facts = await look(server.url.replace("http", "https"))
    assert facts.tls is not None
    assert facts.tls.fault is TlsFault.NOT_TLS
    assert server.passwords == []


async def test_https_to_a_port_that_hangs_up_on_the_greeting_and_speaks_http(server: ScriptedServer) -> None:
    server.on_connect(Link.gone, hangs_up, hangs_up)
    facts = await look(server.url.replace("http", "https"))
    assert facts.tls is not None
    assert facts.tls.fault is TlsFault.NOT_TLS


async def test_a_port_that_always_hangs_up(server: ScriptedServer) -> None:
    # TCP; TLS, and once more an older TLS; HTTP.
    server.on_connect(Link.gone, hangs_up, hangs_up, hangs_up)
    facts = await look(server.url.replace("http", "https"))
    assert facts.tls is not None
    assert facts.tls.fault is TlsFault.HUNG_UP


async def test_http_to_a_tls_port(ca: trustme.CA) -> None:
    async with ScriptedServer().running(tls=context(ca.issue_cert("127.0.0.1"))) as server:
        facts = await look(server.url.replace("https", "http"))
        assert server.requests == []
    assert failures(facts) == {"http": FailureKind.HTTPS_EXPECTED}


@pytest.mark.parametrize("content", [None, b"not a certificate"])
async def test_a_ca_file_that_cannot_be_used(
    server: ScriptedServer, tmp_path: Path, content: bytes | None
) -> None:
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_bytes(content)
    facts = await look(server.url.replace("http", "https"), ca_file=str(path))
    assert facts.tls is not None
    assert facts.tls.fault is TlsFault.CA_FILE
    assert facts.tls.detail
    assert facts.configured, "there is a server, and its name and port are looked at"
    assert facts.tcp is not None
    assert server.passwords == []
