"""Whose a file is, as its name tells it."""

import platform
from pathlib import Path

import pytest

from armguard_tray.owner import host, owner_of

JOURNAL = Path("/home/armorer/journal.sqlite3")


def host_of(name: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(platform, "node", lambda: name)
    return host()


def owner_on(name: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(platform, "node", lambda: name)
    return owner_of(JOURNAL)


@pytest.mark.parametrize(("name", "told"), [("desk", "desk"), ("DESK-7", "desk-7")])
def test_a_plain_name_is_told_as_it_is(name: str, told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert host_of(name, monkeypatch) == told


@pytest.mark.parametrize("name", ["", "*", "[a-z]?", "desk.local", "../x", "desk\n", "警備", "x" * 80])
def test_any_name_is_fit_for_the_name_of_a_file(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    told = host_of(name, monkeypatch)
    assert 0 < len(told) <= 24
    assert set(told) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")


@pytest.mark.parametrize(
    "names",
    [
        ("armguard-workstation-floor-1", "armguard-workstation-floor-2"),
        ("警備一", "警備二"),
        ("desk_7", "desk-7"),
    ],
)
def test_computers_of_two_names_are_told_apart(
    names: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert len({host_of(name, monkeypatch) for name in names}) == 2
    assert len({owner_on(name, monkeypatch) for name in names}) == 2
