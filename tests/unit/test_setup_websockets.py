"""The set-up script: what it decides, what it would run, and what it says when it cannot go on."""

from __future__ import annotations

import ast
import json
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import pytest

import setup_websockets as setup
from setup_websockets import Finished, Machine, Options, Python, SetupError, Venv

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

DEBIANS = Python("/usr/bin/python3", (3, 11, 2))
TOO_OLD = Python("/usr/bin/python3", (3, 8, 18))
BROKEN = Finished(127, "command not found")
GOOD = Finished(0)


def described(python: Python) -> Finished:
    """Answer the probe as this interpreter would."""
    return Finished(0, json.dumps(vars(python)))


def dpkg_list(*packages: str) -> str:
    return "".join(f"installed\t{package}\t\n" for package in packages)


class FakeMachine(Machine):
    """A machine on which nothing is run: commands are written down and answered from a list of rules."""

    def __init__(
        self, root: Path, *, platform: str = "linux", commands: Sequence[str] = (), root_user: bool = True
    ) -> None:
        super().__init__(root)
        self.platform = platform
        self.environment = {}
        self.service_policy = root / "policy-rc.d"
        self.commands = set(commands)
        self.root_user = root_user
        self.libraries = set(setup.QT_LIBRARIES)
        self.answers: list[tuple[str, Finished]] = []
        self.exit_codes: dict[str, int] = {}
        self.ran: list[str] = []
        self.said: list[str] = []
        self.paused_s = 0.0
        self.on_work: Callable[[str], None] = lambda _line: None

    def answer(self, part: str, finished: Finished) -> None:
        """Let every command that holds `part` end like this; the first rule that fits counts."""
        self.answers.append((part, finished))

    def ran_with(self, part: str) -> list[str]:
        return [line for line in self.ran if part in line]

    def is_root(self) -> bool:
        return self.root_user

    def say(self, text: str) -> None:
        self.said.append(text)

    def has_command(self, name: str) -> bool:
        return name in self.commands

    def loads(self, soname: str) -> bool:
        return soname in self.libraries

    def pause(self, seconds: float) -> None:
        self.paused_s += seconds

    def work(self, command: Sequence[str]) -> Finished:
        line = " ".join(command)
        self.ran.append(line)
        self.on_work(line)
        return next((finished for part, finished in self.answers if part in line), GOOD)

    def ask(self, command: Sequence[str]) -> Finished:
        return self.work(command)

    def show(self, command: Sequence[str]) -> int:
        line = " ".join(command)
        self.ran.append(line)
        return next((code for part, code in self.exit_codes.items() if part in line), 0)

    def become(self, command: Sequence[str]) -> NoReturn:
        raise SystemExit(self.show(command))


@pytest.fixture
def machine(tmp_path: Path) -> FakeMachine:
    """Return a Debian where root types, with Debian's Python, every package and no screen."""
    (tmp_path / "pyproject.toml").write_text("[project]\n", encoding="utf-8")
    fake = FakeMachine(tmp_path, commands=["apt-get", "dpkg-query"])
    everything = setup.wanted_packages(DEBIANS, test=True)
    fake.answer("dpkg-query", Finished(0, dpkg_list(*everything)))
    fake.answer("import json, platform", described(DEBIANS))
    return fake


def bare(
    tmp_path: Path, *, root_user: bool = True, commands: Sequence[str] = ("apt-get", "dpkg-query")
) -> FakeMachine:
    """Return a Debian with no package that is wanted."""
    fake = FakeMachine(tmp_path, commands=commands, root_user=root_user)
    fake.answer("dpkg-query", Finished(0, dpkg_list("python3", "apt")))
    return fake


@pytest.fixture
def venv(tmp_path: Path) -> Venv:
    return Venv(tmp_path / ".venv")


# --- Command line ----------------------------------------------------------------------------------------


def test_an_old_python_can_read_the_script_and_so_say_what_is_missing() -> None:
    source = Path(setup.__file__).read_text(encoding="utf-8")
    ast.parse(source, feature_version=(3, 8))


@pytest.mark.parametrize(
    ("arguments", "options"),
    [
        ([], Options()),
        (["--test"], Options(test=True)),
        (["--only-setup", "--test"], Options(test=True, only_setup=True)),
        (["--test", "--", "-k", "tray", "--", "x"], Options(test=True, rest=("-k", "tray", "--", "x"))),
        (["--", "--rate", "60"], Options(rest=("--rate", "60"))),
    ],
)
def test_command_line(arguments: list[str], options: Options) -> None:
    assert setup.parse_arguments(arguments) == options


@pytest.mark.parametrize("arguments", [["--tset"], ["tests/unit"], ["--only"]])
def test_wrong_usage_ends_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        setup.parse_arguments(arguments)
    assert end.value.code == 2
    assert "usage: " in capsys.readouterr().err


def test_tests_need_the_extra_dev_too() -> None:
    assert Options().extras == {"server"}
    assert Options(test=True).extras == {"server", "dev"}


# --- Which Python ----------------------------------------------------------------------------------------


def test_the_python_that_runs_the_script_is_taken_if_it_is_supported(machine: FakeMachine) -> None:
    assert setup.find_python(machine) == DEBIANS
    assert len(machine.ran) == 1


def test_another_python_is_looked_for_and_one_that_only_seems_to_be_there_is_passed_over(
    tmp_path: Path,
) -> None:
    machine = FakeMachine(tmp_path)
    machine.answer(sys.executable, described(TOO_OLD))
    machine.answer("python3.13 ", BROKEN)
    machine.answer("python3.12 ", Finished(0, "pyenv: a shim that says something else"))
    machine.answer("python3.11 ", described(Python("/opt/python3.11", (3, 11, 9))))
    assert setup.find_python(machine).executable == "/opt/python3.11"


def test_on_windows_the_launcher_is_asked(tmp_path: Path) -> None:
    machine = FakeMachine(tmp_path, platform="win32")
    machine.answer(sys.executable, described(Python("C:/Python314/python.exe", (3, 14, 0))))
    machine.answer("py -3.13 ", BROKEN)
    machine.answer("py -3.12 ", described(Python("C:/Python312/python.exe", (3, 12, 1))))
    assert setup.find_python(machine).executable == "C:/Python312/python.exe"


def test_no_supported_python_is_said_with_what_to_install(tmp_path: Path) -> None:
    machine = FakeMachine(tmp_path)
    machine.answer(sys.executable, described(TOO_OLD))
    machine.answer("", BROKEN)
    with pytest.raises(
        SetupError, match=r"needs Python 3\.11, 3\.12 or 3\.13.*is Python 3\.8\.18.*apt-get install"
    ):
        setup.find_python(machine)


@pytest.mark.parametrize(
    ("python", "said"),
    [
        (Python("/usr/bin/python3", (3, 11, 2), bits=32), "32-bit"),
        (Python("/usr/bin/python3", (3, 11, 2), libc=("musl", "1.2.5")), "Alpine"),
        (Python("/usr/bin/python3", (3, 11, 2), libc=("glibc", "2.31")), "glibc 2.31.*2.34"),
    ],
)
def test_a_system_that_qt_does_not_exist_for_is_named(
    machine: FakeMachine, python: Python, said: str
) -> None:
    machine.answers.insert(0, ("import json, platform", described(python)))
    with pytest.raises(SetupError, match=said):
        setup.find_python(machine)


@pytest.mark.parametrize("libc", [("glibc", "2.36"), ("glibc", "2.34"), ("", "")])
def test_a_system_that_qt_exists_for(libc: tuple[str, str]) -> None:
    assert setup.python_fault(Python("/usr/bin/python3", (3, 11, 2), libc=libc)) is None


def test_the_probe_describes_the_interpreter_that_runs_it(tmp_path: Path) -> None:
    found = setup.probe(Machine(tmp_path), [sys.executable])
    assert found is not None
    assert found.version == sys.version_info[:3]
    assert found.bits == 64
    assert setup.probe(Machine(tmp_path), [str(tmp_path / "python3.11")]) is None


# --- System libraries ------------------------------------------------------------------------------------


def test_wanted_packages() -> None:
    plain = setup.wanted_packages(DEBIANS, test=False)
    assert "libegl1" in plain
    assert "xvfb" not in plain
    assert "python3.11-venv" not in plain
    tests = setup.wanted_packages(Python("/usr/bin/python3", (3, 12, 1), makes_venvs=False), test=True)
    assert {"libegl1", "xvfb", "nginx-light", "redis-server", "python3.12-venv", "libpython3.12"} <= set(
        tests
    )


def test_a_python_that_is_not_debians_brings_its_own_library() -> None:
    assert "libpython3.11" not in setup.wanted_packages(Python("/opt/bin/python3", (3, 11, 2)), test=True)


def test_a_package_is_there_under_its_own_name_or_anothers_provides() -> None:
    listing = (
        "installed\tlibegl1\t\n"
        "config-files\tdunst\t\n"
        "installed\tlibglib2.0-0t64\tlibglib2.0-0 (= 2.84.3-1), libglib2.0-udeb:any\n"
        "not-installed\topenbox\t\n"
    )
    wanted = ["dunst", "libegl1", "libglib2.0-0", "openbox", "xvfb"]
    assert setup.missing_packages(wanted, listing) == ["dunst", "openbox", "xvfb"]


def test_nothing_missing_runs_no_apt(machine: FakeMachine) -> None:
    assert setup.install_system_packages(machine, DEBIANS, test=True, screen=True) == "all there"
    assert machine.ran_with("apt-get") == []


def test_root_installs_only_what_is_missing(machine: FakeMachine) -> None:
    there = [package for package in setup.wanted_packages(DEBIANS, test=False) if package != "libxcb-cursor0"]
    machine.answers.insert(0, ("dpkg-query", Finished(0, dpkg_list(*there))))
    assert setup.install_system_packages(machine, DEBIANS, test=False, screen=True) == "installed"
    update, install = machine.ran_with("apt-get")
    assert update.endswith(" update")
    assert install.startswith("env DEBIAN_FRONTEND=noninteractive ")
    assert "DPkg::Lock::Timeout" in install
    assert install.endswith("install --no-install-recommends libxcb-cursor0")


def test_sudo_is_used_when_it_asks_for_no_password(tmp_path: Path) -> None:
    machine = bare(tmp_path, root_user=False, commands=["apt-get", "dpkg-query", "sudo"])
    setup.install_system_packages(machine, DEBIANS, test=False, screen=True)
    assert all(line.startswith("sudo -n env ") for line in machine.ran_with("apt-get"))


@pytest.mark.parametrize("commands", [["apt-get", "dpkg-query"], ["apt-get", "dpkg-query", "sudo"]])
def test_without_root_the_apt_command_is_said(tmp_path: Path, commands: list[str]) -> None:
    machine = bare(tmp_path, root_user=False, commands=commands)
    machine.answer("sudo -n true", Finished(1, "sudo: a password is required"))
    with pytest.raises(SetupError, match=r"\n  sudo apt-get install --no-install-recommends .*libegl1 .*\n"):
        setup.install_system_packages(machine, DEBIANS, test=False, screen=True)
    assert machine.ran_with("apt-get") == []


def test_without_root_and_without_a_screen_qt_is_not_needed(tmp_path: Path) -> None:
    machine = bare(tmp_path, root_user=False)
    said = setup.install_system_packages(machine, DEBIANS, test=False, screen=False)
    assert said.startswith("going on without")
    assert "sudo apt-get install" in said


def test_without_root_the_missing_venv_module_stops_even_without_a_screen(tmp_path: Path) -> None:
    machine = bare(tmp_path, root_user=False)
    with pytest.raises(SetupError, match=r"python3\.11-venv"):
        setup.install_system_packages(
            machine, Python("/usr/bin/python3", (3, 11, 2), makes_venvs=False), test=False, screen=False
        )


def test_another_distribution_is_told_the_libraries(tmp_path: Path) -> None:
    machine = FakeMachine(tmp_path)
    assert setup.install_system_packages(machine, DEBIANS, test=False, screen=True) == "all there"
    machine.libraries.remove("libxcb-cursor.so.0")
    with pytest.raises(SetupError, match=r"libxcb-cursor\.so\.0 \(Debian's libxcb-cursor0\)\. Install"):
        setup.install_system_packages(machine, DEBIANS, test=False, screen=True)


def test_windows_needs_no_system_libraries(tmp_path: Path) -> None:
    machine = FakeMachine(tmp_path, platform="win32")
    assert setup.install_system_packages(machine, DEBIANS, test=True, screen=True) == "none needed"
    assert machine.ran == []


def test_the_lock_of_another_apt_is_waited_for(tmp_path: Path) -> None:
    machine = bare(tmp_path)
    locked = Finished(100, "E: Could not get lock /var/lib/apt/lists/lock. It is held by process 7 (apt-get)")
    machine.answer(" update", locked)
    waits = 3

    def released(_line: str) -> None:
        if machine.paused_s >= waits * setup.LISTS_LOCK_PAUSE_S:
            machine.answers = [(part, answer) for part, answer in machine.answers if answer is not locked]

    machine.on_work = released
    setup.apt_install(machine, [], ["xvfb"])
    assert machine.paused_s == waits * setup.LISTS_LOCK_PAUSE_S
    assert machine.ran_with(" xvfb")


def test_lists_that_cannot_be_fetched_do_not_matter_when_the_packages_come_all_the_same(
    tmp_path: Path,
) -> None:
    machine = bare(tmp_path)
    machine.answer(
        " update", Finished(100, "E: The repository 'http://foreign stable Release' has no Release file")
    )
    setup.apt_install(machine, [], ["xvfb"])
    assert machine.ran_with(" install ")


@pytest.mark.parametrize(
    ("update", "install", "said"),
    [
        (
            "W: Failed to fetch http://deb/InRelease  Temporary failure resolving",
            "E: Unable to locate package xvfb",
            "network",
        ),
        ("", "E: Could not get lock /var/lib/dpkg/lock-frontend.", "Another program"),
        ("", "E: Unable to locate package xvfb", "sources lack a package"),
        ("", "dpkg: error: write failed: No space left on device", "disk is full"),
        ("", "E: dpkg was interrupted", "lines above say why"),
    ],
)
def test_a_failing_apt_is_explained(tmp_path: Path, update: str, install: str, said: str) -> None:
    machine = bare(tmp_path)
    machine.answer(" update", Finished(0, update))
    machine.answer(" install ", Finished(100, install))
    with pytest.raises(SetupError, match=said):
        setup.apt_install(machine, [], ["xvfb"])
    assert install in machine.said[-1]


# --- No service starts -----------------------------------------------------------------------------------


def carry_out_policy_commands(machine: FakeMachine) -> None:
    def carry_out(line: str) -> None:
        if setup.POLICY_TEXT in line:
            machine.service_policy.write_text(setup.POLICY_TEXT, encoding="utf-8")
        elif line.startswith("rm -f"):
            machine.service_policy.unlink()

    machine.on_work = carry_out


def test_services_are_forbidden_to_start_only_while_test_packages_are_installed(tmp_path: Path) -> None:
    machine = bare(tmp_path)
    carry_out_policy_commands(machine)
    with setup.services_kept_still(machine, []):
        assert machine.service_policy.read_text(encoding="utf-8") == setup.POLICY_TEXT
    assert not machine.service_policy.exists()


def test_the_policy_is_lifted_when_apt_fails_too(tmp_path: Path) -> None:
    machine = bare(tmp_path)
    carry_out_policy_commands(machine)
    machine.answer(" install ", Finished(100, ""))
    with pytest.raises(SetupError):
        setup.install_system_packages(machine, DEBIANS, test=True, screen=False)
    assert not machine.service_policy.exists()


def test_a_policy_that_is_there_already_is_left_alone(tmp_path: Path) -> None:
    machine = bare(tmp_path)
    machine.service_policy.write_text("#!/bin/sh\nexit 0\n", encoding="utf-8")
    with setup.services_kept_still(machine, []):
        pass
    assert machine.service_policy.read_text(encoding="utf-8") == "#!/bin/sh\nexit 0\n"
    assert machine.ran == []


def test_a_policy_left_by_a_killed_run_is_removed_by_the_next(machine: FakeMachine) -> None:
    carry_out_policy_commands(machine)
    machine.service_policy.write_text(setup.POLICY_TEXT, encoding="utf-8")
    setup.install_system_packages(machine, DEBIANS, test=False, screen=False)
    assert not machine.service_policy.exists()


# --- The virtual environment -----------------------------------------------------------------------------


def test_a_venv_is_made_and_marked_as_ours(machine: FakeMachine, venv: Venv) -> None:
    assert setup.prepare_venv(machine, DEBIANS, venv) == "made"
    assert machine.ran == [f"/usr/bin/python3 -I -m venv {venv.folder}"]
    assert venv.made_here.read_text(encoding="utf-8") == str(venv.folder)


def test_a_venv_that_works_is_kept(machine: FakeMachine, venv: Venv) -> None:
    setup.prepare_venv(machine, DEBIANS, venv)
    assert setup.prepare_venv(machine, DEBIANS, venv) == "ready"
    assert machine.ran_with("-m venv") == machine.ran[:1]


def test_a_newer_patch_release_of_python_keeps_the_venv(machine: FakeMachine, venv: Venv) -> None:
    setup.prepare_venv(machine, DEBIANS, venv)
    assert setup.prepare_venv(machine, Python("/usr/bin/python3", (3, 11, 14)), venv) == "ready"


USELESS = pytest.mark.parametrize(
    ("answer", "said"),
    [
        (BROKEN, "broken or half made"),
        (described(Python("/usr/bin/python3", (3, 11, 2), has_pip=False)), "broken or half made"),
        (described(Python("/usr/bin/python3", (3, 12, 1))), r"made with Python 3\.12, not 3\.11"),
    ],
)


@USELESS
def test_a_useless_venv_of_ours_is_made_anew(
    machine: FakeMachine, venv: Venv, answer: Finished, said: str
) -> None:
    setup.prepare_venv(machine, DEBIANS, venv)
    leftover = venv.folder / "leftover"
    leftover.touch()
    machine.answers.insert(0, (str(venv.python), answer))
    told = setup.prepare_venv(machine, DEBIANS, venv)
    assert re.fullmatch(f"it .*{said}, so it was made anew", told)
    assert not leftover.exists()


@USELESS
def test_a_useless_venv_of_another_ones_is_left_alone(
    machine: FakeMachine, venv: Venv, answer: Finished, said: str
) -> None:
    venv.folder.mkdir()
    machine.answers.insert(0, (str(venv.python), answer))
    with pytest.raises(SetupError, match=f"{said}, and this script did not make it.*Move it away"):
        setup.prepare_venv(machine, DEBIANS, venv)
    assert venv.folder.exists()


def test_a_venv_whose_making_was_interrupted_is_made_anew(machine: FakeMachine, venv: Venv) -> None:
    machine.answer("-m venv", Finished(1, "killed"))
    with pytest.raises(SetupError, match="could not make"):
        setup.prepare_venv(machine, DEBIANS, venv)
    machine.answers.pop()
    assert setup.prepare_venv(machine, DEBIANS, venv) == "it is half made or was moved, so it was made anew"


def test_a_venv_that_moved_with_its_project_is_made_anew(
    machine: FakeMachine, venv: Venv, tmp_path: Path
) -> None:
    setup.prepare_venv(machine, DEBIANS, venv)
    moved = Venv(venv.folder.rename(tmp_path / "elsewhere"))
    assert setup.prepare_venv(machine, DEBIANS, moved).endswith("made anew")


def test_a_link_to_a_venv_is_never_deleted(machine: FakeMachine, venv: Venv, tmp_path: Path) -> None:
    setup.prepare_venv(machine, DEBIANS, venv)
    target = venv.folder.rename(tmp_path / "elsewhere")
    venv.folder.symlink_to(target)
    machine.answers.insert(0, (str(venv.python), BROKEN))
    with pytest.raises(SetupError, match="leaves it alone"):
        setup.prepare_venv(machine, DEBIANS, venv)
    assert target.exists()


def test_the_venv_module_is_looked_for_again_once_packages_are_installed(machine: FakeMachine) -> None:
    lacking = Python("/usr/bin/python3", (3, 11, 2), makes_venvs=False)
    assert setup.require_venv_module(machine, lacking) == DEBIANS


@pytest.mark.parametrize(
    ("executable", "advice"),
    [
        ("/usr/bin/python3", r"sudo apt-get install python3\.11-venv"),
        ("/opt/bin/python3", "a complete Python"),
    ],
)
def test_a_missing_venv_module_is_said(tmp_path: Path, executable: str, advice: str) -> None:
    lacking = Python(executable, (3, 11, 2), makes_venvs=False)
    machine = FakeMachine(tmp_path)
    machine.answer("import json, platform", described(lacking))
    with pytest.raises(SetupError, match=advice):
        setup.require_venv_module(machine, lacking)


def test_places_in_a_venv_differ_by_platform() -> None:
    assert Venv(Path("v")).python == Path("v/bin/python")
    assert Venv(Path("v"), windows=True).script("lint-imports") == Path("v/Scripts/lint-imports.exe")


# --- Python packages -------------------------------------------------------------------------------------


def test_pip_runs_once_for_the_same_project(machine: FakeMachine, venv: Venv) -> None:
    venv.folder.mkdir()
    extras = frozenset({"server"})
    assert setup.install_packages(machine, DEBIANS, venv, extras) == "installed"
    assert setup.install_packages(machine, DEBIANS, venv, extras) == "unchanged"
    (pip,) = machine.ran
    assert pip.endswith("install -e .[server]")


def test_pip_runs_again_when_more_is_needed_but_not_when_less(machine: FakeMachine, venv: Venv) -> None:
    venv.folder.mkdir()
    both, server = frozenset({"server", "dev"}), frozenset({"server"})
    assert setup.install_packages(machine, DEBIANS, venv, server) == "installed"
    assert setup.install_packages(machine, DEBIANS, venv, both) == "installed"
    assert setup.install_packages(machine, DEBIANS, venv, server) == "unchanged"


def test_pip_runs_again_when_the_project_or_the_python_changed(machine: FakeMachine, venv: Venv) -> None:
    venv.folder.mkdir()
    extras = frozenset({"server"})
    setup.install_packages(machine, DEBIANS, venv, extras)
    assert (
        setup.install_packages(machine, Python("/usr/bin/python3", (3, 12, 0)), venv, extras) == "installed"
    )
    (machine.root / "pyproject.toml").write_text("[project]\nname = 'x'\n", encoding="utf-8")
    assert setup.install_packages(machine, DEBIANS, venv, extras) == "installed"


@pytest.mark.parametrize("stamp", ["", "{", "[]", "null", '{"fingerprint": "f"}', '{"extras": []}'])
def test_a_damaged_stamp_counts_as_none(stamp: str) -> None:
    assert not setup.is_installed(stamp, "f", frozenset())


@pytest.mark.parametrize(
    ("output", "said"),
    [
        (
            "connection broken by 'NewConnectionError(... Temporary failure in name resolution')'",
            "HTTPS_PROXY",
        ),
        ("SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] ...'))", "PIP_CERT"),
        ("OSError: [Errno 28] No space left on device", "disk is full"),
        ("ERROR: No matching distribution found for PySide6-Essentials", "does not exist for this Python"),
        ("error: something else", "lines above say why"),
    ],
)
def test_a_failing_pip_is_shown_and_explained_and_run_again_next_time(
    machine: FakeMachine, venv: Venv, output: str, said: str
) -> None:
    venv.folder.mkdir()
    machine.answer("-m pip", Finished(1, output))
    with pytest.raises(SetupError, match=said):
        setup.install_packages(machine, DEBIANS, venv, frozenset({"server"}))
    assert output in machine.said[-1]
    machine.answers.pop()
    assert setup.install_packages(machine, DEBIANS, venv, frozenset({"server"})) == "installed"


# --- What is started -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("platform", "environment", "screen"),
    [
        ("linux", {"DISPLAY": ":0"}, True),
        ("linux", {"WAYLAND_DISPLAY": "wayland-0"}, True),
        ("linux", {"DISPLAY": ""}, False),
        ("linux", {}, False),
        ("win32", {}, True),
    ],
)
def test_is_there_a_screen(platform: str, environment: dict[str, str], screen: bool) -> None:  # noqa: FBT001 - a table
    assert setup.has_screen(platform, environment) is screen


def test_the_demo_starts_with_its_window_where_there_is_a_screen(machine: FakeMachine) -> None:
    machine.environment["DISPLAY"] = ":0"
    machine.exit_codes["demo"] = 4
    with pytest.raises(SystemExit) as end:
        setup.run(machine, Options(rest=("--rate", "60")))
    assert machine.ran[-1] == f"{machine.root}/.venv/bin/python -m armguard_tray demo --rate 60"
    assert end.value.code == 4
    assert not any("no screen" in line for line in machine.said)


def test_the_demo_runs_in_the_terminal_where_there_is_no_screen_and_that_is_said(
    machine: FakeMachine,
) -> None:
    with pytest.raises(SystemExit):
        setup.run(machine, Options())
    assert machine.ran[-1].endswith("-m armguard_tray demo --headless")
    assert any("There is no screen" in line for line in machine.said)


def test_the_steps_are_numbered(machine: FakeMachine) -> None:
    assert setup.run(machine, Options(only_setup=True)) == 0
    steps = [line[:5] for line in machine.said if line.startswith("[")]
    assert steps == ["[1/4]", "[2/4]", "[3/4]", "[4/4]"]
    assert not machine.ran_with("armguard_tray")


def test_a_file_that_cannot_be_read_is_said(machine: FakeMachine) -> None:
    (machine.root / "pyproject.toml").unlink()
    with pytest.raises(SetupError, match=r"could not be read or written: .*pyproject\.toml"):
        setup.run(machine, Options())


def test_every_check_runs_in_order_and_pytest_gets_the_rest(machine: FakeMachine) -> None:
    assert setup.run(machine, Options(test=True, rest=("-k", "tray"))) == 0
    ran = [line.split(".venv/bin/")[1] for line in machine.ran[-6:]]
    mypy = "python -m mypy armguard_tray server_setup setup_websockets.py"
    assert ran == [
        "python -m ruff check .",
        "python -m ruff format --check .",
        f"{mypy} tests",
        f"{mypy} --platform win32 --cache-dir .mypy_cache/win32",
        "lint-imports",
        "python -m pytest -n logical --dist loadgroup -k tray",
    ]
    assert "Every check is good" in machine.said[-1]


def test_a_failing_check_stops_no_other_and_is_named_at_the_end(machine: FakeMachine) -> None:
    machine.exit_codes |= {"ruff check": 1, "-m pytest": 5}
    assert setup.run(machine, Options(test=True)) == 1
    assert "-m pytest" in machine.ran[-1]
    assert "These checks failed: ruff check, pytest (" in machine.said[-1]


@pytest.mark.parametrize(("seconds", "written"), [(0.42, "0.4 s"), (12.4, "12 s"), (185.2, "3 min 5 s")])
def test_durations(seconds: float, written: str) -> None:
    assert setup.duration(seconds) == written


# --- The real machine ------------------------------------------------------------------------------------


def test_work_keeps_what_a_command_says_and_how_it_ended(tmp_path: Path) -> None:
    script = "import sys; print('out', flush=True); print('err', file=sys.stderr); sys.exit(3)"
    finished = Machine(tmp_path).work([sys.executable, "-c", script])
    assert finished == Finished(3, "out\nerr\n")


def test_a_command_that_does_not_exist_is_an_answer_too(tmp_path: Path) -> None:
    assert Machine(tmp_path).work([str(tmp_path / "nothing")]).code == 127


def test_show_returns_the_exit_code(tmp_path: Path) -> None:
    assert Machine(tmp_path).show([sys.executable, "-c", "raise SystemExit(7)"]) == 7


def test_foreign_packages_stay_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", "/opt/ros")
    assert "PYTHONPATH" not in Machine(tmp_path).environment


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM to catch")
def test_a_command_ends_in_order_when_the_script_is_told_to_stop() -> None:
    command = """
import signal
try:
    print("ready", flush=True)
    signal.pause()
except KeyboardInterrupt:
    print("ended in order", flush=True)
"""
    script = f"""
import pathlib, signal, sys, setup_websockets
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGTERM, setup_websockets.stop_on_signal)
setup_websockets.Machine(pathlib.Path()).show([sys.executable, "-c", {command!r}])
"""
    root = Path(setup.__file__).parent
    with subprocess.Popen(
        [sys.executable, "-c", script], cwd=root, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.terminate()
        assert process.stdout.read() == "ended in order\n"
    assert process.returncode == 128 + signal.SIGTERM


@pytest.fixture
def kept_signals() -> Iterator[None]:
    """Put back the handler that main() sets for its process."""
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.mark.usefixtures("kept_signals")
def test_an_error_is_one_sentence_and_exit_code_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def cannot(_machine: Machine, _options: Options) -> int:
        raise SetupError("The disk is full.")

    monkeypatch.setattr(setup, "run", cannot)
    assert setup.main([]) == 1
    assert capsys.readouterr().err == "\nsetup_websockets: The disk is full.\n"


@pytest.mark.usefixtures("kept_signals")
def test_ctrl_c_ends_quietly(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupted(_machine: Machine, _options: Options) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(setup, "run", interrupted)
    assert setup.main([]) == 130
    assert capsys.readouterr().err == "\nStopped.\n"


# --- Another project's server ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "is_so"),
    [
        (["--server", "site"], True),
        (["--server=site", "--undo"], True),
        (["--test"], False),
        (["--", "--server", "site"], False),
    ],
)
def test_is_a_django_project_meant(arguments: list[str], is_so: bool) -> None:  # noqa: FBT001 - a table
    assert setup.is_for_a_server(arguments) is is_so


def test_an_old_python_is_sent_to_the_projects_own(
    machine: FakeMachine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 2))
    with pytest.raises(
        SetupError, match=r"needs Python 3\.11 or newer, and this is 3\.9\.2\. Start this with the"
    ):
        setup.set_up_server(machine, ["--server", "site"])


@pytest.mark.usefixtures("kept_signals")
def test_a_folder_without_a_project_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert setup.main(["--server", str(tmp_path)]) == 1
    assert f"There is no manage.py in {tmp_path}" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("typed", "means"), [("y", True), ("YES", True), ("", False), ("n", False), ("x", False)]
)
def test_only_a_yes_is_a_yes(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    typed: str,
    means: bool,  # noqa: FBT001 - a table
) -> None:
    monkeypatch.setattr("builtins.input", lambda _question: typed)
    assert Machine(tmp_path).confirm("Well?") is means


def test_an_input_that_ends_is_no_yes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def ended(_question: str) -> str:
        raise EOFError

    monkeypatch.setattr("builtins.input", ended)
    assert Machine(tmp_path).confirm("Well?") is False


def test_a_glance_takes_no_longer_than_it_may(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(setup, "GLANCE_S", 0.1)
    hanging = Machine(tmp_path).glance([sys.executable, "-c", "import signal; signal.pause()"])
    assert hanging.code == 127
    assert "did not answer" in hanging.output
    monkeypatch.setattr(setup, "GLANCE_S", 60.0)
    assert Machine(tmp_path).glance([sys.executable, "-c", "print('here')"]) == Finished(0, "here\n")
    assert Machine(tmp_path).glance([str(tmp_path / "nothing")]).code == 127
