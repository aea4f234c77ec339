"""The project's Python environment: found, looked at, and completed. Never with Qt."""

import contextlib
import json
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Final

from server_setup.requirements import Environment, canonical
from setup_websockets import Machine, SetupError, Venv, last_lines, pip_failure

PACKAGE: Final = "armguard_tray"
_VENVS: Final = (".venv", "venv", "env")
# What tells one state of the package from another.
_SUFFIXES: Final = (".py", ".html")

# Run by the project's interpreter; prints what has to be known of it. Finds the package without importing it.
PROBE: Final = """
import json, sys
from importlib.metadata import distributions
from importlib.util import find_spec
spec = find_spec("armguard_tray")
print(json.dumps({
    "version": sys.version_info[:3],
    "has_pip": find_spec("pip") is not None,
    "versions": [[d.metadata["Name"], d.version] for d in distributions() if d.metadata["Name"]],
    "package": list(spec.submodule_search_locations)[0] if spec and spec.submodule_search_locations else "",
}))
"""


def find_python(root: Path, named: Path | None, environment: Mapping[str, str], *, windows: bool) -> Path:
    """Return the project's interpreter. Raises SetupError if none is found.

    `named` is an interpreter or a virtual environment's folder.
    """
    if named is not None:
        python = Venv(named, windows=windows).python if named.is_dir() else named
        if not python.is_file():
            raise SetupError(f"There is no Python at {named}.")
        return python
    folders = [parent / name for parent in (root, *root.parents) for name in _VENVS]
    if environment.get("VIRTUAL_ENV"):
        folders.append(Path(environment["VIRTUAL_ENV"]))
    for folder in folders:
        python = Venv(folder, windows=windows).python
        if (folder / "pyvenv.cfg").is_file() and python.is_file():
            return python
    raise SetupError(
        f"No virtual environment was found in {root} or above it ({', '.join(_VENVS)}), and none is active. "
        "Name the Python that runs the project with --python."
    )


def look(machine: Machine, python: Path) -> Environment:
    """Ask an interpreter what it has. Raises SetupError if it does not run."""
    answer = machine.ask([str(python), "-I", "-c", PROBE])
    try:
        facts = json.loads(answer.output)
    except ValueError as error:
        raise SetupError(f"{python} does not run: {last_lines(answer.output).strip()}") from error
    versions: dict[str, str] = {}
    for name, version in facts["versions"]:
        versions.setdefault(canonical(name), version)  # the first on the path counts
    return Environment(
        python=str(python),
        version=tuple(facts["version"]),
        has_pip=facts["has_pip"],
        versions=versions,
        package=digest(Path(facts["package"])) if facts["package"] else "",
    )


def digest(package: Path) -> str:
    """Return a hash of a package's files, to tell whether two copies are alike."""
    whole = sha256()
    for path in sorted(package.rglob("*")):
        if path.suffix in _SUFFIXES and "__pycache__" not in path.parts:
            whole.update(path.relative_to(package).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return whole.hexdigest()


def install(
    machine: Machine, environment: Environment, packages: Iterable[str], checkout: Path | None
) -> None:
    """Install packages, and from `checkout` a copy of the app without what only the tray needs.

    Raises SetupError. Django stays at the version that is there.
    """
    packages = list(packages)
    pip = [environment.python, "-I", "-m", "pip", "--disable-pip-version-check", "--no-input", "install"]
    with tempfile.TemporaryDirectory() as folder:
        if packages:
            constraints = Path(folder, "constraints.txt")
            constraints.write_text(f"Django=={environment.versions['django']}\n", encoding="utf-8")
            _run(machine, [*pip, "-c", str(constraints), *packages])
        if checkout is not None:
            copy = Path(folder, "checkout")
            _copy(checkout, copy)
            _run(machine, [*pip, "--no-deps", "--force-reinstall", str(copy)])
            if look(machine, Path(environment.python)).package != digest(copy / PACKAGE):
                raise SetupError(
                    f"{environment.python} does not get the app that was installed; is another one before it "
                    "on its path? The project was not changed."
                )


@contextlib.contextmanager
def without_bytecode(machine: Machine) -> Iterator[None]:
    """Let Python write no __pycache__: another user's would be files the project cannot replace."""
    before = machine.environment
    machine.environment = {**before, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUNBUFFERED": "1"}
    try:
        yield
    finally:
        machine.environment = before


def _copy(checkout: Path, folder: Path) -> None:
    """Copy what the package is built from: setuptools writes beside it, and takes over what lies there."""
    folder.mkdir()
    for name in ("pyproject.toml", "README.md"):
        shutil.copyfile(checkout / name, folder / name)
    shutil.copytree(
        checkout / PACKAGE,
        folder / PACKAGE,
        ignore=shutil.ignore_patterns("__pycache__", "*.pyc"),
        copy_function=shutil.copyfile,
    )


def _run(machine: Machine, command: list[str]) -> None:
    done = machine.work(command)
    if done.code == 0:
        return
    machine.say(last_lines(done.output))
    if "externally-managed-environment" in done.output:
        raise SetupError(
            f"{command[0]} belongs to the system, which lets pip install nothing. Use a virtual environment."
        )
    raise SetupError(pip_failure(done.output))
