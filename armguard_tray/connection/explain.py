"""PURE: from a failure to what people read: a few words, a remedy, and whether only they can help."""

from dataclasses import replace

from armguard_tray.connection import close_codes
from armguard_tray.connection.failures import Closure, Failure, FailureKind
from armguard_tray.connection.phase import Need, Trouble

_BY_KIND = {
    FailureKind.NAME: Trouble(
        "server name not found",
        "Check the address, and that this desk is on the armory's network.",
    ),
    FailureKind.REFUSED: Trouble(
        "server refused the connection",
        "The machine answers, but nothing listens there: is ArmGuard running?",
    ),
    FailureKind.TIMED_OUT: Trouble(
        "server does not answer", "Is the server on, and this desk on the armory's network?"
    ),
    FailureKind.UNREACHABLE: Trouble("network unreachable", "Check this desk's network cable or Wi-Fi."),
    FailureKind.NO_ANSWER: Trouble(
        "server gave no proper answer",
        "If it stays so, check the address: http:// or https://, and the port.",
    ),
    FailureKind.CERTIFICATE: Trouble(
        "server's certificate not trusted",
        "If the armory has its own CA, set that CA's certificate as the CA file.",
        Need.CERTIFICATE,
    ),
    FailureKind.TLS: Trouble(
        "no secure connection possible",
        "Check whether the address should begin with http:// or has the wrong port.",
        Need.CERTIFICATE,
    ),
    FailureKind.NOT_ARMGUARD: Trouble(
        "no ArmGuard at this address", "Check the address and its port.", Need.ADDRESS
    ),
    FailureKind.HTTPS_EXPECTED: Trouble(
        "server expects a secure connection", "The address should begin with https://.", Need.ADDRESS
    ),
    FailureKind.CLIENT_CERTIFICATE: Trouble(
        "server asks this desk for a certificate",
        "Client certificates are not supported: ask the admin for an address that needs none.",
        Need.ADDRESS,
    ),
    FailureKind.HOST_NOT_ALLOWED: Trouble(
        "server does not know this host name",
        "Use the name under which the server runs, or add this one to its ALLOWED_HOSTS.",
        Need.ADDRESS,
    ),
    FailureKind.CSRF: Trouble(
        "login form refused (CSRF)",
        "Check that the address is the one people use in the browser, with the same scheme and port.",
        Need.ADDRESS,
    ),
    FailureKind.RATE_LIMITED: Trouble("server asks to slow down", "It will be tried again by itself."),
    FailureKind.NO_PASSWORD: Trouble("password needed", "Enter the password of this account.", Need.LOGIN),
    FailureKind.WRONG_PASSWORD: Trouble(
        "user name or password refused",
        "Enter the right one; it is not tried again: five wrong ones lock the account.",
        Need.LOGIN,
    ),
    FailureKind.LOCKED_OUT: Trouble(
        "account locked or forbidden",
        "After five wrong passwords the server locks an account for an hour. Try again when that is over.",
        Need.LOGIN,
    ),
    FailureKind.UNANSWERED: Trouble(
        "login got no clear answer",
        "It is tried again by itself, but not often: unseen refusals would lock the account.",
    ),
    FailureKind.GIVEN_UP: Trouble(
        "login failed three times",
        "The password may have been refused unseen, and five refusals lock the account: it is not sent again "
        "by itself. Try again when the server works.",
        Need.LOGIN,
    ),
    FailureKind.NO_CONSENT: Trouble(
        "connection would be unencrypted",
        "Use an https:// address, or allow the unencrypted connection.",
        Need.CONSENT,
    ),
    FailureKind.SESSION_LOST: Trouble(
        "server forgets the login at once", "Ask the admin to look at the server's session settings."
    ),
    FailureKind.ORIGIN: Trouble(
        "server refuses this address (Origin)",
        "The login is fine, but the stream is refused: is the host name in the server's ALLOWED_HOSTS?",
        Need.ADDRESS,
    ),
    FailureKind.UNPROVEN: Trouble(
        "connected, but the server stays silent", "It did not confirm the subscription within 5 seconds."
    ),
    FailureKind.SILENT: Trouble("connection went silent", "It will be opened again by itself."),
    FailureKind.NO_APP: Trouble(
        "server's live app does not answer",
        "If it was removed, this desk finds out by itself. If it was just set up: is the server restarted, "
        "and its asgi.py wrapped by with_live?",
    ),
    FailureKind.JOURNAL: Trouble(
        "this desk's journal cannot be read",
        "Without it nobody knows what was missed. Is the disk full, or the journal in use?",
    ),
}

HELD_UP = Trouble(
    "held up by this desk: events cannot be stored",
    "They wait here and at the server, but not for ever. Is the disk full, or the journal in use?",
)
REAL_TIME_OFF = Trouble(
    "real time is switched off on the server; looking every 15 s",
    "Nothing is missed, but it is shown up to 15 seconds later. The server's admin can switch real time on.",
)
BROKEN_DOWN = Trouble("this program failed", "Start it again; its log says what happened.")

_BY_STATUS = {
    403: Trouble(
        "server refuses the stream for now (403)",
        "This desk's old connections may still count against a limit. It is tried again by itself.",
    ),
    404: Trouble(
        "server has no such stream", "Is this ArmGuard, and is its WebSocket part set up?", Need.ADDRESS
    ),
    429: Trouble("server asks to slow down (429)", "It will be tried again by itself."),
    500: Trouble("server error (500)", "It is tried again by itself."),
    502: Trouble("the proxy cannot reach ArmGuard (502)", "Is the server program behind nginx running?"),
    503: Trouble("server not ready (503)", "It is tried again by itself."),
    504: Trouble("ArmGuard does not answer its proxy (504)", "Is the server program behind nginx running?"),
}

_ALWAYS_500 = Trouble(
    "every attempt ends in a server error (500)",
    "Often the channel layer cannot be built: a `password` argument for RedisChannelLayer does that; "
    "the password belongs into the Redis URL.",
)

_BY_ITSELF = "It is opened again by itself."

# Close codes are for the curious, and stand in `outcome`; these are the words for everybody.
_BY_CODE = {
    1000: Trouble("server closed the connection", _BY_ITSELF),
    1001: Trouble("server going away", _BY_ITSELF),
    1006: Trouble(
        "the connection broke",
        "It is opened again by itself. If it breaks often, check the network between desk and server.",
    ),
    1011: Trouble("server error", _BY_ITSELF),
    1012: Trouble("server restarting", _BY_ITSELF),
    1013: Trouble("server asks to try later", "It is tried again by itself."),
    4000: Trouble("server error", _BY_ITSELF),
    4001: Trouble("server ended the login", "This desk logs in again by itself."),
    4030: Trouble(
        "too many connections of this user",
        "The server allows a few for each user: close other ArmGuard windows of this account.",
    ),
    4029: Trouble("server asks to slow down", "It will be tried again by itself."),
    4008: Trouble(
        "another program of this user took over",
        "Is a second ArmGuard Tray running with this account and a copy of this one's data?",
    ),
}

_RHYTHM_OF_1011 = Trouble(
    "server drops the connection every few seconds (1011)",
    "Known cause: redis-py 8 with channels_redis 4.3 closes idle sockets; give the layer's host a "
    "`socket_timeout` of 15.",
)

ALIKE_UNTIL_SAID = 5
RHYTHM_UNTIL_SAID = 3


def explain(what: Failure | Closure, alike: int = 1) -> Trouble:
    """Return the words for a failure that came `alike` times in a row."""
    if isinstance(what, Closure):
        if what.code == close_codes.SERVER_ERROR and alike >= RHYTHM_UNTIL_SAID:
            return _RHYTHM_OF_1011
        trouble = _BY_CODE.get(what.code, Trouble("the connection failed", _BY_ITSELF))
        return replace(trouble, summary=f"{trouble.summary}: {what.said}") if what.said else trouble
    if what.kind is FailureKind.STATUS and what.status is not None:
        if what.status == 500 and alike >= ALIKE_UNTIL_SAID:  # noqa: PLR2004 - the HTTP status
            return _ALWAYS_500
        return _BY_STATUS.get(what.status, Trouble(f"unexpected answer from the server ({what.status})"))
    return _BY_KIND.get(what.kind, Trouble("connection failed"))


def outcome(what: Failure | Closure) -> str:
    """Return the code or status that ended a connection, with its meaning, for the connection page."""
    if isinstance(what, Closure):
        code = close_codes.describe(what.code)
        return f"{code}: {what.said}" if what.said else code
    summary = explain(what).summary
    # A login page says "refused" with HTTP 200: only where the status is all there is does it tell anything.
    tells = what.status is not None and what.kind in {FailureKind.STATUS, FailureKind.UNANSWERED}
    return f"HTTP {what.status}: {summary}" if tells else summary
