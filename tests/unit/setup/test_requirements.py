"""Which packages a server's environment lacks."""

from pathlib import Path

import pytest

import setup_websockets
from server_setup.requirements import Environment, environment_fault, fits, missing, read_ranges

CHECKOUT = Path(setup_websockets.__file__).parent
SUPPORTED = read_ranges((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))
COMPLETE = {
    "django": "4.2.16",
    "msgspec": "0.20.0",
    "channels": "4.0.0",
    "channels-redis": "4.1.0",
    "daphne": "4.2.2",
    "websockets": "15.0.1",
    "cryptography": "42.0",
}


def environment(version: tuple[int, ...] = (3, 11, 2), **versions: str | None) -> Environment:
    changed = COMPLETE | {name.replace("_", "-"): version for name, version in versions.items() if version}
    gone = {name.replace("_", "-") for name, version in versions.items() if version is None}
    present = {name: version for name, version in changed.items() if name not in gone}
    return Environment("/site/.venv/bin/python", version, has_pip=True, versions=present, package="")


def test_a_complete_environment_lacks_nothing() -> None:
    assert missing(environment(), SUPPORTED) == []


def test_the_stock_servers_daphne_has_known_faults_and_is_renewed() -> None:
    assert missing(environment(daphne="4.0.0"), SUPPORTED) == ["daphne>=4.2.2,<5"]


def test_what_is_absent_is_installed_within_the_supported_range() -> None:
    found = missing(environment(channels_redis=None, msgspec=None, cryptography=None), SUPPORTED)
    assert found == ["msgspec>=0.20", "channels-redis>=4.1,<4.4", "cryptography"]


def test_a_server_that_uses_uvicorn_gets_no_daphne() -> None:
    own = environment(daphne=None, uvicorn="0.30.0")
    assert own.server == "uvicorn"
    assert missing(own, SUPPORTED) == []


def test_qt_is_never_installed() -> None:
    wanted = missing(Environment("python", (3, 11), has_pip=True, versions={}, package=""), SUPPORTED)
    assert not any("pyside" in name.lower() or "django" in name.lower() for name in wanted)


@pytest.mark.parametrize(
    ("own", "said"),
    [
        (environment(version=(3, 10, 12)), "is 3.10.12; the app needs 3.11, 3.12 or 3.13"),
        (environment(version=(3, 14, 0)), "is 3.14.0; the app was made for 3.11 to 3.13"),
        (environment(django=None), "no Django in /site/.venv/bin/python"),
        (environment(django="3.2.25"), "Django is 3.2.25, and the app works with 4.2 to 5.2"),
        (environment(django="6.0"), "never changes a project's Django"),
    ],
)
def test_an_environment_that_cannot_be_used_is_told_in_plain_words(own: Environment, said: str) -> None:
    assert said in (environment_fault(own) or "")


@pytest.mark.parametrize("django", ["4.2", "5.0.9", "5.1", "5.2.19"])
def test_supported_versions_of_django(django: str) -> None:
    assert environment_fault(environment(django=django)) is None


@pytest.mark.parametrize(
    ("version", "supported", "good"),
    [
        ("4.2.2", ">=4.2.2,<5", True),
        ("4.10", ">=4.2.2,<5", True),
        ("4.2.1", ">=4.2.2,<5", False),
        ("5.0", ">=4.2.2,<5", False),
        ("5.0rc1", "<5", False),
        ("1.0+local7", ">=1", True),
        ("0.1", "", True),
    ],
)
def test_versions_and_ranges(version: str, supported: str, good: bool) -> None:  # noqa: FBT001 - a table
    assert fits(version, supported) is good
