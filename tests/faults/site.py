"""The armory's server in its parts: one process with the sockets, one with the pages, and Redis."""

import asyncio
import contextlib
import json
import os
import shutil
import signal
import sqlite3
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import psutil
import redis as redis_client

from armguard_tray.server.demo.process import APART_FROM_THE_TERMINAL, DemoServer
from armguard_tray.server.layers import channel_layers
from tests.fakes.demo_server import DATABASE, RestartableDemo
from tests.fakes.mortal import mortal
from tests.fakes.odd_demo import redis_layer
from tests.fakes.redis_server import ControlledRedis
from tests.faults.odd_server import odd_python

_SECRET_KEY = "the same in every run"

SPARE: Final = tuple(f"SPARE-{number:04}" for number in range(2000))
"""Items that nobody is ever issued: more than a soak of an hour sends to maintenance."""
_REGISTER = """
    INSERT INTO demo_item (id, item_number, item_type, serial, status, condition, description)
    SELECT value, 1000 + key, 'M16', value, 'Available', 'Good', '' FROM json_each(?)
"""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of server.

    Attributes:
        app: with the live app, or as stock.
        server: what its sockets run in.

    """

    app: bool
    server: Literal["daphne", "uvicorn"]

    def __str__(self) -> str:
        return f"{'app' if self.app else 'stock'}/{self.server}"


KINDS: Final = (Kind(False, "daphne"), Kind(False, "uvicorn"), Kind(True, "daphne"), Kind(True, "uvicorn"))


def expiring_layer(kind: Kind, url: str, group_expiry: int) -> dict[str, Any]:
    """Return the settings of a channel layer whose memberships end after so many seconds."""
    if kind.app:
        layers = channel_layers(redis_url=url, group_expiry=group_expiry)
        layers["default"]["CONFIG"]["redis_url"] = url
        return {"CHANNEL_LAYERS": layers}
    # As deployed: without the timeout redis-py gives up when the layer's own read ends, which closes idle
    # sockets before they can be deaf.
    return redis_layer(url, group_expiry=group_expiry, hosts=[{"address": url, "socket_timeout": 15}])


class MortalRedis(ControlledRedis):
    """A Redis without persistence that can be killed."""

    async def kill(self) -> None:
        """End it as a crash would."""
        assert self._process is not None
        process, self._process = self._process, None
        process.kill()
        await process.communicate()

    def flush_all(self) -> None:
        """Let somebody empty it."""
        with contextlib.closing(redis_client.Redis.from_url(self.url)) as client:
            client.flushall()


class ServerProcess(RestartableDemo):
    """A process of the site, which goes away and comes back, perhaps changed."""

    async def start_changed(self, **options: Any) -> DemoServer:
        """Start it with other options of `DemoServer.start` from now on."""
        self._options.update(options)
        return await self.start()

    async def terminate(self) -> None:
        """Send it SIGTERM, and wait until it has ended."""
        os.kill(self.server.pid, signal.SIGTERM)
        await self.server.wait()
        await self.stop()

    def freeze(self) -> None:
        """Let it do nothing, while its connections stay."""
        psutil.Process(self.server.pid).suspend()

    def thaw(self) -> None:
        """Let it go on; where it has ended there is nothing to be done."""
        with contextlib.suppress(psutil.NoSuchProcess):
            psutil.Process(self.server.pid).resume()


class Site:
    """All of it, on one SQLite database.

    Attributes:
        kind: what it is.
        redis: its Redis; None where both processes have a channel layer in memory.
        sockets: the process with the sockets, which serves the desk's pages too.
        pages: the process with the pages for everybody else, as gunicorn beside daphne.

    """

    def __init__(
        self,
        folder: Path,
        kind: Kind,
        *,
        redis: MortalRedis | None,
        group_expiry: int | None = None,
        settings: Mapping[str, Any] | None = None,
    ) -> None:
        """Keep everything below `folder`.

        Args:
            folder: its place.
            kind: what it is.
            redis: not started yet.
            group_expiry: seconds that a membership lasts in Redis; None: as deployed.
            settings: of Django, over the demo's own.

        """
        self.kind = kind
        self.redis = redis
        self._folder = folder
        self._group_expiry = group_expiry
        self._settings = settings or {}
        self.data_dir = folder / "server"
        options: dict[str, Any] = {"stock": not kind.app, "redis": redis.url if redis else None}
        if group_expiry is not None or settings:
            options["python"] = self._changed({})
        self.sockets = ServerProcess(self.data_dir, server=kind.server, history=25, **options)
        self.pages = ServerProcess(self.data_dir, server="wsgi", **options)

    @property
    def database(self) -> Path:
        """The database of both processes."""
        return self.data_dir / DATABASE

    async def start(self) -> None:
        """Start everything; the first process fills the database."""
        if self.redis is not None:
            await self.redis.start()
        await self.sockets.start()
        # The past that it plays leaves weapons with people: everything back into the rack.
        self.change("UPDATE demo_item SET status = 'Available', holder_id = NULL WHERE status = 'Issued'")
        self.change(_REGISTER, json.dumps(SPARE))
        await self.pages.start()

    async def stop(self) -> None:
        """End everything, frozen or not."""
        for process in (self.pages, self.sockets):
            if hasattr(process, "server"):
                process.thaw()
                await process.stop()
        if self.redis is not None:
            await self.redis.stop()

    def _changed(self, settings: Mapping[str, Any], **environment: str) -> str:
        """Return an interpreter that runs the demo with other settings."""
        return odd_python(self._folder, {**self._layer(), **self._settings, **settings}, environment)

    def _layer(self) -> dict[str, Any]:
        if self.redis is None or self._group_expiry is None:
            return {}
        return expiring_layer(self.kind, self.redis.url, self._group_expiry)

    # What may happen to it

    async def restart_changed(self, settings: Mapping[str, Any], **environment: str) -> None:
        """Restart both processes with other settings or another environment."""
        python = self._changed(settings, **environment)
        await asyncio.gather(self.sockets.stop(), self.pages.stop())
        await self.sockets.start_changed(python=python)
        await self.pages.start_changed(python=python)

    def copy_database(self) -> Path:
        """Make a copy of the database as it is, as a backup does."""
        copy = self._folder / "backup.sqlite3"
        with (
            contextlib.closing(sqlite3.connect(self.database)) as source,
            contextlib.closing(sqlite3.connect(copy)) as target,
        ):
            source.backup(target)
        return copy

    async def put_back(self, copy: Path) -> None:
        """Restore the database from a copy, with both processes stopped meanwhile."""
        await asyncio.gather(self.sockets.stop(), self.pages.stop())
        shutil.copy(copy, self.database)

    async def start_again(self) -> None:
        """Start both processes."""
        await self.sockets.start()
        await self.pages.start()

    def change(self, statement: str, *values: str) -> None:
        """Change the database behind the processes' backs, as an admin's command does."""
        with contextlib.closing(sqlite3.connect(self.database, timeout=20)) as database, database:
            database.execute(statement, values)

    async def burst(self, count: int) -> None:
        """Make transactions and announce them in one burst, in a process of their own."""
        settings = "live.settings" if self.kind.app else "settings"
        site = {
            "DJANGO_SETTINGS_MODULE": f"armguard_tray.server.demo.{settings}",
            "ARMGUARD_DEMO_DATA_DIR": str(self.data_dir),
            "ARMGUARD_DEMO_REDIS_URL": self.redis.url if self.redis else "",
            "ARMGUARD_DEMO_SECRET_KEY": _SECRET_KEY,
        }
        process = await asyncio.create_subprocess_exec(
            *mortal([sys.executable, "-m", "tests.faults.burst", str(count)]),
            env=os.environ | site,
            stderr=asyncio.subprocess.PIPE,
            **APART_FROM_THE_TERMINAL,
        )
        _, said = await process.communicate()
        assert process.returncode == 0, said.decode()
