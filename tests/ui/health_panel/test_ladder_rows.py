"""Rungs as rows."""

from dataclasses import replace
from datetime import timedelta

import pytest

from armguard_tray.diagnosis.ladder import Rung, Status
from armguard_tray.ui.health_panel.ladder_rows import LadderRow, breakable, rows_of, shortened, took_words
from armguard_tray.ui.health_panel.sign import Sign
from tests.fakes.stream_health import MANILA, NOW

STREAMS = ("transactions", "inventory", "notifications")


def rung(of: str, status: Status = Status.OK, evidence: str = "live since 07:58") -> Rung:
    return Rung(
        id=f"handshake:{of}", name=f"Handshake of {of}", status=status, evidence=evidence, since=NOW, ms=3.4
    )


def rows(*rungs: Rung, checking: bool = False) -> list[LadderRow]:
    return rows_of(rungs, NOW, MANILA, checking=checking)


def test_what_all_streams_share_is_one_row() -> None:
    (row,) = rows(*(rung(stream) for stream in STREAMS))

    assert (row.name, row.evidence) == ("Handshake", "all streams: live since 07:58")
    assert (row.sign, row.since, row.took) == (Sign.OK, "11:26", "3 ms")


def test_of_well_streams_only_what_they_have_in_common_is_said() -> None:
    trips = [rung(stream, evidence=f"live since 07:58 · answers in {len(stream)} ms") for stream in STREAMS]
    times = [rung(stream, evidence=f"live since 0{len(stream) % 10}:58") for stream in STREAMS]

    assert rows(*trips)[0].evidence == "all streams: live since 07:58"
    assert rows(*times)[0].evidence == "all streams"


def test_the_one_that_fails_has_a_row_of_its_own() -> None:
    found = rows(rung("transactions"), rung("inventory", Status.FAILED, "HTTP 403"), rung("notifications"))

    assert [(row.sign, row.evidence) for row in found] == [
        (Sign.OK, "transactions, notifications: live since 07:58"),
        (Sign.FAILED, "inventory: HTTP 403"),
    ]


def test_what_is_unknown_of_all_for_the_same_reason_is_one_row() -> None:
    hidden = [
        rung(stream, Status.UNKNOWN, f"unknown while handshake of {stream} fails") for stream in STREAMS
    ]

    assert [row.evidence for row in rows(*hidden)] == ["unknown while handshake fails"]


def test_while_it_is_checked_what_was_not_looked_at_is_still_to_come() -> None:
    unseen = rung("transactions", Status.UNKNOWN, "not looked at")

    assert rows(unseen, checking=True)[0].sign is Sign.PENDING
    assert rows(unseen, checking=True)[0].evidence == ""
    assert (rows(unseen)[0].sign, rows(unseen)[0].evidence) == (Sign.UNKNOWN, "not looked at")


def test_a_row_is_spoken_with_its_status() -> None:
    tcp = Rung(id="tcp", name="TCP", status=Status.FAILED, evidence="refused")

    assert rows(tcp)[0].spoken == "TCP: failed: refused"
    assert (rows(tcp)[0].since, rows(tcp)[0].took) == ("", "")


def test_of_another_day_since_has_the_day() -> None:
    assert rows(replace(rung("x"), since=NOW - timedelta(days=1)))[0].since == "23/11/26 11:26"


@pytest.mark.parametrize(
    ("ms", "words"), [(None, ""), (0.42, "0.4 ms"), (2.4, "2 ms"), (84.0, "84 ms"), (1234.0, "1.2 s")]
)
def test_how_long_it_took(ms: float | None, words: str) -> None:
    assert took_words(ms) == words


@pytest.mark.parametrize(
    "word", ["AB:" * 31 + "CD", "a" * 1000, "https://armory.local:8443/ws/transactions/"]
)
def test_long_words_can_be_broken_and_lose_nothing(word: str) -> None:
    broken = breakable(f"shown {word} here")

    assert broken.replace("\u200b", "") == f"shown {word} here"
    assert max(len(piece) for piece in broken.replace("\u200b", " ").split()) <= 16
    assert breakable("short words stay as they are") == "short words stay as they are"


def test_a_long_evidence_is_cut() -> None:
    assert len(shortened("x" * 1000)) == 320
    assert shortened("short") == "short"
