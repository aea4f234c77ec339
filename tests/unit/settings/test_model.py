"""What can be set, and what is wrong with a value, in words."""

from datetime import UTC
from pathlib import Path
from typing import Any

import pytest

from armguard_tray.settings.model import (
    LogSettings,
    NotificationSettings,
    RedisSettings,
    ServerSettings,
    Setting,
    Settings,
    is_loopback,
    problems,
    settings_of,
    tidy_address,
    tidy_prefix,
)

SECTIONS = [ServerSettings(), NotificationSettings(), RedisSettings(), LogSettings()]


@pytest.mark.parametrize("section", SECTIONS)
def test_every_setting_is_named_and_explained(section: Any) -> None:
    described = dict(settings_of(section))

    assert described
    assert all(setting.label and setting.help.endswith(".") for setting in described.values())


@pytest.mark.parametrize("section", SECTIONS)
def test_access_keys_of_a_page_are_unique(section: Any) -> None:
    keys = [
        label[label.index("&") + 1].lower() for _, setting in settings_of(section) if (label := setting.label)
    ]

    assert len(keys) == len(set(keys))


def test_the_defaults_lack_only_server_and_user() -> None:
    settings = Settings()

    assert problems(settings.server).keys() == {"address", "username"}
    assert problems(settings.notifications) == problems(settings.redis) == problems(settings.log) == {}
    assert not settings.server.configured
    assert ServerSettings(address="https://armory.local", username="reyes").configured


@pytest.mark.parametrize(
    ("address", "complaint"),
    [
        ("https://armory.local:8443", None),
        ("http://127.0.0.1:8000/", None),
        ("https://[::1]:8443", None),
        ("", "Enter the server's address"),
        ("armory.local", "begins with https://"),
        ("ftp://armory.local", "begins with https://"),
        ("https://", "names no host"),
        ("https://armory.local:port", "not an address"),
        ("https://armory.local:70000", "not an address"),
        ("https://[::1", "not an address"),
        ("https://reyes:secret@armory.local", "must not hold a user name or password"),
        ("https://armory.local/armguard/", "Only scheme, host and port"),
        ("https://armory.local?x=1", "Only scheme, host and port"),
        ("https://armory.local.:8443", None),
        ("https://armory_2.local", None),
        ("https://peña.local", None),
        ("https://192.168.0.177:8443", None),
        ("https://armory local:8443", "“armory local” cannot be the name of a host"),
        ("https://armory..local", "cannot be the name"),
        ("https://-armory.local", "cannot be the name"),
        ("https://armory,local", "cannot be the name"),
        ("https://" + "a" * 64, "cannot be the name"),
        ("https://192.168.0.300", "cannot be the name"),
        ("https://armory.local:0", "from 1 to 65535"),
    ],
)
def test_addresses(address: str, complaint: str | None) -> None:
    problem = problems(ServerSettings(address=address)).get("address")

    if complaint is None:
        assert problem is None
    else:
        assert problem is not None
        assert complaint in problem


@pytest.mark.parametrize(
    ("pasted", "tidied"),
    [
        ("https://armory.local:8443/login/?next=/", "https://armory.local:8443"),
        ("https://armory.local/#top", "https://armory.local"),
        ("http://[::1]:8000/", "http://[::1]:8000"),
        # What is wrong is said, not hidden.
        ("https://reyes:secret@armory.local/", "https://reyes:secret@armory.local"),
        ("armory.local/login", "armory.local/login"),
        ("https://", "https://"),
        ("https://[", "https://["),
    ],
)
def test_an_address_that_was_copied_with_its_page(pasted: str, tidied: str) -> None:
    assert tidy_address(pasted) == tidied


@pytest.mark.parametrize(
    ("address", "base_url"),
    [
        ("https://Armory.LOCAL:8443/", "https://armory.local:8443"),
        ("https://armory.local:443", "https://armory.local"),
        ("http://armory.local:80/", "http://armory.local"),
        ("http://[::1]:8000", "http://[::1]:8000"),
    ],
)
def test_one_server_has_one_url(address: str, base_url: str) -> None:
    assert ServerSettings(address=address).base_url == base_url


@pytest.mark.parametrize(
    ("address", "loopback"),
    [
        ("http://127.0.0.1:8000", True),
        ("http://localhost", True),
        ("http://[::1]:8000", True),
        ("http://127.0.0.1.evil.example", False),
        ("http://192.168.0.177", False),
        ("http://localhost.evil.example", False),
        ("", False),
    ],
)
def test_loopback(address: str, *, loopback: bool) -> None:
    assert is_loopback(address) is loopback


@pytest.mark.parametrize(
    ("address", "consent", "refused"),
    [
        ("http://127.0.0.1:8000", False, False),
        ("https://armory.local", False, False),
        ("http://armory.local", False, True),
        ("http://armory.local", True, False),
    ],
)
def test_what_the_network_could_read_needs_consent(address: str, *, consent: bool, refused: bool) -> None:
    assert ServerSettings(address=address, allow_plain_http=consent).plain_http_refused is refused


def test_the_servers_time_zone() -> None:
    assert str(ServerSettings().zone) == "Asia/Manila"
    assert problems(ServerSettings(time_zone="Mars/Olympus"))["time_zone"].startswith("Not a time zone")
    assert problems(ServerSettings(time_zone="../../etc/passwd"))["time_zone"].startswith("Not a time zone")


def test_a_ca_file_must_exist(tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"
    assert problems(ServerSettings(ca_file=str(file)))["ca_file"] == "There is no such file."

    file.touch()
    assert "ca_file" not in problems(ServerSettings(ca_file=str(file)))


@pytest.mark.parametrize(
    ("address", "fine"),
    [
        ("", True),
        ("redis://127.0.0.1:6379/0", True),
        ("rediss://redis.local", True),
        ("unix:///run/redis.sock", True),
        ("http://127.0.0.1", False),
        ("redis://:secret@127.0.0.1", False),
        ("redis://127.0.0.1:port", False),
        ("redis://127.0.0.1:0", False),
        ("redis://127.0.0.1:70000", False),
        ("redis://armguard-tray@127.0.0.1:6379/3", True),
        ("redis://127.0.0.1/", True),
        ("redis://127.0.0.1/armguard", False),
        ("redis://127.0.0.1/-1", False),
        ("redis://[::1", False),
    ],
)
def test_redis_addresses(address: str, *, fine: bool) -> None:
    assert ("address" not in problems(RedisSettings(address=address))) is fine


@pytest.mark.parametrize(
    ("copied", "prefix"),
    [
        ("armguard:", "armguard:"),
        ("armguard::group:notifications_2", "armguard:"),
        ("asgi:group:transactions_feed", "asgi"),
        ("asgi__group__transactions_feed", "asgi"),
        ("", ""),
    ],
)
def test_a_prefix_that_was_copied_with_its_key(copied: str, prefix: str) -> None:
    assert tidy_prefix(copied) == prefix


@pytest.mark.parametrize(("prefix", "fine"), [("armguard:", True), ("a\nb", False), ("x" * 101, False)])
def test_prefixes(prefix: str, *, fine: bool) -> None:
    assert ("prefix" not in problems(RedisSettings(prefix=prefix))) is fine


def test_the_ca_file_of_redis_must_exist(tmp_path: Path) -> None:
    assert problems(RedisSettings(ca_file=str(tmp_path / "ca.pem")))["ca_file"] == "There is no such file."


def test_bounds_are_said_with_their_unit() -> None:
    setting = Setting("&At most", "Help.", minimum=1, maximum=20, suffix=" s")

    assert [setting.problem(value) for value in (0, 1, 20, 21)] == [
        "At least 1 s.",
        None,
        None,
        "At most 20 s.",
    ]


@pytest.mark.parametrize(
    "address", ["http://[bad", "http://armory.local:99999", "http://armory.local:x", "?"]
)
def test_what_is_no_address_is_said_and_breaks_nothing(address: str) -> None:
    server = ServerSettings(address=address, username="reyes")

    assert "address" in problems(server)
    assert not server.configured
    assert (server.base_url, server.plain_http_refused) == ("://", False)
    assert not is_loopback(address)


def test_a_time_zone_that_does_not_exist_is_said_and_breaks_nothing() -> None:
    server = ServerSettings(time_zone="Mars/Olympus")

    assert server.zone is UTC


def test_a_file_name_that_no_disk_can_have_is_no_file() -> None:
    assert problems(ServerSettings(ca_file="x" * 5000))["ca_file"] == "There is no such file."
