"""`python -m tests.benchmarks`: run the benchmarks and print what they found."""

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

from tests.benchmarks import figures, idle, startup, throughput
from tests.fakes.desktop_session import DesktopSession, missing_tools

BENCHMARKS = {"startup": startup.measure, "idle": idle.measure, "throughput": throughput.measure}


def main() -> int:
    """Run what the command line names; return 0 if every goal is reached, else 1."""
    options = _options()
    if missing := missing_tools():
        print(f"The benchmarks need {' and '.join(missing)}.", file=sys.stderr)  # noqa: T201 - to a person
        return 2
    found: list[figures.Figure] = []
    for name in options.benchmarks or BENCHMARKS:
        print(f"{name} …", file=sys.stderr)  # noqa: T201 - as above
        found += asyncio.run(_run(name, offscreen=options.offscreen))
    if options.json:
        print(figures.as_json(found))  # noqa: T201 - as above
    else:
        figures.show(found)
    return 0 if all(figure.reached is not False for figure in found) else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("benchmarks", nargs="*", metavar="BENCHMARK", help=", ".join(BENCHMARKS))
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--offscreen", action="store_true", help="throughput only: without an X server")
    options = parser.parse_args()
    if unknown := set(options.benchmarks) - set(BENCHMARKS):
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}")
    if options.offscreen and options.benchmarks != ["throughput"]:
        parser.error("offscreen there is no tray: only throughput can be measured")
    return options


async def _run(name: str, *, offscreen: bool) -> list[figures.Figure]:
    with tempfile.TemporaryDirectory(prefix="bench") as folder:
        desk, data = Path(folder, "desk"), Path(folder, "data")
        desk.mkdir()
        data.mkdir()
        with DesktopSession(desk) as session:
            # What is compiled is kept for the run, whatever the environment or the folders allow.
            session.env.pop("PYTHONDONTWRITEBYTECODE", None)
            session.env["PYTHONPYCACHEPREFIX"] = str(data / "compiled")
            if offscreen:
                session.env["QT_QPA_PLATFORM"] = "offscreen"
            return await BENCHMARKS[name](session, data)


if __name__ == "__main__":
    sys.exit(main())
