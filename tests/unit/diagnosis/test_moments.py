"""Moments and lengths of time in the sentences of the ladder."""

from dataclasses import replace
from datetime import timedelta

from armguard_tray.diagnosis.diagnose import diagnose
from tests.unit.diagnosis.examples import NOW, checked, tls


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
