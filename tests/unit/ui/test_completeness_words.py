"""How complete the log is, in words: nothing is claimed without evidence."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from armguard_tray.catchup.completeness import UNKNOWN, Completeness, Progress
from armguard_tray.storage.ledger import Backlog
from armguard_tray.ui.completeness_words import (
    NOT_KNOWN,
    brought_words,
    claim,
    claims,
    evidence,
    kind_of_claim,
    progress_words,
    short_claims,
)
from tests.fakes.stream_health import MANILA, NOW

GOOD = Completeness(begins=47_001, complete_to=48_211, as_of=NOW, is_current=True, checked=NOW)
THEN = datetime(2026, 11, 24, 3, 2, tzinfo=UTC)
LATE = replace(GOOD, is_current=False, as_of=THEN)
CANCELLED = replace(GOOD, backlog=Backlog.CANCELLED)
FIRST_MINUTE = Completeness(begins=48_212, complete_to=48_211, as_of=NOW, is_current=True)


@pytest.mark.parametrize(
    ("completeness", "words"),
    [
        (UNKNOWN, NOT_KNOWN),
        (GOOD, "complete to #48211"),
        (LATE, "complete to #48211 at 11:02"),
        (replace(LATE, as_of=THEN - timedelta(days=1)), "complete to #48211 at 23/11/26 11:02"),
        (replace(LATE, as_of=None), NOT_KNOWN),
        (FIRST_MINUTE, "complete from #48212"),
        (replace(FIRST_MINUTE, is_current=False), NOT_KNOWN),
        (CANCELLED, "complete #47001\N{EN DASH}#48211"),
        (
            replace(CANCELLED, is_current=False, as_of=THEN),
            "complete #47001\N{EN DASH}#48211 at 11:02",
        ),
        (replace(CANCELLED, begins=1), "complete to #48211"),
        (replace(CANCELLED, backlog=Backlog.DONE), "complete to #48211"),
        (replace(CANCELLED, backlog=Backlog.WANTED), "complete to #48211"),
    ],
)
def test_a_claim_is_as_good_as_its_evidence(completeness: Completeness, words: str) -> None:
    assert claim(completeness, NOW, MANILA) == words


def test_a_reader_hears_that_the_time_before_is_lacking_and_the_tooltip_tells_from_where_on() -> None:
    assert kind_of_claim(CANCELLED) != kind_of_claim(GOOD)
    assert "from #47001 to #48211" in evidence(CANCELLED, NOW, MANILA)


@pytest.mark.parametrize(
    ("fetched", "words"),
    [
        (1240, "The last month is there: 1,240 transactions, back to 31/10/26"),
        (1, "The last month is there: 1 transaction, back to 31/10/26"),
    ],
)
def test_what_has_been_fetched(fetched: int, words: str) -> None:
    back_to = datetime(2026, 10, 30, 17, tzinfo=UTC)
    assert brought_words(Progress(backlog=True, fetched=fetched, back_to=back_to), MANILA) == words


def test_what_belongs_to_the_claim_stands_behind_it() -> None:
    seen = replace(
        LATE,
        gaps_today=2,
        unannounced_today=3,
        failure="the server refuses the page.",
        progress=Progress(backlog=False, fetched=40),
    )
    assert claims(seen, NOW, MANILA) == [
        "complete to #48211 at 11:02",
        "2 gaps today",
        "3 not announced today",
        "history not checked: the server refuses the page",
        "catching up: 40 fetched",
    ]
    assert "history not checked" in short_claims(seen, NOW, MANILA)
    assert claims(replace(GOOD, gaps_today=1), NOW, MANILA)[1] == "1 gap today"


def test_what_a_server_says_stays_on_the_line() -> None:
    (_, failure) = claims(replace(GOOD, failure="no\npage \u202e"), NOW, MANILA)
    assert failure.isprintable()


@pytest.mark.parametrize(
    ("progress", "words"),
    [
        (Progress(backlog=True), "fetching the last month"),
        (Progress(backlog=True, fetched=1), "fetching the last month: 1 transaction"),
        (
            Progress(backlog=True, fetched=1240, back_to=datetime(2026, 11, 12, tzinfo=UTC)),
            "fetching the last month: 1,240 transactions, back to 12/11/26",
        ),
        (Progress(backlog=False), "catching up"),
        (Progress(backlog=False, fetched=1240), "catching up: 1,240 fetched"),
    ],
)
def test_what_is_being_fetched(progress: Progress, words: str) -> None:
    assert progress_words(progress, MANILA) == words


@pytest.mark.parametrize(
    ("completeness", "sentences"),
    [
        (UNKNOWN, "It is not known yet whether transactions are missing."),
        (
            GOOD,
            (
                "All transactions from #47001 to #48211 are in the log, or in a gap that it shows.\n"
                "The server's history was last read at 11:26."
            ),
        ),
        (
            replace(LATE, checked=None, failure="no answer", unannounced_today=1),
            (
                "All transactions from #47001 to #48211 are in the log, or in a gap that it shows. "
                "That was seen at 11:02; whether there are newer ones is not known.\n"
                "The server's history has not been read since the start.\n"
                "Last time it could not be read: no answer.\n"
                "One transaction was found there today; the server announced it to nobody."
            ),
        ),
        (
            replace(FIRST_MINUTE, checked=NOW, unannounced_today=2),
            (
                "All transactions from #48212 on are in the log; there has been none yet.\n"
                "The server's history was last read at 11:26.\n"
                "2 transactions were found there today; the server announced them to nobody."
            ),
        ),
    ],
)
def test_the_evidence_in_sentences(completeness: Completeness, sentences: str) -> None:
    assert evidence(completeness, NOW, MANILA) == sentences


def test_the_next_transaction_is_no_other_claim_but_the_end_of_being_current_is() -> None:
    after = replace(GOOD, complete_to=48_212, as_of=NOW + timedelta(seconds=1))
    assert kind_of_claim(after) == kind_of_claim(GOOD)
    others = (
        UNKNOWN,
        LATE,
        replace(GOOD, failure="no answer"),
        replace(GOOD, gaps_today=1),
        replace(GOOD, unannounced_today=1),
        replace(GOOD, progress=Progress(backlog=True)),
    )
    kinds = {kind_of_claim(each) for each in (GOOD, *others)}
    assert len(kinds) == 1 + len(others)
