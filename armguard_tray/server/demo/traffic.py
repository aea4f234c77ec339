"""Believable armory traffic: a calm flow of events, and a burst whenever the guard changes."""

import asyncio
import enum
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from random import Random

from asgiref.sync import sync_to_async
from django.contrib.auth.models import User

from armguard_tray.server.demo import announcements, armory
from armguard_tray.server.demo.accounts import ADMIN, ARMORER
from armguard_tray.server.demo.armory import Load
from armguard_tray.server.demo.models import Item, ItemStatus, ItemType, Personnel, Transaction

log = logging.getLogger(__name__)

DUTIES = ("Guard Duty", "Duty Sentinel", "Vigil", "Security Escort", "Honor Guard", "Firing Practice")
TAKE_NOTES = ("", "", "", "Relief of Post 2", "VIP escort, back by 1800H", "With sling and cleaning kit")
RETURN_NOTES = ("", "", "", "Cleaned and inspected", "Magazine spring weak, for checking")
NOTICES = (
    ("Inventory due", "Monthly firearms inventory is due on Friday.", "info"),
    ("Guard roster", "The guard roster for tomorrow has been posted.", "info"),
    ("Overdue item", "An item has been out for more than 24 hours.", "warning"),
    ("Ammunition low", "5.56 mm ball is below 2,000 rounds.", "warning"),
    ("Backup failed", "Last night's database backup did not finish.", "error"),
)
# Magazines a person takes at most, and rounds to a magazine.
LOADS = {
    ItemType.M14: (4, 20),
    ItemType.M16: (7, 30),
    ItemType.M4: (7, 30),
    ItemType.GLOCK: (3, 17),
    ItemType.COLT_45: (3, 7),
}
IN_MAINTENANCE_AT_MOST = 3


class Happening(enum.Enum):
    """What can happen in an armory."""

    ISSUE = "issue"
    RETURN = "return"
    STATUS = "status"
    NOTICE = "notice"


@dataclass(frozen=True)
class Beat:
    """Something to happen, `pause` seconds after what came before."""

    pause: float
    happening: Happening


def beats(random: Random, per_minute: float) -> Iterator[Beat]:
    """Yield beats without end: about `per_minute` of them in calm hours, ten times as fast at a guard change.

    The guard changes after every 20 to 40 beats: 4 to 8 weapons come back and as many go out again.
    """
    calm = per_minute / 60
    while True:
        for _ in range(random.randint(20, 40)):
            happening = random.choices(list(Happening), weights=(40, 35, 15, 10))[0]
            yield Beat(random.expovariate(calm), happening)
        guard = random.randint(4, 8)
        for happening in [Happening.RETURN] * guard + [Happening.ISSUE] * guard:
            yield Beat(random.expovariate(10 * calm), happening)


class Traffic:
    """Makes things happen in the armory's database and announces them, one by one.

    The same seed on the same database gives the same sequence of events.
    """

    def __init__(self, random: Random) -> None:
        """Draw from `random`."""
        self._random = random

    def play(self, happening: Happening) -> None:
        """Let it happen and announce it; the impossible (nothing left to issue) turns into its opposite."""
        match happening:
            case Happening.ISSUE | Happening.RETURN:
                announcements.transaction_made(self.move(happening))
            case Happening.STATUS:
                self._change_status()
            case Happening.NOTICE:
                self._notify_all()

    def move(self, happening: Happening, at: datetime | None = None) -> Transaction:
        """Issue an item or take one back, without announcing it."""
        out = list(Item.objects.filter(status=ItemStatus.ISSUED))
        usable = list(Item.objects.filter(status=ItemStatus.AVAILABLE))
        free = list(Personnel.objects.filter(held_item__isnull=True).order_by("pk"))
        armorer = User.objects.get(username=self._random.choices((ARMORER, ADMIN), (4, 1))[0].username)
        if out and (happening is Happening.RETURN or not usable or not free):
            item = self._random.choice(out)
            load = Load(notes=self._random.choice(RETURN_NOTES))
            return armory.take_back(item.holder_id or "", item.pk, armorer, load, at)
        item, person = self._random.choice(usable), self._random.choice(free)
        return armory.issue(person.pk, item.pk, armorer, self._load(item), at)

    def _load(self, item: Item) -> Load:
        most, rounds_each = LOADS[ItemType(item.item_type)]
        mags = self._random.randint(1, most)
        duty, notes = self._random.choice(DUTIES), self._random.choice(TAKE_NOTES)
        return Load(duty, mags, mags * rounds_each, notes)

    def _change_status(self) -> None:
        broken = list(Item.objects.filter(status=ItemStatus.MAINTENANCE))
        usable = list(Item.objects.filter(status=ItemStatus.AVAILABLE))
        mend = broken and (not usable or self._random.randint(0, IN_MAINTENANCE_AT_MOST) < len(broken))
        item = self._random.choice(broken if mend else usable)
        status = ItemStatus.AVAILABLE if mend else ItemStatus.MAINTENANCE
        announcements.status_changed(*armory.change_status(item.pk, status))

    def _notify_all(self) -> None:
        title, message, level = self._random.choice(NOTICES)
        for user in User.objects.order_by("pk"):
            announcements.notify(user.pk, title, message, level, {})


def play_history(random: Random, count: int, now: datetime) -> None:
    """Record `count` transactions of the six days before `now`, announced to nobody."""
    traffic = Traffic(random)
    step = timedelta(days=6) / (count + 1)
    for number in range(count):
        happening = random.choices((Happening.ISSUE, Happening.RETURN), (11, 9))[0]
        traffic.move(happening, at=now - step * (count - number - random.uniform(0, 0.9)))


def play_blocking(
    random: Random, per_minute: float, count: int | None, sleep: Callable[[float], None] = time.sleep
) -> None:
    """Play `count` beats, or without end, in this thread."""
    traffic = Traffic(random)
    for beat in islice(beats(random, per_minute), count):
        sleep(beat.pause)
        traffic.play(beat.happening)


async def play_until(stop: asyncio.Event, random: Random, per_minute: float) -> None:
    """Play in this event loop, so that the in-memory channel layer carries the announcements.

    It is stopped by the event and not by cancelling it: a cancelled `sync_to_async` call whose thread is
    just announcing swallows the cancellation.

    A beat that fails is logged and the next one is played: traffic must not end in the middle of a demo,
    for instance because Redis went away for a while.
    """
    traffic = Traffic(random)
    for beat in beats(random, per_minute):
        with suppress(TimeoutError):
            async with asyncio.timeout(beat.pause):
                await stop.wait()
        if stop.is_set():
            return
        try:
            await sync_to_async(traffic.play)(beat.happening)
        except Exception:
            log.exception("%s failed", beat.happening)
