"""Short words for the examples: people, weapons, and what the log says of them."""

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from typing import Any, TypeVar

from django.contrib.auth.models import User
from django.db import connections, transaction
from django.db.models import Model

from armguard_tray.messages.streams import Stream
from armguard_tray.server import event_log
from armguard_tray.server.conf import live_settings
from armguard_tray.server.event_log import Draft
from armguard_tray.server.models import Event, Head, ItemState, Outbox
from tests.fakes.stock_project.inventory.models import Item
from tests.fakes.stock_project.personnel.models import Personnel
from tests.fakes.stock_project.transactions.models import Transaction

PATIENCE = 60.0  # seconds, after which an example has failed
T = TypeVar("T")
TABLES: tuple[type[Model], ...] = (Transaction, Item, Personnel, User, Outbox, Event, ItemState, Head)


class Live:
    """The app's settings in force."""

    def __init__(self, settings: dict[str, Any]) -> None:
        """Change `settings`, which are those of Django."""
        self._settings = settings

    @property
    def database(self) -> str:
        """The alias of the database in use."""
        return str(self._settings["DATABASE"])

    def change(self, **settings: Any) -> None:
        """Set some of them, by the names of `LiveSettings`."""
        self._settings.update({name.upper(): value for name, value in settings.items()})


def wipe() -> None:
    """Empty all tables."""
    for model in TABLES:
        model._default_manager.all().delete()


def install() -> None:
    """Have the app be installed now, so that what there is already is history."""
    for model in (Outbox, Event, ItemState, Head):
        model._default_manager.all().delete()
    event_log.head()


def atomic() -> AbstractContextManager[None]:
    """Begin a transaction, or a savepoint, in the database in use."""
    return transaction.atomic(using=live_settings().database)


def roll_back() -> None:
    """Have the present transaction end as if it had never been."""
    transaction.set_rollback(True, using=live_settings().database)


def person(name: str = "Juan", surname: str = "Dela Cruz") -> Personnel:
    """Return somebody new."""
    return Personnel.objects.create(id=f"PE-{Personnel.objects.count():06}", firstname=name, surname=surname)


def item(status: str = "Available") -> Item:
    """Return a new item, of which nothing has been announced."""
    number = Item.objects.count()
    return Item.objects.create(id=f"IR-{number:05}", item_type="M4", serial=f"{number:05}", status=status)


def take(what: Item | None = None, who: Personnel | None = None, **fields: Any) -> Transaction:
    """Issue an item as the stock server does."""
    return Transaction.objects.create(action="Take", item=what or item(), personnel=who or person(), **fields)


def unannounced(what: Item, who: Personnel, action: str = "Take") -> Transaction:
    """Insert a transaction past every signal."""
    [made] = Transaction.objects.bulk_create([Transaction(action=action, item=what, personnel=who)])
    return made


def note(text: str = "", user_id: str | None = None, origin: str | None = None) -> Draft:
    """Return something to publish."""
    return Draft(Stream.NOTIFICATIONS, {"type": "note", "text": text}, user_id=user_id, origin=origin)


def frames(after: int = 0) -> list[dict[str, Any]]:
    """Return the log."""
    return [json.loads(each.body) for each in event_log.read_after(after, 10_000)]


def waiting() -> int:
    """Return how many events wait in the outbox."""
    return Outbox.objects.count()


def numbers() -> list[int]:
    """Return the numbers of the kept events."""
    return [each.seq for each in event_log.read_after(0, 10_000)]


def told() -> list[Any]:
    """Return what the log tells, in short: notes, transactions by their numbers, statuses from and to."""
    return [_short(frame) for frame in frames()]


def _short(frame: Mapping[str, Any]) -> Any:
    match frame["type"]:
        case "note":
            return frame["text"]
        case "transaction_created" | "transaction_returned":
            return frame["transaction"]["action"], frame["transaction"]["id"]
        case "inventory_updated":
            return frame["item_id"], frame["previous_status"], frame["status"]
        case kind:
            return kind


def together(*works: Callable[[], T]) -> list[T]:
    """Do all at the same time, each in a thread with a connection of its own; return the results."""
    start = threading.Barrier(len(works))

    def one(work: Callable[[], T]) -> T:
        try:
            start.wait(PATIENCE)
            return work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(works)) as threads:
        return [each.result(PATIENCE) for each in [threads.submit(one, work) for work in works]]


def elsewhere(environment: Mapping[str, str], *deed: str) -> "subprocess.Popen[bytes]":
    """Start a process of the project that does `deed`."""
    program = (sys.executable, "-m", "tests.fakes.stock_project.program", *deed)
    return subprocess.Popen(program, env=dict(environment))
