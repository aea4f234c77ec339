"""The program behind `publisher`: does what comes in on standard input, a JSON line each."""
# ruff: noqa: E402 - Django must be set up before its models are imported

import json
import os
import sys
from datetime import datetime, timedelta
from typing import Any

import django

django.setup()

from django.apps import apps
from django.contrib.auth.models import User
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from armguard_tray.server import announce, doorbell, event_log
from armguard_tray.server.demo import announcements, armory
from armguard_tray.server.demo.models import Item, Transaction
from armguard_tray.server.models import ServerProcess


def issue(personnel_id: str, item_id: str) -> int:
    """Issue an item as the page does, with its announcements."""
    made = _issue(personnel_id, item_id)
    announcements.transaction_made(made)
    return int(made.pk)


def issue_unannounced(personnel_id: str, item_id: str) -> int:
    """Issue an item with nobody saying so."""
    return int(_issue(personnel_id, item_id).pk)


def bulk_create(personnel_id: str, item_id: str, count: int) -> list[int]:
    """Insert transactions past every signal."""
    who = _armorer()
    Transaction.objects.bulk_create(
        Transaction(action="Return", personnel_id=personnel_id, item_id=item_id, issued_by=who)
        for _ in range(count)
    )
    return list(Transaction.objects.order_by("-pk").values_list("pk", flat=True)[:count])[::-1]


def insert_with_sql(personnel_id: str, item_id: str) -> int:
    """Insert a transaction as a program that knows no Django would."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO demo_transaction"
            " (action, personnel_id, item_id, issued_by_id, duty_type, notes, made_at)"
            " VALUES ('Return', %s, %s, %s, '', '', '2026-11-24 12:00:00')",
            [personnel_id, item_id, _armorer().pk],
        )
    return int(Transaction.objects.latest("pk").pk)


def save_status(item_id: str, status: str) -> None:
    """Change an item's status by saving it."""
    item = Item.objects.get(pk=item_id)
    item.status = status
    item.save()


def notify(user_id: int, title: str, message: str = "", level: str = "info") -> None:
    """Send a personal notification."""
    announce.send_user_notification(user_id, title, message, level, {"from": "the publisher"})


def announce_to_all(title: str, message: str = "") -> None:
    """Send an announcement to everybody."""
    announce.broadcast_announcement(title, message)


def trim(now: str) -> int:
    """Trim the log as if it were `now`."""
    return event_log.trim(datetime.fromisoformat(now))


def new_epoch() -> str:
    """Begin a new epoch."""
    return event_log.new_epoch().epoch


def head() -> list[Any]:
    """Return epoch, newest and oldest number."""
    state = event_log.head()
    return [state.epoch, state.seq, state.oldest]


def describe_process(*, pid: int = 7, silent_for: float = 0, last_error: str = "", **fields: Any) -> None:
    """Say what a process that serves sockets would say of itself."""
    now = timezone.now()
    ServerProcess.objects.create(
        pid=pid,
        host="armory-pi",
        started=now,
        seen=now - timedelta(seconds=silent_for),
        last_error=last_error,
        last_error_at=now if last_error else None,
        **fields,
    )


def drop_tables() -> None:
    """Take the app's tables away, as if it had never been migrated."""
    MigrationRecorder(connection).migration_qs.filter(app="armguard_live").delete()
    with connection.schema_editor() as editor:
        for model in apps.get_app_config("armguard_live").get_models():
            editor.delete_model(model)


DEEDS = (
    describe_process,
    drop_tables,
    issue,
    issue_unannounced,
    bulk_create,
    insert_with_sql,
    save_status,
    notify,
    announce_to_all,
    trim,
    new_epoch,
    head,
)


def main(at_the_bell: str) -> None:
    """Do what comes in until standard input closes; `at_the_bell` is "ring" or "die"."""
    if at_the_bell == "die":
        doorbell.ring = _die
    deeds = {deed.__name__: deed for deed in DEEDS}
    for line in sys.stdin:
        name, arguments = json.loads(line)
        print(json.dumps(deeds[name](**arguments)), flush=True)  # noqa: T201 - this is the interface


def _die(*_: object, **__: object) -> None:
    os._exit(9)


def _issue(personnel_id: str, item_id: str) -> Transaction:
    load = armory.Load("Guard Duty", 3, 90)
    return armory.issue(personnel_id, item_id, _armorer(), load)


def _armorer() -> User:
    return User.objects.get(username="armorer1")


if __name__ == "__main__":
    main(sys.argv[1])
