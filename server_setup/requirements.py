"""Which packages the server app needs beside what is there. Pure."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

# Never changed, only checked: a project's Django is its own affair.
DJANGO: Final = ">=4.2,<5.3"
OLDEST_PYTHON: Final = (3, 11)
FIRST_UNKNOWN_PYTHON: Final = (3, 14)  # as requires-python in pyproject.toml
# With websockets the functional tests open sockets.
_NEEDED: Final = ("msgspec", "channels", "channels-redis", "daphne", "websockets")
# Encrypts what goes through Redis.
_ALSO: Final = {"cryptography": ""}
_LINE: Final = re.compile(r"^([A-Za-z0-9._-]+)\s*([^;\s]*)")


@dataclass(frozen=True, slots=True)
class Environment:
    """A project's Python environment, as PROBE in `environment` describes it.

    Attributes:
        python: its interpreter.
        version: of Python.
        has_pip: whether it has pip.
        versions: of the installed distributions, by name in lower case with `-`.
        package: a digest of the package that is there; empty if none is.

    """

    python: str
    version: tuple[int, ...]
    has_pip: bool
    versions: Mapping[str, str]
    package: str

    @property
    def server(self) -> str:
        """The ASGI server that will serve: `daphne`, or `uvicorn` where only that is there."""
        return "uvicorn" if "uvicorn" in self.versions and "daphne" not in self.versions else "daphne"


def ranges(pyproject: Mapping[str, Any]) -> dict[str, str]:
    """Return the versions that pyproject.toml supports, by distribution: `>=4.0,<4.4`."""
    project = pyproject["project"]
    found = dict(
        _split(line) for line in [*project["dependencies"], *project["optional-dependencies"]["server"]]
    )
    return {**{name: found[name] for name in _NEEDED}, **_ALSO}


def read_ranges(text: str) -> dict[str, str]:
    """As `ranges`, of the text of pyproject.toml."""
    return ranges(tomllib.loads(text))


def environment_fault(environment: Environment) -> str | None:
    """Say why the app cannot be used in this environment; None if it can."""
    written = ".".join(str(part) for part in environment.version)
    if environment.version < OLDEST_PYTHON:
        return (
            f"The project's Python ({environment.python}) is {written}; the app needs 3.11, 3.12 or 3.13. "
            "Make the project a new virtual environment with one of those, install its packages there, and "
            "run this again. Nothing was changed."
        )
    if environment.version >= FIRST_UNKNOWN_PYTHON:
        return (
            f"The project's Python ({environment.python}) is {written}; the app was made for 3.11 to 3.13. "
            "Nothing was changed."
        )
    django = environment.versions.get("django")
    if django is None:
        return (
            f"There is no Django in {environment.python}, so it is not this project's Python. "
            "Name the right one with --python."
        )
    if not fits(django, DJANGO):
        return (
            f"The project's Django is {django}, and the app works with 4.2 to 5.2. This script never changes "
            "a project's Django: bring it to one of those, and run this again. Nothing was changed."
        )
    return None


def missing(environment: Environment, supported: Mapping[str, str]) -> list[str]:
    """Return what pip has to install for what is absent or of an unsupported version, as it wants it."""
    wanted = [name for name in (*_NEEDED, *_ALSO) if name != "daphne" or environment.server == "daphne"]
    return [
        f"{name}{supported[name]}"
        for name in wanted
        if name not in environment.versions or not fits(environment.versions[name], supported[name])
    ]


def fits(version: str, supported: str) -> bool:
    """Tell whether a version is in a range such as `>=4.0,<4.4`; of pre-releases only the numbers count."""
    for bound in filter(None, supported.split(",")):
        operator, limit = bound[:2] if bound[1] == "=" else bound[0], bound.lstrip("<>=")
        own, other = _numbers(version), _numbers(limit)
        good = {
            ">=": own >= other,
            "<": own < other,
            "<=": own <= other,
            ">": own > other,
            "==": own == other,
        }
        if not good[operator]:
            return False
    return True


def _numbers(version: str) -> tuple[int, ...]:
    found = tuple(int(part) for part in re.findall(r"\d+", version.partition("+")[0])[:4])
    return found + (0,) * (4 - len(found))


def _split(line: str) -> tuple[str, str]:
    match = _LINE.match(line)
    if match is None:
        raise ValueError(line)
    return canonical(match[1]), match[2]


def canonical(name: str) -> str:
    """Return a distribution's name in the one form that pip compares."""
    return re.sub(r"[-_.]+", "-", name).lower()
