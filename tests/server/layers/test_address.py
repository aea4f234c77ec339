"""Where Redis is looked for."""

from typing import Any

import pytest

from armguard_tray.server.layers.address import AddressError, find_address

URL = "redis://:pw@a:1/2"


@pytest.mark.parametrize(
    ("given", "settings", "environ", "url"),
    [
        ({"redis_url": URL}, {"REDIS_URL": "redis://b"}, {"REDIS_URL": "redis://c"}, URL),
        ({}, {"REDIS_URL": URL}, {"REDIS_URL": "redis://c"}, URL),
        ({}, {}, {"REDIS_URL": URL}, URL),
        ({}, {"REDIS_HOST": "b"}, {"REDIS_URL": URL}, URL),
        ({"host": "a"}, {"REDIS_URL": URL}, {}, "redis://a:6379/0"),
        ({"host": "a"}, {"REDIS_PORT": 7, "REDIS_DB": 3}, {"REDIS_PASSWORD": "pw"}, "redis://:pw@a:7/3"),
        ({}, {"REDIS_HOST": "a"}, {"REDIS_HOST": "b", "REDIS_PORT": "8"}, "redis://a:8/0"),
        ({}, {}, {"REDIS_PASSWORD": "p@ss/w:rd"}, "redis://:p%40ss%2Fw%3Ard@127.0.0.1:6379/0"),
        ({}, {"REDIS_PASSWORD": "", "REDIS_URL": ""}, {"REDIS_URL": ""}, "redis://127.0.0.1:6379/0"),
        ({"host": "::1"}, {}, {}, "redis://[::1]:6379/0"),
        ({}, {}, {}, "redis://127.0.0.1:6379/0"),
        ({"redis_url": "redis://a:1/2", "password": "p w"}, {}, {}, "redis://:p%20w@a:1/2"),
        ({"redis_url": URL, "password": "other"}, {}, {}, URL),
    ],
)
def test_first_of_many_places_counts(
    given: dict[str, Any], settings: dict[str, Any], environ: dict[str, str], url: str
) -> None:
    assert find_address(given, settings, environ).url == url


@pytest.mark.parametrize(
    ("url", "shown", "tls", "local"),
    [
        ("redis://user:secret@127.0.0.1:6379/1", "redis://127.0.0.1:6379/1", False, True),
        ("rediss://:secret@redis.lan", "rediss://redis.lan:6379/0", True, False),
        ("redis://localhost", "redis://localhost:6379/0", False, True),
        ("redis://[::1]:7", "redis://[::1]:7/0", False, True),
        ("redis://192.168.1.5", "redis://192.168.1.5:6379/0", False, False),
        ("rediss://h:1/0?ssl_ca_certs=/secret/ca.pem", "rediss://h:1/0", True, False),
        ("unix:///run/redis.sock?db=2", "unix:///run/redis.sock", False, True),
        ("unix://:secret@/run/redis.sock", "unix:///run/redis.sock", False, True),
    ],
)
def test_what_is_shown_holds_no_secret(url: str, shown: str, tls: bool, local: bool) -> None:  # noqa: FBT001 - from a table
    address = find_address({"redis_url": url}, {}, {})
    assert (address.shown, address.tls, address.local) == (shown, tls, local)
    assert "secret" not in repr(address)


@pytest.mark.parametrize(
    "given",
    [
        {"redis_url": "secret"},
        {"redis_url": "http://:secret@a"},
        {"redis_url": "redis://:secret@a:port/0"},
        {"redis_url": "redis://:secret@a:99999/0"},
        {"redis_url": "redis://:secret@a/x"},
        {"redis_url": "redis://:secret@[::1"},
        {"redis_url": "unix://"},
        {"port": "secret"},
        {"db": "-1"},
    ],
)
def test_what_is_no_address_is_said_without_it(given: dict[str, Any]) -> None:
    with pytest.raises(AddressError) as refused:
        find_address(given, {}, {})
    assert "secret" not in str(refused.value)
    assert refused.value.__cause__ is None
