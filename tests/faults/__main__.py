"""`python -m tests.faults`: make every fault on every kind of server and print what came of it.

With --minutes faults are made at random for so long instead, on each kind of server. The exit code is 1 if
something is not as it is to be, else 3 if something could not be made though it takes no special rights.
"""

import argparse
import asyncio
import secrets
import sys
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from random import Random

from rich.console import Console

from tests.faults.faults import FAULTS
from tests.faults.play import Outcome, Result, play
from tests.faults.site import KINDS, Kind
from tests.faults.soak import soak
from tests.faults.table import show, show_words


@dataclass(frozen=True, slots=True)
class Scene:
    """Something to be played on a kind of server."""

    name: str
    kind: Kind
    play: Callable[[], Awaitable[Result]]


def main() -> int:
    """Do what the command line says; return the exit code."""
    options = _options()
    seed = secrets.randbelow(1 << 32) if options.seed is None else options.seed
    console = Console(width=None if sys.stdout.isatty() else 200)
    console.print(f"seed {seed}")
    results = asyncio.run(_all(list(_scenes(options, seed)), options.jobs, console))
    show(results, console)
    return exit_code(results)


def exit_code(results: Sequence[Result]) -> int:
    """Return 0 if everything was made and is as it is to be; see above."""
    if any(result.outcome is Outcome.BAD for result in results):
        return 1
    return 3 if any(result.not_made and not result.excused for result in results) else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument(
        "faults", nargs="*", metavar="FAULT", help="words of the names of those that are wanted"
    )
    parser.add_argument("--kind", action="append", choices=[str(kind) for kind in KINDS], help="of server")
    parser.add_argument("--jobs", type=int, default=2, help="faults that are made at the same time")
    parser.add_argument("--seed", type=int, help="to play the same again, as far as time allows")
    parser.add_argument("--minutes", type=float, metavar="N", help="faults at random for N minutes")
    return parser.parse_args()


def _scenes(options: argparse.Namespace, seed: int) -> Iterator[Scene]:
    """Yield what is to be played, each with chances of its own."""
    # Not for cryptography.
    words = [word.casefold() for word in options.faults]
    faults = [each for each in FAULTS if not words or any(word in each.name.casefold() for word in words)]
    kinds = [kind for kind in KINDS if not options.kind or str(kind) in options.kind]
    if options.minutes is not None:
        mixed = [fault for fault in faults if fault.repeatable]
        for kind in kinds:
            yield Scene("soak", kind, partial(soak, mixed, kind, Random(f"{seed} {kind}"), options.minutes))  # noqa: S311
        return
    for fault in faults:
        for kind in kinds:
            yield Scene(fault.name, kind, partial(play, fault, kind, Random(f"{seed} {fault.name} {kind}")))  # noqa: S311


async def _all(scenes: Sequence[Scene], jobs: int, console: Console) -> list[Result]:
    at_once = asyncio.Semaphore(jobs)

    async def one(scene: Scene) -> Result:
        async with at_once:
            try:
                result = await scene.play()
            except Exception as error:  # noqa: BLE001 - one that breaks must not take the table with it
                console.print_exception()
                broken = f"it broke: {type(error).__name__}: {error}"
                result = Result(fault=scene.name, kind=str(scene.kind), complaints=(broken,))
        console.print(f"{result.outcome}: {result.fault}, {result.kind}", soft_wrap=True)
        show_words(result, console)
        return result

    return await asyncio.gather(*(one(scene) for scene in scenes))


if __name__ == "__main__":
    sys.exit(main())
