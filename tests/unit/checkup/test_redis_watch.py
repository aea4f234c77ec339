"""Where Redis may be, and under which names its password is kept."""

import pytest

from armguard_tray.checkup.redis_watch import kept_under, redis_places
from armguard_tray.redis_probe.find import VARIABLE
from armguard_tray.settings.model import RedisSettings

SERVER = "https://armory.local:8443"


@pytest.fixture(autouse=True)
def no_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)


def places(redis: RedisSettings, told: str = "") -> list[str]:
    return [each.address for each in redis_places(redis, None, server=SERVER, told=told)]


def test_where_nobody_has_named_a_redis_it_is_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "redis://:secret@10.0.0.7:6379/1")

    assert places(RedisSettings(), told="redis://10.0.0.8:6379/0") == [
        "redis://10.0.0.7:6379/1",
        "redis://10.0.0.8:6379/0",
        "redis://armory.local:6379/0",
        "redis://127.0.0.1:6379/0",
    ]


def test_a_redis_that_was_named_is_the_only_one() -> None:
    named = RedisSettings(address="redis://10.0.0.7:6379/1")

    assert places(named, told="redis://10.0.0.8:6379/0") == ["redis://10.0.0.7:6379/1"]


def test_a_password_for_the_usual_address_names_it() -> None:
    usual = RedisSettings()

    (place,) = redis_places(usual, "secret", server=SERVER)

    assert (place.address, place.password) == (usual.address, "secret")


def test_where_the_user_wants_none_looked_for_none_is() -> None:
    assert places(RedisSettings(address="")) == []


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("redis://127.0.0.1:6379/0", ("redis://127.0.0.1:6379", "default")),
        ("redis://desk@armory.local/3", ("redis://armory.local:6379", "desk")),
        ("rediss://desk@armory.local", ("rediss://armory.local:6379", "desk")),
        ("redis://[::1]", ("redis://[::1]:6379", "default")),
        ("unix:///run/redis.sock", ("unix:///run/redis.sock", "default")),
        ("", None),
        ("http://armory.local", None),
    ],
)
def test_a_password_is_kept_under_address_and_user(address: str, place: tuple[str, str] | None) -> None:
    assert kept_under(RedisSettings(address=address)) == place
