"""Redis over TLS."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
import trustme

from tests.fakes.redis_server import ControlledRedis, controlled_redis, free_port
from tests.server.layers.layer import GROUP, heard, in_wsgi_thread, layer_at, member


@dataclass(frozen=True)
class TlsRedis:
    """A Redis with a port for TLS beside the plain one, and the file of its certificate authority."""

    server: ControlledRedis
    port: int
    authority: Path


@pytest_asyncio.fixture
async def tls(tmp_path: Path) -> AsyncIterator[TlsRedis]:
    ca = trustme.CA()
    certificate = ca.issue_cert("127.0.0.1")
    authority, chain, key = (tmp_path / name for name in ("ca.pem", "chain.pem", "key.pem"))
    ca.cert_pem.write_to_path(authority)
    key.write_bytes(certificate.private_key_pem.bytes())
    chain.write_bytes(b"".join(blob.bytes() for blob in certificate.cert_chain_pems))
    port = free_port()
    options = (
        *("--tls-port", str(port), "--tls-cert-file", str(chain), "--tls-key-file", str(key)),
        *("--tls-ca-cert-file", str(authority), "--tls-auth-clients", "no"),
    )
    async with controlled_redis(tmp_path, *options) as server:
        yield TlsRedis(server, port, authority)


async def test_messages_go_over_tls(tls: TlsRedis) -> None:
    async with layer_at(f"rediss://127.0.0.1:{tls.port}/0?ssl_ca_certs={tls.authority}") as layer:
        channel = await member(layer)
        await in_wsgi_thread(layer.group_send, GROUP, {"type": "over TLS"})
        assert (await heard(layer, channel))["type"] == "over TLS"
        assert layer.status().in_use == "redis"
        assert layer.status().address == f"rediss://127.0.0.1:{tls.port}/0"


async def test_frozen_redis_holds_up_neither_a_view_nor_the_closing_of_its_loop(tls: TlsRedis) -> None:
    async with layer_at(f"rediss://127.0.0.1:{tls.port}/0?ssl_ca_certs={tls.authority}") as layer:
        channel = await member(layer)
        tls.server.freeze()
        await in_wsgi_thread(layer.group_send, GROUP, {"type": "in memory"})
        assert (await heard(layer, channel))["type"] == "in memory"
        tls.server.thaw()


@pytest.mark.parametrize(
    ("scheme", "query", "why"),
    [
        ("rediss", "", "its certificate is not trusted"),
        ("redis", "", "(a port that wants TLS needs rediss://)"),
    ],
)
async def test_what_is_wrong_is_said(tls: TlsRedis, scheme: str, query: str, why: str) -> None:
    async with layer_at(f"{scheme}://127.0.0.1:{tls.port}/0{query}") as layer:
        await member(layer)
        assert layer.status().in_use == "memory"
        assert why in layer.status().why
