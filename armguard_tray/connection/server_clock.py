"""PURE: how far the server's clock is ahead of this desk's, by the Date header of what it answers."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

HALF_A_SECOND = timedelta(seconds=0.5)
"""The Date header has no fractions: on average it is this far behind."""


def ahead_by(date: str, asked: datetime, ms: float) -> timedelta | None:
    """Return by how much the clock is ahead that wrote `date`, half-way through; None if it says nothing.

    Args:
        date: the header's value (RFC 9110, 6.6.1).
        asked: when the server was asked, by this desk's clock, aware.
        ms: milliseconds until it had answered.

    """
    try:
        written = parsedate_to_datetime(date)
        if written.tzinfo is None:
            written = written.replace(tzinfo=UTC)
        return written + HALF_A_SECOND - (asked + timedelta(milliseconds=ms / 2))
    except (ValueError, OverflowError):
        return None
