"""Somebody at the armory who never rests: through the server's pages, one deed after another."""

import asyncio
import contextlib
from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import cycle
from random import Random
from types import TracebackType
from typing import Final, Self

import httpx

from armguard_tray.messages.streams import Stream
from armguard_tray.server.demo.accounts import ARMORER
from armguard_tray.server.demo.process import DemoServer
from armguard_tray.tasks import TaskKeeper
from tests.fakes.demo_server import DemoClient
from tests.faults.judge import Name, Told

# Of the demo's population. Two crews, so that no transaction of the one can be taken for one of the other.
PEOPLE: Final = ("PE-901234241126", "PE-874120241126", "PE-889015241126", "PE-915508241126")
OTHER_PEOPLE: Final = ("PE-920031241126", "PE-883346241126", "PE-908812241126", "PE-867733241126")
ITEMS: Final = ("IR-00077241126", "IR-00177241126", "IR-00204241126", "IR-00318241126")
_STATUS_CHANGES: Final = 0.1  # of all deeds
_ANSWER_WITHIN = 5.0  # seconds; what becomes of a transaction later is the bookkeeper's matter


class Traffic:
    """Issues and takes back, whatever becomes of the answers: what was committed the bookkeeper knows.

    Now and then an item is sent to maintenance. Each only once, so that its name tells the status change.

    Attributes:
        people: who is issued weapons.
        told: the notices and status changes of what was answered. The server tells of a deed before it
            answers, and one that fails to tell does not answer well.

    """

    def __init__(
        self, server: DemoServer, random: Random, spare: Iterable[str], *, rate: float, unannounced: float
    ) -> None:
        """Use the pages of `server`, `rate` times a second.

        Args:
            server: whose pages.
            random: where chance comes from.
            spare: items for maintenance; when there are none left, no status is changed any more.
            rate: deeds a second.
            unannounced: share of the transactions that is announced to nobody.

        """
        self.people = PEOPLE
        self.told: list[Told] = []
        self._spare = iter(spare)
        self._unannounced = unannounced
        self._random = random
        self._pause = 1 / rate
        self._client = DemoClient(server, username=ARMORER.username)
        self._client.http.timeout = httpx.Timeout(_ANSWER_WITHIN)
        self._over = asyncio.Event()
        self._tasks = TaskKeeper("traffic")

    async def __aenter__(self) -> Self:
        """Log in; nothing happens before `start`."""
        await asyncio.to_thread(self._client.log_in)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop and go."""
        await self.stop()
        self._client.http.close()

    @property
    def session(self) -> str:
        """The key of its own session, which no fault is to end."""
        return self._client.http.cookies["armguard_sessionid"]

    def start(self) -> None:
        """Begin, or go on."""
        self._over.clear()
        self._tasks.start(self._go_on(), name="one after another")

    async def stop(self) -> None:
        """Let the last one be answered, and stop."""
        self._over.set()
        await self._tasks.close(patience=2 * _ANSWER_WITHIN)

    async def _go_on(self) -> None:
        deeds = cycle(("Take", "Return"))
        while not self._over.is_set():
            action = next(deeds)
            for person, item in zip(self.people, ITEMS, strict=True):
                if self._over.is_set():
                    return
                await asyncio.to_thread(self._act, action, person, item)
                await self._rest()
                if self._random.random() < _STATUS_CHANGES and (spare := next(self._spare, None)):
                    await asyncio.to_thread(self._send_to_maintenance, spare)
                    await self._rest()

    async def _rest(self) -> None:
        await asyncio.sleep(self._random.expovariate(1 / self._pause))

    def _send_to_maintenance(self, item: str) -> None:
        self._post(f"/inventory/{item}/status/", {"status": "Maintenance"}, Stream.INVENTORY)

    def _act(self, action: str, person: str, item: str) -> None:
        """Try it; where it is impossible, as after an answer that never came, the server refuses it."""
        said = {"action": action, "personnel_id": person, "item_id": item, "duty_type": "Guard Duty"}
        if self._random.random() < self._unannounced:
            with contextlib.suppress(httpx.HTTPError):  # the server does not answer now
                self._client.http.post("/api/transactions/", json=said, headers=self._token)
        else:
            self._post("/transactions/new/", said, Stream.NOTIFICATIONS)

    def _post(self, path: str, said: dict[str, str], stream: Stream) -> None:
        """Send a form; if the server says that it is done, note what it told on `stream`.

        It then leads to the page of what that is of: the transaction that was made, or the item.
        """
        since = datetime.now(UTC)
        try:
            answer = self._client.http.post(path, data=said, headers=self._token)
        except httpx.HTTPError:
            return  # the server does not answer now
        if answer.status_code == httpx.codes.FOUND:
            of = answer.headers["location"].strip("/").rsplit("/")[-1]
            self.told.append(Told(Name(stream, of), since, datetime.now(UTC)))

    @property
    def _token(self) -> dict[str, str]:
        return {"X-CSRFToken": self._client.http.cookies["csrftoken"]}
