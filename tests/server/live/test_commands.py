"""`manage.py check_websockets` and `manage.py armguard_live_epoch`, on projects that work and that do not."""

import asyncio
import json
import os
import sys
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from typing import Any

import pytest
import pytest_asyncio

from armguard_tray.server.demo.process import DemoServer
from armguard_tray.server.management.checkup.site import json_lines
from tests.fakes.demo_server import DemoClient
from tests.fakes.live_client import LiveClient
from tests.fakes.live_site import LiveSite
from tests.fakes.redis_server import free_port
from tests.server.live.check_names import ALL_CHECKS, SOCKET_CHECKS

ELSEWHERE = {"DJANGO_SETTINGS_MODULE": "tests.server.live.another_prefix"}


@dataclass(frozen=True)
class Ended:
    """How a command ended, and what it said."""

    code: int | None
    output: str
    complaint: str

    def verdicts(self) -> dict[str, str]:
        """Return each check's verdict."""
        return {check["name"]: check["verdict"] for check in json.loads(self.output)["checks"]}

    def details(self) -> dict[str, str]:
        """Return what was said of each check."""
        return {check["name"]: check["detail"] for check in json.loads(self.output)["checks"]}

    def bad(self) -> dict[str, str]:
        """Return what was said of each check that is bad."""
        verdicts = self.verdicts()
        return {name: detail for name, detail in self.details().items() if verdicts[name] == "bad"}


async def manage(
    site: LiveSite, *command: str, said: str = "", environment: Mapping[str, str] | None = None
) -> Ended:
    """Run a management command of the site, which reads `said`."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "django", *command),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=os.environ | site.environment | dict(environment or {}),
    )
    output, complaint = await process.communicate(said.encode())
    return Ended(process.returncode, output.decode(), complaint.decode())


def pages(site: LiveSite, **options: Any) -> AbstractAsyncContextManager[DemoServer]:
    """Have the site's database there."""
    return site.server(server="wsgi", **options)


@pytest_asyncio.fixture
async def ready_site(site: LiveSite) -> LiveSite:
    """Return a site with its tables and users, where nothing runs."""
    async with pages(site):
        return site


async def test_with_redis_all_is_good(redis_site: LiveSite) -> None:
    async with pages(redis_site):
        ended = await manage(redis_site, "check_websockets", "--json")
    assert set(ended.verdicts().values()) == {"good"}, ended.details()
    assert tuple(ended.verdicts()) == ALL_CHECKS
    assert ended.code == 0


async def test_for_machines_the_report_stands_alone_and_each_check_is_told_aside(
    ready_site: LiveSite,
) -> None:
    ended = await manage(ready_site, "check_websockets", "--json")
    (line,) = ended.output.splitlines()
    assert json.loads(line)["verdict"] == "good"
    told = [line for line in ended.complaint.splitlines() if line.startswith(("good ", "skipped "))]
    assert len(told) == len(ALL_CHECKS)
    assert told[0].startswith("good     settings ")


async def test_a_server_that_has_just_started_is_told_through_redis(redis_site: LiveSite) -> None:
    async with redis_site.server() as server:
        ended = await manage(redis_site, "check_websockets", "--json", f"--url={server.url}")
    for check in ("broadcast", "broadcast across processes"):
        assert "told through Redis" in ended.details()[check]
    assert ended.code == 0


async def test_where_time_proves_nothing_the_servers_own_figures_do(redis_site: LiveSite) -> None:
    # It may find anything by itself at any moment; but it is never the first.
    site = replace(redis_site, live={"HEAD_CHECK": 0.000_001, "LEASE_RENEWAL": 1})
    async with site.server(live={"HEAD_CHECK": 600, "HEAD_CHECK_ALONE": 600}) as server:
        ended = await manage(site, "check_websockets", "--json", f"--url={server.url}")
    assert "told through Redis, but slowly" in ended.details()["broadcast"]


async def test_for_people_each_check_is_a_line_and_the_last_one_is_the_verdict(ready_site: LiveSite) -> None:
    ended = await manage(ready_site, "check_websockets")
    *checks, verdict = ended.output.splitlines()
    assert {line.split()[0] for line in checks} == {"good", "skipped"}
    assert any(line.startswith("good     limit of 3 connections") for line in checks)
    assert verdict.startswith("Verdict: good (")
    assert ended.code == 0


async def test_on_uvicorn_and_postgresql_all_is_good(postgres_site: LiveSite) -> None:
    async with pages(postgres_site):
        ended = await manage(postgres_site, "check_websockets", "--json", "--server=uvicorn")
    assert ended.bad() == {}
    assert {name for name, verdict in ended.verdicts().items() if verdict == "skipped"} == {
        "stock pages hear the app"
    }


async def test_it_leaves_no_users_and_no_sessions_behind(ready_site: LiveSite) -> None:
    before = await manage(ready_site, "dumpdata", "auth.user", "sessions")
    await manage(ready_site, "check_websockets")
    after = await manage(ready_site, "dumpdata", "auth.user", "sessions")
    assert after.output == before.output


async def test_nobody_else_hears_of_it(site: LiveSite) -> None:
    async with site.server() as server:
        with DemoClient(server) as client, DemoClient(server, username="admin") as supervisor:
            client.log_in()
            supervisor.log_in()
            async with LiveClient(client).connected() as desk, LiveClient(supervisor).connected() as office:
                await manage(site, "check_websockets", f"--url={server.url}")
                client.issue()
                await desk.next_event("transaction_created")
                await office.next_event("transaction_created")
    for live in (desk, office):
        assert {event["stream"] for event in live.events} == {"inventory", "transactions"}


async def test_the_user_whom_it_uses_sees_that_it_is_a_test(site: LiveSite) -> None:
    async with site.server() as server:
        with DemoClient(server) as client:
            client.log_in()
            async with LiveClient(client, ["notifications"]).connected() as live:
                await manage(
                    site,
                    *("check_websockets", f"--url={server.url}", "--username=armorer1", "--password-stdin"),
                    said=f"{server.password}\n",
                )
                await live.next_event("notification")
    assert {(event["title"], event["level"]) for event in live.events} == {
        ("Test of the live connection", "info")
    }
    assert all("This is a test by manage.py check_websockets." in event["message"] for event in live.events)


async def test_a_running_server_is_checked_as_one_of_its_users(site: LiveSite) -> None:
    async with site.server() as server:
        ended = await manage(
            site,
            *("check_websockets", "--json", f"--url={server.url}"),
            *("--username=armorer1", "--password-stdin"),
            said=f"{server.password}\n",
        )
    assert ended.bad() == {}
    assert json.loads(ended.output)["url"] == server.url
    # It would have thrown the user's own desk out.
    assert ended.verdicts()["limit of 3 connections"] == "skipped"


async def test_a_wrong_password_is_tried_once_and_said(site: LiveSite) -> None:
    async with site.server() as server:
        ended = await manage(
            site,
            *("check_websockets", f"--url={server.url}", "--username=armorer1", "--password-stdin"),
            said="wrong\n",
        )
    assert "The login failed: armorer1 was not let in" in ended.complaint
    assert ended.code == 1


async def test_redis_that_is_down_is_bad_and_all_else_still_works(ready_site: LiveSite) -> None:
    down = replace(ready_site, redis=f"redis://127.0.0.1:{free_port()}/0")
    ended = await manage(down, "check_websockets", "--json")
    assert ended.bad().keys() == {"channel layer", "channel layer of the server"}
    assert "nothing listens there" in ended.bad()["channel layer"]
    assert ended.code == 1


async def test_a_server_that_has_lost_the_redis_of_the_settings_is_bad(redis_site: LiveSite) -> None:
    lost = replace(redis_site, redis=f"redis://127.0.0.1:{free_port()}/0")
    async with lost.server() as server:
        ended = await manage(
            redis_site,
            *("check_websockets", "--json", f"--url={server.url}"),
            *("--username=armorer1", "--password-stdin"),
            said=f"{server.password}\n",
        )
    assert ended.verdicts()["channel layer"] == "good"
    said = ended.bad()["channel layer of the server"]
    assert server.url in said
    assert f"says memory: Redis at {lost.redis} cannot be used: nothing listens there" in said
    assert "does not reach /ws/notifications/" in ended.bad()["stock pages hear the app"]
    assert ended.code == 1


@pytest.mark.parametrize("elsewhere", ["database", "prefix"])
async def test_a_server_that_other_processes_do_not_reach_is_bad_however_soon_it_finds_what_they_say(
    redis_site: LiveSite, elsewhere: str
) -> None:
    site = replace(redis_site, live={"LEASE_RENEWAL": 1, "RELAY_TO_STOCK": False})
    assert site.redis is not None
    of_the_server = replace(site, redis=f"{site.redis[:-1]}3") if elsewhere == "database" else site
    async with of_the_server.server() as server:
        ended = await manage(
            site,
            *("check_websockets", "--json", f"--url={server.url}"),
            environment=ELSEWHERE if elsewhere == "prefix" else None,
        )
    assert ended.verdicts()["channel layer of the server"] == "good"
    for check in ("broadcast", "broadcast across processes"):
        assert "came only by looking at the log" in ended.bad()[check]
        assert f"at {server.url}: " in ended.bad()[check]
        assert "the same Redis, database number, prefix and SECRET_KEY" in ended.bad()[check]
    assert ended.code == 1


async def test_memory_on_purpose_is_good_and_said(ready_site: LiveSite) -> None:
    ended = await manage(ready_site, "check_websockets")
    assert "memory: The server's settings say so." in ended.output
    assert "found by looking at the log" in ended.output
    assert ended.code == 0


def test_a_frame_is_read_up_to_its_line_feed() -> None:
    assert json_lines(b'{"a":\r1}\n{"b":2}\n') == [{"a": 1}, {"b": 2}]


async def test_sessions_that_nobody_can_look_up_are_named(ready_site: LiveSite) -> None:
    in_cookies = {"DJANGO_SETTINGS_MODULE": "tests.server.live.sessions_in_cookies"}
    ended = await manage(ready_site, "check", environment=in_cookies)
    assert "armguard_live.E044" in ended.complaint
    assert "SESSION_ENGINE = 'django.contrib.sessions.backends.db'" in ended.complaint
    assert ended.code == 1


async def test_the_app_can_be_taken_out_of_the_database_and_put_back(ready_site: LiveSite) -> None:
    out = await manage(ready_site, "migrate", "armguard_live", "zero")
    assert out.code == 0, out.complaint
    back = await manage(ready_site, "migrate", "armguard_live")
    assert back.code == 0, back.complaint
    async with ready_site.publisher() as publisher:
        assert (await publisher.do("head"))[1:] == [0, 1]


async def test_tables_that_are_missing_are_named_with_what_makes_them(site: LiveSite) -> None:
    async with pages(site), site.publisher() as publisher:
        await publisher.do("drop_tables")
        ended = await manage(site, "check_websockets", "--json")
    assert "manage.py migrate armguard_live" in ended.bad()["database tables"]
    assert "the event log cannot be read" in ended.bad()["handshake"]
    assert ended.code == 1


async def test_a_limit_that_is_not_kept_is_found(site: LiveSite) -> None:
    async with site.server(live={"CONNECTIONS_PER_USER": 9}) as server:
        ended = await manage(site, "check_websockets", "--json", f"--url={server.url}")
    assert ended.bad().keys() == {"limit of 3 connections"}
    assert ended.code == 1


async def test_an_asgi_module_that_was_left_as_it_was_is_found(ready_site: LiveSite) -> None:
    left = {"DJANGO_SETTINGS_MODULE": "tests.server.live.without_sockets"}
    ended = await manage(ready_site, "check_websockets", "--json", environment=left)
    assert ended.bad().keys() == {"handshake"}
    assert "with_live" in ended.bad()["handshake"]
    assert ended.verdicts()["resume"] == "skipped"
    assert ended.verdicts()["stock paths"] == "good"


async def test_an_application_that_does_not_start_is_bad_with_its_last_words(ready_site: LiveSite) -> None:
    left = {"DJANGO_SETTINGS_MODULE": "tests.server.live.without_application"}
    ended = await manage(ready_site, "check_websockets", "--json", environment=left)
    assert "ended with exit code 1" in ended.bad()["server process"]
    assert ended.code == 1


async def test_real_time_switched_off_is_no_fault(ready_site: LiveSite) -> None:
    off = replace(ready_site, live={**ready_site.live, "REAL_TIME": False})
    ended = await manage(off, "check_websockets", "--json")
    assert ended.bad() == {}
    verdicts = ended.verdicts()
    assert {verdicts[name] for name in SOCKET_CHECKS} == {"skipped"}
    assert verdicts["events over HTTP"] == verdicts["status page"] == "good"


async def test_a_name_without_a_password_is_wrong_usage(ready_site: LiveSite) -> None:
    ended = await manage(ready_site, "check_websockets", "--username=armorer1")
    assert "belong together" in ended.complaint
    assert ended.code == 1


async def test_a_new_epoch_begins_only_when_that_is_wanted(ready_site: LiveSite) -> None:
    async with ready_site.publisher() as publisher:
        before = await publisher.do("head")
        refused = await manage(ready_site, "armguard_live_epoch", said="no\n")
        unasked = await manage(ready_site, "armguard_live_epoch")
        assert await publisher.do("head") == before
        wanted = await manage(ready_site, "armguard_live_epoch", said="yes\n")
        asked, _, _ = await publisher.do("head")
        at_once = await manage(ready_site, "armguard_live_epoch", "--yes")
        last, _, _ = await publisher.do("head")
    for ended in (refused, unasked):
        assert "Nothing was changed" in ended.complaint
        assert ended.code == 1
    assert len({before[0], asked, last}) == 3
    assert f"Epoch {asked} has begun" in wanted.output
    assert (wanted.code, at_once.code) == (0, 0)
