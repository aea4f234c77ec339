"""Which Redis `check` looks at."""

import pytest

from armguard_tray.app.check_redis import RedisGiven, redis_settings
from armguard_tray.settings.model import RedisSettings

STORED = RedisSettings(address="rediss://desk@10.0.0.7:6380/2", ca_file="/etc/redis-ca.pem", prefix="armory:")


def test_without_a_word_it_is_that_of_the_settings() -> None:
    assert redis_settings(RedisGiven(), STORED) == STORED


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ("rediss://10.0.0.7:6380", "rediss://desk@10.0.0.7:6380/2"),
        ("rediss://10.0.0.7:6380/0", "rediss://desk@10.0.0.7:6380/0"),
        ("rediss://reyes@10.0.0.7:6380", "rediss://reyes@10.0.0.7:6380/2"),
    ],
)
def test_of_the_same_redis_the_settings_add_what_is_not_said(given: str, address: str) -> None:
    found = redis_settings(RedisGiven(address=given), STORED)

    assert (found.address, found.ca_file, found.prefix) == (address, STORED.ca_file, STORED.prefix)


@pytest.mark.parametrize(
    "given",
    [
        "rediss://10.0.0.8:6380",
        "rediss://10.0.0.7:6379",
        "redis://10.0.0.7:6380",  # without TLS
        "unix:///run/redis.sock",
        "",
    ],
)
def test_of_another_one_they_say_nothing(given: str) -> None:
    assert redis_settings(RedisGiven(address=given), STORED) == RedisSettings(address=given)


def test_a_socket_is_known_by_its_path() -> None:
    stored = RedisSettings(address="unix:///run/redis.sock?db=3", prefix="armory:")

    assert redis_settings(RedisGiven(address="unix:///run/redis.sock"), stored) == stored
    zero = redis_settings(RedisGiven(address="unix:///run/redis.sock?db=0"), stored)
    assert (zero.address, zero.prefix) == ("unix:///run/redis.sock?db=0", "armory:")


def test_ca_file_and_prefix_can_be_said_for_one_run() -> None:
    found = redis_settings(RedisGiven(ca_file="other.pem", prefix="elsewhere"), STORED)

    assert (found.address, found.ca_file, found.prefix) == (STORED.address, "other.pem", "elsewhere")
