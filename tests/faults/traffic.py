"""Somebody at the armory who never rests: transactions through the server's pages, one after another."""

import asyncio
from itertools import cycle
from random import Random
from types import TracebackType
from typing import Final, Self

import httpx

from armguard_tray.server.demo.accounts import ARMORER
from armguard_tray.server.demo.process import DemoServer
from armguard_tray.tasks import TaskKeeper
from tests.fakes.demo_server import DemoClient

# Of the demo's population. Two crews, so that no transaction of the one can be taken for one of the other.
PEOPLE: Final = ("PE-901234241126", "PE-874120241126", "PE-889015241126", "PE-915508241126")
OTHER_PEOPLE: Final = ("PE-920031241126", "PE-883346241126", "PE-908812241126", "PE-867733241126")
ITEMS: Final = ("IR-00077241126", "IR-00177241126", "IR-00204241126", "IR-00318241126")
_ANSWER_WITHIN = 5.0  # seconds; what becomes of a transaction later is the bookkeeper's matter


class Traffic:
    """Issues and takes back, whatever becomes of the answers: what was committed the bookkeeper knows.

    Attributes:
        people: who is issued weapons.

    """

    def __init__(self, server: DemoServer, random: Random, *, rate: float, unannounced: float) -> None:
        """Use the pages of `server`, `rate` times a second; a share is `unannounced`, to anybody."""
        self.people = PEOPLE
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
                await asyncio.sleep(self._random.expovariate(1 / self._pause))

    def _act(self, action: str, person: str, item: str) -> None:
        """Try it; where it is impossible, as after an answer that never came, the server refuses it."""
        said = {"action": action, "personnel_id": person, "item_id": item, "duty_type": "Guard Duty"}
        announced = self._random.random() >= self._unannounced
        try:
            self._send(said, announced=announced)
        except httpx.HTTPError:
            return  # the server does not answer now

    def _send(self, said: dict[str, str], *, announced: bool) -> None:
        http = self._client.http
        headers = {"X-CSRFToken": http.cookies["csrftoken"]}
        if announced:
            http.post("/transactions/new/", data=said, headers=headers)
        else:
            http.post("/api/transactions/", json=said, headers=headers)
