"""Events to store."""

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import strategies as st

from armguard_tray.messages.event import Event, event_of
from armguard_tray.messages.streams import Stream
from tests.unit.messages import frames

SERVER = "https://armory.local:8443"
MANILA = timezone(timedelta(hours=8))


def event(frame: str | bytes, stream: Stream = Stream.TRANSACTIONS) -> Event:
    """Return what a frame means."""
    return event_of(frames.received(frame, stream), MANILA)


def takes(first: int, last: int) -> list[Event]:
    """Return the transactions of these numbers."""
    return [event(frames.take(number)) for number in range(first, last + 1)]


def times() -> st.SearchStrategy[datetime]:
    """Return aware times around now, so that filters have something to tell apart."""
    return st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - zone beside


def any_events() -> st.SearchStrategy[Event]:
    """Return events of any frame on any stream."""
    return st.builds(
        lambda frame, stream, at: event_of(frames.received(frame, stream, at), MANILA),
        frames.any_frames(),
        st.sampled_from(Stream),
        times(),
    )
