"""A site with the app: any number of demo servers and publishers on one database, with or without Redis."""

import json
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from armguard_tray.server.demo.process import DemoServer
from tests.fakes.publisher import AtTheBell, Publisher


@dataclass(frozen=True)
class LiveSite:
    """What the processes of one site share.

    Attributes:
        data_dir: where its SQLite database is.
        database: URL of its PostgreSQL database instead.
        redis: URL of its Redis; in memory if None.
        live: more for the app's settings.

    """

    data_dir: Path
    database: str | None = None
    redis: str | None = None
    live: Mapping[str, Any] = field(default_factory=dict)
    secret_key: str = "shared by all processes of this site"

    def server(
        self, live: Mapping[str, Any] | None = None, **options: Any
    ) -> AbstractAsyncContextManager[DemoServer]:
        """Start another server process, with more app settings and options of `DemoServer.start`."""
        return DemoServer.start(
            **{
                "stock": False,
                "data_dir": self.data_dir,
                "database": self.database,
                "redis": self.redis,
                "live": {**self.live, **(live or {})},
                "secret_key": self.secret_key,
                **options,
            }
        )

    def publisher(self, at_the_bell: AtTheBell = "ring") -> AbstractAsyncContextManager[Publisher]:
        """Start a process that serves no sockets; the database must be there."""
        return Publisher.start(self.environment, at_the_bell)

    @property
    def environment(self) -> dict[str, str]:
        """The variables by which a process joins this site."""
        return {
            "DJANGO_SETTINGS_MODULE": "armguard_tray.server.demo.live.settings",
            "ARMGUARD_DEMO_DATA_DIR": str(self.data_dir),
            "ARMGUARD_DEMO_DATABASE_URL": self.database or "",
            "ARMGUARD_DEMO_REDIS_URL": self.redis or "",
            "ARMGUARD_DEMO_SECRET_KEY": self.secret_key,
            "ARMGUARD_DEMO_LIVE": json.dumps(dict(self.live)),
        }
