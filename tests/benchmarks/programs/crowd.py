"""Many sockets in one process, which note when each thing that was published reached each of them.

The first line on standard input, JSON, says how they connect: `url`, `path`, `cookie`, `count`, and for those
that come back by themselves `back_within`, the seconds over which they spread. Then each line asks for one
report: a number (when everything up to it arrived; empties the notes) or `back` (how the last return went).
"""

import asyncio
import json
import random
import sys
import time
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException

from tests.benchmarks.programs.telling import tell

AT_ONCE = 20
"""Handshakes at a time of the first connecting, which is not what is measured."""
LONGEST_WAIT = 60.0
PATIENCE = 10.0
"""Seconds after which what was published and has not come counts as lost."""


@dataclass(slots=True)
class _Crowd:
    """The sockets and their notes.

    Attributes:
        heard: for each number that was published, when it reached each socket (`time.monotonic`).
        connected: how many are.
        refused: handshakes that failed at a server that was there, since the last loss.
        lost_at, back_at: when the first socket was lost, and when the last one was back.

    """

    url: str
    path: str
    cookie: str
    count: int
    back_within: float | None = None
    heard: dict[int, list[float]] = field(default_factory=lambda: defaultdict(list))
    connected: int = 0
    refused: int = 0
    attempts: int = 0
    lost_at: float | None = None
    back_at: float | None = None
    all_here: asyncio.Event = field(default_factory=asyncio.Event)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """Connect all, say so, and answer questions until standard input ends."""
        begun = time.monotonic()
        gate = asyncio.Semaphore(AT_ONCE)
        async with asyncio.TaskGroup() as group:
            members = [group.create_task(self._member(gate), name="member") for _ in range(self.count)]
            await self.all_here.wait()
            tell(ready=self.count, seconds=time.monotonic() - begun)
            self.refused = self.attempts = 0
            loop = asyncio.get_running_loop()
            while line := (await loop.run_in_executor(None, sys.stdin.readline)).strip():
                await self._answer(line)
            for member in members:
                member.cancel()

    async def _answer(self, question: str) -> None:
        if question != "back":
            with suppress(TimeoutError):  # what was lost shows in the report
                async with asyncio.timeout(PATIENCE):
                    while len(self.heard[int(question)]) < self.count:
                        self.news.clear()
                        await self.news.wait()
            tell(heard=self.heard)
            self.heard.clear()
            return
        await self.all_here.wait()
        lost, back = self.lost_at or 0.0, self.back_at or 0.0
        tell(seconds=back - lost, refused=self.refused, attempts=self.attempts)
        self.lost_at, self.refused, self.attempts = None, 0, 0

    async def _member(self, gate: asyncio.Semaphore) -> None:
        failures = 0
        client = uuid4().hex
        async with gate:
            socket = await self._connect(client)
        while True:
            self._is_here()
            await self._hear(socket)
            self._is_gone()
            if self.back_within is None:
                raise RuntimeError("a socket was lost")
            await asyncio.sleep(random.uniform(0, self.back_within))  # noqa: S311 - not for cryptography
            while True:
                self.attempts += 1
                try:
                    socket = await self._connect(client)
                except (OSError, WebSocketException) as error:
                    # Where nobody listens there is no server yet; an overrun one lets wait, or hangs up.
                    self.refused += not isinstance(error, ConnectionRefusedError)
                    failures += 1
                    await asyncio.sleep(random.uniform(0, min(LONGEST_WAIT, 2**failures)))  # noqa: S311 - as above
                else:
                    failures = 0
                    break

    async def _connect(self, client: str) -> ClientConnection:
        socket = await connect(
            f"{self.url.replace('http', 'ws', 1)}{self.path}".replace("CLIENT", client),
            origin=self.url,  # type: ignore[arg-type]  # websockets' Origin is a NewType of str
            additional_headers={"Cookie": self.cookie},
            proxy=None,
            compression=None,
            open_timeout=10,
            ping_interval=None,
        )
        await socket.recv()  # the hello or welcome: it is subscribed
        return socket

    async def _hear(self, socket: ClientConnection) -> None:
        try:
            while True:
                text = await socket.recv()
                at = time.monotonic()
                frame = json.loads(text)
                number = (frame.get("data") or {}).get("number")
                if number is not None:
                    self.heard[number].append(at)
                    self.news.set()
        except ConnectionClosed:
            return
        finally:
            await socket.close()

    def _is_here(self) -> None:
        self.connected += 1
        if self.connected == self.count:
            self.back_at = time.monotonic()
            self.all_here.set()

    def _is_gone(self) -> None:
        self.connected -= 1
        if self.lost_at is None:
            self.lost_at = time.monotonic()
        self.all_here.clear()


def main() -> None:
    """Run it."""
    how: dict[str, Any] = json.loads(sys.stdin.readline())
    asyncio.run(_Crowd(**how).run())


if __name__ == "__main__":
    main()
