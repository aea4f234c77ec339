"""`setup_websockets.py --server PATH --undo`."""

from collections.abc import Mapping
from pathlib import Path

from server_setup import blocks, compose
from server_setup.changes import originals, shown
from server_setup.options import Options
from server_setup.plan import Plan, plan_undo, redis_of_ours
from server_setup.steps import EXIT_NOT_AGREED, agreed, changing, has_compose, show_changes
from setup_websockets import Machine, SetupError


def undo(machine: Machine, options: Options) -> int:
    """Take everything out of the project again and return the exit code. Raises SetupError."""
    root = options.root
    if not root.is_dir():
        raise SetupError(f"There is no folder {root}.")
    plan = plan_undo(root)
    has_redis = redis_of_ours(root) is not None and has_compose(machine)
    show_changes(machine, plan.changes, options)
    for note in plan.notes:
        machine.say(f"Note: {note}")
    if not plan.changes:
        machine.say(f"Nothing of this is in {root}.")
        return 0
    machine.say(
        "Kept are the event log's tables and the installed packages. To drop the tables as well, answer no "
        "and run `manage.py migrate armguard_live zero` first."
    )
    if has_redis:
        machine.say(f"The Redis in Docker is stopped ({' '.join(compose.down_command())}); its data stays.")
    if options.dry_run:
        machine.say("\nThis was a dry run: nothing was changed.")
        return 0
    if not agreed(machine, options, "Take this out?"):
        return EXIT_NOT_AGREED
    before = originals(root, blocks.MARKER.encode())
    if has_redis:
        machine.work(compose.down_command())
    with changing(machine, plan.changes, root):
        pass
    tell(machine, plan, before, root)
    return 0


def tell(machine: Machine, plan: Plan, before: Mapping[Path, bytes | None], root: Path) -> None:
    """Say of each file how it is now."""
    for change in plan.changes:
        same = change.path in before and before[change.path] == change.after
        state = "as it was before" if same else "the block is out; what was changed since is kept"
        machine.say(f"{shown(change.path, root)}: {state}")
    machine.say("\nRestart the server's processes (daphne, gunicorn).")
