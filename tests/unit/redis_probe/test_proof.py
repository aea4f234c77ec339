"""What comes and goes with our socket is ours; anything else proves nothing."""

from dataclasses import replace

import pytest

from armguard_tray.redis_probe.proof import (
    CORE,
    NEVER_EXPIRES,
    PUB_SUB,
    Elsewhere,
    Glance,
    Group,
    arrivals,
    group_of,
    group_under,
    joined_near,
    moment_of,
    objection,
    prefix_of,
    reasons_for_nothing,
    unreachable,
    words_of,
)

NOW = 1_795_575_000.0
OURS = f"specific.{'a' * 32}!{'b' * 32}"
THEIRS = f"specific.{'a' * 32}!{'c' * 32}"
EMPTY = replace(group_under("armguard:", group_of(2)), members={}, subscribers=0)
JOINED = replace(EMPTY, members={OURS: NOW + 1}, ttl=86400)


def glance(*groups: Group, at: float = NOW) -> Glance:
    return at, groups


def test_the_names_of_a_group() -> None:
    group = group_under("armguard:", group_of(2))

    assert group.key == "armguard::group:notifications_2"
    assert group.channel == "armguard:__group__notifications_2"
    assert prefix_of(group.key, "notifications_2") == "armguard:"
    assert prefix_of("armguard::group:notifications_12", "notifications_2") is None


def test_a_member_that_was_not_there_came() -> None:
    (came,) = arrivals(glance(EMPTY), glance(JOINED))

    assert (came.kind, came.member, came.place) == (CORE, OURS, EMPTY.key)
    assert objection(came, NOW, NOW + 1, glance(EMPTY)) is None


@pytest.mark.parametrize(
    "members",
    [
        {},
        {THEIRS: NOW},  # it was there before
        {"somebody's own": NOW},  # not the form of a channel layer's names
    ],
)
def test_nothing_of_ours_came(members: dict[str, float]) -> None:
    before = replace(EMPTY, members={THEIRS: NOW - 60})

    assert arrivals(glance(before), glance(replace(JOINED, members=members))) == []


def test_members_that_may_not_be_read_are_no_members_that_came() -> None:
    assert arrivals(glance(replace(EMPTY, members=None)), glance(JOINED)) == []


def test_a_subscription_shows_only_where_there_was_none() -> None:
    one, two = replace(EMPTY, subscribers=1), replace(EMPTY, subscribers=2)

    (came,) = arrivals(glance(EMPTY), glance(one))

    assert came.kind == PUB_SUB
    assert objection(came, NOW, NOW, glance(EMPTY)) is None
    assert "stayed" in (objection(came, NOW, NOW, glance(one)) or "")
    assert arrivals(glance(one), glance(two)) == []
    assert arrivals(glance(EMPTY), glance(two)) == []


@pytest.mark.parametrize(
    ("before", "during", "after", "words"),
    [
        (EMPTY, JOINED, JOINED, "stayed when it was closed"),
        (EMPTY, JOINED, replace(EMPTY, members=None), "stayed when it was closed"),
        (EMPTY, replace(JOINED, members={OURS: NOW + 60}), EMPTY, "59 s ahead of Redis's clock"),
        (EMPTY, replace(JOINED, members={OURS: NOW - 60}), EMPTY, "60 s behind Redis's clock"),
        (EMPTY, replace(JOINED, ttl=NEVER_EXPIRES), EMPTY, "expiry"),
        (replace(EMPTY, ttl=80000), replace(JOINED, ttl=79999), EMPTY, "expiry"),
    ],
)
def test_what_speaks_against_it(before: Group, during: Group, after: Group, words: str) -> None:
    (came,) = arrivals(glance(before), glance(during))

    assert words in (objection(came, NOW, NOW + 1, glance(after)) or "")


@pytest.mark.parametrize(("before", "during"), [(80000, 86400), (86400, 86400), (None, None), (80000, None)])
def test_an_expiry_that_was_renewed_or_may_not_be_read_does_not(
    before: int | None, during: int | None
) -> None:
    (came,) = arrivals(glance(replace(EMPTY, ttl=before)), glance(replace(JOINED, ttl=during)))

    assert objection(came, NOW, NOW + 1, glance(EMPTY)) is None


@pytest.mark.parametrize(("ahead", "is_near"), [(0, True), (4.9, True), (-4.9, True), (5.1, False)])
def test_who_joined_when_our_stream_was_opened(ahead: float, *, is_near: bool) -> None:
    assert joined_near(JOINED, NOW + 1 + ahead) == ([OURS] if is_near else [])


def test_the_reasons_come_in_order_and_never_conclude_memory() -> None:
    reasons = reasons_for_nothing(Elsewhere(missing=[("ttl", "one sign less")]))

    assert [reason.split()[0:4] for reason in reasons[:1]] == [["This", "desk's", "account", "at"]]
    for reason, words in zip(
        reasons[1:], ["another database", "another prefix", "its memory", "another Redis"], strict=True
    ):
        assert reason.startswith("The server may use ")
        assert words in reason


def test_what_is_excluded_is_no_reason() -> None:
    reasons = reasons_for_nothing(Elsewhere(other_databases=False, other_prefixes=False))

    assert "its memory" in reasons[0]
    assert not any("database" in reason for reason in reasons)


def test_another_database_where_somebody_joined_is_the_reason() -> None:
    (reason,) = reasons_for_nothing(Elsewhere(database=3))

    assert "database 3" in reason


def test_a_crowded_channel_is_told_before_anything_else() -> None:
    assert "has a subscriber already" in reasons_for_nothing(Elsewhere(crowded=True))[0]


def test_a_redis_out_of_reach_says_why_and_that_the_server_may_see_it() -> None:
    why, remedy = unreachable("Nothing listens there.")

    assert why.endswith("Nothing listens there.")
    assert "on the server" in remedy


def test_times_that_no_calendar_has_are_no_moments() -> None:
    assert moment_of(1e30) is None
    assert moment_of(float("nan")) is None
    assert words_of("a:group:b", 1e30, None) == "our subscription came to a:group:b"
