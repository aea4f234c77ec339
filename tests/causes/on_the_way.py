"""What goes wrong on the way to the server: name, TCP, TLS."""

import socket
import ssl
from collections.abc import AsyncIterator
from datetime import timedelta

from armguard_tray.diagnosis.codes import Code
from armguard_tray.diagnosis.ladder import Status
from tests.causes.scene import NotMadeError, Scene, Stage, cause
from tests.fakes.odd_ports import (
    HOST,
    NO_ROUTE,
    mute_port,
    port_that_hangs_up,
    port_that_refuses_tls,
    port_that_says,
    swallowing_port,
)
from tests.fakes.redis_server import free_port
from tests.fakes.reverse_proxy import ReverseProxy


@cause(Code.NOT_SET_UP, "name", "No settings, and nothing given.")
async def a_desk_that_is_not_set_up(_: Stage) -> AsyncIterator[Scene]:
    yield Scene(url="", username="", password=None)


@cause(Code.NAME_UNKNOWN, "name", "A name below .invalid, which never resolves (RFC 6761).")
async def a_name_that_does_not_resolve(_: Stage) -> AsyncIterator[Scene]:
    yield Scene(url="https://armory.invalid:8443")


@cause(Code.REFUSED, "tcp", "A free port.")
async def nothing_listens(_: Stage) -> AsyncIterator[Scene]:
    yield Scene(url=f"https://{HOST}:{free_port()}")


@cause(
    Code.TIMED_OUT,
    "tcp",
    "A listening socket whose queue is full: a SYN gets no answer, as from a firewall.",
)
async def a_port_that_swallows(_: Stage) -> AsyncIterator[Scene]:
    with swallowing_port() as port:
        yield Scene(url=f"https://{HOST}:{port}")


@cause(Code.SERVER_HANGS, "http", "A server that accepts and is silent.")
async def a_server_that_never_speaks(_: Stage) -> AsyncIterator[Scene]:
    async with mute_port() as port:
        yield Scene(url=f"http://{HOST}:{port}")


@cause(Code.SERVER_HANGS, "tls", "The same where TLS is expected.")
async def a_server_that_never_speaks_tls(_: Stage) -> AsyncIterator[Scene]:
    async with mute_port() as port:
        yield Scene(url=f"https://{HOST}:{port}")


@cause(
    Code.NETWORK_UNREACHABLE,
    "tcp",
    "The loopback network's broadcast address: ENETUNREACH, as without a route.",
)
async def a_network_without_a_route(_: Stage) -> AsyncIterator[Scene]:
    yield Scene(url=f"http://{NO_ROUTE}:8000")


@cause(Code.HUNG_UP, "http", "A server that ends each connection without a word.")
async def a_server_that_hangs_up(_: Stage) -> AsyncIterator[Scene]:
    async with port_that_hangs_up() as port:
        yield Scene(url=f"http://{HOST}:{port}")


@cause(Code.HUNG_UP, "tls", "The same where TLS is expected.")
async def a_server_that_hangs_up_on_tls(_: Stage) -> AsyncIterator[Scene]:
    async with port_that_hangs_up() as port:
        yield Scene(url=f"https://{HOST}:{port}")


@cause(Code.HUNG_UP, "http", "An SSH server's greeting in answer to HTTP.")
async def something_that_is_no_http(_: Stage) -> AsyncIterator[Scene]:
    async with port_that_says(b"SSH-2.0-OpenSSH_9.2\r\n") as port:
        yield Scene(url=f"http://{HOST}:{port}")


@cause(
    Code.PLAIN_HTTP,
    "tls",
    "http:// to a name that is not known to be this machine's, and nobody has consented.",
)
async def an_unencrypted_way_without_consent(stage: Stage) -> AsyncIterator[Scene]:
    name = socket.gethostname()
    try:
        address = socket.gethostbyname(name)
    except OSError:
        address = ""
    if name == "localhost" or not address.startswith("127."):
        raise NotMadeError("this machine's own name does not lead to its loopback")
    async with ReverseProxy(server=stage.demo.url).running(host=address) as url:
        yield Scene(url=url.replace(address, name))


@cause(Code.NOT_TLS, "tls", "The demo server's own port, as https://.")
async def https_to_a_plain_port(stage: Stage) -> AsyncIterator[Scene]:
    yield Scene(url=stage.demo.url.replace("http:", "https:"))


@cause(
    Code.TLS_NEEDED,
    "http",
    "A TLS proxy before the demo server, as http://; it ends the connection with an alert.",
)
async def http_to_a_tls_port(stage: Stage) -> AsyncIterator[Scene]:
    async with ReverseProxy(server=stage.demo.url).running(stage.tls()) as url:
        yield Scene(url=url.replace("https:", "http:"))


@cause(
    Code.TLS_FAILED,
    "tls",
    "A server that offers nothing but anonymous ciphers of TLS 1.2: handshake failure.",
)
async def no_cipher_in_common(stage: Stage) -> AsyncIterator[Scene]:
    tls = stage.tls()
    tls.maximum_version = ssl.TLSVersion.TLSv1_2
    tls.set_ciphers("aNULL:@SECLEVEL=0")
    async with port_that_refuses_tls(tls) as port:
        yield Scene(url=f"https://{HOST}:{port}", ca_file=stage.ca_file)


@cause(Code.CA_UNKNOWN, "tls", "A certificate of the armory's own CA, which this desk was not told of.")
async def an_unknown_ca(stage: Stage) -> AsyncIterator[Scene]:
    async with ReverseProxy(server=stage.demo.url).running(stage.tls()) as url:
        yield Scene(url=url)


@cause(Code.CA_FILE, "tls", "A CA file that holds no certificate.")
async def a_ca_file_that_is_none(stage: Stage) -> AsyncIterator[Scene]:
    file = stage.folder / "notes.pem"
    file.write_text("the admin's notes\n")
    async with ReverseProxy(server=stage.demo.url).running(stage.tls()) as url:
        yield Scene(url=url, ca_file=str(file))


@cause(Code.CERTIFICATE_EXPIRED, "tls", "A certificate that ended yesterday.")
async def an_expired_certificate(stage: Stage) -> AsyncIterator[Scene]:
    tls = stage.tls(ends=timedelta(days=-1))
    async with ReverseProxy(server=stage.demo.url).running(tls) as url:
        yield Scene(url=url, ca_file=stage.ca_file)


@cause(Code.CERTIFICATE_NOT_YET_VALID, "tls", "A certificate that begins tomorrow.")
async def a_certificate_of_tomorrow(stage: Stage) -> AsyncIterator[Scene]:
    tls = stage.tls(begins=timedelta(days=1))
    async with ReverseProxy(server=stage.demo.url).running(tls) as url:
        yield Scene(url=url, ca_file=stage.ca_file)


@cause(
    Code.CERTIFICATE_EXPIRES_SOON,
    "tls",
    "A certificate that is good for three days more, before a server that is well.",
    status=Status.WARNING,
)
async def a_certificate_that_ends_soon(stage: Stage) -> AsyncIterator[Scene]:
    tls = stage.tls(ends=timedelta(days=3))
    async with ReverseProxy(server=stage.demo.url).running(tls) as url:
        yield Scene(url=url, ca_file=stage.ca_file)


@cause(Code.CERTIFICATE_OF_ANOTHER_HOST, "tls", "A certificate for armory.local at an IP address.")
async def another_hosts_certificate(stage: Stage) -> AsyncIterator[Scene]:
    async with ReverseProxy(server=stage.demo.url).running(stage.tls("armory.local")) as url:
        yield Scene(url=url, ca_file=stage.ca_file)


def _demanding(stage: Stage, version: ssl.TLSVersion) -> ssl.SSLContext:
    tls = stage.tls()
    tls.maximum_version = version
    tls.verify_mode = ssl.CERT_REQUIRED
    stage.ca.configure_trust(tls)
    return tls


@cause(
    Code.CLIENT_CERTIFICATE,
    "tls",
    "A TLS 1.3 server that demands one: its alert comes after the client's side of the handshake is done.",
)
async def a_client_certificate_is_demanded(stage: Stage) -> AsyncIterator[Scene]:
    async with port_that_refuses_tls(_demanding(stage, ssl.TLSVersion.TLSv1_3)) as port:
        yield Scene(url=f"https://{HOST}:{port}", ca_file=stage.ca_file)


@cause(Code.CLIENT_CERTIFICATE, "tls", "The same in TLS 1.2, where the handshake itself fails.")
async def a_client_certificate_is_demanded_in_tls_1_2(stage: Stage) -> AsyncIterator[Scene]:
    async with port_that_refuses_tls(_demanding(stage, ssl.TLSVersion.TLSv1_2)) as port:
        yield Scene(url=f"https://{HOST}:{port}", ca_file=stage.ca_file)
