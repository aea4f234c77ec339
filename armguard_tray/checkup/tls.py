"""The TLS handshake, made with this desk's trust; where that refuses, a look at what the server shows.

That second look trusts nobody and sends nothing: it only reads the certificate, to say what is wrong with it.
"""

import asyncio
import ssl
from contextlib import suppress
from dataclasses import dataclass, replace

from armguard_tray.checkup.certificate import fault_in, read_certificate
from armguard_tray.checkup.limits import Deadline, Stopwatch
from armguard_tray.checkup.network import Place
from armguard_tray.clock import Clock
from armguard_tray.connection.ca_file import issuer_in
from armguard_tray.connection.failures import demands_certificate
from armguard_tray.connection.tls import client_context
from armguard_tray.diagnosis.facts import Certificate, TlsFault, TlsFound
from armguard_tray.errors import UserError
from armguard_tray.messages.plain_text import plain

LATE_ALERT = 0.3
"""Seconds for what a server says after the handshake: TLS 1.3 demands a certificate only then."""
SECOND_LOOK = 1.5
"""Seconds for a second look at what the first one left open."""
_SYSTEM = "a CA of this system"
_MAX_HEARD = 64 * 1024


@dataclass(frozen=True, slots=True)
class _Shaken:
    """A handshake that succeeded: the protocol's version, and the server's certificate (DER)."""

    version: str
    der: bytes


class _HandshakeError(Exception):
    """A handshake that did not; `heard` is what the server had sent."""

    def __init__(self, error: OSError, heard: bytes) -> None:
        super().__init__(str(error))
        self.error = error
        self.heard = heard


class TlsLook:
    """Looks at the TLS of one place."""

    def __init__(self, place: Place, host: str, ca_file: str, clock: Clock, deadline: Deadline) -> None:
        """Look at `place` as a desk does that calls it `host` and trusts the CAs in `ca_file` too."""
        self._place = place
        self._host = host
        self._ca_file = ca_file
        self._clock = clock
        self._deadline = deadline
        self._watch = Stopwatch(clock)

    async def look(self, seconds: float) -> TlsFound:
        """Make a handshake within `seconds`, and say what is wrong where it fails."""
        self._watch = Stopwatch(self._clock)
        try:
            context = client_context(self._ca_file)
        except OSError as error:
            return self._failed(TlsFault.CA_FILE, _detail(error))
        try:
            async with asyncio.timeout(self._deadline.within(seconds)):
                shaken = await _shake(self._place, self._host, context)
        except _HandshakeError as failed:
            return await self._explained(failed)
        except TimeoutError:
            return await self._mute(TlsFault.TIMED_OUT, "")
        except OSError as error:
            return await self._mute(TlsFault.HUNG_UP, _detail(error))
        found = TlsFound(at=self._watch.at, ms=self._watch.ms, version=shaken.version)
        return replace(found, certificate=read_certificate(shaken.der, await self._authority(shaken.der)))

    def _failed(self, fault: TlsFault, detail: str, certificate: Certificate | None = None) -> TlsFound:
        watch = self._watch
        return TlsFound(at=watch.at, ms=watch.ms, fault=fault, detail=detail, certificate=certificate)

    async def _explained(self, failed: _HandshakeError) -> TlsFound:
        error, detail = failed.error, _detail(failed.error)
        if isinstance(error, ssl.SSLCertVerificationError):
            certificate = await self._shown()
            own = fault_in(certificate, self._host, self._clock.now()) if certificate else None
            return self._failed(own or _numbered(error), detail, certificate)
        fault = _fault(failed)
        if fault is TlsFault.HUNG_UP and await self._asks_in_clear():
            fault = TlsFault.CLIENT_CERTIFICATE
        if fault in {TlsFault.HUNG_UP, TlsFault.TIMED_OUT}:
            return await self._mute(fault, detail)
        return self._failed(fault, detail)

    async def _mute(self, fault: TlsFault, detail: str) -> TlsFound:
        """Tell a server that says nothing from one that only cannot read a greeting in TLS."""
        plain_http = await speaks_http(self._place, self._host, self._deadline.within(SECOND_LOOK))
        return self._failed(TlsFault.NOT_TLS if plain_http else fault, detail)

    async def _asks_in_clear(self) -> bool:
        """Tell whether a server asks for a certificate, and hangs up without one: TLS 1.2 shows that."""
        older = _trusts_anyone()
        older.maximum_version = ssl.TLSVersion.TLSv1_2
        try:
            async with asyncio.timeout(self._deadline.within(SECOND_LOOK)):
                await _shake(self._place, self._host, older)
        except _HandshakeError as failed:
            return _asks_for_certificate(failed.heard)
        except OSError:
            pass  # it says no more than before
        return False

    async def _shown(self) -> Certificate | None:
        """Return the certificate that the server shows, whoever vouches for it; None if it shows none now."""
        try:
            async with asyncio.timeout(self._deadline.within(SECOND_LOOK)):
                shaken = await _shake(self._place, self._host, _trusts_anyone())
        except (_HandshakeError, OSError):
            return None
        return read_certificate(shaken.der)

    async def _authority(self, der: bytes) -> str:
        """Return who vouches for a certificate that this desk trusts."""
        if not self._ca_file:
            return _SYSTEM
        try:
            name = issuer_in(self._ca_file, der)
            return f"private CA “{name}”" if name else await self._chained_authority()
        except (UserError, OSError):  # it was changed this very moment
            return ""

    async def _chained_authority(self) -> str:
        """Tell whether the CA file alone suffices: its CA may vouch for another one that has signed."""
        alone = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        alone.load_verify_locations(cafile=self._ca_file)
        try:
            async with asyncio.timeout(self._deadline.within(SECOND_LOOK)):
                await _shake(self._place, self._host, alone)
        except (_HandshakeError, TimeoutError):
            return _SYSTEM
        return "the private CA of the CA file"


async def _shake(place: Place, host: str, context: ssl.SSLContext) -> _Shaken:
    """Make one handshake and send nothing after it.

    By hand and not through asyncio's transport: what the server sent tells plain HTTP from TLS, and a demand
    for a certificate from other alerts.

    Raises:
        _HandshakeError: it failed.
        OSError: the connection did.

    """
    reader, writer = await asyncio.open_connection(place.address, place.port)
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = context.wrap_bio(incoming, outgoing, server_hostname=host)
    heard = bytearray()

    async def more() -> None:
        writer.write(outgoing.read())
        data = await reader.read(1 << 14)
        heard.extend(data[: _MAX_HEARD - len(heard)])
        if data:
            incoming.write(data)
        else:
            incoming.write_eof()

    try:
        while True:
            try:
                tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                await more()
        shaken = _Shaken(tls.version() or "", tls.getpeercert(binary_form=True) or b"")
        with suppress(TimeoutError, ssl.SSLWantReadError):  # nothing is said against it
            async with asyncio.timeout(LATE_ALERT):
                await more()
            tls.read(1)
    except OSError as error:
        raise _HandshakeError(error, bytes(heard)) from error
    else:
        return shaken
    finally:
        writer.transport.abort()


def _trusts_anyone() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


# OpenSSL's numbers (X509_V_ERR_*), for what the server's own certificate does not show, such as a CA that has
# expired. Other systems give none.
_BY_NUMBER = {
    9: TlsFault.NOT_YET_VALID,
    10: TlsFault.EXPIRED,
    62: TlsFault.OTHER_HOST,
    64: TlsFault.OTHER_HOST,
}


def _numbered(error: ssl.SSLCertVerificationError) -> TlsFault:
    return _BY_NUMBER.get(getattr(error, "verify_code", 0), TlsFault.CA_UNKNOWN)


def _fault(failed: _HandshakeError) -> TlsFault:
    """Tell why a handshake failed that did not fail on the server's certificate."""
    error, heard = failed.error, failed.heard
    if heard and heard[0] not in _RECORDS:
        return TlsFault.NOT_TLS
    wants = isinstance(error, ssl.SSLError) and demands_certificate(error)
    if wants or _asks_for_certificate(heard):
        return TlsFault.CLIENT_CERTIFICATE
    if isinstance(error, (ssl.SSLEOFError, ssl.SSLZeroReturnError, ConnectionError)):
        return TlsFault.HUNG_UP
    return TlsFault.TIMED_OUT if isinstance(error, TimeoutError) else TlsFault.OTHER


# Of the TLS record protocol (RFC 8446, 5.1, and RFC 5246, 7.4).
_HANDSHAKE = 22
_RECORDS = {20, 21, _HANDSHAKE, 23}
_CERTIFICATE_REQUEST = 13


def _asks_for_certificate(heard: bytes) -> bool:
    """Tell whether a server asked for a certificate; up to TLS 1.2 it says so in clear."""
    messages, at = bytearray(), 0
    while at + 5 <= len(heard):
        length = int.from_bytes(heard[at + 3 : at + 5])
        if heard[at] == _HANDSHAKE:
            messages += heard[at + 5 : at + 5 + length]
        at += 5 + length
    at = 0
    while at + 4 <= len(messages):
        if messages[at] == _CERTIFICATE_REQUEST:
            return True
        at += 4 + int.from_bytes(messages[at + 1 : at + 4])
    return False


def _detail(error: OSError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return plain(error.verify_message)
    return plain(error.strerror or str(error))


async def speaks_tls(place: Place, host: str, within: float) -> bool:
    """Tell whether a port speaks TLS; nothing is sent but the greeting."""
    try:
        async with asyncio.timeout(within):
            await _shake(place, host, _trusts_anyone())
    except _HandshakeError as failed:
        return bool(failed.heard) and failed.heard[0] in _RECORDS
    except OSError:
        return False
    return True


async def speaks_http(place: Place, host: str, within: float) -> bool:
    """Tell whether a port answers plain HTTP: some servers wait in silence for the end of TLS's greeting."""
    try:
        async with asyncio.timeout(within):
            reader, writer = await asyncio.open_connection(place.address, place.port)
            try:
                name = host.encode("idna").decode()
                writer.write(f"HEAD / HTTP/1.1\r\nHost: {name}\r\nConnection: close\r\n\r\n".encode())
                return (await reader.read(5)).startswith(b"HTTP/")
            finally:
                writer.transport.abort()
    except (OSError, UnicodeError):
        return False
