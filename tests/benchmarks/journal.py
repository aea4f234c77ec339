"""Makes believable journals: an armory's life, as this desk would have stored it.

    python -m tests.benchmarks.journal --rows 1000000 --seed 1 FILE

Weapons go out for hours, most of them for the day's duties, and nearly all come back; now and then one goes
to repair. Who made a transaction is told of it by a notice. Some rows were caught up.
"""

import argparse
import asyncio
import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec

from armguard_tray.messages.event import Event, Received, Source, event_of
from armguard_tray.messages.streams import Stream
from armguard_tray.storage.journal import Journal

SERVER: Final = "https://armory.local:8443"
ZONE: Final = ZoneInfo("Asia/Manila")
END: Final = datetime(2026, 11, 24, 12, 0, tzinfo=ZONE)

_FIRST: Final = [
    "Juan",
    "José",
    "Maria",
    "Andres",
    "Ramon",
    "Elena",
    "Carlo",
    "Pedro",
    "Luz",
    "Miguel",
    "Ana",
    "Rafael",
    "Nina",
    "Oscar",
    "Teresa",
    "Iñigo",
]
_LAST: Final = (
    *("Dela Cruz", "Reyes", "Santos", "Peña", "Garcia", "Bautista", "Ocampo", "Mendoza", "Torres", "Aquino"),
    *("Villanueva", "Ramos", "Castillo", "Navarro", "Domingo", "Salazar", "Magsaysay", "Lim", "Tan", "Abad"),
    *("Cordero", "Espinosa", "Fajardo", "Guevarra"),
)
_TYPES: Final = {"M4": 45, "M16": 25, "M14": 10, "GLOCK": 15, "45": 5}
_DUTIES: Final = {
    "Guard Duty": 50,
    "Duty Security": 20,
    "Patrol": 12,
    "Training": 10,
    "VIP Escort": 5,
    "Honor Guard": 3,
}
_ARMORERS: Final = ("armorer1", "armorer2", "armorer3", "sgt.reyes", "cpl.lim")
_BUSY: Final = (1, 1, 1, 1, 2, 6, 30, 25, 12, 8, 6, 5, 6, 8, 6, 5, 8, 20, 25, 10, 5, 3, 2, 1)
"""How busy each hour of the day is, against the others."""
_ROWS_A_TRANSACTION: Final = 1.4
_BATCH: Final = 2000


Told = tuple[Stream, datetime, dict[str, Any]]
"""By which stream, when, and what the frame says."""


@dataclass(frozen=True, slots=True)
class Item:
    """A weapon."""

    name: str
    id: str


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who takes weapons."""

    name: str
    id: str


@dataclass(order=True, slots=True)
class _Return:
    """A weapon that is out, and when it will come back."""

    at: datetime
    number: int
    item: Item = field(compare=False)
    person: Person = field(compare=False)


class Armory:
    """A small armory whose days go by."""

    def __init__(self, random: Random, *, items: int = 600, people: int = 400, first: int = 0) -> None:
        """Furnish it; its transactions are numbered from above `first` on."""
        self._random = random
        kinds = random.choices(list(_TYPES), list(_TYPES.values()), k=items)
        self._in = [_item(kind, serial) for serial, kind in enumerate(kinds, 77)]
        names = [f"{first} {last}" for first in _FIRST for last in _LAST]
        self._people = [
            Person(name, f"PE-{901234 + number}241126")
            for number, name in enumerate(random.sample(names, min(people, len(names))))
        ]
        self._out: list[_Return] = []
        self._number = first

    def frames(self, begin: datetime, end: datetime, rows: int) -> Iterator[Told]:
        """Yield each frame that the server sends, in order."""
        days = (end - begin) / timedelta(days=1)
        issues_a_day = rows / _ROWS_A_TRANSACTION / 2 / days
        day = begin
        while True:
            for hour, weight in enumerate(_BUSY):
                count = issues_a_day * weight / sum(_BUSY)
                now = day + timedelta(hours=hour)
                for at in sorted(
                    now + timedelta(hours=self._random.random()) for _ in range(self._whole(count))
                ):
                    yield from self._returns(at)
                    yield from self._issue(at)
                    if self._random.random() < 0.02:
                        yield from self._repair(at)
            day += timedelta(days=1)

    def _moments(self, hour: datetime, count: int) -> list[datetime]:
        return sorted(hour + timedelta(hours=self._random.random()) for _ in range(count))

    def _whole(self, count: float) -> int:
        return int(count) + (self._random.random() < count % 1)

    def _returns(self, until: datetime) -> Iterator[Told]:
        while self._out and self._out[0].at <= until:
            back = heapq.heappop(self._out)
            self._in.append(back.item)
            fields = {"action": "Return", "personnel": back.person.name, "item": back.item.name}
            yield from self._transaction("transaction_returned", back.at, fields, "returned by")

    def _issue(self, at: datetime) -> Iterator[Told]:
        if not self._in:
            return
        item = self._in.pop(self._random.randrange(len(self._in)))
        person = self._random.choice(self._people)
        (duty,) = self._random.choices(list(_DUTIES), list(_DUTIES.values()))
        mags = self._random.choice((None, 1, 2, 3, 4))
        fields = {
            "action": "Take",
            "personnel": person.name,
            "personnel_id": person.id,
            "item": item.name,
            "item_id": item.id,
            "duty_type": duty,
            "mags": mags,
            "rounds": None if mags is None else mags * 30,
        }
        yield from self._transaction("transaction_created", at, fields, "issued to")
        hours = self._random.choice((4, 8, 8, 12, 24)) + self._random.gauss(0, 0.4)
        if self._random.random() < 0.002:
            hours *= 40  # somebody forgets
        heapq.heappush(self._out, _Return(at + timedelta(hours=max(hours, 0.1)), self._number, item, person))

    def _transaction(self, kind: str, at: datetime, fields: dict[str, Any], done: str) -> Iterator[Told]:
        self._number += 1
        armorer = self._random.choice(_ARMORERS)
        content = {"id": self._number, **fields, "issued_by": armorer}
        yield Stream.TRANSACTIONS, at, {"type": kind, "transaction": content}
        if armorer == "sgt.reyes" or self._random.random() < 0.2:
            yield (
                Stream.NOTIFICATIONS,
                at,
                {
                    "type": "notification",
                    "title": "Transaction Created",
                    "message": f"✓ {fields['item']} {done} {fields['personnel']}",
                    "level": "success",
                    "data": {"transaction_id": self._number},
                },
            )

    def _repair(self, at: datetime) -> Iterator[Told]:
        if not self._in:
            return
        item = self._random.choice(self._in)
        there, back = (
            ("Available", "Maintenance") if self._random.random() < 0.5 else ("Maintenance", "Available")
        )
        frame = {"type": "inventory_updated", "item_id": item.id, "status": back, "previous_status": there}
        yield Stream.INVENTORY, at, frame


def _item(kind: str, serial: int) -> Item:
    letters = "IP" if kind in {"GLOCK", "45"} else "IR"
    return Item(f"{kind} - {serial:05}", f"{letters}-{serial:05}241126")


def events(rows: int, seed: int, *, end: datetime = END, days: float = 730) -> Iterator[Event]:
    """Yield so many events, oldest first, the last of them shortly before `end`."""
    random = Random(seed)  # noqa: S311 - no secret
    begin = end - timedelta(days=days)
    frames = Armory(random).frames(begin.replace(hour=0, minute=0), end, rows)
    away = False
    for stream, at, frame in islice(frames, rows):
        if random.random() < 0.002:
            away = not away
        received = at + (timedelta(hours=1) if away else timedelta(milliseconds=40))
        text = msgspec.json.encode(
            {**frame, "timestamp": f"{at.astimezone(ZONE):%Y-%m-%dT%H:%M:%S.%f}"}
        ).decode()
        source = Source.CATCHUP if away and random.random() < 0.3 else Source.LIVE
        yield event_of(Received.of(stream, text, received.astimezone(UTC)), ZONE, source)


async def fill(journal: Journal, rows: int, seed: int) -> None:
    """Store so many events in `journal`."""
    making = events(rows, seed)
    while batch := list(islice(making, _BATCH)):
        await journal.append(SERVER, batch)


async def make(file: Path, rows: int, seed: int) -> None:
    """Make a journal in `file`."""
    journal = await Journal.open(file)
    try:
        await fill(journal, rows, seed)
    finally:
        await journal.close()


def main() -> None:
    """Make the journal that the command line asks for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("file", type=Path)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    asyncio.run(make(given.file, given.rows, given.seed))


if __name__ == "__main__":
    main()
