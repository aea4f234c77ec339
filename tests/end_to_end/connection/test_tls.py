"""Whom the desk trusts. The CA is the test's own, as an armory's is its own."""

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme

from armguard_tray.connection.phase import Need, Phase, StreamFacts
from armguard_tray.messages.streams import Stream
from tests.end_to_end.connection.desk import Desk
from tests.fakes.scripted_server import PASSWORD, Link, ScriptedServer

TRANSACTIONS = Stream.TRANSACTIONS


@pytest.fixture(scope="module")
def ca() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def ca_file(ca: trustme.CA, tmp_path: Path) -> str:
    path = tmp_path / "armory-ca.pem"
    ca.cert_pem.write_to_path(path)
    return str(path)


def context(certificate: trustme.LeafCert) -> ssl.SSLContext:
    """Return what a server needs to show `certificate`."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(tls)
    return tls


async def refusal(desk: Desk, phase: Phase = Phase.REFUSED) -> StreamFacts:
    """Return how the desk explains that it does not connect."""
    async with desk:
        return await desk.sees(TRANSACTIONS, phase, where=lambda facts: facts.retry_at is not None)


async def test_the_ca_file_is_trusted(ca: trustme.CA, ca_file: str) -> None:
    async with ScriptedServer().running(tls=context(ca.issue_cert("127.0.0.1"))) as server:
        async with Desk(server.url, ca_file=ca_file) as desk:
            await desk.sees_all(Phase.LIVE)
        for handshake in server.handshakes(TRANSACTIONS):
            assert handshake.headers["origin"] == server.url
        assert server.passwords == [PASSWORD]


async def test_an_unknown_ca_is_not(ca: trustme.CA) -> None:
    async with ScriptedServer().running(tls=context(ca.issue_cert("127.0.0.1"))) as server:
        facts = await refusal(Desk(server.url))
        assert_untrusted(facts, server)


async def test_an_expired_certificate_is_not(ca: trustme.CA, ca_file: str) -> None:
    yesterday = datetime.now(UTC) - timedelta(days=1)
    expired = ca.issue_cert("127.0.0.1", not_before=yesterday - timedelta(days=90), not_after=yesterday)
    async with ScriptedServer().running(tls=context(expired)) as server:
        facts = await refusal(Desk(server.url, ca_file=ca_file))
        assert_untrusted(facts, server)


async def test_the_certificate_of_another_host_is_not(ca: trustme.CA, ca_file: str) -> None:
    async with ScriptedServer().running(tls=context(ca.issue_cert("armory.local"))) as server:
        facts = await refusal(Desk(server.url, ca_file=ca_file))
        assert_untrusted(facts, server)


def assert_untrusted(facts: StreamFacts, server: ScriptedServer) -> None:
    assert facts.trouble is not None
    assert facts.trouble.summary == "server's certificate not trusted"
    assert facts.trouble.need is Need.CERTIFICATE
    assert facts.retry_at is not None
    assert 300 <= (facts.retry_at - facts.since).total_seconds() <= 361, "looks again slowly"
    assert server.requests == [], "not a word was said to it"


async def test_https_to_a_plain_port_is_told(server: ScriptedServer) -> None:
    async def answers_in_plain_text(link: Link) -> None:
        await link.reader.read(1)
        await link.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
        await link.gone()

    server.on_connect(answers_in_plain_text)
    facts = await refusal(Desk(server.url.replace("http", "https")))
    assert facts.trouble is not None
    assert facts.trouble.summary == "no secure connection possible"
    assert "http://" in facts.trouble.remedy


async def test_http_to_a_tls_port_is_told(ca: trustme.CA) -> None:
    async with ScriptedServer().running(tls=context(ca.issue_cert("127.0.0.1"))) as server:
        facts = await refusal(Desk(server.url.replace("https", "http")), Phase.BACKING_OFF)
        assert facts.trouble is not None
        assert facts.trouble.summary == "server gave no proper answer"
        assert "https://" in facts.trouble.remedy
        assert server.requests == []


async def test_a_server_that_hangs_up_on_tls_is_tried_again(ca_file: str) -> None:
    async def hang_up(link: Link) -> None:
        link.writer.close()

    # The plain server plays the proxy that accepts and drops while the real one restarts.
    async with ScriptedServer().running() as restarting:
        restarting.on_connect(hang_up)
        facts = await refusal(
            Desk(restarting.url.replace("http", "https"), ca_file=ca_file), Phase.BACKING_OFF
        )
        assert facts.trouble is not None
        assert facts.trouble.need is None


@pytest.mark.parametrize("content", [None, b"not a certificate"])
def test_a_ca_file_that_cannot_be_used_is_said_at_once(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(OSError):  # noqa: PT011 - of several kinds, with the system's own words
        Desk("https://armory.test", ca_file=str(path))
