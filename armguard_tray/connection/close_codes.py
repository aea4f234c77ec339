"""What WebSocket close codes mean here (RFC 6455, 7.4.1, and ArmGuard's own from 4000)."""

BROKE = 1006
SERVER_ERROR = 1011
APP_ERROR = 4000

MEANINGS = {
    1000: "closed normally",
    1001: "server going away",
    1002: "protocol error",
    1003: "unsupported data",
    1005: "closed without a code",
    1006: "connection broke",
    1007: "invalid text",
    1008: "policy violation",
    1009: "message too big",
    1010: "extension missing",
    1011: "server error",
    1012: "server restarting",
    1013: "try again later",
    1014: "bad gateway",
    1015: "TLS failure",
    4000: "server error",
    4001: "not logged in",
    4008: "another program of this user took over",
    4029: "rate limited",
    4030: "too many connections of this user",
}


def describe(code: int) -> str:
    """Return a close code with its meaning: `1011 server error`."""
    return f"{code} {MEANINGS.get(code, 'unknown code')}"
