"""Setting up and undoing, from the question to the verdict, on a machine that runs nothing."""

import json
import re
import shlex
import socket
import sys
from pathlib import Path
from typing import Literal

import pytest

from server_setup.options import Options, parse_arguments
from server_setup.redis_search import Answer
from server_setup.run import free_port, set_up
from server_setup.steps import undo_command
from server_setup.undo import undo
from setup_websockets import Finished, SetupError
from tests.unit.setup.conftest import CHECKOUT, FakeMachine, tree

CHANGED = {"core/settings.py", "core/urls.py", "core/asgi.py", "core/notifications.py"}
NOTHING_LISTENS = "REDIS_PORT=1\n"


@pytest.fixture(autouse=True)
def no_redis(site: Path) -> None:
    """Let the project look for Redis where there is none, whatever runs on this machine."""
    with (site / ".env").open("a") as dotenv:
        dotenv.write(NOTHING_LISTENS)


def changed(before: dict[str, bytes], site: Path) -> set[str]:
    after = tree(site)
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


def test_a_yes_changes_the_files_then_checks_and_migrates(site: Path, machine: FakeMachine) -> None:
    before, machine.reply = tree(site), True
    assert set_up(machine, Options(site, redis="none"), CHECKOUT) == 0
    assert changed(before, site) == CHANGED
    steps = [line.split(" ", 1)[1] for line in machine.ran if "manage.py" in line]
    assert steps == [
        "manage.py check",
        "manage.py check",
        "manage.py migrate armguard_live --no-input",
        "manage.py check_websockets --json",
    ]
    assert machine.environment["DJANGO_SETTINGS_MODULE"] == "core.settings"
    assert "Verdict: good" in machine.text


def test_a_no_changes_nothing(site: Path, machine: FakeMachine) -> None:
    before, machine.reply = tree(site), False
    assert set_up(machine, Options(site, redis="none"), CHECKOUT) == 2
    assert changed(before, site) == set()
    assert "Nothing was changed." in machine.text


def test_where_nobody_can_be_asked_nothing_is_changed(site: Path, machine: FakeMachine) -> None:
    before = tree(site)
    assert set_up(machine, Options(site), CHECKOUT) == 2
    assert changed(before, site) == set()
    assert "Nobody can be asked here" in machine.text
    assert [line.split(" ", 1)[1] for line in machine.ran if "manage.py" in line] == ["manage.py check"]


def test_a_dry_run_shows_the_changes_and_makes_none(site: Path, machine: FakeMachine) -> None:
    before = tree(site)
    assert set_up(machine, Options(site, dry_run=True), CHECKOUT) == 0
    assert changed(before, site) == set()
    assert not machine.asked
    assert "+++ core/asgi.py (then)" in machine.text
    assert "+application = with_live(application)" in machine.text


def test_the_second_run_changes_nothing_and_asks_nothing(site: Path, machine: FakeMachine) -> None:
    set_up(machine, Options(site, yes=True), CHECKOUT)
    before = tree(site)
    backups = list((site / ".armguard-live-backup").iterdir())
    assert set_up(machine, Options(site), CHECKOUT) == 0
    assert changed(before, site) == set()
    assert list((site / ".armguard-live-backup").iterdir()) == backups
    assert "Everything is in place already, with --layer=auto" in machine.text
    assert "as an earlier run chose" in machine.text
    assert "no file is changed" in machine.text
    assert (
        "temporary users"
        in machine.said[[said.startswith("\nEverything") for said in machine.said].index(True)]
    )


def test_undo_brings_everything_back_to_the_last_byte(site: Path, machine: FakeMachine) -> None:
    urls = site / "core/urls.py"
    urls.write_bytes(b"\xef\xbb\xbf" + urls.read_bytes().replace(b"\n", b"\r\n").rstrip())
    before = tree(site)
    set_up(machine, Options(site, yes=True), CHECKOUT)
    assert b"\n" not in urls.read_bytes().replace(b"\r\n", b"")
    assert undo(machine, Options(site, yes=True, undo=True)) == 0
    assert changed(before, site) == set()
    assert machine.text.count("as it was before") == len(CHANGED)


def test_undo_keeps_what_was_written_since(site: Path, machine: FakeMachine) -> None:
    set_up(machine, Options(site, yes=True), CHECKOUT)
    settings = site / "core/settings.py"
    text = settings.read_text()
    settings.write_text("import os\n" + text + "LATER = 1\n")
    assert undo(machine, Options(site, yes=True, undo=True)) == 0
    after = settings.read_text()
    assert after.startswith("import os\n")
    assert after.endswith("LATER = 1\n")
    assert "armguard-live" not in after
    assert "core/settings.py: the block is out; what was changed since is kept" in machine.text


def test_undo_without_a_yes_changes_nothing(site: Path, machine: FakeMachine) -> None:
    set_up(machine, Options(site, yes=True), CHECKOUT)
    before = tree(site)
    assert undo(machine, Options(site, undo=True)) == 2
    assert undo(machine, Options(site, undo=True, dry_run=True)) == 0
    assert changed(before, site) == set()


def test_undo_where_nothing_is(site: Path, machine: FakeMachine) -> None:
    assert undo(machine, Options(site, undo=True)) == 0
    assert "Nothing of this is in" in machine.text


@pytest.mark.parametrize("step", ["import core.asgi", "migrate"])
def test_a_step_that_fails_leaves_the_files_as_they_were(site: Path, machine: FakeMachine, step: str) -> None:
    before = tree(site)
    machine.answers = {step: Finished(1, "ImproperlyConfigured: no such thing"), **machine.answers}
    with pytest.raises(SetupError, match="failed; the lines above say why"):
        set_up(machine, Options(site, yes=True), CHECKOUT)
    assert changed(before, site) == set()
    assert "ImproperlyConfigured" in machine.text
    assert machine.said[-1] == "All files are as they were before."


def test_a_project_that_does_not_start_is_refused_before_anything_is_done(
    site: Path, machine: FakeMachine
) -> None:
    before = tree(site)
    machine.answers = {"manage.py check": Finished(1, "UndefinedValueError: SECRET_KEY"), **machine.answers}
    for options in (Options(site, yes=True), Options(site, dry_run=True)):
        with pytest.raises(SetupError, match=r"does not start: .* Nothing was installed or changed"):
            set_up(machine, options, CHECKOUT)
    assert "UndefinedValueError: SECRET_KEY" in machine.text
    assert not [line for line in machine.ran if " pip " in line]
    assert changed(before, site) == set()


@pytest.mark.parametrize(
    ("said", "ours"),
    [
        ("ModuleNotFoundError: No module named 'channels_redis'", True),
        ("ModuleNotFoundError: No module named 'armguard_tray'", True),
        ("(armguard_live.E001) not so", True),
        ("ModuleNotFoundError: No module named 'inventroy'", False),
        ("?: (armguard_live.W001) beware\n/srv/armguard/x.py: (models.E006)", False),
    ],
)
def test_what_the_set_up_itself_mends_is_no_reason_to_refuse(
    site: Path,
    machine: FakeMachine,
    said: str,
    ours: bool,  # noqa: FBT001 - a table
) -> None:
    facts = {"version": [3, 12, 1], "has_pip": True, "versions": [["Django", "5.2"]], "package": ""}
    machine.answers = {
        "manage.py check": Finished(1, said),
        "import json, sys": Finished(0, json.dumps(facts)),
    }
    if ours:
        assert set_up(machine, Options(site, dry_run=True), CHECKOUT) == 0
    else:
        with pytest.raises(SetupError, match="does not start"):
            set_up(machine, Options(site, dry_run=True), CHECKOUT)


def test_ctrl_c_during_the_tests_says_how_to_go_on_and_back(site: Path, machine: FakeMachine) -> None:
    def interrupt(line: str) -> None:
        if "check_websockets" in line:
            raise KeyboardInterrupt

    machine.during = interrupt
    with pytest.raises(KeyboardInterrupt):
        set_up(machine, Options(site, yes=True), CHECKOUT)
    assert "the project is changed, and not tested" in machine.said[-1]
    command = shlex.join([sys.executable, str(CHECKOUT / "setup_websockets.py"), "--server", str(site)])
    assert f"To go on: {command}\nTo go back: {command} --undo" in machine.said[-1]


def test_commands_are_printed_so_that_a_shell_takes_them(tmp_path: Path) -> None:
    words = shlex.split(undo_command(tmp_path / "the armory"))
    assert words == [
        sys.executable,
        str(CHECKOUT / "setup_websockets.py"),
        "--server",
        str(tmp_path / "the armory"),
        "--undo",
    ]


def test_the_database_is_spoken_of_before_the_question(site: Path, machine: FakeMachine) -> None:
    machine.reply = False
    set_up(machine, Options(site, redis="none"), CHECKOUT)
    assert "temporary users in the project's database" in machine.text


@pytest.mark.parametrize("layer", [None, "redis"])
def test_without_a_redis_the_verdict_is_foretold(
    site: Path, machine: FakeMachine, layer: Literal["redis"] | None
) -> None:
    set_up(machine, Options(site, dry_run=True, layer=layer), CHECKOUT)
    assert "the verdict will not be good. To do: start Redis, or run this again with --redis=docker" in (
        machine.text
    )
    assert "--layer=memory, where one single process serves" in machine.text


@pytest.mark.parametrize("layer", ["memory", "off"])
def test_who_wants_no_redis_is_not_told_of_it(
    site: Path, machine: FakeMachine, layer: Literal["memory", "off"]
) -> None:
    set_up(machine, Options(site, dry_run=True, layer=layer), CHECKOUT)
    assert "the verdict will not be good" not in machine.text


def test_a_wrong_password_is_to_be_mended_and_no_redis_started(
    site: Path, machine: FakeMachine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server_setup.findings.ask_redis", lambda _address: Answer("password wrong"))
    checks = [{"name": "channel layer", "verdict": "bad", "detail": "in memory.", "seconds": 1.0}]
    machine.answers["check_websockets"] = Finished(1, json.dumps({"checks": checks}))
    assert set_up(machine, Options(site, yes=True), CHECKOUT) == 1
    line = next(said for said in machine.said if said.startswith("bad "))
    assert line.endswith(f"in memory. To do: mend REDIS_PASSWORD/REDIS_URL in {site / '.env'}")


def test_real_time_that_is_off_is_said_at_the_end(site: Path, machine: FakeMachine) -> None:
    off = "real time is switched off (REAL_TIME)"
    report = json.loads(machine.answers["check_websockets"].output)
    report["checks"][3] |= {"verdict": "skipped", "detail": off}
    machine.answers["check_websockets"] = Finished(0, json.dumps(report))
    assert set_up(machine, Options(site, yes=True, layer="off"), CHECKOUT) == 0
    assert "Verdict: good, and real time is off" in machine.said[-1]
    assert machine.said[-1].endswith("--layer=auto")


def test_a_dry_run_is_for_those_too_who_cannot_write(
    site: Path, machine: FakeMachine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server_setup.steps.refusal", lambda change: f"{change.path} cannot be written.")
    assert set_up(machine, Options(site, dry_run=True), CHECKOUT) == 0
    assert "+application = with_live(application)" in machine.text
    assert "asgi.py cannot be written. Make the changes as a user who can." in machine.text
    with pytest.raises(SetupError, match="cannot be written"):
        set_up(machine, Options(site, yes=True), CHECKOUT)


def test_ctrl_c_leaves_the_files_as_they_were(site: Path, machine: FakeMachine) -> None:
    before = tree(site)

    def interrupt(line: str) -> None:
        if "migrate" in line:
            raise KeyboardInterrupt

    machine.during = interrupt
    with pytest.raises(KeyboardInterrupt):
        set_up(machine, Options(site, yes=True), CHECKOUT)
    assert changed(before, site) == set()
    assert any(f"--server {site} --undo" in said for said in machine.said), "had it been cut off"


def test_a_bad_check_is_a_bad_verdict_and_says_how_to_undo(site: Path, machine: FakeMachine) -> None:
    checks = [{"name": "flood", "verdict": "bad", "detail": "never closed", "seconds": 1.0}]
    machine.answers["check_websockets"] = Finished(1, json.dumps({"checks": checks}))
    assert set_up(machine, Options(site, yes=True), CHECKOUT) == 1
    assert "bad      Errors have their codes" in machine.text
    assert f"--server {site} --undo" in machine.said[-1]


def test_checks_that_do_not_run_are_an_unknown_verdict(site: Path, machine: FakeMachine) -> None:
    machine.answers["check_websockets"] = Finished(1, "Traceback: no such command")
    assert set_up(machine, Options(site, yes=True), CHECKOUT) == 1
    assert "Traceback: no such command" in machine.text
    assert "unknown  The status page answers" in machine.text


def test_a_block_that_was_changed_by_hand_is_left_alone_and_said(site: Path, machine: FakeMachine) -> None:
    set_up(machine, Options(site, yes=True), CHECKOUT)
    asgi = site / "core/asgi.py"
    asgi.write_text(asgi.read_text().replace("with_live(application)", "with_live(application) # mine"))
    with pytest.raises(SetupError, match=r"asgi\.py has a block armguard-live that was changed by hand"):
        set_up(machine, Options(site, yes=True), CHECKOUT)
    assert undo(machine, Options(site, yes=True, undo=True)) == 0
    assert "was changed by hand; it goes all the same, and a copy is kept" in machine.text
    assert "mine" not in asgi.read_text()


def test_damaged_markers_are_left_to_a_person(site: Path, machine: FakeMachine) -> None:
    set_up(machine, Options(site, yes=True), CHECKOUT)
    asgi = site / "core/asgi.py"
    asgi.write_text(asgi.read_text().replace("# <<< armguard-live <<<", ""))
    with pytest.raises(SetupError, match=r"asgi\.py has markers .* by hand"):
        set_up(machine, Options(site, yes=True), CHECKOUT)
    with pytest.raises(SetupError, match=r"asgi\.py has markers .* by hand") as refused:
        undo(machine, Options(site, yes=True))
    first, last = map(int, re.findall(r"lines (\d+) to (\d+)", str(refused.value))[0])
    lines = asgi.read_text().splitlines(keepends=True)
    asgi.write_text("".join(lines[: first - 1] + lines[last:]))
    assert undo(machine, Options(site, yes=True)) == 0
    assert set_up(machine, Options(site, yes=True), CHECKOUT) == 0


def test_what_an_admin_has_added_by_hand_is_not_added_again(site: Path, machine: FakeMachine) -> None:
    asgi = site / "core/asgi.py"
    mine = "\nfrom armguard_tray.server.sockets.asgi import with_live\napplication = with_live(application)\n"
    asgi.write_text(asgi.read_text() + mine)
    before = tree(site)
    assert set_up(machine, Options(site, yes=True), CHECKOUT) == 0
    assert changed(before, site) == CHANGED - {"core/asgi.py"}
    assert "already, so it is left as it is" in machine.text


def test_settings_below_the_block_are_told(site: Path, machine: FakeMachine) -> None:
    set_up(machine, Options(site, yes=True), CHECKOUT)
    with (site / "core/settings.py").open("a") as settings:
        settings.write("CHANNEL_LAYERS = {}\n")
    set_up(machine, Options(site, yes=True), CHECKOUT)
    assert "sets CHANNEL_LAYERS anew below the block" in machine.text


def test_the_layer_that_was_chosen_stays_until_another_is(site: Path, machine: FakeMachine) -> None:
    settings = site / "core/settings.py"
    set_up(machine, Options(site, yes=True, layer="memory"), CHECKOUT)
    assert 'channel_layers(use="memory")' in settings.read_text()
    set_up(machine, Options(site, yes=True), CHECKOUT)
    assert 'channel_layers(use="memory")' in settings.read_text()
    set_up(machine, Options(site, yes=True, layer="off"), CHECKOUT)
    assert '"REAL_TIME": False' in settings.read_text()


def test_an_environment_without_pip_is_told_before_anything_is_done(site: Path, machine: FakeMachine) -> None:
    facts = {"version": [3, 12, 1], "has_pip": False, "versions": [["Django", "5.2"]], "package": ""}
    machine.answers["import json, sys"] = Finished(0, json.dumps(facts))
    with pytest.raises(SetupError, match="has no pip"):
        set_up(machine, Options(site, yes=True), CHECKOUT)


def test_what_is_missing_is_named_before_the_question(site: Path, machine: FakeMachine) -> None:
    facts = {"version": [3, 12, 1], "has_pip": True, "versions": [["Django", "5.2"], ["daphne", "4.0.0"]]}
    machine.answers["import json, sys"] = Finished(0, json.dumps({**facts, "package": ""}))
    (site / "requirements.txt").write_text("daphne==4.0.0\n")
    set_up(machine, Options(site, dry_run=True), CHECKOUT)
    assert "Note: requirements.txt is left as it is" in machine.text
    line = next(said for said in machine.said if said.startswith("To install with pip"))
    assert "daphne>=4.2.2,<5" in line
    assert "armguard-tray (from this checkout" in line
    assert "PySide" not in line
    assert "CVE-2026-44545, CVE-2026-44546" in machine.text
    assert "--undo leaves installed packages" in machine.text


# --- Redis in Docker -------------------------------------------------------------------------------------


def with_docker(machine: FakeMachine) -> None:
    machine.commands.add("docker")


def test_a_redis_in_docker_is_offered_where_none_is(site: Path, machine: FakeMachine) -> None:
    with_docker(machine)
    machine.reply = True
    before = tree(site)
    assert set_up(machine, Options(site), CHECKOUT) == 0
    assert "Redis in Docker" in machine.asked[0]
    added = {
        "compose.redis.yaml",
        ".armguard-live-redis/redis.env",
        ".armguard-live-redis/.gitignore",
        ".env",
    }
    assert changed(before, site) == CHANGED | added
    assert any("docker compose -f compose.redis.yaml up -d --wait" in line for line in machine.ran)
    assert "REDIS_URL=redis://:" in (site / ".env").read_text()


def test_its_password_is_shown_nowhere(site: Path, machine: FakeMachine) -> None:
    with_docker(machine)
    set_up(machine, Options(site, yes=True, redis="docker"), CHECKOUT)
    lines = (site / ".armguard-live-redis/redis.env").read_text().splitlines()
    password = next(line.partition("=")[2] for line in lines if line.startswith("REDIS_PASSWORD="))
    assert len(password) > 30
    assert password not in machine.text
    assert not [line for line in machine.ran if password in line]


def test_it_is_set_up_once(site: Path, machine: FakeMachine) -> None:
    with_docker(machine)
    set_up(machine, Options(site, yes=True, redis="docker"), CHECKOUT)
    before = tree(site)
    set_up(machine, Options(site, yes=True, redis="docker"), CHECKOUT)
    assert changed(before, site) == set()


def test_undo_stops_it_and_removes_what_was_written_for_it(site: Path, machine: FakeMachine) -> None:
    before = tree(site)
    with_docker(machine)
    set_up(machine, Options(site, yes=True, redis="docker"), CHECKOUT)
    assert undo(machine, Options(site, yes=True, undo=True)) == 0
    assert changed(before, site) == set()
    assert any("docker compose -f compose.redis.yaml down" in line for line in machine.ran)
    assert not (site / ".armguard-live-redis").exists()


def test_a_yes_to_everything_is_no_yes_to_docker(site: Path, machine: FakeMachine) -> None:
    with_docker(machine)
    set_up(machine, Options(site, yes=True), CHECKOUT)
    assert not (site / "compose.redis.yaml").exists()


def test_without_docker_it_is_refused(site: Path, machine: FakeMachine) -> None:
    with pytest.raises(SetupError, match="no `docker compose` on this machine"):
        set_up(machine, Options(site, yes=True, redis="docker"), CHECKOUT)


def test_an_address_that_is_set_already_is_not_overruled(site: Path, machine: FakeMachine) -> None:
    with_docker(machine)
    with (site / ".env").open("a") as dotenv:
        dotenv.write("REDIS_URL=redis://elsewhere.invalid:1\n")
    with pytest.raises(SetupError, match=r"REDIS_URL stands in .* already"):
        set_up(machine, Options(site, yes=True, redis="docker"), CHECKOUT)


def test_without_dotenv_the_services_have_to_be_told(site: Path, machine: FakeMachine) -> None:
    with_docker(machine)
    (site / ".env").unlink()
    assert set_up(machine, Options(site, yes=True, redis="docker"), CHECKOUT) == 1
    assert machine.environment["REDIS_URL"].startswith("redis://:")
    assert "EnvironmentFile=" in machine.text


def test_a_port_that_is_taken_is_passed_over() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SetupError, match="Something listens"):
            free_port([port])


# --- The command line ------------------------------------------------------------------------------------


def test_the_command_line(tmp_path: Path) -> None:
    assert parse_arguments(["--server", str(tmp_path)]) == Options(tmp_path)
    given = ["--server", str(tmp_path), "--settings=a.b", "--layer=memory", "--redis=docker", "--yes"]
    assert parse_arguments(given) == Options(
        tmp_path, settings="a.b", layer="memory", redis="docker", yes=True
    )


@pytest.mark.parametrize("wrong", [["--server"], ["--server", ".", "--layer=x"], ["--server", ".", "--test"]])
def test_wrong_usage(wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parse_arguments(wrong)
    assert ended.value.code == 2
    assert "usage" in capsys.readouterr().err
