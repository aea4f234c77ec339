"""Whether a server has the live app: asked once for each login, and seldom where connections fail."""

import asyncio
import json
from typing import Any

import httpx
import pytest

from armguard_tray.connection.discovery import AGAIN_AFTER, Discovery
from armguard_tray.connection.failures import Failure, FailureKind
from armguard_tray.connection.live_app import LiveApp, Way, read_status, way_to
from armguard_tray.connection.login import LoginClient, Page, Session
from armguard_tray.connection.session import Login
from armguard_tray.settings.model import ServerSettings
from tests.fakes.clock import FakeClock

STATUS = json.dumps(
    {
        "app": "armguard-live",
        "protocol": 1,
        "version": "1.2",
        "real_time": True,
        "layer": {
            "in_use": "redis",
            "why": "it answers",
            "since": "2026-11-24T11:25:26+08:00",
            "warning": None,
        },
    }
)
APP = LiveApp("1.2", True, "redis", "it answers")
DOUBT = "4000 server error: the event log cannot be read"
FIRST, SECOND = Login(1, Session("sessionid=1")), Login(2, Session("sessionid=2"))
THERE, GONE, DOWN = (200, STATUS), (404, ""), Failure(FailureKind.REFUSED)


class Server(LoginClient):
    """Answers the question as the test says; the last answer stays."""

    def __init__(self, *answers: tuple[int, str] | Failure) -> None:
        super().__init__(ServerSettings(address="http://127.0.0.1", username="armorer1"))
        self.asked = 0
        self._answers = list(answers)

    async def get(self, *_: Any, **__: Any) -> Page | Failure:
        self.asked += 1
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        await asyncio.sleep(0)
        return answer if isinstance(answer, Failure) else Page(answer[0], httpx.Headers(), {}, answer[1])


class Desk:
    """Whoever wants to know, and a clock that the test moves."""

    def __init__(self, *answers: tuple[int, str] | Failure) -> None:
        self.server = Server(*answers)
        self.clock = FakeClock()
        self.discovery = Discovery(self.server, self.clock)

    async def finds(
        self, login: Login = FIRST, *, failing: bool = False, doubt: str | None = None
    ) -> LiveApp | None:
        return await self.discovery.find(login, failing=failing, doubt=doubt)


async def test_it_is_asked_once_for_a_login_by_all_streams_together() -> None:
    desk = Desk(THERE)

    assert await asyncio.gather(*(desk.finds() for _ in range(3))) == [APP] * 3
    assert await desk.finds() == APP
    assert desk.server.asked == 1


async def test_it_is_asked_anew_with_the_next_login() -> None:
    desk = Desk(GONE, THERE)

    assert await desk.finds() is None
    assert await desk.finds(SECOND) == APP


async def test_where_connections_fail_it_is_asked_once_a_minute_at_most() -> None:
    desk = Desk(THERE, GONE)
    await desk.finds()

    desk.clock.advance(AGAIN_AFTER - 1)
    assert await desk.finds(failing=True) == APP
    desk.clock.advance(1)
    assert await desk.finds() == APP, "nothing fails"
    assert await desk.finds(failing=True) is None
    assert desk.server.asked == 2


@pytest.mark.parametrize("unknown", [DOWN, (500, ""), (503, ""), (403, ""), (429, "")])
async def test_what_cannot_be_learnt_leaves_what_was_known(unknown: tuple[int, str] | Failure) -> None:
    desk = Desk(THERE, unknown)
    await desk.finds()

    assert await desk.finds(SECOND) == APP


async def test_a_question_that_did_not_get_through_is_asked_again_at_the_next_attempt() -> None:
    desk = Desk(DOWN, THERE)

    assert await desk.finds() is None
    assert await desk.finds() == APP


async def test_three_streams_do_not_ask_a_dead_server_thrice() -> None:
    desk = Desk(DOWN)

    await asyncio.gather(*(desk.finds() for _ in range(3)))

    assert desk.server.asked == 1


async def test_an_app_whose_socket_fails_is_done_without_once_it_was_asked_again() -> None:
    desk = Desk(THERE)
    await desk.finds()

    assert await desk.finds(failing=True, doubt=DOUBT) == APP, "not yet: it was asked before the failures"
    desk.clock.advance(AGAIN_AFTER)
    assert await desk.finds(failing=True, doubt=DOUBT) == APP, "it says that it is there: one more chance"
    app = await desk.finds(failing=True, doubt=DOUBT)
    assert app is not None
    assert way_to(app) is Way.STOCK
    assert app.warning is not None
    assert DOUBT in app.warning


async def test_it_is_given_another_chance_with_the_next_login() -> None:
    desk = Desk(THERE)
    await desk.finds(failing=True, doubt=DOUBT)
    assert way_to(await desk.finds(failing=True, doubt=DOUBT)) is Way.STOCK

    assert way_to(await desk.finds(SECOND)) is Way.LIVE


def test_real_time_may_be_switched_off() -> None:
    assert way_to(read_status(STATUS.replace("true", "false"))) is Way.POLLED


def test_admins_are_told_where_redis_is() -> None:
    told = read_status(STATUS.replace("{", '{"address": "redis://10.0.0.8:6379/0", ', 1))
    untold = read_status(STATUS)

    assert told is not None
    assert untold is not None
    assert (told.redis, untold.redis) == ("redis://10.0.0.8:6379/0", "")


def test_words_of_the_app_are_plain_text() -> None:
    app = read_status(STATUS.replace('"warning": null', '"warning": "\\u202eslow"').replace("1.2", "1\\n2"))

    assert app is not None
    assert (app.version, app.warning) == ("1\ufffd2", "\ufffdslow")


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"app": "armguard-live"}', STATUS.replace("1,", '"1",', 1)]
)
def test_another_page_is_no_app(text: str) -> None:
    assert read_status(text) is None
