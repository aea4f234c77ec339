"""Sets Django up in this process, for this folder's examples, and gives each a clean database."""

import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.fakes import stock_project
from tests.fakes.postgres_server import postgres_server
from tests.fakes.redis_server import free_port

# Models can be imported, by the modules of this folder, only once Django is set up.
ENVIRONMENT = stock_project.new_environment(free_port())
stock_project.start(ENVIRONMENT)

from django.core.management import call_command  # noqa: E402
from django.db import connections  # noqa: E402
from django.test import override_settings  # noqa: E402

from armguard_tray.server import doorbell, event_log  # noqa: E402
from armguard_tray.server.event_log import Logged  # noqa: E402
from tests.server.event_log.armory import Live, wipe  # noqa: E402

Ring = tuple[list[Logged], list[tuple[str, dict[str, Any]]]]


@pytest.fixture(scope="session")
def sqlite() -> Iterator[str]:
    """Make a SQLite database with all tables."""
    folder = Path(ENVIRONMENT[stock_project.FOLDER])
    folder.mkdir()
    _make_tables("sqlite")
    yield "sqlite"
    connections["sqlite"].close()
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """Start a PostgreSQL server, with a database with all tables."""
    with postgres_server(int(ENVIRONMENT[stock_project.POSTGRES_PORT])) as server:
        server.create("armory")
        _make_tables("postgres")
        yield "postgres"
        connections["postgres"].close()


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest) -> str:
    """Each database in turn."""
    alias: str = request.getfixturevalue(request.param)
    return alias


@pytest.fixture(autouse=True)
def live(database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Live]:
    """Install the app in a clean database; return its settings, to be changed."""
    settings = {"DATABASE": database}
    with override_settings(ARMGUARD_LIVE=settings):
        wipe()
        event_log.head()
        monkeypatch.setattr(event_log, "_failures", type(event_log._failures)(maxlen=1))
        monkeypatch.setattr(event_log, "_stuck", type(event_log._stuck)())
        monkeypatch.setattr(event_log, "_held", type(event_log._held)())
        yield Live(settings)
        wipe()


@pytest.fixture(autouse=True)
def bells(monkeypatch: pytest.MonkeyPatch) -> list[Ring]:
    """Return what the doorbell was rung with."""
    rung: list[Ring] = []

    def ring(events: Sequence[Logged], relays: Sequence[tuple[str, dict[str, Any]]] = ()) -> None:
        rung.append((list(events), list(relays)))

    monkeypatch.setattr(doorbell, "ring", ring)
    return rung


@pytest.fixture
def environment(database: str) -> dict[str, str]:
    """Return the environment of a child process of the same project, in the same database."""
    return os.environ | ENVIRONMENT | {stock_project.DATABASE: database}


def _make_tables(alias: str) -> None:
    with override_settings(ARMGUARD_LIVE={"DATABASE": alias}):
        call_command("migrate", database=alias, run_syncdb=True, verbosity=0)
