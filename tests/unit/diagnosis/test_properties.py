"""What holds whatever was found out: no false green, no rung that claims what it cannot know."""

import json
from collections.abc import Iterable
from dataclasses import fields, replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from armguard_tray.connection.explain import BROKEN_DOWN, HELD_UP, explain
from armguard_tray.connection.failures import Closure, Failure, FailureKind
from armguard_tray.connection.phase import End, Phase, StreamFacts
from armguard_tray.diagnosis.diagnose import as_json, diagnose
from armguard_tray.diagnosis.facts import Facts, HandshakeFound, Keeping, Site, TlsFault, ToastsFound
from armguard_tray.diagnosis.ladder import Diagnosis, Rung, Status
from armguard_tray.messages.streams import DEFAULT_STREAMS, Stream
from armguard_tray.redis_probe.proof import ProofVerdict
from armguard_tray.redis_probe.report import Reason, RedisState
from tests.unit.diagnosis.examples import (
    NOW,
    ago,
    app,
    audit,
    checked,
    figures,
    handshake,
    http,
    live,
    login,
    name,
    proof,
    redis,
    running,
    session,
    tcp,
    tls,
)

words = st.text(max_size=12)
kinds = st.sampled_from([None, *FailureKind])
statuses = st.sampled_from([None, 200, 302, 400, 403, 404, 418, 429, 500, 502, 503])
failures = st.builds(Failure, st.sampled_from(FailureKind), statuses, st.none() | st.floats(), words)
closures = st.builds(Closure, st.sampled_from([1000, 1006, 1011, 1012, 4000, 4001, 4030]), words, words)
apps = st.builds(
    app,
    layer=st.sampled_from(["", "redis", "memory", "none", "other"]),
    real_time=st.booleans(),
    in_use=st.booleans(),
    warning=st.none() | words,
)
troubles = st.one_of(st.sampled_from([HELD_UP, BROKEN_DOWN]), failures.map(explain), closures.map(explain))


def of_some_streams(make: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(make, max_size=5, unique_by=lambda each: each.stream).map(tuple)


def made_handshake(
    stream: Stream, failure: Failure | None, closure: Closure | None, shown: str
) -> HandshakeFound:
    return handshake(stream, failure, closure=closure, subscribed=shown, alive=5.0)


all_handshakes = of_some_streams(
    st.builds(
        made_handshake,
        st.sampled_from(Stream),
        st.none() | failures,
        st.none() | closures,
        st.sampled_from(["", "hello"]),
    )
)
all_streams = of_some_streams(
    st.builds(
        StreamFacts,
        stream=st.sampled_from(Stream),
        phase=st.sampled_from(Phase),
        since=st.just(ago(minutes=5)),
        trouble=st.none() | troubles,
        ends=st.lists(st.builds(End, st.just(ago(seconds=9)), failures | closures), max_size=3).map(tuple),
        last_event=st.none() | st.just(ago(minutes=1)),
        app=st.none() | apps,
    )
)

PARTS: dict[str, st.SearchStrategy[Any]] = {
    "configured": st.sampled_from([True, True, True, False]),
    "plain_http_refused": st.sampled_from([False, False, True]),
    "tls_expected": st.sampled_from([True, True, False]),
    "name": st.none() | st.builds(name, kinds),
    "tcp": st.none() | st.builds(tcp, kinds),
    "tls": st.none() | st.builds(tls, st.sampled_from([None, *TlsFault])),
    "http": st.none()
    | st.builds(
        http,
        kinds,
        statuses,
        site=st.sampled_from([None, *Site]),
        ahead=st.none() | st.timedeltas(timedelta(seconds=-9), timedelta(seconds=9)),
    ),
    "password": st.sampled_from([None, *Keeping]),
    "login": st.none() | st.builds(login, kinds, statuses, locked_until=st.none() | st.just(NOW)),
    "session": st.none() | st.builds(session, alive=st.sampled_from([True, False, None]), failure=kinds),
    "app": st.none() | apps,
    "handshakes": all_handshakes,
    "streams": all_streams,
    "audit": st.none()
    | st.builds(audit, compared=st.integers(0, 9), gaps=st.integers(0, 2), warning=words, failure=words)
    | st.just(audit(4, 5)),
    "redis": st.none() | st.builds(redis, st.sampled_from(Reason)),
    "redis_guessed": st.booleans(),
    "figures": st.none() | st.builds(figures, used_memory=st.integers(0, 9), max_memory=st.integers(0, 9)),
    "proof": st.none() | st.builds(proof, st.sampled_from(ProofVerdict), was_member=st.booleans()),
    "toasts": st.none() | st.builds(ToastsFound, by=words, off=words),
}


@st.composite
def arbitrary_facts(draw: st.DrawFn) -> Facts:
    """Facts that are well but for some parts, which are anything."""
    well = draw(st.sampled_from([checked(), running()]))
    changed = draw(st.sets(st.sampled_from(sorted(PARTS)), max_size=6) | st.just(set(PARTS)))
    parts: dict[str, Any] = {part: draw(PARTS[part]) for part in sorted(changed)}
    return replace(well, **parts)


def anything_failed(facts: Facts) -> bool:
    """Tell whether any step of the way, or any stream, is known not to work."""
    steps = (facts.name, facts.tcp, facts.http, facts.login)
    made = {each.stream: each for each in facts.handshakes}.values()
    return (
        not facts.configured
        or facts.plain_http_refused
        or any(step is not None and step.failure is not None for step in steps)
        or (facts.session is not None and facts.session.failure == Failure(FailureKind.RATE_LIMITED, 403))
        or (facts.tls_expected and facts.tls is not None and facts.tls.fault is not None)
        or any(each.failure or each.closure or not each.subscribed for each in made)
        or any(each.trouble is not None for each in facts.streams)
        or (facts.audit is not None and bool(facts.audit.unannounced or facts.audit.warning))
        or (facts.redis is not None and facts.redis.state is not RedisState.UP and not facts.redis_guessed)
        or (facts.toasts is not None and bool(facts.toasts.off))
        or facts.password in {Keeping.LOCKED, Keeping.MISSING, Keeping.NO_KEYRING}
    )


def rungs_of(found: Diagnosis) -> dict[str, Rung]:
    return {rung.id: rung for rung in found.rungs}


def first_failed(found: Diagnosis) -> Rung | None:
    return next((rung for rung in found.rungs if rung.status is Status.FAILED), None)


@given(arbitrary_facts())
@settings(max_examples=300, deadline=None)
def test_what_failed_is_never_well(facts: Facts) -> None:
    found = diagnose(facts)
    if anything_failed(facts):
        assert found.verdict in {Status.FAILED, Status.WARNING}
        assert found.causes
    elif found.verdict is Status.OK:
        assert found.causes == ()


def test_no_fact_at_all_is_never_well() -> None:
    found = diagnose(Facts(now=NOW))
    assert found.verdict is Status.UNKNOWN
    assert {rung.status for rung in found.rungs} == {Status.UNKNOWN}


@pytest.mark.parametrize("part", ["name", "tcp", "tls", "http", "login", "session"])
@pytest.mark.parametrize("well", [checked(), running()], ids=["checked", "running"])
def test_a_step_that_was_not_looked_at_is_not_well(well: Facts, part: str) -> None:
    without: dict[str, Any] = {part: None}
    assert diagnose(replace(well, **without)).verdict is Status.UNKNOWN


@pytest.mark.parametrize("stream", DEFAULT_STREAMS)
def test_a_stream_that_was_not_looked_at_is_not_well(stream: Stream) -> None:
    made = tuple(each for each in checked().handshakes if each.stream is not stream)
    assert diagnose(checked(handshakes=made)).verdict is Status.UNKNOWN


@given(arbitrary_facts())
@settings(deadline=None)
def test_well_means_that_every_step_was_seen(facts: Facts) -> None:
    found = diagnose(facts)
    if found.verdict is Status.OK:
        assert None not in {facts.name, facts.tcp, facts.http, facts.login, facts.session}
        for stream in DEFAULT_STREAMS:
            assert rungs_of(found)[f"subscribed:{stream}"].status is Status.OK


def streams_of(found: Diagnosis) -> list[str]:
    return [rung.id.partition(":")[2] for rung in found.rungs if rung.id.startswith("handshake:")]


WAY = ("name", "tcp", "tls", "http", "login", "session")


def above(rung_id: str, streams: Iterable[str]) -> set[str]:
    """Return what cannot be known while a rung fails, as the design has it."""
    kind, _, stream = rung_id.partition(":")
    of_streams = {f"{each}:{one}" for each in ("handshake", "subscribed") for one in streams}
    if kind == "handshake":
        return {f"subscribed:{stream}"}
    if kind in {"name", "tcp", "tls", "http"}:
        return {*WAY[WAY.index(kind) + 1 :], "clock", "complete", "last-event", "layer", *of_streams}
    if kind == "password":
        return {"login", "session", "complete", "last-event", "layer", *of_streams}
    if kind in {"login", "session"}:
        return {*WAY[WAY.index(kind) + 1 :], "complete", "last-event", "layer", *of_streams}
    return set()


def evidence_of_its_own(facts: Facts, found: Diagnosis) -> set[str]:
    """Return the rungs that stand though something below them fails."""
    alive = {each.stream.value for each in facts.streams if each.phase is Phase.LIVE}
    own = {f"{kind}:{stream}" for kind in ("handshake", "subscribed") for stream in alive}
    if facts.http is not None and facts.http.ahead is not None:
        own.add("clock")
    if rungs_of(found)["layer"].evidence.startswith("Redis, proven"):
        own.add("layer")
    # What a live stream brings needs no other rung.
    brings = {rungs_of(found)[f"subscribed:{stream}"].status for stream in alive} & {
        Status.OK,
        Status.WARNING,
    }
    return own | ({"last-event", "layer"} if brings else set())


@given(arbitrary_facts())
@settings(max_examples=300, deadline=None)
def test_the_rungs_above_the_first_failed_one_say_that_they_are_unknown(facts: Facts) -> None:
    found = diagnose(facts)
    failed = first_failed(found)
    if failed is None:
        assert not any("unknown while" in rung.evidence for rung in found.rungs)
        return
    streams = streams_of(found)
    said = failed.name if failed.name.isupper() else failed.name[0].lower() + failed.name[1:]
    hidden = {rung.id for rung in found.rungs if rung.evidence == f"unknown while {said} fails"}
    expected = above(failed.id, streams) - evidence_of_its_own(facts, found)
    if failed.id.startswith(("handshake", "subscribed")):
        # With no stream left, nothing is heard.
        expected |= hidden & {"last-event", "layer"}
        statuses = {rungs_of(found)[f"subscribed:{each}"].status for each in streams}
        assert not (hidden & {"last-event", "layer"}) or Status.OK not in statuses
    assert hidden == expected
    for rung_id in hidden:
        rung = rungs_of(found)[rung_id]
        assert (rung.status, rung.code, rung.ms, rung.since) == (Status.UNKNOWN, None, None, None)


def test_with_no_stream_left_nothing_is_heard() -> None:
    refused = tuple(handshake(stream, Failure(FailureKind.STATUS, 500)) for stream in DEFAULT_STREAMS)
    rungs = rungs_of(diagnose(checked(handshakes=refused, app=app())))
    for rung_id in ("last-event", "layer"):
        assert rungs[rung_id].evidence == "unknown while handshake of transactions fails"
    one = (handshake(Stream.INVENTORY), *(each for each in refused if each.stream is not Stream.INVENTORY))
    assert rungs_of(diagnose(checked(handshakes=one, app=app())))["layer"].status is Status.OK


@given(arbitrary_facts())
@settings(max_examples=300, deadline=None)
def test_the_headline_is_the_cause_of_the_first_failed_rung(facts: Facts) -> None:
    found = diagnose(facts)
    failed = first_failed(found)
    if failed is not None:
        assert found.verdict is Status.FAILED
        assert found.causes[0].code is failed.code
        assert found.headline == found.causes[0].text
    assert found.headline.strip()


@given(arbitrary_facts())
@settings(deadline=None)
def test_each_fault_has_one_cause_and_each_cause_a_rung(facts: Facts) -> None:
    found = diagnose(facts)
    codes = [each.code for each in found.causes]
    assert len(set(codes)) == len(codes)
    for rung in found.rungs:
        bad = rung.status in {Status.FAILED, Status.WARNING}
        assert bad is (rung.code is not None)
        assert rung.code is None or rung.code in codes


@given(arbitrary_facts())
@settings(deadline=None)
def test_evidence_is_one_plain_line(facts: Facts) -> None:
    for rung in diagnose(facts).rungs:
        assert rung.evidence
        assert "\n" not in rung.evidence


@given(arbitrary_facts())
@settings(deadline=None)
def test_the_json_has_exactly_the_promised_shape(facts: Facts) -> None:
    said = json.loads(json.dumps(as_json(diagnose(facts))))
    assert list(said) == ["verdict", "headline", "rungs", "causes"]
    assert said["verdict"] in {"ok", "warning", "failed", "unknown"}
    for rung in said["rungs"]:
        assert list(rung) == ["id", "status", "evidence", "ms", "since"]
        assert rung["status"] in {"ok", "warning", "failed", "unknown"}
    for each in said["causes"]:
        assert list(each) == ["code", "text", "remedy"]
        assert all(each.values())


def test_the_json_has_what_to_copy_in_the_remedy() -> None:
    said = as_json(diagnose(checked(http=http(FailureKind.HOST_NOT_ALLOWED, 400))))
    assert said["causes"][0]["remedy"].endswith('\nALLOWED_HOSTS += ["armory.local"]')


def test_the_ladder_is_in_its_order() -> None:
    assert [rung.id for rung in diagnose(checked()).rungs] == [
        *("name", "tcp", "tls", "http", "clock", "password", "login", "session"),
        *(f"handshake:{stream}" for stream in DEFAULT_STREAMS),
        *(f"subscribed:{stream}" for stream in DEFAULT_STREAMS),
        *("last-event", "complete", "layer", "redis", "toasts"),
    ]


def test_presence_has_its_rungs_where_it_is_followed() -> None:
    rungs = rungs_of(diagnose(running(streams=(*running().streams, live(Stream.PRESENCE)))))
    assert rungs["subscribed:presence"].status is Status.OK


def test_every_part_of_the_facts_is_tried() -> None:
    untried = {"now", "app_known"}
    assert {field.name for field in fields(Facts)} == set(PARTS) | untried
