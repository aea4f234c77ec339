"""A scripted server for each test, and a loop in which time passes fast."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest
import pytest_asyncio

from tests.end_to_end.connection.fast_time import FastLoop
from tests.fakes.demo_server import demo_server, restartable_demo
from tests.fakes.scripted_server import ScriptedServer

__all__ = ["demo_server", "restartable_demo"]

REAL_TIME = {"test_demo_server.py", "test_demo_app.py"}
"""Another process is not hurried by a fast loop here."""


def pytest_asyncio_loop_factories(item: pytest.Item) -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Run the scripted conversations in fast time."""
    if item.path.name in REAL_TIME:
        return {"real time": asyncio.new_event_loop}
    return {"fast": FastLoop}


@pytest_asyncio.fixture
async def server() -> AsyncIterator[ScriptedServer]:
    """Run a server that behaves unless told otherwise."""
    async with ScriptedServer().running() as scripted:
        yield scripted
