"""The stage of the scenes, and the table at the end of a run."""

from pathlib import Path

import pytest
import trustme

from armguard_tray.server.demo.process import DemoServer
from tests.causes.scene import Stage
from tests.causes.verdict import Table
from tests.fakes.demo_server import demo_server

__all__ = ["demo_server"]

_TABLE = pytest.StashKey[Table]()


@pytest.fixture(scope="session")
def ca() -> trustme.CA:
    """Return the armory's own CA."""
    return trustme.CA(organization_name="Armory", organization_unit_name="Armory CA")


@pytest.fixture
def stage(tmp_path: Path, demo_server: DemoServer, ca: trustme.CA) -> Stage:
    """Return what a scene is set up with."""
    folder = tmp_path / "scene"
    folder.mkdir()
    return Stage(folder, demo_server, ca)


@pytest.fixture(scope="session")
def table(pytestconfig: pytest.Config) -> Table:
    """Return the table that is shown at the end."""
    return pytestconfig.stash.setdefault(_TABLE, Table())


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Show the table."""
    table = config.stash.get(_TABLE, None)
    if table is None or not table.rows:
        return
    terminalreporter.section("causes")
    for line in table.lines():
        terminalreporter.write_line(line)
