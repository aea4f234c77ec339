"""What nobody announced is found; what was announced, or was before the installation, is not."""

from datetime import timedelta

import pytest
from django.db import connections
from django.utils import timezone

from armguard_tray.server import event_log
from armguard_tray.server.conf import live_settings
from armguard_tray.server.models import Event, Head
from armguard_tray.server.reconcile import SETTLED_AFTER, reconcile
from tests.fakes.stock_project.inventory.models import Item
from tests.fakes.stock_project.transactions.models import Transaction
from tests.server.event_log.armory import (
    PATIENCE,
    Live,
    atomic,
    elsewhere,
    install,
    item,
    note,
    person,
    take,
    together,
    told,
    unannounced,
)


def _sql(statement: str, *values: str) -> None:
    with connections[live_settings().database].cursor() as cursor:
        cursor.execute(statement, values)


def _watermark() -> int:
    return Head.objects.get().watermark


def _make_old() -> None:
    Event.objects.update(created=timezone.now() - SETTLED_AFTER - timedelta(minutes=1))


def test_nothing_is_found_where_all_was_announced() -> None:
    take()
    before = told()

    assert reconcile() == 0
    assert told() == before


def test_what_bulk_create_made_is_found_in_order() -> None:
    weapon, who = item(), person()
    made = Transaction.objects.bulk_create(
        [Transaction(action=action, item=weapon, personnel=who) for action in ("Take", "Return", "Take")]
    )

    assert reconcile() == 3
    assert told() == [(each.action, each.pk) for each in made]
    assert reconcile() == 0


def test_what_raw_sql_made_is_found() -> None:
    weapon, who = item(), person()
    _sql(
        "INSERT INTO transactions_transaction (action, item_id, personnel_id) VALUES ('Take', %s, %s)",
        weapon.pk,
        who.pk,
    )
    _sql("UPDATE inventory_item SET status = 'Issued'")

    assert reconcile() == 2
    assert told() == [("Take", Transaction.objects.get().pk), (weapon.pk, None, "Issued")]
    assert reconcile() == 0


def test_a_crash_between_the_row_and_its_signal_is_healed(environment: dict[str, str]) -> None:
    weapon, who = item(), person()

    assert elsewhere(environment, "die_before_the_signal", weapon.pk, who.pk).wait(PATIENCE) == 9

    made = Transaction.objects.get()
    assert told() == []
    assert reconcile() == 1
    assert told() == [("Take", made.pk)]


def test_a_crash_between_the_commit_and_the_bell_loses_nothing(environment: dict[str, str]) -> None:
    weapon, who = item(), person()

    assert elsewhere(environment, "die_at_the_bell", weapon.pk, who.pk).wait(PATIENCE) == 9

    assert told() == [("Take", Transaction.objects.get().pk)]
    assert reconcile() == 0


def test_a_transaction_of_a_healthy_process_is_announced_by_itself(environment: dict[str, str]) -> None:
    weapon, who = item(), person()
    assert elsewhere(environment, "take", weapon.pk, who.pk).wait(PATIENCE) == 0

    assert told() == [("Take", Transaction.objects.get().pk), (weapon.pk, "Available", "Issued")]


def test_a_status_changed_by_update_is_found() -> None:
    weapon, other = item(), item()
    install()
    Item.objects.filter(pk=weapon.pk).update(status="Retired")

    assert reconcile() == 1
    assert told() == [(weapon.pk, "Available", "Retired")]
    assert reconcile() == 0
    Item.objects.filter(pk=other.pk).update(status="Maintenance")
    assert reconcile() == 1


def test_an_item_that_came_after_the_installation_is_got_to_know() -> None:
    weapon = item("Maintenance")

    assert reconcile() == 0
    Item.objects.update(status="Available")
    assert reconcile() == 1
    assert told() == [(weapon.pk, "Maintenance", "Available")]


def test_an_item_of_which_news_waits_is_not_got_to_know_by_them(monkeypatch: pytest.MonkeyPatch) -> None:
    weapon = item("Maintenance")
    weapon.status = "Available"
    delivered = event_log.deliver_outbox
    monkeypatch.setattr(event_log, "_deliver_if_possible", lambda: None)

    def saved_right_after() -> int:
        count = delivered()
        with atomic():
            weapon.save()
        return count

    monkeypatch.setattr(event_log, "deliver_outbox", saved_right_after)
    assert reconcile() == 0
    assert delivered() == 1
    assert told() == [(weapon.pk, "Maintenance", "Available")]


def test_history_is_not_announced() -> None:
    weapon, who = item("Issued"), person()
    unannounced(weapon, who)
    install()

    assert reconcile() == 0
    later = unannounced(weapon, who, "Return")
    assert reconcile() == 1
    assert told() == [("Return", later.pk)]


def test_the_first_event_ever_does_not_make_later_ones_history() -> None:
    Head.objects.all().delete()
    weapon, who = item(), person()
    event_log.publish(note("the log begins"))
    later = unannounced(weapon, who)

    assert reconcile() == 1
    assert told() == ["the log begins", ("Take", later.pk)]


def test_it_announces_no_more_than_it_is_told_to_and_goes_on_next_time() -> None:
    weapon, who = item(), person()
    made = [unannounced(weapon, who).pk for _ in range(5)]

    assert [reconcile(2), reconcile(2), reconcile(2), reconcile(2)] == [2, 2, 1, 0]
    assert told() == [("Take", each) for each in made]


def test_two_of_them_and_the_signal_announce_it_once() -> None:
    weapon, who = item(), person()
    made = [unannounced(weapon, who).pk for _ in range(20)]

    together(reconcile, reconcile, lambda: take(weapon, who) and 0)

    announced = [each for each in told() if each[0] == "Take"]
    assert sorted(announced) == [("Take", each) for each in (*made, max(made) + 1)]


def test_the_watermark_follows_what_is_settled() -> None:
    weapon, who = item(), person()
    made = [unannounced(weapon, who).pk for _ in range(3)]
    reconcile()
    assert _watermark() == 0, "a lower number may still appear"

    _make_old()
    reconcile()
    assert _watermark() == made[-1]


def test_the_watermark_does_not_pass_what_is_not_announced() -> None:
    weapon, who = item(), person()
    announced = [unannounced(weapon, who).pk for _ in range(2)]
    reconcile()
    Event.objects.filter(origin=f"transaction:{announced[0]}").delete()
    _make_old()

    reconcile(limit=0)
    assert _watermark() == announced[0] - 1
    assert reconcile() == 1


@pytest.mark.parametrize("database", ["postgres"], indirect=True)  # on SQLite nobody else writes meanwhile
def test_a_number_that_was_given_early_and_committed_late_is_found() -> None:
    weapon, who = item(), person()
    with atomic():
        early = unannounced(weapon, who)
        together(lambda: [take(weapon, who), reconcile()])
    late = Transaction.objects.exclude(pk=early.pk).get()
    assert early.pk < late.pk

    assert reconcile() == 1
    assert [each for each in told() if each[0] == "Take"] == [("Take", late.pk), ("Take", early.pk)]


def test_one_that_cannot_be_stored_does_not_hold_up_the_others(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    weapon, who = item(), person()
    poison, other = unannounced(weapon, who), unannounced(weapon, who)
    logged = event_log._logged

    def refusing(draft: event_log.Draft, *rest: object) -> event_log.Logged:
        if draft.origin == f"transaction:{poison.pk}":
            raise ValueError("cannot be stored")
        return logged(draft, *rest)  # type: ignore[arg-type] # passed on as it came

    monkeypatch.setattr(event_log, "_logged", refusing)

    assert reconcile() == 1
    assert told() == [("Take", other.pk)]
    assert "cannot be stored" in caplog.text


def test_it_lives_without_the_models(live: Live) -> None:
    live.change(transaction_model="no.Such", item_model="nonsense")

    assert reconcile() == 0
