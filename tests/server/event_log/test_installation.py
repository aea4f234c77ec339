"""The tables, and the log's beginning."""

import pytest
from django.core.management import call_command

from armguard_tray.server import event_log
from armguard_tray.server.conf import live_settings
from armguard_tray.server.models import Head, ItemState
from tests.server.event_log.armory import item, person, unannounced


@pytest.mark.usefixtures("sqlite", "postgres")  # the command looks into all databases
def test_the_migrations_make_the_tables_that_the_models_need() -> None:
    call_command("makemigrations", "armguard_live", check=True, dry_run=True, verbosity=0)


def test_the_log_begins_with_the_migration() -> None:
    weapon, who = item("Maintenance"), person()
    made = unannounced(weapon, who)
    Head.objects.all().delete()

    call_command("migrate", "armguard_live", database=live_settings().database, verbosity=0)

    begun = Head.objects.get()
    assert (begun.seq, begun.oldest, begun.watermark) == (0, 1, made.pk)
    assert ItemState.objects.get().status == "Maintenance"


@pytest.mark.usefixtures("sqlite", "postgres")
def test_another_database_of_the_project_is_left_alone(database: str) -> None:
    Head.objects.all().delete()
    other = {"sqlite": "postgres", "postgres": "sqlite"}[database]

    call_command("migrate", "armguard_live", database=other, verbosity=0)

    assert not Head.objects.exists()
    assert event_log.head().seq == 0
