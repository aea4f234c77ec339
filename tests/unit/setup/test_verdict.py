"""The verdict on each promise."""

import json

from server_setup.verdict import Check, Line, is_switched_off, judged, read_report
from tests.server.live.check_names import ALL_CHECKS


def report(**changed: tuple[str, str]) -> list[Check]:
    named = {name.replace("_", " "): verdict for name, verdict in changed.items()}
    return [Check(name, *named.get(name, ("good", "seen")), 0.5) for name in ALL_CHECKS]


def state_of(promise: str, lines: list[Line]) -> Line:
    return next(line for line in lines if promise in line.promise)


def test_every_check_counts_for_a_promise() -> None:
    lines = judged(report())
    assert {line.state for line in lines} == {"good"}
    assert not [line for line in lines if line.promise == "Everything else"]


def test_one_bad_check_breaks_its_promise_and_no_other() -> None:
    lines = judged(report(flood=("bad", "nothing came of it within 60 s")))
    bad = [line for line in lines if line.state != "good"]
    assert [line.text for line in bad] == [
        "bad      Errors have their codes, and hurt nobody else: flood: nothing came of it within 60 s"
    ]


def test_without_redis_it_is_said_what_to_do() -> None:
    checks = report(channel_layer=("bad", 'in memory: say so: `channel_layers(use="memory")`'))
    line = state_of("channel layer", judged(checks, "start Redis"))
    assert line.note == "channel layer: in memory: say so: `--layer=memory`. To do: start Redis"


def test_what_was_skipped_is_not_proved_by_what_stands_beside_it() -> None:
    off = ("skipped", "real time is switched off (REAL_TIME)")
    kept = ("settings", "database", "server process", "second", "stock", "events", "status", "channel layer")
    checks = [
        check
        if check.name.startswith(kept) and check.name != "channel layer of the server"
        else Check(check.name, *off)
        for check in report()
    ]
    lines = judged(checks)
    assert is_switched_off(checks)
    assert not is_switched_off(report())
    for promise in ("channel layer", "Sockets open", "Every process", "Nothing is lost", "so many"):
        line = state_of(promise, lines)
        assert (line.state, line.note) == ("not used", off[1])
    assert state_of("over HTTP", lines).state == "good"
    assert state_of("in place", lines).state == "good"


def test_behind_a_broken_handshake_nothing_is_known() -> None:
    lines = judged(report(handshake=("bad", "HTTP 500"), resume=("skipped", "the handshake does not work")))
    assert state_of("Nothing is lost", lines).state == "unknown"


def test_how_announcements_came_is_said() -> None:
    lines = judged(report(broadcast_across_processes=("good", "found by looking at the log within 2.0 s")))
    line = state_of("Every process", lines)
    assert line.note == "found by looking at the log within 2.0 s; tested in 1.5 s"


def test_what_a_check_could_not_tell_is_unknown_and_not_good() -> None:
    (line,) = [
        line for line in judged(report(broadcast=("unknown", "the machine is slow"))) if line.state != "good"
    ]
    assert line.text == "unknown  Every process hears every announcement: broadcast: the machine is slow"


def test_what_a_server_says_moves_no_cursor() -> None:
    printed = {"checks": [vars_of(Check("flood", "bad", "closed: \x1b[2J\u202egone", 0.1))]}
    assert read_report(json.dumps(printed)) == [Check("flood", "bad", "closed:  [2J gone", 0.1)]


def test_what_the_project_has_not_is_no_fault() -> None:
    none = ("skipped", "the project has none of them")
    lines = judged(report(stock_paths=none, stock_pages_hear_the_app=none))
    assert state_of("ArmGuard's own pages", lines).state == "not used"


def test_what_was_not_tested_is_unknown() -> None:
    assert {line.state for line in judged([])} == {"unknown"}
    lines = judged([Check("settings", "bad", "E001")])
    assert state_of("in place", lines).state == "bad"
    assert state_of("status page", lines).state == "unknown"


def test_a_check_that_is_new_is_judged_too() -> None:
    lines = judged([*report(), Check("something new", "bad", "broken")])
    assert lines[-1] == Line("Everything else", "bad", "something new: broken")


def test_the_report_is_found_among_other_output() -> None:
    printed = {"url": None, "verdict": "good", "checks": [vars_of(Check("settings", "good", "fine", 0.1))]}
    output = "a warning\n" + json.dumps(printed) + "\nanother\n"
    assert read_report(output) == [Check("settings", "good", "fine", 0.1)]
    assert read_report("Traceback (most recent call last):\n") is None
    assert read_report('{"checks": ') is None


def vars_of(check: Check) -> dict[str, object]:
    return {
        "name": check.name,
        "verdict": check.verdict,
        "detail": check.detail,
        "seconds": check.seconds,
    }
