"""Where a server is, and how it is spoken to."""

import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPSConnection
from typing import Any, Final
from urllib.parse import urlsplit

from django.conf import settings

TIMEOUT: Final = 20.0  # seconds


@dataclass(frozen=True)
class Answer:
    """An HTTP answer.

    Attributes:
        status: its code.
        headers: with names in lower case; of several cookies, all in one, a line each.
        body: its content.

    """

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Site:
    """A server under a name that it answers to.

    Attributes:
        connect_to: host and port of the TCP connection.
        url: what the server is called: scheme, host and port. Also the Origin of its sockets.
        headers: what a proxy in front would add to every request.
        tls: how certificates are checked; None without TLS.

    """

    connect_to: tuple[str, int]
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    tls: ssl.SSLContext | None = None

    @property
    def socket_url(self) -> str:
        """The url with the scheme of WebSockets."""
        return self.url.replace("http", "ws", 1)

    def request(
        self, method: str, path: str, headers: Mapping[str, str] | None = None, body: bytes | None = None
    ) -> Answer:
        """Ask over HTTP and follow no redirect. Blocks.

        Raises OSError or http.client.HTTPException.
        """
        host, port = self.connect_to
        connection = (
            HTTPSConnection(host, port, timeout=TIMEOUT, context=self.tls)
            if self.tls
            else HTTPConnection(host, port, timeout=TIMEOUT)
        )
        said = {"Host": urlsplit(self.url).netloc, **self.headers, **(headers or {})}
        try:
            connection.request(method, path, body, said)
            response = connection.getresponse()
            collected: dict[str, str] = {}
            for name, value in response.getheaders():
                known = collected.get(name.lower())
                collected[name.lower()] = value if known is None else f"{known}\n{value}"
            return Answer(response.status, collected, response.read())
        finally:
            connection.close()


def json_lines(body: bytes) -> list[dict[str, Any]]:
    """Return the objects of an application/x-ndjson body, where only a line feed ends a line."""
    return [json.loads(line) for line in body.split(b"\n") if line]


def site_at(url: str, ca_file: str | None = None) -> Site:
    """Return the server at `url`.

    Raises ValueError if that is no address, OSError if the certificates of `ca_file` cannot be read.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError(f"{url} is not an address like https://armory.local:8443")
    encrypted = parts.scheme == "https"
    return Site(
        connect_to=(parts.hostname, parts.port or (443 if encrypted else 80)),
        url=f"{parts.scheme}://{parts.netloc}",
        tls=ssl.create_default_context(cafile=ca_file) if encrypted else None,
    )


def own_site(port: int) -> Site:
    """Return the server at a loopback port, under a name that the project allows."""
    return Site(
        connect_to=("127.0.0.1", port),
        url=f"http://{_allowed_host()}:{port}",
        headers=_headers_of_the_proxy(),
    )


def _allowed_host() -> str:
    allowed: list[str] = list(settings.ALLOWED_HOSTS)
    if "*" in allowed or "127.0.0.1" in allowed or (settings.DEBUG and not allowed):
        return "127.0.0.1"
    # A leading dot stands for all hosts of a domain, the domain itself among them.
    return next((host.removeprefix(".") for host in allowed if host), "127.0.0.1")


def _headers_of_the_proxy() -> dict[str, str]:
    """Return what makes the project believe that the request came over TLS, if it insists on that."""
    proxy: tuple[str, str] | None = settings.SECURE_PROXY_SSL_HEADER
    if proxy is None:
        return {}
    name, value = proxy
    return {name.removeprefix("HTTP_").replace("_", "-").title(): value}
