"""What setting up and undoing have in common: to show, to ask, and to change."""

import shlex
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Final

import setup_websockets
from server_setup.changes import Applied, Change, NotPutBackError, applied, diff, refusal
from server_setup.options import Options
from setup_websockets import Machine, SetupError

EXIT_NOT_AGREED: Final = 2


def show_changes(machine: Machine, changes: Sequence[Change], options: Options) -> None:
    """Show what will be changed. Raises SetupError for a file that cannot be, unless this is a dry run."""
    root = options.root
    for change in changes:
        fault = refusal(change)
        if fault and not options.dry_run:
            raise SetupError(f"{fault} Nothing was changed.")
        if fault:
            machine.say(f"\nNote: {fault} Make the changes as a user who can.")
        machine.say("\n" + diff(change, root).rstrip("\n"))
    machine.say("")


def agreed(machine: Machine, options: Options, question: str) -> bool:
    """Get a person's yes, or that of --yes; says so where nobody can be asked."""
    if options.yes:
        return True
    if not machine.has_terminal():
        machine.say("\nNobody can be asked here: run this in a terminal, or with --yes. Nothing was changed.")
        return False
    if machine.confirm(f"\n{question}"):
        return True
    machine.say("Nothing was changed.")
    return False


def has_compose(machine: Machine) -> bool:
    """Tell whether docker compose can be used."""
    return machine.has_command("docker") and machine.glance(["docker", "compose", "version"]).code == 0


@contextmanager
def changing(machine: Machine, changes: Sequence[Change], root: Path) -> Iterator[Applied | None]:
    """Make changes for as long as the block goes well; None where there is nothing to change."""
    if not changes:
        yield None
        return
    machine.say(f"Changing the files. To put all back, even if this is cut off: {undo_command(root)}")
    try:
        with applied(changes, root, datetime.now().astimezone()) as made:
            yield made
    except NotPutBackError:
        raise
    except BaseException:
        machine.say("All files are as they were before.")
        raise
    machine.say(f"Changed; the originals are in {made.backup}")


def undo_command(root: Path) -> str:
    """Return what to type to take everything out again."""
    return own_command(root, "--undo")


def own_command(root: Path, *options: str) -> str:
    """Return what to type, anywhere, to run this script again with the Python that runs it now."""
    script = str(Path(setup_websockets.__file__).resolve())
    words = [sys.executable or "python3", script, "--server", str(root), *options]
    return subprocess.list2cmdline(words) if sys.platform == "win32" else shlex.join(words)
