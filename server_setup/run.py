"""`setup_websockets.py --server PATH` from its beginning to its verdict."""

import os
import re
import socket
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from armguard_tray.server.layers.address import DEFAULT_PORT
from server_setup import compose, environment, requirements
from server_setup.edits import URL
from server_setup.findings import Findings, find, layer_advice, redis_sentence, tell
from server_setup.machine import ServerMachine
from server_setup.options import Layer, Options, parse_arguments
from server_setup.ownership import handed_over
from server_setup.plan import Plan, plan_setup, redis_of_ours
from server_setup.project import Project
from server_setup.source import SETTINGS_VARIABLE
from server_setup.steps import (
    EXIT_NOT_AGREED,
    agreed,
    changing,
    has_compose,
    own_command,
    show_changes,
    undo_command,
)
from server_setup.undo import undo
from server_setup.verdict import Line, is_switched_off, judged, read_report
from setup_websockets import Machine, SetupError, last_lines

EXIT_NOT_GOOD: Final = 1
APP: Final = "armguard-tray (from this checkout, without what only the tray needs)"
OFFER: Final = "Set up a Redis in Docker, with a password, its data kept, for this machine only?"
TRACES: Final = (
    "The tests make some temporary users in the project's database and remove them again, and leave a few "
    "test notices addressed to them in the event log."
)
DAPHNE_FIXED: Final = "4.2.2"
LAYERS_SAID: Final[dict[Layer, str]] = {
    "auto": "Redis if it is there",
    "redis": "Redis only",
    "memory": "in memory, for one single process",
    "off": "no real time",
}
# In what Django or Python says of an error: that it is the app's own.
OUR_OWN: Final = re.compile(
    r"""armguard_live\.E\d|File "[^"]*armguard_tray[\\/]|named 'armguard_tray|from 'armguard_tray"""
)
PORTS: Final = range(DEFAULT_PORT, DEFAULT_PORT + 20)


def main(machine: Machine, arguments: Sequence[str]) -> int:
    """Do what the command line asks for, with the checkout in which `machine` is, and return the exit code.

    Raises SetupError, and SystemExit(2) for wrong usage.
    """
    options = parse_arguments(arguments)
    own = ServerMachine(options.root)
    try:
        with handed_over(options.root), environment.without_bytecode(own):
            return undo(own, options) if options.undo else set_up(own, options, machine.root)
    except OSError as error:
        raise SetupError(f"A file could not be read or written: {error}.") from error


def set_up(machine: ServerMachine, options: Options, checkout: Path) -> int:
    """Set up the project and return the exit code. Raises SetupError."""
    found = find(machine, options, checkout)
    tell(machine, found)
    machine.environment |= settings_environment(found.project, "")
    require_start(machine, found)
    plan = plan_setup(found.project, options.layer, redis_wanted(machine, options, found))
    show(machine, plan, found, options)
    will_change = bool(plan.changes or found.packages or found.upgrade)
    if options.dry_run:
        machine.say("\nThis was a dry run: nothing was changed.")
        return 0
    if not will_change:
        machine.say(
            f"\nEverything is in place already, with {layer_sentence(plan)}: no file is changed. {TRACES}"
        )
    elif not agreed(machine, options, "Make these changes?"):
        return EXIT_NOT_AGREED
    machine.environment |= settings_environment(found.project, plan.redis_url)
    if found.packages or found.upgrade:
        machine.say("Installing with pip; this can take some minutes")
        environment.install(machine, found.environment, found.packages, checkout if found.upgrade else None)
    make(machine, found, plan)
    try:
        if plan.redis_url:
            start_redis(machine)
        return judge(machine, found)
    except (KeyboardInterrupt, SystemExit):
        machine.say(
            f"\nStopped: the project is {'changed' if will_change else 'as it was before'}, and not tested.\n"
            f"To go on: {own_command(options.root)}\nTo go back: {undo_command(options.root)}"
        )
        raise


def require_start(machine: ServerMachine, found: Findings) -> None:
    """See that the project starts as it is, before anything is done to it. Raises SetupError."""
    done = machine.work([found.environment.python, "manage.py", "check"])
    if done.code == 0 or is_ours_to_mend(done.output, found):
        return
    machine.say("\n" + last_lines(done.output))
    raise SetupError(
        "The project does not start: its own `manage.py check` fails; the lines above say why. "
        "Mend that and run this again. Nothing was installed or changed."
    )


def is_ours_to_mend(output: str, found: Findings) -> bool:
    """Tell whether a project fails for want of what is to be installed, or for an older state of the app."""
    if OUR_OWN.search(output):
        return True
    lacking = re.findall(r"No module named '(\w+)", output)
    wanted = {re.split(r"[<>=]", package)[0] for package in found.packages}
    return bool(lacking) and requirements.canonical(lacking[-1]) in wanted


def settings_environment(project: Project, redis_url: str) -> dict[str, str]:
    """Return what the project's commands need in their environment."""
    ours = redis_of_ours(project.root)
    url = redis_url or (ours.url if ours else "")
    # From .env the project has to take it itself.
    return {SETTINGS_VARIABLE: project.settings[0].module} | (
        {"REDIS_URL": url} if url and project.dotenv is None else {}
    )


def redis_wanted(machine: ServerMachine, options: Options, found: Findings) -> compose.RedisInDocker | None:
    """Return the Redis to set up in Docker, if that was agreed to. Raises SetupError."""
    ours = redis_of_ours(found.project.root)
    if options.redis == "docker":
        if not has_compose(machine):
            raise SetupError("There is no `docker compose` on this machine. Install it, or Redis itself.")
    elif ours is not None or not is_worth_offering(machine, options, found) or not machine.confirm(OFFER):
        return None
    return ours or compose.RedisInDocker(free_port(PORTS))


def is_worth_offering(machine: ServerMachine, options: Options, found: Findings) -> bool:
    """Tell whether to ask a person about a Redis in Docker."""
    return (
        options.redis is None
        and options.layer not in {"memory", "off"}
        and not (options.dry_run or options.yes)
        and found.redis.state == "absent"
        and found.address.local
        and machine.has_terminal()
        and has_compose(machine)
    )


def free_port(wanted: Sequence[int]) -> int:
    """Return the first of the loopback ports at which nothing listens. Raises SetupError."""
    for port in wanted:
        try:
            with socket.create_server(("127.0.0.1", port)):
                return port
        except OSError:
            continue
    raise SetupError(f"Something listens at each of the ports {wanted[0]} to {wanted[-1]} of 127.0.0.1.")


def show(machine: ServerMachine, plan: Plan, found: Findings, options: Options) -> None:
    """Show all that will be done. Raises SetupError for a file that cannot be changed."""
    show_changes(machine, plan.changes, options)
    for note in (*plan.notes, *warnings(plan, found)):
        machine.say(f"Note: {note}")
    machine.say(f"Layer: {layer_sentence(plan)}")
    if found.packages or found.upgrade:
        app = [APP] if found.upgrade else []
        machine.say(
            f"To install with pip into {found.environment.python}: {', '.join([*found.packages, *app])}"
        )
        if (found.project.root / "requirements.txt").exists():
            machine.say("Note: requirements.txt is left as it is; bring what it says of these up to date.")
        machine.say("Note: --undo leaves installed packages where they are.")
    if plan.changes or found.packages or found.upgrade:
        machine.say(
            "To run then: manage.py check, manage.py migrate armguard_live, and the functional tests. "
            f"{TRACES}"
        )


def warnings(plan: Plan, found: Findings) -> list[str]:
    """Return what a person should know before saying yes, each a sentence."""
    said = []
    if plan.layer in {"auto", "redis"} and found.redis.state != "ready" and not plan.redis_url:
        said.append(
            f"Redis cannot be used ({redis_sentence(found)}), and without it the verdict will not be good. "
            f"To do: {layer_advice(found)}."
        )
    daphne = found.environment.versions.get("daphne", DAPHNE_FIXED)
    if not requirements.fits(daphne, f">={DAPHNE_FIXED}"):
        said.append(
            f"daphne {daphne} has security holes (CVE-2026-44545, CVE-2026-44546), so it is upgraded to "
            f"{DAPHNE_FIXED} or newer."
        )
    return said


def layer_sentence(plan: Plan) -> str:
    """Say how real time will be served, and who chose that."""
    kept = ", as an earlier run chose" if plan.layer_kept else ""
    return f"--layer={plan.layer} ({LAYERS_SAID[plan.layer]}{kept})"


def make(machine: ServerMachine, found: Findings, plan: Plan) -> None:
    """Change the files and prepare the database. Raises SetupError, with the files as they were."""
    python = found.environment.python
    steps = {
        "manage.py check": [python, "manage.py", "check"],
        "The ASGI application": [python, "-c", load(found.project.application)],
        "manage.py migrate": [python, "manage.py", "migrate", "armguard_live", "--no-input"],
    }
    with changing(machine, plan.changes, found.project.root) as made:
        for name, command in steps.items():
            done = machine.work(command)
            if done.code != 0:
                machine.say(last_lines(done.output))
                raise SetupError(f"{name} failed; the lines above say why.")
        if made is not None:
            made.keep()


def load(application: str) -> str:
    """Return the Python text that loads an ASGI application, such as `core.asgi:application`."""
    module, _, name = application.partition(":")
    return f"import sys; sys.path.insert(0, ''); import {module} as module; module.{name}"


def start_redis(machine: ServerMachine) -> None:
    """Start the Redis in Docker; what comes of it shows in the verdict."""
    machine.say("Starting Redis in Docker")
    done = machine.work(compose.up_command())
    if done.code != 0:
        machine.say(last_lines(done.output))
        machine.say(f"Docker could not start it. Mend that, and run `{' '.join(compose.up_command())}`.")


def judge(machine: ServerMachine, found: Findings) -> int:
    """Run the functional tests, print the verdict and return the exit code."""
    machine.say("Testing with two servers on this machine; this can take some minutes")
    command = [found.environment.python, "manage.py", "check_websockets", "--json"]
    done = machine.watch(command, "testing")
    report = read_report(done.output)
    if report is None:
        machine.say(last_lines(done.output))
    lines = judged(report or (), layer_advice(found))
    secrets = found.project.root / compose.SECRETS_FILE
    if secrets.exists() and found.project.dotenv is None and "REDIS_URL" not in os.environ:
        # Our own tests were given it; the services may not be.
        lines.append(Line("The services know where Redis is", "unknown", no_dotenv_sentence(secrets)))
    machine.say("\nWhat was promised, and what was seen:")
    for line in lines:
        machine.say(line.text)
    if all(line.state in {"good", "not used"} for line in lines):
        machine.say(f"\n{good_sentence(found.project.root, off=is_switched_off(report or ()))}")
        return 0
    machine.say(
        "\nVerdict: not good; the lines above say what and why. Mend that and run this again, "
        f"or take everything out: {undo_command(found.project.root)}"
    )
    return EXIT_NOT_GOOD


def good_sentence(root: Path, *, off: bool) -> str:
    """Return the last sentence of a good verdict."""
    if not off:
        return (
            "Verdict: good. Restart the server's processes (daphne, gunicorn), and it is in use; "
            f"then /{URL} shows to staff how it does."
        )
    return (
        "Verdict: good, and real time is off: nothing is announced at once, and clients fetch what is new "
        "over HTTP. Restart the server's processes (daphne, gunicorn). To switch real time on: "
        f"{own_command(root, '--layer=auto')}"
    )


def no_dotenv_sentence(secrets: Path) -> str:
    """Say how services get the address of Redis where there is no .env."""
    return (
        "there is no .env, so give REDIS_URL to daphne and gunicorn themselves; "
        f"with systemd: EnvironmentFile={secrets}"
    )
