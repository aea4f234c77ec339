"""Looks at a project and its surroundings before anything is changed, and tells what is there."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from armguard_tray.server.layers.address import AddressError, RedisAddress, find_address
from server_setup import environment
from server_setup.options import Options
from server_setup.plan import redis_of_ours
from server_setup.project import Project, find_project
from server_setup.redis_search import Answer, State, ask_redis, look_around, place
from server_setup.requirements import Environment, environment_fault, missing, read_ranges
from setup_websockets import Machine, SetupError


@dataclass(frozen=True, slots=True)
class Findings:
    """What there is before anything is changed.

    Attributes:
        project: the project.
        environment: its Python environment.
        packages: what pip has to install for it.
        upgrade: whether the app has to be installed, or a newer state of it.
        address, redis, place: where Redis is looked for, what is there, and where that runs.

    """

    project: Project
    environment: Environment
    packages: tuple[str, ...]
    upgrade: bool
    address: RedisAddress
    redis: Answer
    place: str


def find(machine: Machine, options: Options, checkout: Path) -> Findings:
    """Look at everything. Raises SetupError for what cannot be worked with."""
    project = find_project(options.root, options.settings)
    python = environment.find_python(
        options.root, options.python, machine.environment, windows=machine.windows
    )
    own = environment.look(machine, python)
    fault = environment_fault(own)
    if fault:
        raise SetupError(fault)
    supported = read_ranges((checkout / "pyproject.toml").read_text(encoding="utf-8"))
    packages = tuple(missing(own, supported))
    upgrade = own.package != environment.digest(checkout / environment.PACKAGE)
    if (packages or upgrade) and not own.has_pip:
        raise SetupError(f"{own.python} has no pip. Run `{own.python} -m ensurepip`, then this again.")
    try:
        address = redis_address(project, machine.environment)
    except AddressError as error:
        raise SetupError(f"The address of Redis makes no sense: {error}.") from error
    redis = ask_redis(address)
    where = place(redis, address, look_around(machine)) if redis.state == "ready" else ""
    return Findings(project, own, packages, upgrade, address, redis, where)


def redis_address(project: Project, environment: Mapping[str, str]) -> RedisAddress:
    """Return where the app will look for Redis. Raises AddressError."""
    ours = redis_of_ours(project.root)
    named = {**({"REDIS_URL": ours.url} if ours else {}), **project.environment, **environment}
    names = {"redis_url": "REDIS_URL", "host": "REDIS_HOST", "port": "REDIS_PORT"}
    names |= {"password": "REDIS_PASSWORD", "db": "REDIS_DB"}
    given = (
        {argument: named.get(name) for argument, name in names.items()} if project.settings[0].config else {}
    )
    return find_address(given, project.settings[0].literals, named)


def tell(machine: Machine, found: Findings) -> None:
    """Say what was found."""
    own = found.environment
    python = ".".join(str(part) for part in own.version)
    modules = ", ".join(settings.module for settings in found.project.settings)
    machine.say(f"Project:  {found.project.root} (settings {modules}; {found.project.application})")
    machine.say(f"Python:   {python}, Django {own.versions['django']} ({own.python})")
    machine.say(f"Redis:    {redis_sentence(found)}")


def redis_sentence(found: Findings) -> str:
    """Say what is where Redis is looked for."""
    answer, where = found.redis, found.address.shown
    sentences: dict[State, str] = {
        "ready": f"{answer.what or 'answers'}, {found.place}",
        "absent": f"none at {where} ({answer.detail})",
        "password needed": f"one at {where} wants a password: set REDIS_PASSWORD, or REDIS_URL with it",
        "password wrong": f"one at {where} refuses the password of the settings",
        "not allowed": f"one at {where} does not let this machine or user in ({answer.detail})",
        "busy": f"one at {where} is not ready ({answer.detail})",
        "not redis": f"what answers at {where} is none ({answer.detail})",
    }
    return sentences[answer.state]


def layer_advice(found: Findings) -> str:
    """Say what to do where Redis is wanted and cannot be used."""
    place = f"in {found.project.dotenv}" if found.project.dotenv else "in the settings or the environment"
    memory = "or choose --layer=memory, where one single process serves"
    advice: dict[State, str] = {
        "ready": f"see that every process of the server reaches the Redis at {found.address.shown}",
        "absent": f"start Redis, or run this again with --redis=docker, {memory}",
        "password needed": f"set REDIS_PASSWORD, or REDIS_URL with the password, {place}",
        "password wrong": f"mend REDIS_PASSWORD/REDIS_URL {place}",
        "not allowed": f"let this machine and user in at that Redis, {memory}",
        "busy": "wait until that Redis is ready, and run this again",
        "not redis": f"mend REDIS_HOST, REDIS_PORT or REDIS_URL {place}, or use --redis=docker, {memory}",
    }
    return advice[found.redis.state]
