"""Lengths of time are said in the unit that says most."""

from dataclasses import replace
from datetime import timedelta

import pytest

from armguard_tray.diagnosis.diagnose import diagnose
from armguard_tray.diagnosis.moments import length
from tests.unit.diagnosis.examples import NOW, checked, tls


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(seconds=-3), "0 s"),
        (timedelta(minutes=90), "90 min"),
        (timedelta(hours=47), "47 h"),
        (timedelta(days=214), "214 days"),
        (timedelta(days=730), "730 days"),
        (timedelta(days=731), "2 years"),
        (timedelta(days=355_417), "973 years"),
    ],
)
def test_a_length_of_time(span: timedelta, words: str) -> None:
    assert length(span) == words


def test_a_certificate_that_is_valid_for_ages() -> None:
    facts = checked(tls=tls(not_after=NOW + timedelta(days=355_417)))
    said = next(each.evidence for each in diagnose(facts).rungs if each.id == "tls")
    assert "valid for another 973 years" in said


def test_how_a_socket_greets_is_said_in_words() -> None:
    facts = checked()
    words = {"hello": "greets", "welcome frame": "greets", "ping answered": "answers"}
    for shown, verb in words.items():
        seen = replace(facts, handshakes=tuple(replace(each, subscribed=shown) for each in facts.handshakes))
        said = {each.evidence for each in diagnose(seen).rungs if each.id.startswith("subscribed")}
        assert said == {f"the server {verb} this desk"}
