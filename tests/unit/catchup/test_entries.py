"""How what is found of the server's record reads."""

from dataclasses import replace
from datetime import timedelta

import msgspec
import pytest

from armguard_tray.catchup.entries import RecordChange, event_of_row, gap_event, record_event
from armguard_tray.catchup.history_page import Action
from armguard_tray.messages.event import Category, Level, Source
from armguard_tray.messages.gap import Gap, Reason, detail_of, title_of
from armguard_tray.messages.streams import Stream
from tests.unit.catchup.pages import MORNING, made
from tests.unit.messages import frames
from tests.unit.storage.events import event

LATER = MORNING + timedelta(hours=1)
NUMBERS = Gap(
    reason=Reason.NOT_IN_HISTORY,
    streams=(Stream.TRANSACTIONS,),
    since=MORNING,
    until=LATER,
    first=48195,
    last=48197,
    cause="server restarted",
    missing=3,
)
OUTAGE = Gap(reason=Reason.NOT_CONNECTED, streams=(Stream.NOTIFICATIONS, Stream.INVENTORY), since=MORNING)


def test_a_row_reads_as_its_announcement_would() -> None:
    announced = event(frames.take(7))
    assert announced.person is not None
    assert announced.item is not None
    row = replace(made(7, MORNING), personnel=announced.person, item=announced.item, notes="for drill")
    found = event_of_row(row, at=LATER, source=Source.CATCHUP)
    alike = (
        "stream",
        "kind",
        "category",
        "level",
        "title",
        "ref",
        "transaction_id",
        "person",
        "item",
        "action",
    )
    for name in alike:
        assert getattr(found, name) == getattr(announced, name), name
    assert (found.time, found.received, found.key) == (MORNING, LATER, None)
    assert found.detail == f"{announced.person} · for drill"


def test_a_return_is_one() -> None:
    found = event_of_row(replace(made(7, MORNING), action=Action.RETURN), at=LATER, source=Source.HISTORY)
    assert (found.kind, found.category) == ("transaction_returned", Category.RETURNED)


def test_its_raw_text_has_all_fields_and_is_no_frame() -> None:
    found = event_of_row(replace(made(7, MORNING), notes="for drill"), at=LATER, source=Source.HISTORY)
    (name, fields), *others = msgspec.json.decode(found.raw).items()
    assert (name, others) == ("history", [])
    assert fields.keys() == {"id", "personnel", "rank", "item", "action", "time", "notes"}
    assert fields["rank"] == "Sgt"


def test_a_gap_of_numbers_says_how_many_and_why() -> None:
    found = gap_event(NUMBERS, at=LATER)
    assert found.title == "3 transactions (#48195\N{EN DASH}48197) not received"
    assert found.detail.endswith("perhaps cancelled or deleted · server restarted")
    assert (found.category, found.kind, found.source) == (Category.GAP, "gap", Source.MISSING)
    assert (found.time, found.gap, found.level) == (MORNING, NUMBERS, Level.WARNING)


@pytest.mark.parametrize(
    ("gap", "title"),
    [
        (replace(NUMBERS, missing=1), "1 of 3 transactions (#48195\N{EN DASH}48197) not received"),
        (
            replace(NUMBERS, missing=0, closed_at=LATER),
            "3 transactions (#48195\N{EN DASH}48197) received later",
        ),
        (replace(NUMBERS, last=48195, missing=1), "Transaction #48195 not received"),
        (OUTAGE, "Notices and status changes may have been missed"),
        (
            replace(OUTAGE, streams=tuple(Stream)),
            "Transactions, notices, status changes and comings and goings",
        ),
        (replace(OUTAGE, closed_at=LATER), "No notices and status changes were missed"),
        (replace(OUTAGE, streams=()), "Events may have been missed"),
    ],
)
def test_a_gap_reads_as_it_is_now(gap: Gap, title: str) -> None:
    assert title_of(gap).startswith(title)


@pytest.mark.parametrize("reason", Reason)
def test_each_reason_has_words(reason: Reason) -> None:
    assert detail_of(replace(OUTAGE, reason=reason))


@pytest.mark.parametrize(
    ("newest", "said"),
    [
        (90, "its newest transaction is #90 now, it was #100"),
        (0, "it has no transactions now, it had them up to #100"),
        (None, "numbers up to #100 stand for other transactions there now"),
    ],
)
def test_a_change_of_the_record_names_what_is_there(newest: int | None, said: str) -> None:
    found = record_event(RecordChange.SET_BACK, newest=newest, had=100, at=LATER)
    assert found.detail.startswith(said)
    assert (found.title, found.category) == ("The server's record was set back", Category.OTHER)
    assert (found.kind, found.level) == ("record_changed", Level.WARNING)
