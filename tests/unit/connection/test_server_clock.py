"""How far the server's clock is ahead, by its Date header."""

from datetime import UTC, datetime, timedelta

import pytest

from armguard_tray.connection.server_clock import ahead_by

ASKED = datetime(2026, 11, 24, 3, 25, 26, tzinfo=UTC)


@pytest.mark.parametrize(
    ("date", "ahead"),
    [
        ("Tue, 24 Nov 2026 03:25:26 GMT", timedelta(seconds=0.4)),
        ("Tue, 24 Nov 2026 03:25:33 GMT", timedelta(seconds=7.4)),
        ("Tue, 24 Nov 2026 03:25:20 -0000", timedelta(seconds=-5.6)),
        ("Tue, 24 Nov 2026 11:25:26 +0800", timedelta(seconds=0.4)),
    ],
)
def test_the_header_has_no_fractions_and_was_written_half_way(date: str, ahead: timedelta) -> None:
    assert ahead_by(date, ASKED, 200.0) == ahead


@pytest.mark.parametrize("date", ["", "yesterday", "Tue, 99 Nov 2026 03:25:26 GMT", "9" * 400])
def test_what_is_no_date_tells_nothing(date: str) -> None:
    assert ahead_by(date, ASKED, 0.0) is None
