"""The causes that are told apart, each with a code that stays the same: scripts and admins look for it."""

from enum import StrEnum


class Code(StrEnum):
    """What keeps a desk from being covered, or may do so."""

    # On the way to the server.
    NOT_SET_UP = "not-set-up"
    NAME_UNKNOWN = "name-unknown"
    REFUSED = "refused"
    TIMED_OUT = "timed-out"
    SERVER_HANGS = "server-hangs"
    """It accepts the connection and then says nothing."""
    NETWORK_UNREACHABLE = "network-unreachable"
    HUNG_UP = "hung-up"
    """It took the connection and ended it without a proper answer."""
    PLAIN_HTTP = "plain-http"
    """The password would cross the network unencrypted, and nobody consented."""
    NOT_TLS = "not-tls"
    """https:// to a port that speaks plain HTTP."""
    TLS_NEEDED = "tls-needed"
    """http:// to a port that speaks TLS."""
    TLS_FAILED = "tls-failed"
    CA_UNKNOWN = "ca-unknown"
    CA_FILE = "ca-file"
    """The CA file of the settings cannot be used."""
    CERTIFICATE_EXPIRED = "certificate-expired"
    CERTIFICATE_NOT_YET_VALID = "certificate-not-yet-valid"
    CERTIFICATE_EXPIRES_SOON = "certificate-expires-soon"
    CERTIFICATE_OF_ANOTHER_HOST = "certificate-of-another-host"
    CLIENT_CERTIFICATE = "client-certificate"

    # What answers there.
    NOT_ARMGUARD = "not-armguard"
    CAPTIVE_PORTAL = "captive-portal"
    PROXY_PAGE = "proxy-page"
    HOST_NOT_ALLOWED = "host-not-allowed"
    SERVER_ERROR = "server-error"
    """HTTP itself answers with 5xx."""
    CLOCKS_APART = "clocks-apart"

    # The account.
    PASSWORD_MISSING = "password-missing"  # noqa: S105 - the name of a fault, not a secret
    KEYRING_LOCKED = "keyring-locked"
    CSRF = "csrf"
    WRONG_PASSWORD = "wrong-password"  # noqa: S105 - as above
    LOCKED_OUT = "locked-out"
    RATE_LIMITED = "rate-limited"
    LOGIN_UNCLEAR = "login-unclear"
    SESSION_EXPIRED = "session-expired"

    # The streams.
    ORIGIN_REFUSED = "origin-refused"
    UPGRADE_LOST = "upgrade-lost"
    """A proxy does not pass the WebSocket's upgrade on (200, 400, 426)."""
    BACKEND_DOWN = "backend-down"
    """A proxy does not reach the server program (502, 504)."""
    PATH_UNKNOWN = "path-unknown"
    HANDSHAKE_500 = "handshake-500"
    HANDSHAKE_REFUSED = "handshake-refused"
    CLOSED_BY_ERROR = "closed-4000"
    CLOSED_UNAUTHORIZED = "closed-4001"
    CLOSED_REPLACED = "closed-4008"
    CLOSED_RATE_LIMITED = "closed-4029"
    CLOSED_TOO_MANY = "closed-4030"
    CLOSED_1011 = "closed-1011"
    CLOSED_IN_RHYTHM = "closed-1011-rhythm"
    SERVER_RESTARTING = "closed-1012"
    CLOSED = "closed"
    NEXT_TRY = "next-try"
    """The server is well now; a stream that failed before waits until it is tried again."""
    UNPROVEN = "unproven"
    """Connected, but the server did not show that it has subscribed us."""
    REAL_TIME_OFF = "real-time-off"
    APP_FAILS = "app-fails"
    """The live app answers, but not its socket."""
    DESK_HELD_UP = "desk-held-up"
    """This desk cannot store what comes."""

    # What reaches us.
    DEAF = "deaf"
    """Connected and subscribed once, but not any more: our membership is gone."""
    UNANNOUNCED = "unannounced"
    """Transactions are made that the server announces to nobody."""
    RECORD_CHANGED = "record-changed"
    """The server's history contradicts what it said before."""
    MEMORY_MANY_PROCESSES = "memory-many-processes"
    MEMORY_LAYER = "memory-layer"

    # Redis.
    REDIS_NAME_UNKNOWN = "redis-name-unknown"
    REDIS_DOWN = "redis-down"
    REDIS_TIMED_OUT = "redis-timed-out"
    REDIS_UNREACHABLE = "redis-unreachable"
    REDIS_HUNG_UP = "redis-hung-up"
    REDIS_PASSWORD_NEEDED = "redis-password-needed"  # noqa: S105 - as above
    REDIS_PASSWORD_WRONG = "redis-password-wrong"  # noqa: S105 - as above
    REDIS_PASSWORD_UNEXPECTED = "redis-password-unexpected"  # noqa: S105 - as above
    REDIS_NO_PERMISSION = "redis-no-permission"
    REDIS_PROTECTED = "redis-protected"
    REDIS_TLS_NEEDED = "redis-tls-needed"
    REDIS_NOT_TLS = "redis-not-tls"
    REDIS_CERTIFICATE = "redis-certificate"
    REDIS_CLIENT_CERTIFICATE = "redis-client-certificate"
    REDIS_NOT_REDIS = "redis-not-redis"
    REDIS_LOADING = "redis-loading"
    REDIS_REPLICA = "redis-replica"
    REDIS_FULL = "redis-full"
    REDIS_EVICTING = "redis-evicting"
    REDIS_TOO_MANY_CLIENTS = "redis-too-many-clients"
    REDIS_ERROR = "redis-error"

    # This desk.
    TOASTS_OFF = "toasts-off"
