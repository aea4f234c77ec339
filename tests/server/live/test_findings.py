"""What checks find: how events came, the verdict over all, and words that are plain text."""

from datetime import UTC, datetime

import pytest

from armguard_tray.server.management.checkup.evidence import Figures, How, how
from armguard_tray.server.management.checkup.findings import Bad, Finding, Unknown, Verdict, find, summary

NOW = datetime(2026, 11, 24, 11, 25, tzinfo=UTC)


def figures(told: int, found: int) -> Figures:
    return Figures(told, found, NOW, frozenset({"armorer1"}))


def test_a_process_that_nobody_told_has_found_the_events() -> None:
    assert how({"a": figures(7, 2)}, {"a": figures(7, 6)}) is How.FOUND
    # Who asks for old events, as a client that connects does, finds events too; that is not counted.
    assert how({"a": figures(7, 2)}, {"a": figures(7, 2)}) is How.FOUND


def test_a_process_that_found_nothing_was_told() -> None:
    assert how({"a": figures(7, 2)}, {"a": figures(11, 2)}) is How.TOLD
    assert how({}, {"a": figures(4, 0)}) is How.TOLD, "it is new"


def test_one_process_that_was_not_told_is_enough() -> None:
    assert how({}, {"a": figures(4, 0), "b": figures(0, 4)}) is How.FOUND


def test_whoever_was_told_of_some_and_found_others_gives_no_answer() -> None:
    assert how({}, {"a": figures(3, 1)}) is How.UNKNOWN
    assert how({"a": figures(7, 2)}, {}) is How.UNKNOWN, "it has not said anything since"


async def test_a_check_that_cannot_tell_is_neither_good_nor_bad() -> None:
    async def check() -> str:
        raise Unknown("too slow to tell")

    finding = await find("broadcast", check)
    assert (finding.verdict, finding.detail) == (Verdict.UNKNOWN, "too slow to tell")
    good = Finding("settings", Verdict.GOOD, "")
    assert summary([good, finding]) == "Verdict: unknown (1 good, 0 bad, 1 unknown, 0 skipped): broadcast"


async def test_bad_outweighs_unknown() -> None:
    async def check() -> str:
        raise Bad("it stayed open")

    findings = [Finding("broadcast", Verdict.UNKNOWN, ""), await find("flood", check)]
    assert summary(findings) == "Verdict: bad (0 good, 1 bad, 1 unknown, 0 skipped): flood"
    assert summary([]) == "Verdict: good (0 good, 0 bad, 0 skipped)"


@pytest.mark.parametrize("sign", ["\n", "\r", "\x1b", "\x07", "\u202e", "\u2028", "\x9b"])
def test_a_line_is_one_line_of_plain_text(sign: str) -> None:
    line = Finding("flood", Verdict.BAD, f"closed: {sign}[31mwell").as_line()
    assert line.isprintable()
    assert line.endswith("closed:  [31mwell")
