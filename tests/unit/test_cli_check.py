"""What can be said to `check`."""

import io
from pathlib import Path
from typing import Any

import pytest

from armguard_tray import cli
from armguard_tray.app import check
from armguard_tray.app.check import CheckOptions
from armguard_tray.exit_codes import ExitCode
from armguard_tray.paths import paths_below
from armguard_tray.settings.model import RedisSettings, ServerSettings, Settings
from armguard_tray.settings.store import SettingsStore

CHECK = ("check", "--server", "https://armory.local", "--username", "reyes")


@pytest.fixture
def checked(monkeypatch: pytest.MonkeyPatch) -> list[CheckOptions]:
    """Return what would be checked; nothing is."""
    taken: list[CheckOptions] = []

    async def run_check(options: CheckOptions) -> ExitCode:
        taken.append(options)
        return ExitCode.WARNINGS

    monkeypatch.setattr(check, "run_check", run_check)
    monkeypatch.setattr("os.umask", lambda _: 0o022)
    monkeypatch.delenv("REDISCLI_AUTH", raising=False)
    return taken


def test_what_is_given_is_checked(
    checked: list[CheckOptions], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("secret\n"))
    monkeypatch.setenv("REDISCLI_AUTH", "of-redis")
    given: list[Any] = [
        "--password-stdin",
        "--json",
        "--redis",
        "rediss://armory.local",
        f"--data-dir={tmp_path}",
    ]
    assert cli.main([*CHECK, *given]) == 1
    (options,) = checked
    assert options.server.base_url == "https://armory.local"
    assert (options.password, options.as_json) == ("secret", True)
    assert (options.redis.address, options.redis_password) == ("rediss://armory.local", "of-redis")
    assert options.redis_is_named
    assert not options.redis_keyring, "there are no settings of a program that stored anything"


def test_else_that_of_the_settings(checked: list[CheckOptions], tmp_path: Path) -> None:
    server = ServerSettings(
        address="https://armory.local", username="reyes", ca_file=str(tmp_path / "gone.pem")
    )
    store = SettingsStore(paths_below(tmp_path).settings_file)
    redis = RedisSettings(
        address="redis://desk@10.0.0.7/3", ca_file=str(tmp_path / "no.pem"), prefix="armory:"
    )
    store.save(Settings(server=server, redis=redis))
    cli.main(["check", f"--data-dir={tmp_path}"])
    (options,) = checked
    assert options.server == server, "a CA file that is gone is a finding"
    assert options.redis == redis
    assert (options.password, options.redis_password, options.redis_keyring) == (None, None, True)


def test_the_redis_of_the_settings_is_not_that_of_another_server(
    checked: list[CheckOptions], tmp_path: Path
) -> None:
    server = ServerSettings(address="https://range.local", username="reyes")
    store = SettingsStore(paths_below(tmp_path).settings_file)
    store.save(Settings(server=server, redis=RedisSettings(address="redis://10.0.0.7")))

    cli.main([*CHECK, f"--data-dir={tmp_path}"])

    assert checked[0].redis == RedisSettings()


def test_ca_file_and_prefix_of_redis_can_be_said(checked: list[CheckOptions], tmp_path: Path) -> None:
    pem = tmp_path / "ca.pem"
    pem.touch()
    copied = "armory::group:transactions"

    cli.main([*CHECK, f"--redis-ca-file={pem}", f"--prefix={copied}", f"--data-dir={tmp_path}"])

    assert (checked[0].redis.ca_file, checked[0].redis.prefix) == (str(pem), "armory:")


def test_a_redis_that_nobody_has_named_is_looked_for(checked: list[CheckOptions], tmp_path: Path) -> None:
    cli.main([*CHECK, f"--data-dir={tmp_path}"])
    assert (checked[0].redis, checked[0].redis_is_named) == (RedisSettings(), False)
    cli.main([*CHECK, "--redis", "", f"--data-dir={tmp_path}"])
    assert checked[1].redis.address == "", "not to be looked at"


@pytest.mark.parametrize(
    "arguments",
    [
        ["check", "--server", "armory"],
        ["check", "--server", "https://armory.local"],
        ["check", "--username", " ", "--server", "https://armory.local"],
        [*CHECK, "--ca-file", "/nowhere/ca.pem"],
        [*CHECK, "--redis", "http://armory.local"],
        [*CHECK, "--redis", "redis://:secret@armory.local"],
        [*CHECK, "--redis-ca-file", "/nowhere/ca.pem"],
        [*CHECK, "--prefix", "two\nlines"],
    ],
)
def test_wrong_usage(
    checked: list[CheckOptions], arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main([*arguments, f"--data-dir={tmp_path}"]) == ExitCode.USAGE
    assert checked == []
    assert "secret" not in capsys.readouterr().err


def test_nothing_set_up_is_a_finding_and_no_wrong_usage(checked: list[CheckOptions], tmp_path: Path) -> None:
    assert cli.main(["check", f"--data-dir={tmp_path}"]) == ExitCode.WARNINGS
    assert not checked[0].server.configured
