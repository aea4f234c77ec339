"""`GET /armguard-live/`: what a client, a user and an admin are told."""

import asyncio
import html
import re
from datetime import datetime

import pytest

from armguard_tray.server.demo.process import DemoServer
from tests.fakes.demo_server import DemoClient
from tests.fakes.live_client import LiveClient
from tests.fakes.live_site import LiveSite
from tests.server.sockets import PATIENCE, socket_of

STATUS = "/armguard-live/"
SEVERAL = "Several processes serve sockets, and the channel layer is in memory: "
FOR_EVERYBODY = {
    "app", "protocol", "version", "real_time", "socket", "events", "epoch", "head", "oldest", "layer",
    "server_time",
}  # fmt: skip
FOR_STAFF = {
    "address", "versions", "processes", "connections", "bells", "last_error", "retention", "newest",
}  # fmt: skip


def text_of(page: str) -> str:
    """Return what a person reads on a page."""
    body = page.split("<body>", 1)[1]
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body)))


def page_of(client: DemoClient) -> str:
    answer = client.http.get(STATUS, headers={"Accept": "text/html,application/xhtml+xml"})
    assert answer.headers["content-type"].startswith("text/html")
    return answer.text


@pytest.mark.parametrize("path", [STATUS, "/armguard-live/events/"])
def test_whoever_is_not_logged_in_is_sent_to_the_login(live_demo: DemoServer, path: str) -> None:
    with DemoClient(live_demo) as nobody:
        answer = nobody.http.get(path)
    assert answer.status_code == 302
    assert answer.headers["location"] == f"/login/?next={path}"


def test_a_user_is_told_what_a_tray_needs(live_demo: DemoServer) -> None:
    with DemoClient(live_demo, username="sgt.reyes") as sergeant:
        sergeant.log_in()
        answer = sergeant.http.get(STATUS)
        status = answer.json()
    assert status.keys() == FOR_EVERYBODY
    assert (status["app"], status["protocol"], status["real_time"]) == ("armguard-live", 1, True)
    assert (status["socket"], status["events"]) == ("/ws/live/", "/armguard-live/events/")
    assert re.fullmatch("[0-9a-f]{32}", status["epoch"])
    assert 1 <= status["oldest"] <= status["head"] + 1
    assert status["layer"].keys() == {"in_use", "why", "since", "warning"}
    offset = datetime.fromisoformat(status["server_time"]).utcoffset()
    assert offset is not None
    assert offset.total_seconds() == 8 * 3600
    assert "no-store" in answer.headers["cache-control"]


def test_a_user_who_is_no_staff_gets_no_page(live_demo: DemoServer) -> None:
    with DemoClient(live_demo, username="sgt.reyes") as sergeant:
        sergeant.log_in()
        answer = sergeant.http.get(STATUS, headers={"Accept": "text/html"})
    assert answer.json().keys() == FOR_EVERYBODY


async def test_staff_is_told_who_is_connected_where_and_what_takes_part(site: LiveSite) -> None:
    async with site.server() as server:
        with DemoClient(server, username="admin") as admin, DemoClient(server) as armorer:
            admin.log_in()
            armorer.log_in()
            async with (
                LiveClient(armorer, ["transactions"]).connected() as live,
                socket_of(armorer, "inventory"),
            ):
                armorer.issue()
                await live.next_event("transaction_created")
                # A process tells of its connections when they have lasted a second.
                async with asyncio.timeout(PATIENCE):
                    while not (status := await asyncio.to_thread(admin.http.get, STATUS)).json()["processes"]:
                        pass
    status = status.json()
    assert status.keys() == FOR_EVERYBODY | FOR_STAFF
    (process,) = status["processes"]
    assert process["pid"] == server.pid
    assert process["layer"] == status["layer"]["in_use"] == "memory"
    assert status["connections"] == {
        "total": 2,
        "by_user": {"armorer1": 2},
        "by_endpoint": {"/ws/live/": 1, "/ws/inventory/": 1},
        "by_stream": {"transactions": 1, "inventory": 1},
    }
    assert status["bells"]["heard"] > 0
    assert status["last_error"] is None
    assert status["retention"] == {"days": 7, "events": 100_000, "kept": status["head"]}
    assert {"Python", "Django", "channels", "daphne", "SQLite"} <= status["versions"].keys()


async def test_the_page_says_in_words_and_shape_how_it_is(admin: DemoClient) -> None:
    async with LiveClient(admin).connected():
        page = page_of(admin)
    read = text_of(page)
    assert re.search("[●▲■◇○] (Live|Needs attention|Nobody is connected)", read)
    assert re.search(r"As of \d\d/\d\d/\d\d \d\d:\d\d:\d\d", read)
    assert "Channel layer in memory The server's settings say so. Since " in read
    assert "<script" not in page


async def test_where_nobody_is_connected_it_is_said_what_shows_how_things_are(
    site: LiveSite,
) -> None:
    async with site.server(server="wsgi") as server:
        with DemoClient(server, username="admin") as admin:
            admin.log_in()
            read = text_of(page_of(admin))
    assert "○ Nobody is connected" in read
    assert "the first connection shows whether and how real time works" in read
    assert "Channel layer not known yet the first connection shows which one is used" in read
    assert "manage.py check_websockets" in read


async def test_the_page_has_no_words_that_only_its_makers_know(admin: DemoClient) -> None:
    async with LiveClient(admin).connected():
        read = text_of(page_of(admin)).lower()
    assert not re.search(r"\b(doorbell|bell|epoch|healed|lease)", read)


async def test_processes_that_redis_joins_are_good(site: LiveSite) -> None:
    async with site.server(server="wsgi") as server:
        async with site.publisher() as publisher:
            for number in range(2):
                await publisher.do("describe_process", id=str(number), layer="redis", bells=5, healed=1)
        with DemoClient(server, username="admin") as admin:
            admin.log_in()
            read, status = text_of(page_of(admin)), admin.http.get(STATUS).json()
    assert "● Live 0 connections at 2 processes, joined by Redis." in read
    assert status["bells"] == {"heard": 10, "healed": 2}


async def test_one_process_in_memory_beside_others_needs_attention(site: LiveSite) -> None:
    async with site.server(server="wsgi") as server:
        async with site.publisher() as publisher:
            await publisher.do("describe_process", id="one", layer="redis")
            await publisher.do("describe_process", id="two", pid=8, layer="memory")
        with DemoClient(server, username="admin") as admin:
            admin.log_in()
            read, status = text_of(page_of(admin)), admin.http.get(STATUS).json()
    assert "▲ Needs attention 0 connections at 2 processes" in read
    assert SEVERAL in read
    assert status["layer"]["in_use"] == "memory"
    assert status["layer"]["warning"].startswith(SEVERAL)
    assert "single_process" not in status["layer"]["warning"]


async def test_settings_that_deny_the_other_processes_are_contradicted(site: LiveSite) -> None:
    async with site.server(server="wsgi", alone=True) as server:
        async with site.publisher() as publisher:
            for pid in (7, 8):
                await publisher.do("describe_process", id=str(pid), pid=pid, layer="memory")
        with DemoClient(server, username="admin") as admin:
            admin.log_in()
            warning = admin.http.get(STATUS).json()["layer"]["warning"]
    assert warning.startswith(SEVERAL)
    assert warning.endswith("The server's settings say that it has one process only, which is not so.")


@pytest.mark.parametrize("alone", [True, False])
async def test_two_event_loops_of_one_process_are_not_several(site: LiveSite, *, alone: bool) -> None:
    async with site.server(server="wsgi", alone=alone) as server:
        async with site.publisher() as publisher:
            for number in range(2):
                await publisher.do("describe_process", id=str(number), layer="memory")
        with DemoClient(server, username="admin") as admin:
            admin.log_in()
            warning = admin.http.get(STATUS).json()["layer"]["warning"]
    # Pages are served by another process than the sockets: unless that is denied, it is warned about.
    assert (warning is None) == alone
    assert SEVERAL not in (warning or "")


async def test_a_process_that_is_silent_for_long_serves_nobody(site: LiveSite) -> None:
    async with site.server(server="wsgi") as server:
        async with site.publisher() as publisher:
            await publisher.do("describe_process", id="gone", layer="redis", silent_for=60)
        with DemoClient(server, username="admin") as admin:
            admin.log_in()
            assert admin.http.get(STATUS).json()["processes"] == []


async def test_a_new_error_is_shown_with_its_place_and_what_to_do(site: LiveSite) -> None:
    async with site.server(server="wsgi") as server:
        async with site.publisher() as publisher:
            await publisher.do("describe_process", id="one", layer="redis", last_error="disk I/O error")
        with DemoClient(server, username="admin") as admin:
            admin.log_in()
            read, status = text_of(page_of(admin)), admin.http.get(STATUS).json()
    assert "▲ Needs attention" in read
    assert "in process 7 on armory-pi: disk I/O error" in read
    assert status["last_error"]["text"] == "disk I/O error"


async def test_what_processes_and_users_are_called_is_text_on_the_page(site: LiveSite) -> None:
    markup = "<script>alert('&amp;')</script>"
    async with site.server(server="wsgi") as server:
        async with site.publisher() as publisher:
            connection = {"user": "<img src=x>", "endpoint": "/ws/live/", "streams": [markup], "since": None}
            await publisher.do(
                "describe_process", id="one", layer="redis", last_error=markup, connections=[connection]
            )
        with DemoClient(server, username="admin") as admin:
            admin.log_in()
            page = page_of(admin)
    assert "<script" not in page
    assert "<img" not in page
    read = text_of(page)
    assert read.count(markup) == 3  # as a stream, in the process's row, and as what needs attention
    assert "<img src=x> 1" in read


async def test_without_its_tables_it_says_so(site: LiveSite) -> None:
    async with site.server(server="wsgi") as server:
        async with site.publisher() as publisher:
            await publisher.do("drop_tables")
        with DemoClient(server, username="admin") as admin:
            admin.log_in()
            page = admin.http.get(STATUS, headers={"Accept": "text/html"})
            status, events = admin.http.get(STATUS), admin.http.get("/armguard-live/events/")
            # The armory's own business goes on.
            admin.issue()
    assert (page.status_code, status.status_code, events.status_code) == (503, 503, 503)
    assert "■ Broken" in text_of(page.text)
    assert "manage.py migrate armguard_live" in text_of(page.text)
    assert status.json() == {"app": "armguard-live", "error": "the event log cannot be read"}


async def test_real_time_that_is_switched_off_is_said(site: LiveSite) -> None:
    async with site.server(server="wsgi", live={"REAL_TIME": False}) as server:
        with DemoClient(server, username="admin") as admin:
            admin.log_in()
            assert admin.http.get(STATUS).json()["real_time"] is False
            assert "◇ Switched off" in text_of(page_of(admin))
