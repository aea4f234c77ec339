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
from tests.server.event_log.armory import atomic, install, item, note, person, take

SAVEPOINT = 2  # and its release
BOUNDED_WAIT = {"sqlite": 0, "postgres": 2}  # for the lock


def _statements(work: Callable[[], object]) -> int:
    connection = connections[live_settings().database]
    with CaptureQueriesContext(connection) as captured:
        work()
    return sum(each["sql"] not in {"BEGIN", "COMMIT"} for each in captured.captured_queries)


def test_a_note(database: str) -> None:
    assert _statements(lambda: event_log.publish(note())) == 3 + BOUNDED_WAIT[database]


def test_many_notes_cost_as_much_as_one(database: str) -> None:
    assert _statements(lambda: event_log.publish(*[note()] * 20)) == 3 + BOUNDED_WAIT[database]


def test_a_note_inside_a_transaction(database: str) -> None:
    with atomic():
        assert _statements(lambda: event_log.publish(note())) == SAVEPOINT + 3 + BOUNDED_WAIT[database]


def test_an_origin(database: str) -> None:
    assert _statements(lambda: event_log.publish(note(origin="x"))) == 4 + BOUNDED_WAIT[database]
    assert _statements(lambda: event_log.publish(note(origin="x"))) == 4 + BOUNDED_WAIT[database]


def test_a_stock_take(database: str) -> None:
    weapon, who = item(), person()
    install()
    by_django = 2  # the transaction's row and the item's
    announced = 4 + BOUNDED_WAIT[database]
    item_compared = 2  # for code that changes it by update()
    status_before = 1
    move_announced = 3 + 3 + BOUNDED_WAIT[database]  # two to see that it is news, one to remember it

    total = by_django + announced + item_compared + status_before + move_announced
    assert _statements(lambda: take(weapon, who)) == total


def test_a_drop_in_that_has_nothing_to_say() -> None:
    weapon, who = item(), person()
    taken = take(weapon, who)

    assert _statements(lambda: announce.broadcast_transaction_created(taken)) == 1
    assert _statements(lambda: announce.broadcast_inventory_update(weapon)) == 2


def test_an_item_that_is_saved_without_news() -> None:
    weapon = item()
    assert _statements(weapon.save) == 2


def test_a_reader() -> None:
    assert _statements(lambda: event_log.read_after(0, 100)) == 1
    assert _statements(event_log.head) == 1


def test_a_reconciliation_that_finds_nothing() -> None:
    weapon, who = item(), person()
    install()
    take(weapon, who)
    assert _statements(reconcile) <= 9


@pytest.mark.parametrize("count", [1, 50])
def test_reading_costs_the_same_for_few_and_many(count: int) -> None:
    event_log.publish(*[note()] * count)
    assert _statements(lambda: event_log.read_after(0, 100)) == 1
