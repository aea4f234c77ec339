"""The frozen program: built when what goes into it has changed, and run as where there is no Python."""

import asyncio
import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from importlib.metadata import distributions
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILDS = ROOT / "build" / "frozen"
NAME = "armguard-tray"
SPEC = ROOT / "build_installer.spec"
SOURCES = (SPEC, ROOT / "armguard_tray", ROOT / "resources")
# How long a build of other sources is kept: another run of the tests may be using it.
KEPT = 3600.0
_PYTHONS_OWN = ("PYTHON", "VIRTUAL_ENV", "PYTEST_", "LD_")
_DESKTOPS_OWN = ("XDG_", "QT_", "DISPLAY", "WAYLAND_", "XAUTHORITY", "DBUS_")


class BuildFailed(Exception):  # noqa: N818 - named for what happened
    """PyInstaller failed; the text is the end of what it said."""


def frozen_program() -> Path:
    """Return the frozen program of the present sources, which is built if there is none.

    Raises:
        BuildFailed: PyInstaller failed.

    """
    BUILDS.mkdir(parents=True, exist_ok=True)
    folder = BUILDS / _fingerprint()
    if not folder.exists():
        _build(folder)
    os.utime(folder)
    _remove_old_builds()
    return folder / NAME / (f"{NAME}.exe" if sys.platform == "win32" else NAME)


def bare_environment(home: Path) -> dict[str, str]:
    """Return an environment that knows of no Python and no desktop."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith((*_PYTHONS_OWN, *_DESKTOPS_OWN))
    }
    return {**kept, "PATH": os.defpath, "HOME": str(home), "LANG": "C.UTF-8"}


@asynccontextmanager
async def running(
    program: Path, *arguments: str, env: Mapping[str, str], password: str | None = None
) -> AsyncIterator[Process]:
    """Run the program far from the sources, and kill it at the end if it still runs.

    Args:
        program: the frozen program.
        arguments: its command and options.
        env: its whole environment, HOME included.
        password: what it gets on standard input.

    """
    if password is not None:
        arguments = (*arguments, "--password-stdin")
    process = await asyncio.create_subprocess_exec(
        program, *arguments, stdin=PIPE, stdout=PIPE, stderr=PIPE, env=env, cwd=env["HOME"]
    )
    assert process.stdin is not None
    process.stdin.write(f"{password or ''}\n".encode())
    process.stdin.close()
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


def _fingerprint() -> str:
    """Return a hash of what goes into the program, but for the system's libraries, which change little."""
    digest = hashlib.sha256(repr((sys.version, platform.machine(), platform.libc_ver())).encode())
    for installed in sorted(f"{each.name}=={each.version}" for each in distributions()):
        digest.update(installed.encode())
    for file in sorted(_source_files()):
        content = hashlib.sha256(file.read_bytes()).hexdigest()
        digest.update(f"{file.relative_to(ROOT).as_posix()} {content}\n".encode())
    return digest.hexdigest()[:16]


def _source_files() -> Iterator[Path]:
    for source in SOURCES:
        files = source.rglob("*") if source.is_dir() else [source]
        yield from (file for file in files if file.is_file() and "__pycache__" not in file.parts)


def _build(folder: Path) -> None:
    """Build aside and put the result in its place when it is whole."""
    with tempfile.TemporaryDirectory(dir=BUILDS, prefix=".half-made-") as aside:
        made = Path(aside, "dist")
        _freeze(made, work=Path(aside))
        try:
            made.rename(folder)
        except OSError:
            # Another run of the tests may have been faster.
            if not folder.exists():
                raise


def _freeze(made: Path, *, work: Path) -> None:
    command = [
        *(sys.executable, "-m", "PyInstaller", str(SPEC), "--noconfirm"),
        *("--distpath", str(made), "--workpath", str(work / "work")),
    ]
    # LANG: PyInstaller reads what other programs print. Its cache would else lie in the user's home.
    env = os.environ | {"LANG": "C.UTF-8", "PYINSTALLER_CONFIG_DIR": str(work / "cache")}
    done = subprocess.run(
        command, cwd=work, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise BuildFailed(done.stderr[-4000:])


def _remove_old_builds() -> None:
    for build in BUILDS.iterdir():
        try:
            unused = time.time() - build.stat().st_mtime
        except FileNotFoundError:
            continue  # another run of the tests has removed it
        if unused > KEPT:
            shutil.rmtree(build, ignore_errors=True)
