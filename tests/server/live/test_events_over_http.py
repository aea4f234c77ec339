"""`GET /armguard-live/events/`: what was missed, without a socket."""

import json
import sqlite3
from contextlib import closing
from typing import Any

import pytest

from armguard_tray.server.demo.process import DemoServer
from tests.fakes.demo_server import DATABASE, JOSE, M4_00177, DemoClient
from tests.fakes.live_client import LiveClient
from tests.fakes.live_site import LiveSite

EVENTS = "/armguard-live/events/"


def lines_of(client: DemoClient, **query: Any) -> list[str]:
    answer = client.http.get(EVENTS, params=query)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/x-ndjson"
    *lines, end = answer.text.split("\n")
    assert end == ""
    return lines


def frames_of(client: DemoClient, **query: Any) -> list[dict[str, Any]]:
    return [json.loads(line) for line in lines_of(client, **query)]


def test_without_a_position_it_tells_the_one_to_begin_from(armorer: DemoClient) -> None:
    armorer.issue()
    hello, position = frames_of(armorer)
    assert hello["type"] == "hello"
    assert position["type"] == "position"
    assert hello["head"] == hello["position"] == position["seq"]


async def test_events_are_those_of_the_socket_letter_by_letter(armorer: DemoClient) -> None:
    live = LiveClient(armorer)
    async with live.connected():
        start = live.epoch, live.position
        armorer.issue()
        armorer.change_status(M4_00177, "Maintenance")
        armorer.change_status(M4_00177, "Available")
        armorer.take_back()
        await live.next_event("notification", title="Item Returned")
    lines = lines_of(armorer, epoch=start[0], since=start[1])
    kinds = [json.loads(line)["type"] for line in lines]
    assert (kinds[0], kinds[-1]) == ("hello", "position")
    assert lines[1:-1] == [text for text in live.frames if '"seq":' in text and '"stream":' in text]
    assert json.loads(lines[-1])["seq"] == live.position


def test_only_the_streams_that_are_asked_for_come(armorer: DemoClient) -> None:
    *_, start = frames_of(armorer)
    armorer.issue()
    got = frames_of(armorer, epoch=start["epoch"], since=start["seq"], streams="transactions")
    assert [frame["type"] for frame in got] == ["hello", "transaction_created", "position"]


def test_nobody_gets_another_users_notifications(live_demo: DemoServer, armorer: DemoClient) -> None:
    *_, start = frames_of(armorer)
    armorer.issue()
    with DemoClient(live_demo, username="sgt.reyes") as sergeant:
        sergeant.log_in()
        got = frames_of(sergeant, epoch=start["epoch"], since=start["seq"])
    assert "notification" not in {frame["type"] for frame in got}
    assert got[-1]["seq"] == got[0]["head"]


def test_a_limit_is_kept_and_asking_on_gets_the_rest(armorer: DemoClient) -> None:
    *_, position = frames_of(armorer)
    armorer.issue()
    armorer.take_back()
    whole = frames_of(armorer, epoch=position["epoch"], since=position["seq"])[1:-1]
    parts: list[dict[str, Any]] = []
    while True:
        hello, *events, position = frames_of(armorer, epoch=position["epoch"], since=position["seq"], limit=2)
        assert len(events) <= 2
        parts += events
        if position["seq"] == hello["head"]:
            break
    assert parts == whole


def test_another_epoch_is_told_as_a_gap(armorer: DemoClient) -> None:
    hello, gap, *_ = frames_of(armorer, epoch="restored", since=10**9)
    assert (gap["type"], gap["reason"], gap["epoch"]) == ("gap", "epoch", hello["epoch"])


def test_a_position_beyond_the_log_is_told_as_a_gap(armorer: DemoClient) -> None:
    hello, *_ = frames_of(armorer)
    _, gap, position = frames_of(armorer, epoch=hello["epoch"], since=hello["head"] + 5)
    assert (gap["reason"], gap["from"], gap["to"]) == ("ahead", hello["head"] + 1, hello["head"] + 5)
    assert position["seq"] == hello["head"]


async def test_events_that_were_trimmed_are_told_as_a_gap(site: LiveSite) -> None:
    async with site.server(server="wsgi") as server, site.publisher() as publisher:
        with DemoClient(server) as client:
            client.log_in()
            *_, start = frames_of(client)
            for number in range(3):
                await publisher.do("notify", user_id=2, title=str(number))
            assert await publisher.do("trim", now="2099-01-01T00:00:00+00:00") == 3
            _, gap, position = frames_of(client, epoch=start["epoch"], since=start["seq"])
    assert (gap["reason"], gap["from"], gap["to"]) == ("trimmed", 1, 3)
    assert position["seq"] == 3


@pytest.mark.parametrize(
    ("removed", "missing"), [((2, 3), (2, 3)), ((5,), (5, 5)), ((1, 2, 3, 4, 5), (1, 5))]
)
async def test_events_that_somebody_has_removed_by_hand_are_told_as_a_gap(
    site: LiveSite, removed: tuple[int, ...], missing: tuple[int, int]
) -> None:
    async with site.server(server="wsgi") as server, site.publisher() as publisher:
        with DemoClient(server, username="admin") as client:
            client.log_in()
            *_, start = frames_of(client)
            for number in range(1, 6):
                await publisher.do("announce_to_all", title=str(number))
            with closing(sqlite3.connect(site.data_dir / DATABASE, isolation_level=None)) as database:
                for seq in removed:
                    database.execute("DELETE FROM armguard_live_event WHERE seq = ?", [seq])
            hello, *found, position = frames_of(client, epoch=start["epoch"], since=start["seq"])
    gaps = [frame for frame in found if frame["type"] == "gap"]
    assert [(gap["reason"], gap["from"], gap["to"]) for gap in gaps] == [("trimmed", *missing)]
    assert [frame["seq"] for frame in found if frame not in gaps] == sorted({1, 2, 3, 4, 5} - {*removed})
    assert position["seq"] == hello["head"] == 5


async def test_a_line_ends_only_where_a_frame_does(site: LiveSite) -> None:
    title = "one\u2028two\x85three\x0bfour"
    async with site.server(server="wsgi") as server, site.publisher() as publisher:
        with DemoClient(server) as client:
            client.log_in()
            *_, start = frames_of(client)
            await publisher.do("announce_to_all", title=title)
            _, event, _ = frames_of(client, epoch=start["epoch"], since=start["seq"])
    assert event["title"] == title


@pytest.mark.parametrize(
    "query",
    [
        "streams=presence",
        "streams=",
        "since=-1",
        "since=1e9",
        "limit=0",
        "limit=5001",
        "limit=%d9%a1",
        "epoch=a+b",
    ],
)
def test_a_query_that_makes_no_sense_is_400_and_says_so(armorer: DemoClient, query: str) -> None:
    answer = armorer.http.get(f"{EVENTS}?{query}")
    assert answer.status_code == 400
    assert answer.json()["type"] == "error"


async def test_with_real_time_switched_off_this_is_how_one_hears(site: LiveSite) -> None:
    async with site.server(live={"REAL_TIME": False}) as server:
        with DemoClient(server) as client:
            client.log_in()
            async with LiveClient(client).opened() as live:
                assert await live.closed_with(4000) == "real time is switched off"
            *_, start = frames_of(client)
            client.issue()
            got = frames_of(client, epoch=start["epoch"], since=start["seq"], streams="transactions")
    assert [frame["type"] for frame in got] == ["hello", "transaction_created", "position"]


async def test_what_waits_or_was_never_announced_comes_though_nobody_has_a_socket(site: LiveSite) -> None:
    left_behind = ["notifications", '{"type":"notification","title":"left"}', "2026-11-25T08:00:00+08:00"]
    often = {"HEAD_CHECK": 0.05, "HEAD_CHECK_ALONE": 0.05}
    async with site.server(server="wsgi", live=often) as server, site.publisher() as publisher:
        with DemoClient(server) as client:
            client.log_in()
            *_, start = frames_of(client)
            with closing(sqlite3.connect(site.data_dir / DATABASE, isolation_level=None)) as database:
                database.execute(
                    "INSERT INTO armguard_live_outbox (stream, frame, at) VALUES (?, ?, ?)", left_behind
                )
            [made] = await publisher.do("bulk_create", personnel_id=JOSE, item_id=M4_00177, count=1)
            _, *events, position = frames_of(client, epoch=start["epoch"], since=start["seq"])
            while len(events) < 2:  # the next upkeep may not have been due
                _, *events, position = frames_of(client, epoch=start["epoch"], since=start["seq"])
    waiting, unannounced = events
    assert waiting["title"] == "left"
    assert unannounced["transaction"]["id"] == made
    assert position["seq"] == start["seq"] + 2
