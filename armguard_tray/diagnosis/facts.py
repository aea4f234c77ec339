"""What was found out, as facts without a meaning. All texts are plain; all times are aware; none is a secret.

None stands for what was not looked at. `failure` is None where a step went well.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from armguard_tray.catchup.audit_found import AuditFound
from armguard_tray.connection.failures import Closure, Failure
from armguard_tray.connection.live_app import LiveApp
from armguard_tray.connection.phase import StreamFacts
from armguard_tray.messages.streams import Stream
from armguard_tray.redis_probe.figures import RedisFigures
from armguard_tray.redis_probe.proof import Proof
from armguard_tray.redis_probe.report import RedisReport


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """A step that was made.

    Attributes:
        at: when.
        ms: how long it took.

    """

    at: datetime
    ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class NameFound(Looked):
    """The server's name: to which addresses it leads. An IP address leads to itself."""

    host: str
    addresses: tuple[str, ...] = ()
    failure: Failure | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TcpFound(Looked):
    """A TCP connection: to where (host:port), and from which address of this desk."""

    where: str
    source: str = ""
    failure: Failure | None = None


class TlsFault(StrEnum):
    """Why there is no trusted TLS."""

    NOT_TLS = "not tls"
    CA_UNKNOWN = "ca unknown"
    CA_FILE = "ca file"
    EXPIRED = "expired"
    NOT_YET_VALID = "not yet valid"
    OTHER_HOST = "other host"
    CLIENT_CERTIFICATE = "client certificate"
    HUNG_UP = "hung up"
    TIMED_OUT = "timed out"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """The certificate that the server shows, trusted or not.

    Attributes:
        subject, issuer: their common names.
        hosts: the names and addresses that it is made for.
        not_before, not_after: between which it is valid.
        fingerprint: SHA-256 of its DER form, as `AB:CD:…`.
        authority: who vouches for it: "private CA “…”" (of the CA file), "a CA of this system"; empty: nobody
            that is known.

    """

    subject: str
    issuer: str
    hosts: tuple[str, ...]
    not_before: datetime
    not_after: datetime
    fingerprint: str
    authority: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsFound(Looked):
    """A TLS handshake; `detail` is what the library says of a fault."""

    version: str = ""
    certificate: Certificate | None = None
    fault: TlsFault | None = None
    detail: str = ""


class Site(StrEnum):
    """What answers HTTP."""

    ARMGUARD = "armguard"
    OTHER = "other"
    PORTAL = "portal"
    """A page that stands before the network: it leads elsewhere whatever is asked."""
    PROXY = "proxy"
    """A proxy's own page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpFound(Looked):
    """The login page asked for, without a login.

    Attributes:
        status: of the answer; None if none came.
        site: what it is, as far as the page tells.
        leads_to: another host that it redirects to.
        secure: the https:// address that it redirects to, on the same host, without a path.
        nginx: whether nginx answers, for the server or by itself: it says so in the Server header.
        failure: why it is not the login page of an ArmGuard; None if it is.
        ahead: by how much the server's clock is ahead of this desk's, from its Date header; None if unknown.
            The header counts whole seconds.

    """

    status: int | None = None
    site: Site | None = None
    leads_to: str = ""
    secure: str = ""
    nginx: bool = False
    failure: Failure | None = None
    ahead: timedelta | None = None


class Keeping(StrEnum):
    """How this desk has the account's password."""

    GIVEN = "given"
    """For this run."""
    KEYRING = "keyring"
    LOCKED = "locked"
    MISSING = "missing"
    NO_KEYRING = "no keyring"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginFound(Looked):
    """A login.

    Attributes:
        username: whose.
        live: whether it is that of the running connection, and no new one was made.
        failure: why there is none.
        locked_until: when a lock-out ends, where that is known.

    """

    username: str
    live: bool = False
    failure: Failure | None = None
    locked_until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionFound(Looked):
    """The session, asked for over HTTP.

    Attributes:
        alive: whether the server knows it; None if that could not be learnt.
        began: when, with its login.
        failure: why it could not be learnt.

    """

    alive: bool | None
    began: datetime | None = None
    failure: Failure | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HandshakeFound(Looked):
    """A handshake made by this checkup.

    Attributes:
        stream: of which stream; of the live app's one socket each of its streams has the same.
        failure: why it was refused; None if the socket opened.
        subscribed: how the server showed that it has subscribed us ("welcome frame", "hello", "ping
            answered"); empty: it did not, within its time.
        closure: how the server closed the open socket meanwhile; None: it did not.
        alive: seconds that the socket was open.
        silent: seconds since the last frame that it brought, or since it was opened.

    """

    stream: Stream
    failure: Failure | None = None
    subscribed: str = ""
    closure: Closure | None = None
    alive: float = 0.0
    silent: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ToastsFound:
    """What shows toasts: `by` in a few words; `off` why none is shown by the system's will, else empty."""

    by: str
    off: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """All that was found out of one server.

    Attributes:
        configured: whether there are a server and an account at all.
        plain_http_refused: whether the password would cross the network in clear without consent.
        tls_expected: whether the address is https.
        streams: the running connection's; empty where there is none (`check` without the tray).
        app: the live app, as it describes itself; None: a stock server, or unknown (`app_known`).
        handshakes: those that this checkup made.
        redis, figures, proof: what was found of Redis, and of what the server does with it.
        redis_guessed: whether nobody has named that Redis, so that it is no fault if there is none.

    """

    now: datetime
    configured: bool = True
    plain_http_refused: bool = False
    tls_expected: bool = True
    name: NameFound | None = None
    tcp: TcpFound | None = None
    tls: TlsFound | None = None
    http: HttpFound | None = None
    password: Keeping | None = None
    login: LoginFound | None = None
    session: SessionFound | None = None
    app: LiveApp | None = None
    app_known: bool = False
    handshakes: tuple[HandshakeFound, ...] = ()
    streams: tuple[StreamFacts, ...] = ()
    audit: AuditFound | None = None
    redis: RedisReport | None = None
    redis_guessed: bool = False
    figures: RedisFigures | None = None
    proof: Proof | None = None
    toasts: ToastsFound | None = None

    @property
    def accepted(self) -> bool:
        """Whether the server took a TCP connection just now."""
        return self.tcp is not None and self.tcp.failure is None

    @property
    def nginx(self) -> bool:
        """Whether nginx stands before the server, and lets its pages through."""
        return self.http is not None and self.http.nginx and self.http.site is Site.ARMGUARD
