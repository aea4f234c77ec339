"""A process of the project: `python -m tests.fakes.stock_project.program DEED ARGUMENT...`."""
# ruff: noqa: E402 - Django must be set up before its models are imported

import os
import sys
from typing import Any, NoReturn
from unittest import mock

import django

django.setup()

from django.db import transaction

from armguard_tray.messages.streams import Stream
from armguard_tray.server import doorbell, event_log
from armguard_tray.server.conf import live_settings
from tests.fakes.stock_project.inventory.models import Item
from tests.fakes.stock_project.personnel.models import Personnel
from tests.fakes.stock_project.transactions.models import Transaction


def publish(name: str, count: str) -> None:
    """Publish one event after another, each in a transaction, of which every fifth is rolled back."""
    for number in range(int(count)):
        with transaction.atomic(using=live_settings().database):
            event_log.publish(
                event_log.Draft(Stream.NOTIFICATIONS, {"type": "note", "text": f"{name} {number}"})
            )
            transaction.set_rollback(number % 5 == 0, using=live_settings().database)


def take(item_id: str, person_id: str) -> None:
    """Issue an item."""
    item, person = Item.objects.get(pk=item_id), Personnel.objects.get(pk=person_id)
    Transaction.objects.create(action="Take", item=item, personnel=person)


def die_before_the_signal(item_id: str, person_id: str) -> None:
    """End, as by a crash, between a transaction's commit and what is done after it."""
    with mock.patch.object(event_log, "publish_built", _die):
        take(item_id, person_id)


def die_before_the_delivery(text: str) -> None:
    """End, as by a crash, between a commit and the delivery of what was published in it."""
    draft = event_log.Draft(Stream.NOTIFICATIONS, {"type": "note", "text": text})
    with (
        mock.patch.object(event_log, "_deliver_some", _die),
        transaction.atomic(using=live_settings().database),
    ):
        event_log.publish(draft)


def die_at_the_bell(item_id: str, person_id: str) -> None:
    """End, as by a crash, between an event's commit and the doorbell."""
    with mock.patch.object(doorbell, "ring", _die):
        take(item_id, person_id)


def _die(*_: Any) -> NoReturn:
    os._exit(9)


if __name__ == "__main__":
    deed, *arguments = sys.argv[1:]
    deeds = (publish, take, die_before_the_signal, die_before_the_delivery, die_at_the_bell)
    {each.__name__: each for each in deeds}[deed](*arguments)
