"""The stage of the scenes, and the table at the end of a run."""

from pathlib import Path
from typing import Any, cast

import pytest
import trustme

from armguard_tray.server.demo.process import DemoServer
from tests.causes.scene import Stage
from tests.causes.verdict import PROPERTY, Row, Table, lines
from tests.fakes.demo_server import demo_server

__all__ = ["demo_server"]


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


@pytest.fixture
def table(request: pytest.FixtureRequest) -> Table:
    """Return the table that is shown at the end."""
    return Table(request.node.user_properties)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show the table."""
    reports = [each for reports in terminalreporter.stats.values() for each in reports]
    calls = [each for each in reports if isinstance(each, pytest.TestReport) and each.when == "call"]
    found = [value for each in calls for name, value in each.user_properties if name == PROPERTY]
    rows = [Row(*cast("list[Any]", value)) for value in found]
    if rows:
        terminalreporter.section("causes")
        for line in lines(rows):
            terminalreporter.write_line(line)
