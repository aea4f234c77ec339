"""What the Redis page says: all that is known, and never more than that."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from armguard_tray.checkup.redis_source import RedisSeen
from armguard_tray.connection.live_app import LiveApp
from armguard_tray.diagnosis.codes import Code
from armguard_tray.redis_probe.figures import RedisFigures
from armguard_tray.redis_probe.proof import Proof, ProofVerdict
from armguard_tray.redis_probe.report import Reason, failed
from armguard_tray.ui.health_panel.sign import Sign
from armguard_tray.ui.settings_dialog.redis_options import OPTIONS, read_only_option
from armguard_tray.ui.settings_dialog.redis_words import (
    CHANGED,
    FALLBACK,
    FOREIGN,
    IN_MEMORY,
    NONE_NAMED,
    NOT_LOOKED,
    NOT_PROVEN,
    NOT_TRIED,
    PROVEN,
    Answer,
    RedisWords,
    answer_of,
    words_of,
)
from tests.fakes import redis_seen
from tests.fakes.redis_seen import FIGURES, WHERE, of_app
from tests.fakes.stream_health import MANILA, NOW, broken


def answer(seen: RedisSeen) -> Answer:
    return answer_of(seen.facts, MANILA)


def words(seen: RedisSeen, **figures: object) -> RedisWords:
    if figures:
        changed = replace(FIGURES, **figures)  # type: ignore[arg-type]  # any of its fields
        seen = replace(seen, facts=replace(seen.facts, figures=changed))
    return words_of(seen, MANILA)


def line(name: str, **figures: object) -> str:
    return next(each.text for each in words(redis_seen.PROVEN, **figures).figures if each.name == name)


# Which channel layer it is


def test_proven_shows_the_proof() -> None:
    found = answer(redis_seen.PROVEN)

    assert (found.sign, found.sentence) == (Sign.OK, PROVEN)
    assert found.evidence == (
        "Our membership joined armguard::group:notifications_2 at 11:26:34, and left when we closed it. "
        "By the core layer, in Redis at 127.0.0.1:6379, database 0. As of 24/11/26 11:26:36."
    )
    assert not found.reasons
    assert not found.causes


def test_not_proven_shows_what_could_be_the_reason() -> None:
    found = answer(redis_seen.NOT_PROVEN)

    assert (found.sign, found.sentence) == (Sign.UNKNOWN, NOT_PROVEN)
    assert found.evidence.startswith("Nobody joined armguard::group:notifications_2")
    assert any("another prefix" in each for each in found.reasons)


@pytest.mark.parametrize(
    "seen",
    [
        redis_seen.NOT_LOOKED,
        redis_seen.ANSWERS,
        redis_seen.NOT_PROVEN,
        redis_seen.NOT_SEEN,
        redis_seen.DOWN,
        redis_seen.ASKS_FOR_A_PASSWORD,
        redis_seen.DEAF,
    ],
)
def test_what_is_not_seen_is_never_taken_for_in_memory(seen: RedisSeen) -> None:
    assert answer(seen).sentence == NOT_PROVEN


def test_a_redis_that_answers_proves_nothing() -> None:
    assert answer(redis_seen.ANSWERS).evidence == NOT_TRIED


def test_in_memory_where_the_server_says_so() -> None:
    found = answer(redis_seen.SAYS_MEMORY)

    assert (found.sign, found.sentence) == (Sign.WARNING, FALLBACK)
    assert found.evidence.startswith("Redis at 127.0.0.1:6379 refuses: nothing listens there. What other")
    assert [each.code for each in found.causes] == [Code.MEMORY_LAYER]


def test_in_memory_where_the_audit_concludes_it() -> None:
    found = answer(redis_seen.BY_AUDIT)

    assert (found.sign, found.sentence) == (Sign.FAILED, FALLBACK)
    assert found.evidence.startswith("Concluded: nothing is announced")
    assert found.evidence.endswith("As of 24/11/26 11:25:40."), "it was seen then, and is not looked for here"
    assert [each.code for each in found.causes] == [Code.MEMORY_MANY_PROCESSES]


def test_in_memory_that_nobody_warns_of_is_no_fallback() -> None:
    chosen = LiveApp("1.2", layer="memory", why="It is what the settings ask for.")

    found = answer(of_app(redis_seen.DOWN, chosen))

    assert (found.sign, found.sentence) == (Sign.OK, IN_MEMORY)
    assert found.evidence == "It is what the settings ask for. One process alone needs no Redis."


@pytest.mark.parametrize("looked", [True, False])
def test_a_proof_that_was_asked_for_in_memory_shows_what_came_of_it(*, looked: bool) -> None:
    chosen = of_app(redis_seen.DOWN, LiveApp("1.2", layer="memory", why="The server's settings say so."))
    proof = Proof(
        verdict=ProofVerdict.NOT_PROVEN,
        at=NOW,
        where="127.0.0.1:6379, database 0",
        evidence="nobody joined when our socket was opened",
        reasons=("Redis refuses.",),
        looked=looked,
    )

    found = answer(replace(chosen, facts=replace(chosen.facts, proof=proof)))

    assert found.evidence.endswith(
        "Sought in Redis all the same: nobody joined when our socket was opened. As of 24/11/26 11:26:40."
    )
    assert found.reasons == (() if looked else ("Redis refuses.",)), "of memory nobody wonders why"


def test_what_the_server_says_of_redis_is_no_proof() -> None:
    found = answer(of_app(redis_seen.DOWN, LiveApp("1.2", layer="redis", why="it answers")))

    assert (found.sign, found.sentence) == (Sign.UNKNOWN, NOT_PROVEN)
    assert found.evidence == (
        "The server's live app says that it uses Redis: it answers. This desk has not seen it."
    )


def test_what_the_server_said_before_it_was_lost_is_not_known_any_more() -> None:
    memory = of_app(redis_seen.DOWN, LiveApp("1.2", layer="memory", why="Redis refuses"))
    streams = tuple(
        replace(each, app=old.app) for each, old in zip(broken().streams, memory.facts.streams, strict=True)
    )

    assert answer(replace(memory, facts=replace(memory.facts, streams=streams))).sentence == NOT_PROVEN


def test_deaf_is_said_beside_the_proof_of_another_socket() -> None:
    assert [each.code for each in answer(redis_seen.DEAF).causes] == [Code.DEAF]
    assert redis_seen.PROVEN.facts.proof is not None
    proof = replace(redis_seen.PROVEN.facts.proof, was_member=True)

    found = answer(replace(redis_seen.PROVEN, facts=replace(redis_seen.PROVEN.facts, proof=proof)))

    assert (found.sign, found.sentence) == (Sign.WARNING, PROVEN)
    assert [each.code for each in found.causes] == [Code.DEAF]


# The Redis that was found


def test_one_sentence_says_what_was_found_where_and_when() -> None:
    assert words(redis_seen.PROVEN).sentence == (
        "Redis 7.0.15 answers at 127.0.0.1:6379 (the address of the settings, as of 11:26:38)."
    )
    assert words(redis_seen.DOWN).sentence == (
        "Nothing listens at 127.0.0.1:6379: the connection was refused (the address of the settings, "
        "as of 11:26:38)."
    )
    assert words(redis_seen.NOT_LOOKED).sentence == NOT_LOOKED


def test_a_look_that_is_older_than_what_the_server_says_is_called_so() -> None:
    assert words_of(redis_seen.DOWN, MANILA, changed=True).note == CHANGED
    assert words_of(redis_seen.DOWN, MANILA).note == ""


def test_the_figures_of_a_redis_that_is_well() -> None:
    found = words(redis_seen.PROVEN)

    assert found.sign is Sign.OK
    assert not found.causes
    assert {each.name: each.text for each in found.figures} == {
        "Address": "redis://127.0.0.1:6379/0",
        "Version": "Redis 7.0.15",
        "Role": "master",
        "Up for": "3 days 4 h",
        "Memory": "12.4 MiB of 256.0 MiB (5%) · noeviction",
        "Evicted": "0 keys since its start",
        "Refused": "0 connections since its start",
        "Clients": "14 of 10,000 · 2 wait in it",
        "Last save": "4 min ago",
        "Round trip": "half within 0.1 ms, 99 of 100 within 0.4 ms",
    }
    assert found.full == pytest.approx(13_002_342 / (256 * 2**20))


def test_what_is_wrong_in_the_figures_is_said_in_words() -> None:
    found = words(redis_seen.AILING)

    assert found.sign is Sign.WARNING
    assert [each.code for each in found.causes] == [Code.REDIS_EVICTING, Code.REDIS_TOO_MANY_CLIENTS]
    assert line("Up for", restarted=True) == "3 days 4 h · restarted since the last look"
    assert line("Evicted", evicted=1204, evicted_lately=12) == "1,204 keys, 12 of them since the last look"
    assert line("Refused", refused=1, refused_lately=0) == "1 connection since its start"


@pytest.mark.parametrize(
    ("name", "figures", "text"),
    [
        ("Memory", {"max_memory": 0}, "12.4 MiB, no limit"),
        ("Memory", {"max_memory": None}, "12.4 MiB"),
        ("Memory", {"used_memory": None}, "not told"),
        ("Memory", {"used_memory": 900, "max_memory": 0}, "900 B, no limit"),
        ("Memory", {"used_memory": 3 * 2**30, "max_memory": 0}, "3.0 GiB, no limit"),
        ("Role", {"role": "replica"}, "replica, read-only"),
        ("Role", {"role": None}, "not told"),
        ("Up for", {"uptime": None}, "not told"),
        ("Evicted", {"evicted": None}, "not told"),
        ("Clients", {"clients": None}, "not told"),
        ("Clients", {"max_clients": None, "blocked_clients": 0}, "14"),
        ("Last save", {"last_save_ago": None}, "none since its start"),
        ("Last save", {"last_save_ok": False}, "failed since then; the last one that is known, 4 min ago"),
        ("Last save", {"last_save_ok": False, "last_save_ago": None}, "failed"),
        ("Last save", {"last_save_ago": timedelta(hours=3)}, "3 h ago"),
        ("Round trip", {"pings": ()}, "not measured"),
        ("Round trip", {"pings": (12.4,)}, "half within 12 ms, 99 of 100 within 12 ms"),
        ("Loading", {"loading": True}, "it is still loading its data"),
        ("Account", {"missing": (("info", "x stays unknown"),)}, "May not info: x stays unknown."),
    ],
)
def test_a_figure(name: str, figures: dict[str, object], text: str) -> None:
    assert line(name, **figures) == text


def test_nothing_is_claimed_of_what_is_not_told() -> None:
    untold = replace(redis_seen.PROVEN, facts=replace(redis_seen.PROVEN.facts, figures=RedisFigures()))

    told = {each.text for each in words(untold).figures if each.name not in {"Address", "Version"}}

    assert told == {"not told", "not measured", "none since its start"}
    assert words(untold).full is None


def test_a_redis_that_nobody_named_is_not_called_the_servers() -> None:
    found = words(redis_seen.FOUND_BY_ITSELF, policy="allkeys-lru")

    assert found.note == FOREIGN
    assert found.figures[0].text == "redis://armory.local:6379/0"
    assert "(the server's host, as of 11:26:38)" in found.sentence
    assert [each.code for each in found.causes] == [Code.REDIS_EVICTING], "it is said all the same"


def test_that_there_is_no_redis_is_no_fault_where_nobody_named_one() -> None:
    facts = replace(redis_seen.DOWN.facts, redis_guessed=True)

    found = words(replace(redis_seen.DOWN, facts=facts))

    assert (found.sign, found.causes) == (Sign.UNKNOWN, ())
    assert found.note == NONE_NAMED, "what is not there is not said to be found"


def test_a_named_redis_that_refuses_has_its_own_words() -> None:
    report = failed(WHERE, Reason.LOGIN_NEEDED)
    seen = replace(redis_seen.DOWN, facts=replace(redis_seen.DOWN.facts, redis=report))

    assert [each.code for each in words(seen).causes] == [Code.REDIS_PASSWORD_NEEDED]


# What can be done


def test_each_option_has_lines_to_copy_that_are_python() -> None:
    for option in OPTIONS:
        for _, text in option.copies:
            compile(text, "settings.py", "exec")


def test_the_lines_for_a_stock_server_have_the_password_in_the_address_and_a_longer_timeout() -> None:
    (_, text) = OPTIONS[0].copies[1]
    settings: dict[str, Any] = {"SECRET_KEY": "the project's own"}
    exec(text, settings)  # noqa: S102 - ours

    (host,) = settings["CHANNEL_LAYERS"]["default"]["CONFIG"]["hosts"]
    assert host == {"address": "redis://:<password>@127.0.0.1:6379/0", "socket_timeout": 15}


@pytest.mark.parametrize(
    ("version", "rules"),
    [("7.2.4", "resetkeys %R~*"), (None, "resetkeys %R~*"), ("8.1.0", "%R~*"), ("6.2.14", "resetkeys ~*")],
)
def test_the_account_fits_the_version(version: str | None, rules: str) -> None:
    ((_, text),) = read_only_option(version).copies

    assert text.startswith("ACL SETUSER armguard-tray on >CHOOSE-A-PASSWORD resetkeys ")
    assert rules in text


@pytest.mark.parametrize("version", ["5.0.3", "3.2"])
def test_an_old_redis_has_no_accounts(version: str) -> None:
    assert read_only_option(version).copies == ()


@pytest.mark.parametrize("version", ["", "unstable", "9" * 5000, "²"])
def test_a_version_that_is_none_is_taken_for_a_new_one(version: str) -> None:
    assert read_only_option(version).copies
