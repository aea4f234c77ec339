"""PURE: which cause a failure or a closure is, by itself and beside what else is known."""

from http import HTTPStatus

from armguard_tray.connection.failures import Closure, Failure, FailureKind
from armguard_tray.diagnosis.codes import Code
from armguard_tray.redis_probe.report import Reason

_BY_KIND = {
    FailureKind.NAME: Code.NAME_UNKNOWN,
    FailureKind.REFUSED: Code.REFUSED,
    FailureKind.TIMED_OUT: Code.TIMED_OUT,
    FailureKind.UNREACHABLE: Code.NETWORK_UNREACHABLE,
    FailureKind.NO_ANSWER: Code.HUNG_UP,
    # Which fault of a certificate it is, only the look at TLS tells.
    FailureKind.CERTIFICATE: Code.TLS_FAILED,
    FailureKind.TLS: Code.TLS_FAILED,
    FailureKind.NOT_ARMGUARD: Code.NOT_ARMGUARD,
    FailureKind.HTTPS_EXPECTED: Code.TLS_NEEDED,
    FailureKind.CLIENT_CERTIFICATE: Code.CLIENT_CERTIFICATE,
    FailureKind.HOST_NOT_ALLOWED: Code.HOST_NOT_ALLOWED,
    FailureKind.CSRF: Code.CSRF,
    FailureKind.RATE_LIMITED: Code.RATE_LIMITED,
    FailureKind.NO_PASSWORD: Code.PASSWORD_MISSING,
    FailureKind.WRONG_PASSWORD: Code.WRONG_PASSWORD,
    FailureKind.LOCKED_OUT: Code.LOCKED_OUT,
    FailureKind.UNANSWERED: Code.LOGIN_UNCLEAR,
    FailureKind.GIVEN_UP: Code.LOGIN_UNCLEAR,
    FailureKind.NO_CONSENT: Code.PLAIN_HTTP,
    FailureKind.SESSION_LOST: Code.SESSION_EXPIRED,
    FailureKind.ORIGIN: Code.ORIGIN_REFUSED,
    FailureKind.UNPROVEN: Code.UNPROVEN,
    FailureKind.SILENT: Code.CLOSED,
    FailureKind.NO_APP: Code.APP_FAILS,
    FailureKind.JOURNAL: Code.DESK_HELD_UP,
    FailureKind.OTHER: Code.HUNG_UP,
}

# What a proxy says of the program behind it.
_BEHIND_PROXY = {HTTPStatus.BAD_GATEWAY, HTTPStatus.GATEWAY_TIMEOUT}

_BY_HANDSHAKE_STATUS = {
    200: Code.UPGRADE_LOST,
    302: Code.SESSION_EXPIRED,
    400: Code.UPGRADE_LOST,
    401: Code.SESSION_EXPIRED,
    404: Code.PATH_UNKNOWN,
    426: Code.UPGRADE_LOST,
    429: Code.RATE_LIMITED,
    500: Code.HANDSHAKE_500,
    502: Code.BACKEND_DOWN,
    504: Code.BACKEND_DOWN,
}

# Daphne never says 404 of a socket: what answers took it for a page, or nginx looked for a file.
_BEHIND_NGINX = {404: Code.UPGRADE_LOST, 503: Code.RATE_LIMITED}

_BY_CLOSE_CODE = {
    1001: Code.SERVER_RESTARTING,
    1011: Code.CLOSED_1011,
    1012: Code.SERVER_RESTARTING,
    4000: Code.CLOSED_BY_ERROR,
    4001: Code.CLOSED_UNAUTHORIZED,
    4008: Code.CLOSED_REPLACED,
    4029: Code.CLOSED_RATE_LIMITED,
    4030: Code.CLOSED_TOO_MANY,
}

BY_REASON = {
    Reason.REFUSED: Code.REDIS_DOWN,
    Reason.NO_SOCKET: Code.REDIS_DOWN,
    Reason.TIMED_OUT: Code.REDIS_TIMED_OUT,
    Reason.NAME_UNKNOWN: Code.REDIS_NAME_UNKNOWN,
    Reason.UNREACHABLE: Code.REDIS_UNREACHABLE,
    Reason.NOT_REDIS: Code.REDIS_NOT_REDIS,
    Reason.CLOSED: Code.REDIS_HUNG_UP,
    Reason.TLS_NEEDED: Code.REDIS_TLS_NEEDED,
    Reason.TLS_UNEXPECTED: Code.REDIS_NOT_TLS,
    Reason.CERTIFICATE: Code.REDIS_CERTIFICATE,
    Reason.CLIENT_CERTIFICATE: Code.REDIS_CLIENT_CERTIFICATE,
    Reason.LOGIN_NEEDED: Code.REDIS_PASSWORD_NEEDED,
    Reason.LOGIN_REFUSED: Code.REDIS_PASSWORD_WRONG,
    Reason.LOGIN_UNEXPECTED: Code.REDIS_PASSWORD_UNEXPECTED,
    Reason.NO_PERMISSION: Code.REDIS_NO_PERMISSION,
    Reason.PROTECTED_MODE: Code.REDIS_PROTECTED,
    Reason.TOO_MANY_CLIENTS: Code.REDIS_TOO_MANY_CLIENTS,
    Reason.LOADING: Code.REDIS_LOADING,
    Reason.MASTER_LOST: Code.REDIS_REPLICA,
    Reason.REPLICA: Code.REDIS_REPLICA,
    Reason.FULL: Code.REDIS_FULL,
    Reason.ERROR: Code.REDIS_ERROR,
}
"""Which cause each end of a look at Redis is; those where it is well are none."""


def page_code(failure: Failure, *, nginx: bool = False, accepted: bool = False) -> Code:
    """Return the cause of a failure on the way to a page or on the page itself.

    Args:
        failure: what it was.
        nginx: whether nginx stands before the server and lets pages through. Its own 503 is a limit then
            (limit_req, limit_conn); of a server that it does not reach it says 502 or 504.
        accepted: whether the server takes TCP connections: no firewall swallows them, so it is the program
            that is silent.

    """
    if failure.kind is not FailureKind.STATUS:
        return _by_kind(failure, accepted=accepted)
    status = failure.status or 0
    if status in _BEHIND_PROXY:
        return Code.BACKEND_DOWN
    if status == HTTPStatus.TOO_MANY_REQUESTS or (nginx and status == HTTPStatus.SERVICE_UNAVAILABLE):
        return Code.RATE_LIMITED
    return Code.SERVER_ERROR if status >= HTTPStatus.INTERNAL_SERVER_ERROR else Code.NOT_ARMGUARD


def handshake_code(
    failure: Failure,
    *,
    alive: bool | None = None,
    others_open: bool = False,
    nginx: bool = False,
    accepted: bool = False,
) -> Code:
    """Return the cause of a refused handshake.

    Args:
        failure: how it was refused.
        alive: whether the session is known to be alive over HTTP; None if unknown.
        others_open: whether another stream is open. It came from the same Origin, with the same session, and
            through the same channel layer: none of these can be the reason then.
        nginx, accepted: as for `page_code`.

    """
    if failure.kind is FailureKind.ORIGIN and others_open:
        return Code.HANDSHAKE_REFUSED
    if failure.kind is not FailureKind.STATUS:
        return _by_kind(failure, accepted=accepted)
    match failure.status:
        case 403 if alive is not None and not others_open:
            return Code.ORIGIN_REFUSED if alive else Code.SESSION_EXPIRED
        # The session is fine: a proxy wants something of its own.
        case 302 | 401 if alive or others_open:
            return Code.HANDSHAKE_REFUSED
        # The stock server answers so for a path that it does not know.
        case 404 | 500 if others_open:
            return Code.PATH_UNKNOWN
        case status:
            known = _BY_HANDSHAKE_STATUS | (_BEHIND_NGINX if nginx else {})
            return known.get(status or 0, Code.HANDSHAKE_REFUSED)


def _by_kind(failure: Failure, *, accepted: bool) -> Code:
    code = _BY_KIND[failure.kind]
    return Code.SERVER_HANGS if code is Code.TIMED_OUT and accepted else code


def closure_code(closure: Closure) -> Code:
    """Return the cause of a closed connection."""
    return _BY_CLOSE_CODE.get(closure.code, Code.CLOSED)
