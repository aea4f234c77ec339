"""Pictures of how complete the log is, to be looked at: tests/artefacts/log_complete_*.png."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice

import pytest

from armguard_tray.catchup.completeness import Completeness, Progress
from armguard_tray.catchup.search import Searched
from armguard_tray.messages.event import PLACES_A_ROW, Source
from armguard_tray.messages.gap import Reason
from armguard_tray.storage.ledger import Backlog
from tests.fakes import gaps, stream_health
from tests.fakes.events import traffic
from tests.fakes.pictures import LOOKS, system_look
from tests.fakes.signals import emitted
from tests.fakes.stream_health import NOW
from tests.ui.log_window.conftest import Desk, Picture

TODAY = Completeness(
    begins=47_001,
    complete_to=48_211,
    as_of=NOW,
    is_current=True,
    checked=NOW - timedelta(minutes=2),
    gaps_today=2,
    unannounced_today=1,
)


def morning(desk: Desk) -> None:
    """Fill the log with a morning after which something was missing, in each of its ways."""
    # Row n at place n; what comes later goes between them.
    desk.journal.append(*islice(traffic(datetime.fromisoformat("2026-11-24T02:55:00Z")), 24))
    for behind, event in (
        (19, gaps.found(gaps.numbers())),
        (17, gaps.found(gaps.numbers(), gaps.partly_filled())),
        (16, gaps.from_history(48_196, Source.CATCHUP)),
        (14, gaps.found(gaps.numbers(), gaps.closed())),
        (13, gaps.from_history(48_190, Source.CATCHUP)),
        (11, gaps.found(gaps.of_time())),
        (10, gaps.found(gaps.of_time(reason=Reason.AWAY, since=gaps.SINCE - timedelta(hours=17), cause=""))),
        (9, gaps.from_history(48_180, Source.UNANNOUNCED)),
        (6, gaps.from_history(48_170, Source.HISTORY)),
        (5, gaps.from_history(48_169, Source.HISTORY)),
    ):
        desk.journal.insert(event, behind * PLACES_A_ROW + 1)


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize(("size", "name"), [((1080, 780), "large"), ((640, 460), "small")])
async def test_gaps_and_what_came_later(
    desk: Desk, picture: Picture, look: str, size: tuple[int, int], name: str
) -> None:
    morning(desk)
    with system_look(look):
        desk.window.resize(*size)
        desk.feed.on_health(stream_health.healthy())
        desk.feed.on_completeness(TODAY)
        await desk.open()
        await picture(desk.window, f"log_complete_{name}_{look}")


@pytest.mark.parametrize("look", LOOKS)
async def test_details_of_a_gap_that_is_partly_filled(desk: Desk, picture: Picture, look: str) -> None:
    morning(desk)
    with system_look(look):
        desk.window.resize(1080, 680)
        desk.feed.on_health(stream_health.healthy())
        desk.feed.on_completeness(TODAY)
        await desk.open()
        desk.window.show_row(26)
        await emitted(desk.window.view.picked)
        await picture(desk.window, f"log_complete_gap_{look}")


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize(("size", "name"), [((1080, 680), "large"), ((640, 460), "small")])
async def test_a_gap_was_fetched_again(
    desk: Desk, picture: Picture, look: str, size: tuple[int, int], name: str
) -> None:
    morning(desk)
    with system_look(look):
        desk.window.resize(*size)
        desk.feed.on_health(stream_health.healthy())
        desk.feed.on_completeness(TODAY)
        await desk.open()
        desk.window.show_row(26)
        await emitted(desk.window.view.picked)
        gap = await desk.journal.get(26)
        assert gap is not None
        desk.window.show_fetched(gap, gap, Searched(at=NOW, back_to=gaps.SINCE))
        await picture(desk.window, f"log_complete_fetched_{name}_{look}")


async def test_details_of_what_came_from_the_history(desk: Desk, picture: Picture) -> None:
    morning(desk)
    desk.window.resize(1080, 680)
    await desk.open()
    desk.window.show_row(32)
    await emitted(desk.window.view.picked)
    await picture(desk.window, "log_complete_history")


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize(("size", "name"), [((1080, 680), "large"), ((560, 420), "small")])
async def test_the_last_month_is_being_fetched(
    desk: Desk, picture: Picture, look: str, size: tuple[int, int], name: str
) -> None:
    morning(desk)
    progress = Progress(backlog=True, fetched=1240, back_to=datetime.fromisoformat("2026-11-12T01:00:00Z"))
    with system_look(look):
        desk.window.resize(*size)
        desk.feed.on_health(stream_health.healthy())
        desk.feed.on_completeness(
            Completeness(begins=48_100, complete_to=48_211, as_of=NOW, is_current=True, progress=progress)
        )
        await desk.open()
        await picture(desk.window, f"log_complete_backlog_{name}_{look}")


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize(("size", "name"), [((1080, 680), "large"), ((560, 420), "small")])
async def test_the_time_before_was_not_wanted(
    desk: Desk, picture: Picture, look: str, size: tuple[int, int], name: str
) -> None:
    morning(desk)
    with system_look(look):
        desk.window.resize(*size)
        desk.feed.on_health(stream_health.healthy())
        desk.feed.on_completeness(replace(TODAY, backlog=Backlog.CANCELLED))
        await desk.open()
        await picture(desk.window, f"log_complete_cancelled_{name}_{look}")


@pytest.mark.parametrize("look", LOOKS)
async def test_the_last_month_is_there(desk: Desk, picture: Picture, look: str) -> None:
    morning(desk)
    brought = Progress(backlog=True, fetched=1240, back_to=datetime.fromisoformat("2026-10-31T01:00:00Z"))
    with system_look(look):
        desk.window.resize(1080, 680)
        desk.feed.on_health(stream_health.healthy())
        desk.feed.on_completeness(replace(TODAY, backlog=Backlog.DONE, brought=brought))
        await desk.open()
        await picture(desk.window, f"log_complete_month_{look}")


async def test_offline_with_a_history_that_cannot_be_read(desk: Desk, picture: Picture) -> None:
    morning(desk)
    desk.window.resize(1080, 680)
    desk.feed.on_health(stream_health.broken())
    desk.feed.on_completeness(
        Completeness(
            begins=47_001,
            complete_to=48_194,
            as_of=gaps.SINCE,
            failure="the server refuses the page: 403",
            gaps_today=1,
        )
    )
    await desk.open()
    await picture(desk.window, "log_complete_offline")
