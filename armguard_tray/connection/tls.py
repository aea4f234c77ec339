"""Whom to trust: the system's certificate store, and an optional CA file."""

import ssl
from pathlib import Path

import truststore


def client_context(ca_file: str = "") -> ssl.SSLContext:
    """Return a context that checks chain and host name.

    Raises:
        OSError: the CA file cannot be read or holds no certificate (ssl.SSLError).

    """
    context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if ca_file:
        context.load_verify_locations(cafile=str(Path(ca_file)))
    return context
