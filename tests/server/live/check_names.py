"""What the checks of `manage.py check_websockets` are called, in their order."""

PROJECT_CHECKS = ("settings", "database tables", "channel layer", "server process", "second server process")
SOCKET_CHECKS = (
    "handshake",
    "handshake without a session",
    "handshake without an Origin",
    "channel layer of the server",
    "broadcast",
    "broadcast across processes",
    "resume",
    "resume in a log that began anew",
    "limit of 3 connections",
    "replaced by the same client",
    "garbage",
    "flood",
)
PAGE_CHECKS = ("stock paths", "stock pages hear the app", "events over HTTP", "status page")
ALL_CHECKS = (*PROJECT_CHECKS, *SOCKET_CHECKS, *PAGE_CHECKS)
