"""`python -m tests.benchmarks`: run the benchmarks and print what they found."""

import argparse
import asyncio
import os
import sys
import tempfile
from pathlib import Path

import psutil

from tests.benchmarks import (
    broadcast,
    desks,
    export,
    figures,
    idle,
    log_window,
    panel,
    startup,
    throughput,
    write,
)
from tests.fakes.desktop_session import DesktopSession, missing_tools

OF_THE_TRAY = {
    "startup": startup.measure,
    "idle": idle.measure,
    "panel": panel.measure,
    "throughput": throughput.measure,
}
OF_THE_SERVER = {"broadcast": broadcast.measure, "desks": desks.measure, "soak": desks.soak}
OF_THE_LOG = {"log": log_window.measure, "export": export.measure, "write": write.measure}
BENCHMARKS = (*OF_THE_TRAY, *OF_THE_LOG, *OF_THE_SERVER)
# It takes ten minutes: only on request.
USUAL = [name for name in BENCHMARKS if name != "soak"]


def main() -> int:
    """Run what the command line names; return 0 if every goal is reached, else 1."""
    options = _options()
    if missing := missing_tools():
        print(f"The benchmarks need {' and '.join(missing)}.", file=sys.stderr)  # noqa: T201 - to a person
        return 2
    found: list[figures.Figure] = []
    with tempfile.TemporaryDirectory(prefix="bench") as folder:
        for name in options.benchmarks or USUAL:
            print(f"{name} … (load {psutil.getloadavg()[0]:.1f})", file=sys.stderr)  # noqa: T201 - as above
            found += asyncio.run(_run(name, Path(folder), options))
    if options.json:
        print(figures.as_json(found))  # noqa: T201 - as above
    else:
        figures.show(found)
    return 0 if all(figure.reached is not False for figure in found) else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("benchmarks", nargs="*", metavar="BENCHMARK", help=", ".join(BENCHMARKS))
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument(
        "--offscreen", action="store_true", help="throughput, log, export, write: no X server"
    )
    parser.add_argument(
        "--cache", type=Path, metavar="FOLDER", help="log, export, write: keep the journal there"
    )
    options = parser.parse_args()
    if unknown := set(options.benchmarks) - set(BENCHMARKS):
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}")
    if options.offscreen and not {"throughput", *OF_THE_LOG}.issuperset(options.benchmarks or USUAL):
        parser.error("offscreen there is no tray: only throughput, log, export and write can be measured")
    return options


async def _run(name: str, folder: Path, options: argparse.Namespace) -> list[figures.Figure]:
    data = folder / f"{name}-data"
    data.mkdir()
    if name in OF_THE_SERVER:
        return await OF_THE_SERVER[name](os.environ, data)
    desktop = folder / f"{name}-desktop"
    desktop.mkdir()
    with DesktopSession(desktop) as session:
        # What is compiled is kept for the run, whatever the environment or the folders allow.
        session.env.pop("PYTHONDONTWRITEBYTECODE", None)
        session.env["PYTHONPYCACHEPREFIX"] = str(folder / "compiled")
        session.env["PYTHONPATH"] = str(_without_click(folder))
        if options.offscreen:
            session.env["QT_QPA_PLATFORM"] = "offscreen"
        if name in OF_THE_LOG:
            return await OF_THE_LOG[name](session, data, options.cache or folder / "cache")
        return await OF_THE_TRAY[name](session, data)


def _without_click(folder: Path) -> Path:
    """Return a folder for PYTHONPATH that hides click, as a desk has none: here the import linter brings it.

    Where there is one, httpx loads it, and with it all of rich, for a command line of its own: 7 MiB, 50 ms.
    """
    hidden = folder / "hidden"
    hidden.mkdir(exist_ok=True)
    (hidden / "click.py").write_text("raise ImportError\n")
    return hidden


if __name__ == "__main__":
    sys.exit(main())
