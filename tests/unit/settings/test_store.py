"""The settings file is always whole, and never silently replaced."""

from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from armguard_tray.errors import SettingsError
from armguard_tray.settings.model import NotificationSettings, RedisSettings, ServerSettings, Settings
from armguard_tray.settings.store import VERSION, SettingsStore


@pytest.fixture
def store(tmp_path: Path) -> SettingsStore:
    return SettingsStore(tmp_path / "config" / "settings.json")


def write(store: SettingsStore, content: str | bytes) -> None:
    store.file.parent.mkdir(exist_ok=True)
    store.file.write_bytes(content if isinstance(content, bytes) else content.encode())


def test_without_a_file_there_are_the_defaults(store: SettingsStore) -> None:
    assert store.load() == Settings()
    assert not store.file.exists()


def test_what_was_saved_is_loaded(store: SettingsStore) -> None:
    changed = Settings(
        server=ServerSettings(address="https://armory.local:8443", username="sgt.reyes", presence=True),
        notifications=NotificationSettings(
            status=False, minimum_level="warning", paused_until=datetime.now(UTC) + timedelta(minutes=30)
        ),
        redis=RedisSettings(address="rediss://desk@armory.local", ca_file="/ca.pem", prefix="asgi"),
    )
    store.save(Settings())
    store.save(changed)

    assert store.load() == changed
    assert [file.name for file in store.file.parent.iterdir()] == [store.file.name]


def test_there_is_no_place_for_a_secret(store: SettingsStore) -> None:
    store.save(Settings())

    assert "password" not in store.file.read_text().lower()


def test_settings_of_an_older_program_keep_what_they_have(store: SettingsStore) -> None:
    write(store, '{"version": 1, "settings": {"server": {"username": "sgt.reyes"}, "gone": 1}}')

    assert store.load() == Settings(server=ServerSettings(username="sgt.reyes"))


def test_settings_from_before_outages_were_told_tell_them_after_the_default(store: SettingsStore) -> None:
    write(store, '{"version": 1, "settings": {"notifications": {"burst": 5}}}')

    assert store.load().notifications == NotificationSettings(burst=5, outage_after=20)


def test_redis_settings_from_before_there_were_a_ca_file_and_a_prefix(store: SettingsStore) -> None:
    write(store, '{"version": 1, "settings": {"redis": {"address": "redis://armory.local:6379/1"}}}')

    assert store.load().redis == RedisSettings(address="redis://armory.local:6379/1", ca_file="", prefix="")


def test_a_newer_file_is_refused_and_left_alone(store: SettingsStore) -> None:
    content = f'{{"version": {VERSION + 1}, "settings": "in a form of its own"}}'
    write(store, content)

    with pytest.raises(SettingsError, match=r"newer version.*Update the program"):
        store.load()

    assert store.file.read_text() == content


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        "{}",
        '{"version": 1}',
        '{"version": "one", "settings": {}}',
        '{"version": 1, "settings": {"server": {"address": 5}}}',
        '{"version": 1, "settings": {"notifications": {"minimum_level": "dire"}}}',
        '{"version": 1, "settings": {"notifications": {"paused_until": "2026-11-24T12:00:00"}}}',
        '{"version": 1, "x": ' + "[" * 100_000 + "]" * 100_000 + "}",
        b"\xff\xfe\x00",
    ],
)
def test_a_damaged_file_is_said_and_left_alone(store: SettingsStore, content: str | bytes) -> None:
    write(store, content)
    before = store.file.read_bytes()

    with pytest.raises(SettingsError, match=r"are damaged.*Move the file away"):
        store.load()

    assert store.file.read_bytes() == before


@pytest.mark.parametrize(
    "impossible",
    [
        '"burst": 0',
        '"outage_after": 4',
        '"outage_after": 601',
        '"burst": -99999999999999999999',
        '"paused_until": "9999-12-31T23:59:59-12:00"',
        '"paused_until": "0001-01-01T00:00:00+14:00"',
    ],
)
def test_what_only_a_hand_can_have_written_is_dropped(store: SettingsStore, impossible: str) -> None:
    write(
        store,
        f'{{"version": 1, "settings": {{"notifications": {{"status": false, {impossible}}}}}}}',
    )

    assert store.load() == Settings(notifications=NotificationSettings(status=False))


def test_shifts_that_begin_at_no_time_are_dropped(store: SettingsStore) -> None:
    write(store, '{"version": 1, "settings": {"log": {"shift_starts": "25:00"}}}')

    assert store.load() == Settings()


def test_settings_from_before_there_were_shifts_have_two_a_day(store: SettingsStore) -> None:
    write(store, '{"version": 1, "settings": {}}')

    assert store.load().log.shifts == (time(6), time(18))


def test_an_impossible_server_is_left_for_the_user_to_mend(store: SettingsStore) -> None:
    write(store, '{"version": 1, "settings": {"server": {"address": "http://[bad", "username": "x"}}}')

    server = store.load().server
    assert server.address == "http://[bad"
    assert not server.configured


@settings(deadline=None)
@given(st.binary())
def test_no_content_raises_anything_else(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    store = SettingsStore(tmp_path_factory.getbasetemp() / "any-settings.json")
    write(store, content)

    with pytest.raises(SettingsError):
        store.load()


def test_what_cannot_be_read_is_said(store: SettingsStore) -> None:
    store.file.mkdir(parents=True)

    with pytest.raises(SettingsError, match="cannot be read"):
        store.load()


def test_what_cannot_be_saved_is_said_and_leaves_nothing_behind(store: SettingsStore) -> None:
    store.file.mkdir(parents=True)

    with pytest.raises(SettingsError, match="cannot be saved"):
        store.save(Settings())

    assert list(store.file.parent.iterdir()) == [store.file]


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "config").touch()

    with pytest.raises(SettingsError, match="cannot be saved"):
        SettingsStore(tmp_path / "config" / "settings.json").save(Settings())
