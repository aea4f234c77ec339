"""Believable health of the connection, as a desk sees it in the morning of 24 November 2026."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from armguard_tray.connection.health import Health, health_of
from armguard_tray.connection.phase import Need, Phase, StreamFacts, Trouble
from armguard_tray.messages.streams import Stream

NOW = datetime(2026, 11, 24, 3, 26, 40, tzinfo=UTC)
MANILA = ZoneInfo("Asia/Manila")

REFUSED = Trouble(
    "server refused the connection", "Start ArmGuard, or check address and port in Settings, Server."
)
BAD_PASSWORD = Trouble(
    "user name or password refused",
    "Enter the right one; it is not tried again: five wrong ones lock the account.",
    Need.LOGIN,
)
FORGOTTEN_CLOSE = "1011 server error"


def before(**length: float) -> datetime:
    """Return the moment that lies so long before `NOW`."""
    return NOW - timedelta(**length)


def live(stream: Stream = Stream.TRANSACTIONS, *, reconnects: int = 0) -> StreamFacts:
    """Return a stream that has been live since 07:58 in Manila."""
    return StreamFacts(
        stream=stream,
        phase=Phase.LIVE,
        since=datetime(2026, 11, 23, 23, 58, tzinfo=UTC),
        last_event=before(minutes=2, seconds=14),
        events=17,
        round_trip=0.0032,
        reconnects=reconnects,
        last_close=FORGOTTEN_CLOSE if reconnects else None,
        last_close_at=before(hours=2) if reconnects else None,
    )


def backing_off(stream: Stream = Stream.TRANSACTIONS) -> StreamFacts:
    """Return a stream that has been offline for four minutes and tries again in twelve seconds."""
    return StreamFacts(
        stream=stream,
        phase=Phase.BACKING_OFF,
        since=before(minutes=4),
        trouble=REFUSED,
        retry_at=NOW + timedelta(seconds=12),
        last_event=before(minutes=9),
        events=4,
        reconnects=2,
        last_close="1006 connection broke",
        last_close_at=before(minutes=4),
    )


def refused(stream: Stream = Stream.TRANSACTIONS) -> StreamFacts:
    """Return a stream whose login was refused."""
    return StreamFacts(stream=stream, phase=Phase.REFUSED, since=before(minutes=31), trouble=BAD_PASSWORD)


def starting(phase: Phase, stream: Stream = Stream.TRANSACTIONS) -> StreamFacts:
    """Return a stream on its way to be live."""
    return StreamFacts(stream=stream, phase=phase, since=before(seconds=3))


def healthy() -> Health:
    """Return three live streams."""
    return health_of(
        [live(), live(Stream.INVENTORY), live(Stream.NOTIFICATIONS, reconnects=1)],
        NOW,
    )


def broken() -> Health:
    """Return three streams that cannot reach the server."""
    return health_of([backing_off(stream) for stream in _THREE], NOW)


def locked_out() -> Health:
    """Return three streams that wait for a password."""
    return health_of([refused(stream) for stream in _THREE], NOW)


def mixed() -> Health:
    """Return one stream each that is live, offline and connecting."""
    return health_of(
        [live(), backing_off(Stream.INVENTORY), starting(Phase.CONNECTING, Stream.NOTIFICATIONS)], NOW
    )


_THREE = (Stream.TRANSACTIONS, Stream.INVENTORY, Stream.NOTIFICATIONS)
