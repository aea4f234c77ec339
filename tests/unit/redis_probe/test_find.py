"""The places where Redis may be, and addresses taken apart."""

import pytest

from armguard_tray.redis_probe.address import target_of, without_password
from armguard_tray.redis_probe.find import candidates
from armguard_tray.redis_probe.permissions import read_only_account


def addresses(**known: str) -> list[str]:
    return [each.address for each in candidates(**known)]  # type: ignore[arg-type]  # the texts among them


def test_all_places_in_order() -> None:
    found = candidates(
        given="redis://redis.local/1",
        password="for redis.local alone",
        environ={"REDIS_URL": "rediss://user:p%40ss@cache.local:6390/2"},
        told="redis://127.0.0.1:6400/3",
        server_host="armory.local",
    )

    assert [(each.address, each.password) for each in found] == [
        ("redis://redis.local/1", "for redis.local alone"),
        ("rediss://user@cache.local:6390/2", "p@ss"),
        ("redis://armory.local:6400/3", None),
        ("redis://armory.local:6379/0", None),
        ("redis://127.0.0.1:6379/0", None),
    ]
    assert "p@ss" not in repr(found)


def test_each_place_once() -> None:
    found = addresses(given="redis://LOCALHOST/4", server_host="127.0.0.1", told="redis://[::1]/1")

    assert found == ["redis://LOCALHOST/4"]


def test_only_the_given_one() -> None:
    assert [each.address for each in candidates(given="redis://redis.local", only_given=True)] == [
        "redis://redis.local"
    ]


@pytest.mark.parametrize(
    ("told", "server_host", "seen"),
    [
        ("redis://10.0.0.7:6379/0", "armory.local", "redis://10.0.0.7:6379/0"),
        ("redis://localhost:6380/0", "::2", "redis://[::2]:6380/0"),
        ("redis://127.0.0.1:6380/0", "127.0.0.1", "redis://127.0.0.1:6380/0"),
        ("unix:///run/redis.sock", "127.0.0.1", "unix:///run/redis.sock"),
    ],
)
def test_what_the_server_tells_is_seen_from_here(told: str, server_host: str, seen: str) -> None:
    assert addresses(told=told, server_host=server_host)[0] == seen


@pytest.mark.parametrize("told", ["unix:///run/redis.sock", "", "nonsense", "redis://[", "http://x"])
def test_what_cannot_be_seen_from_here_is_left_out(told: str) -> None:
    assert addresses(told=told, server_host="armory.local") == [
        "redis://armory.local:6379/0",
        "redis://127.0.0.1:6379/0",
    ]


@pytest.mark.parametrize(
    ("url", "address", "password"),
    [
        ("redis://:secret@armory:6379/0", "redis://armory:6379/0", "secret"),
        ("redis://user:secret@armory", "redis://user@armory", "secret"),
        ("redis://armory", "redis://armory", None),
        ("redis://:s@c@[::1]:6379/0", "redis://[::1]:6379/0", "s@c"),
        ("unix://:secret@/run/redis.sock?db=3", "unix:///run/redis.sock?db=3", "secret"),
        ("unix:///run/redis.sock", "unix:///run/redis.sock", None),
    ],
)
def test_a_password_is_taken_out(url: str, address: str, password: str | None) -> None:
    assert without_password(url) == (address, password)


@pytest.mark.parametrize(
    "url", ["", "armory", "http://:secret@armory", "redis://:secret@[", "redis://:secret@a:b"]
)
def test_what_is_no_address_is_refused_without_its_words(url: str) -> None:
    with pytest.raises(ValueError, match="not an address") as refused:
        without_password(url)

    assert "secret" not in str(refused.value)


def test_the_database_of_a_unix_socket() -> None:
    target = target_of("unix:///run/redis.sock?db=3")

    assert (target.path, target.database, target.where) == ("/run/redis.sock", 3, "/run/redis.sock")


def test_an_account_to_copy() -> None:
    assert read_only_account("desk") == (
        "ACL SETUSER desk on >CHOOSE-A-PASSWORD resetkeys %R~*:group:* resetchannels -@all +ping +hello "
        "+auth +select +info +time +zcard +zrangebyscore +ttl +exists +pubsub|numsub"
    )
    assert " ~*:group:* " in read_only_account("desk", 6)
