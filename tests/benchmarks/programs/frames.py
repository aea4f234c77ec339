"""Announcements of transactions as the stock server sends them, each with a number of its own."""

from datetime import UTC, datetime

from tests.fakes.events import DUTIES, ITEMS, PEOPLE


def transaction(number: int, at: datetime) -> str:
    """Return the frame of transaction `number`, some 300 characters, sent `at` that time."""
    # Put together by hand: what sends must not be what is measured.
    return (
        f'{{"type": "transaction_created", "transaction": {{"id": {number}, "action": "Take", '
        f'"personnel": "{PEOPLE[number % len(PEOPLE)]}", "personnel_id": "PE-{number:06}241126", '
        f'"item": "{ITEMS[number % len(ITEMS)]}", "item_id": "IR-{number:05}241126", '
        f'"duty_type": "{DUTIES[number % len(DUTIES)]}", "issued_by": "armorer1", "mags": 3, "rounds": 90}}, '
        f'"timestamp": "{at:%Y-%m-%dT%H:%M:%S.%f}"}}'
    )


def now() -> datetime:
    """Return the time in UTC, by which the frames' senders and readers measure."""
    return datetime.now(UTC)
