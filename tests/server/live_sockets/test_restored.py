"""After a restored backup: the numbers went back, and what clients are told covers all that they missed."""

import sqlite3
from contextlib import closing
from typing import Any

from armguard_tray.server.demo.process import DemoServer
from armguard_tray.server.demo.settings import DATABASES
from tests.fakes.demo_server import DemoClient
from tests.fakes.live_client import LiveClient
from tests.fakes.live_site import LiveSite
from tests.fakes.publisher import Publisher

ARMORER = 2
UNHURRIED = {"HEAD_CHECK": 300, "HEAD_CHECK_ALONE": 300}  # it looks at the log when somebody comes


async def notify(publisher: Publisher, *titles: str) -> None:
    """Send notifications to the armorer."""
    for title in titles:
        await publisher.do("notify", user_id=ARMORER, title=title)


async def restore(site: LiveSite, publisher: Publisher) -> dict[str, Any]:
    """Go back to event 2 and go on, in a new epoch, to 5, of which 3 and 4 are not kept; return their gap."""
    with closing(sqlite3.connect(site.data_dir / DATABASES["default"]["NAME"].name)) as database, database:
        database.execute("UPDATE armguard_live_head SET seq = 2")
        database.execute("DELETE FROM armguard_live_event WHERE seq > 2")
    epoch = await publisher.do("new_epoch")
    await notify(publisher, "new 3", "new 4")
    await publisher.do("trim", now="2100-01-01T00:00:00+00:00")
    await notify(publisher, "new 5")
    return {"type": "gap", "epoch": epoch, "from": 3, "to": 4, "reason": "epoch"}


async def test_whoever_comes_back(site: LiveSite) -> None:
    async with site.server(UNHURRIED) as server, site.publisher() as publisher:
        await notify(publisher, "1", "2", "3", "4", "5", "6")
        with DemoClient(server) as armorer:
            live = await _seen_all(server, armorer)
            gap = await restore(site, publisher)
            async with live.connected():
                await live.next_event(title="new 5")
    assert live.gaps == [gap]


async def test_whoever_is_connected(site: LiveSite) -> None:
    async with site.server(UNHURRIED) as server, site.publisher() as publisher:
        await notify(publisher, "1", "2", "3", "4")
        with DemoClient(server) as armorer:
            live = await _seen_all(server, armorer)
            async with live.connected():
                await live.caught_up()
                gap = await restore(site, publisher)
                async with LiveClient(armorer).connected():
                    await live.next_event(title="new 5")
    assert live.gaps == [gap]


async def _seen_all(server: DemoServer, armorer: DemoClient) -> LiveClient:
    """Return a client that has been sent all there is."""
    armorer.log_in()
    live = LiveClient(armorer, server=server)
    async with live.connected():
        await live.caught_up()
    return live
