"""A real server whose past can be arranged: what happened while no desk listened, and what was put back."""

import shutil
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from armguard_tray.server.demo.process import DemoServer
from armguard_tray.settings.model import ServerSettings
from tests.end_to_end.catchup.following import Following, following
from tests.fakes.demo_server import DATABASE, DemoClient, RestartableDemo

SEED = 5
SECRET_KEY = "the same in every run"


@dataclass(frozen=True, slots=True)
class Armory:
    """A running server with a database of its own.

    Attributes:
        demo: the server.
        folder: of this test alone.
        is_stock: whether it is as the stock server is; if not, it has the app.

    """

    demo: RestartableDemo
    folder: Path
    is_stock: bool

    @classmethod
    @asynccontextmanager
    async def open(
        cls, folder: Path, *, stock: bool, history: int = 4, redis: str | None = None
    ) -> AsyncIterator["Armory"]:
        """Run a server with so many transactions of past days, the same ones each time.

        Its channel layer is at that URL; None: in memory.
        """
        demo = RestartableDemo(
            folder / "server", stock=stock, history=history, seed=SEED, secret_key=SECRET_KEY, redis=redis
        )
        await demo.start()
        try:
            yield cls(demo, folder, stock)
        finally:
            await demo.stop()

    @asynccontextmanager
    async def desk(self) -> AsyncIterator[Following]:
        """Follow the server with the same journal each time."""
        server = ServerSettings(address=self.demo.server.url, username=self.demo.server.username)
        async with following(server, self.demo.server.password, self.folder) as desk:
            yield desk

    @contextmanager
    def armorer(self, server: DemoServer | None = None) -> Iterator[DemoClient]:
        """Be logged in as the armorer."""
        with DemoClient(server or self.demo.server) as armorer:
            armorer.log_in()
            yield armorer

    @asynccontextmanager
    async def pages_alone(self) -> AsyncIterator[DemoServer]:
        """Run the server's pages, without sockets, while it is stopped."""
        async with DemoServer.start(
            stock=self.is_stock, server="wsgi", data_dir=self.demo.data_dir, secret_key=SECRET_KEY
        ) as pages:
            yield pages

    def long_ago(self, first: int, ago: timedelta = timedelta(minutes=10)) -> None:
        """Let transactions from number `first` on have been made so much earlier than they were."""
        with closing(sqlite3.connect(self._database)) as database, database:
            database.execute(
                "UPDATE demo_transaction SET made_at = strftime('%Y-%m-%d %H:%M:%f', made_at, ?) "
                "WHERE id >= ?",
                (f"-{ago.total_seconds()} seconds", first),
            )

    def lose(self, number: int) -> tuple[Any, ...]:
        """Let transaction `number` be gone; return what is to be put back."""
        with closing(sqlite3.connect(self._database)) as database, database:
            row = database.execute("SELECT * FROM demo_transaction WHERE id = ?", [number]).fetchone()
            database.execute("DELETE FROM demo_transaction WHERE id = ?", [number])
        return tuple(row)

    def put_back(self, row: tuple[Any, ...]) -> None:
        """Let a transaction be there again that was lost."""
        with closing(sqlite3.connect(self._database)) as database, database:
            marks = ", ".join("?" * len(row))
            database.execute(f"INSERT INTO demo_transaction VALUES ({marks})", row)  # noqa: S608 - no data

    def copy(self) -> None:
        """Make a copy of the database of the stopped server."""
        shutil.copy(self._database, self.folder / "copy")

    def put_copy_back(self) -> None:
        """Put the copy in the place of the database of the stopped server."""
        for beside in ("-wal", "-shm"):
            self._database.with_name(DATABASE + beside).unlink(missing_ok=True)
        shutil.copy(self.folder / "copy", self._database)

    @property
    def _database(self) -> Path:
        return self.demo.data_dir / DATABASE
