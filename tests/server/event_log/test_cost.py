"""How many statements publishing costs; each is a round trip to a PostgreSQL server.

BEGIN and COMMIT, which the database drivers send by themselves, are not among them.
"""

from collections.abc import Callable

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from armguard_tray.server import announce, event_log
from armguard_tray.server.conf import live_settings
from armguard_tray.server.reconcile import reconcile
from tests.server.event_log.armory import atomic, install, item, note, numbers, person, take

SAVEPOINT = 2  # and its release
BOUNDED_WRITE = {"sqlite": 2, "postgres": 1}  # how long to wait for the lock; SQLite is told again afterwards
BOUNDED = {"sqlite": 0, "postgres": 1}  # the same for what is read, and with the outbox
BOTH = {name: BOUNDED_WRITE[name] + BOUNDED[name] for name in BOUNDED}
CALLERS = {"sqlite": 0, "postgres": 2}  # asking for the caller's own limit, and setting it again
DIRECTLY = 4  # lock and count, read the head, look into the outbox, insert
WRITE_LOCK = {"sqlite": 1, "postgres": 0}  # taken before something is read


def _statements(work: Callable[[], object]) -> int:
    connection = connections[live_settings().database]
    with CaptureQueriesContext(connection) as captured:
        work()
    return sum(each["sql"] not in {"BEGIN", "COMMIT"} for each in captured.captured_queries)


def test_a_note(database: str) -> None:
    assert _statements(lambda: event_log.publish(note())) == DIRECTLY + BOTH[database]


def test_many_notes_cost_as_much_as_one(database: str) -> None:
    assert _statements(lambda: event_log.publish(*[note()] * 20)) == DIRECTLY + BOTH[database]


def test_a_note_inside_a_transaction(database: str) -> None:
    def publish() -> None:
        with atomic():
            assert _statements(lambda: event_log.publish(note())) == posting

    posting = SAVEPOINT + 1 + WRITE_LOCK[database] + BOUNDED[database] + CALLERS[database]
    delivering = 1 + DIRECTLY + 1 + BOTH[database]  # count before, remove after

    assert _statements(publish) == posting + delivering
    assert numbers() == [1]


def test_an_origin(database: str) -> None:
    looking = 1
    for _ in range(2):
        cost = _statements(lambda: event_log.publish(note(origin="x")))
        assert cost == DIRECTLY + looking + BOTH[database]


def test_a_stock_take(database: str) -> None:
    weapon, who = item(), person()
    install()
    by_django = 2  # the transaction's row and the item's
    announced = DIRECTLY + 1 + BOTH[database]
    item_compared = 2 + BOUNDED[database]  # for code that changes it by update()
    status_before = 1
    # Three to see that it is news, one to remember it.
    move_announced = DIRECTLY + 4 + BOTH[database]

    total = by_django + announced + item_compared + status_before + move_announced
    assert _statements(lambda: take(weapon, who)) == total


def test_a_drop_in_that_has_nothing_to_say(database: str) -> None:
    weapon, who = item(), person()
    taken = take(weapon, who)

    assert _statements(lambda: announce.broadcast_transaction_created(taken)) == 1 + BOUNDED[database]
    assert _statements(lambda: announce.broadcast_inventory_update(weapon)) == 2 + BOUNDED[database]


def test_an_item_that_is_saved_without_news(database: str) -> None:
    weapon = item()
    assert _statements(weapon.save) == 2 + BOUNDED[database]
    assert _statements(lambda: weapon.save(update_fields=["description"])) == 1


def test_a_reader() -> None:
    assert _statements(lambda: event_log.read_after(0, 100)) == 1
    assert _statements(event_log.head) == 1


def test_a_reconciliation_that_finds_nothing() -> None:
    weapon, who = item(), person()
    install()
    take(weapon, who)
    assert _statements(reconcile) <= 12


@pytest.mark.parametrize("count", [1, 50])
def test_reading_costs_the_same_for_few_and_many(count: int) -> None:
    event_log.publish(*[note()] * count)
    assert _statements(lambda: event_log.read_after(0, 100)) == 1
