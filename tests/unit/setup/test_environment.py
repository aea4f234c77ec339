"""The project's Python is found, looked at, and completed."""

import json
from pathlib import Path

import pytest

from server_setup.environment import digest, find_python, install, look, without_bytecode
from server_setup.requirements import Environment
from setup_websockets import Finished, SetupError
from tests.unit.setup.conftest import CHECKOUT, FakeMachine


def make_venv(folder: Path, *, windows: bool = False) -> Path:
    python = folder / ("Scripts/python.exe" if windows else "bin/python")
    python.parent.mkdir(parents=True)
    python.touch()
    (folder / "pyvenv.cfg").touch()
    return python


@pytest.mark.parametrize("name", [".venv", "venv", "env"])
@pytest.mark.parametrize("windows", [False, True])
def test_an_environment_in_the_project_or_above_it(tmp_path: Path, name: str, windows: bool) -> None:  # noqa: FBT001 - a table
    root = tmp_path / "repository" / "site"
    root.mkdir(parents=True)
    above = make_venv(tmp_path / "repository" / name, windows=windows)
    assert find_python(root, None, {}, windows=windows) == above
    own = make_venv(root / name, windows=windows)
    assert find_python(root, None, {"VIRTUAL_ENV": "elsewhere"}, windows=windows) == own


def test_the_active_environment_where_the_project_has_none(tmp_path: Path) -> None:
    active = make_venv(tmp_path / "active")
    root = tmp_path / "site"
    root.mkdir()
    assert find_python(root, None, {"VIRTUAL_ENV": str(tmp_path / "active")}, windows=False) == active


def test_a_folder_that_is_called_env_and_is_none(tmp_path: Path) -> None:
    (tmp_path / "env/bin").mkdir(parents=True)
    (tmp_path / "env/bin/python").touch()
    with pytest.raises(SetupError, match="Name the Python that runs the project with --python"):
        find_python(tmp_path, None, {}, windows=False)


def test_the_one_that_was_named(tmp_path: Path) -> None:
    python = make_venv(tmp_path / "named")
    assert find_python(tmp_path, tmp_path / "named", {}, windows=False) == python
    assert find_python(tmp_path, python, {}, windows=False) == python
    with pytest.raises(SetupError, match="no Python at"):
        find_python(tmp_path, tmp_path / "nothing", {}, windows=False)


def test_what_an_environment_has(machine: FakeMachine, tmp_path: Path) -> None:
    package = tmp_path / "armguard_tray"
    package.mkdir()
    facts = {
        "version": [3, 11, 2],
        "has_pip": True,
        "versions": [["Channels_Redis", "4.3.0"], ["channels-redis", "4.0.0"], ["zope.interface", "8"]],
        "package": str(package),
    }
    machine.answers["import json, sys"] = Finished(0, json.dumps(facts))
    found = look(machine, Path("python"))
    assert found.versions == {"channels-redis": "4.3.0", "zope-interface": "8"}, (
        "the first on the path counts"
    )
    assert found.package == digest(package)


def test_an_interpreter_that_does_not_run(machine: FakeMachine) -> None:
    machine.answers["import json, sys"] = Finished(127, "No such file or directory")
    with pytest.raises(SetupError, match="python does not run: No such file or directory"):
        look(machine, Path("python"))


def test_a_digest_tells_two_states_of_a_package_apart(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("a = 1\n")
    before = digest(tmp_path)
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__/a.py").write_text("")
    (tmp_path / "a.pyc").write_text("")
    assert digest(tmp_path) == before
    (tmp_path / "page.html").write_text("")
    assert digest(tmp_path) != before


ENVIRONMENT = Environment("python", (3, 11, 2), has_pip=True, versions={"django": "4.2.16"}, package="")


def test_django_is_held_at_its_version(machine: FakeMachine) -> None:
    held: list[str] = []

    def note(line: str) -> None:
        if " -c " in line:
            held.append(Path(line.split(" -c ")[1].split(maxsplit=1)[0]).read_text(encoding="utf-8"))

    machine.during = note
    install(machine, ENVIRONMENT, ["daphne>=4.2.2,<5"], None)
    assert held == ["Django==4.2.16\n"]
    assert machine.ran[0].endswith("constraints.txt daphne>=4.2.2,<5")


def test_the_app_is_installed_as_a_copy_and_alone(machine: FakeMachine) -> None:
    install(machine, ENVIRONMENT, [], CHECKOUT)
    command = machine.ran[0]
    assert "--no-deps" in command
    assert "-e" not in command.split()
    assert str(CHECKOUT) not in command, "pip builds in a copy, and leaves nothing in the checkout"


def test_an_app_that_is_hidden_by_another_is_said(machine: FakeMachine, tmp_path: Path) -> None:
    facts = {"version": [3, 11, 2], "has_pip": True, "versions": [], "package": str(tmp_path)}
    machine.answers["import json, sys"] = Finished(0, json.dumps(facts))
    with pytest.raises(SetupError, match="is another one before it on its path"):
        install(machine, ENVIRONMENT, [], CHECKOUT)


@pytest.mark.parametrize(
    ("output", "said"),
    [
        ("error: externally-managed-environment", "lets pip install nothing. Use a virtual environment"),
        ("NameResolutionError: index", "could not reach the package index"),
    ],
)
def test_a_failing_pip_is_shown_and_explained(machine: FakeMachine, output: str, said: str) -> None:
    machine.answers = {"pip": Finished(1, output)}
    with pytest.raises(SetupError, match=said):
        install(machine, ENVIRONMENT, ["msgspec>=0.20"], None)
    assert output in machine.text


def test_no_bytecode_is_left_in_the_project(machine: FakeMachine) -> None:
    with without_bytecode(machine):
        assert machine.environment["PYTHONDONTWRITEBYTECODE"] == "1"
    assert "PYTHONDONTWRITEBYTECODE" not in machine.environment
