#!/usr/bin/env python3
"""Set up ArmGuard Tray in .venv beside this file, then start the demo or run the checks.

    python3 setup_websockets.py                 set up, then start the demo
    python3 setup_websockets.py --test          set up for testing, then run every check
    python3 setup_websockets.py --only-setup    set up and end there (also with --test)
    python3 setup_websockets.py --server PATH   add the server app to a Django project (see its --help)

What stands after -- is passed on: to pytest with --test, else to the demo. --server is a matter of its own,
which the folder server_setup sees to.

It can be run again at any time; what is already there is left as it is. It ends with the demo's own exit
code, or with 0 when all went well, 1 when the set-up or a check failed, 2 for wrong usage, 130 after Ctrl+C.

Standard library only, and no syntax newer than Python 3.8, so that an old Python can say what is missing.
Functions that decide take facts and return what to do; only Machine touches the world.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from types import FrameType
    from typing import NoReturn

SUPPORTED = ((3, 13), (3, 12), (3, 11))  # the best first; the same range as requires-python in pyproject.toml
OLDEST_GLIBC = (2, 34)  # the PySide6 wheels are manylinux_2_34
ENOUGH_BITS = 64  # there are no PySide6 wheels for 32 bits

# What Qt loads at run time and its wheels do not bring: shared object -> Debian package.
QT_LIBRARIES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libfontconfig.so.1": "libfontconfig1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libwayland-cursor.so.0": "libwayland-cursor0",
    "libwayland-egl.so.1": "libwayland-egl1",
}
# The tray checks certificates against the system's store, which a minimal Debian does not have.
CERTIFICATES = ("ca-certificates",)
# The end-to-end tests run a small desktop of their own; PyInstaller calls objdump.
TEST_PACKAGES = (
    "binutils",
    "dbus",
    "dunst",
    "fonts-dejavu-core",
    "gnome-keyring",
    "libnss-wrapper",
    "nginx-light",
    "openbox",
    "postgresql",
    "redis-server",
    "scrot",
    "xdotool",
    "xfce4-notifyd",
    "xfce4-panel",
    "xvfb",
)

# Run by each interpreter that is looked at; prints what has to be known of it.
PROBE = """
import json, platform, struct, sys
from importlib.util import find_spec
print(json.dumps({
    "executable": getattr(sys, "_base_executable", sys.executable),
    "version": sys.version_info[:3],
    "bits": 8 * struct.calcsize("P"),
    "libc": platform.libc_ver(),
    "has_pip": find_spec("pip") is not None,
    "makes_venvs": find_spec("venv") is not None and find_spec("ensurepip") is not None,
}))
"""

POLICY_TEXT = """#!/bin/sh
# Written by setup_websockets.py, which removes it again: no service starts while it installs test packages.
exit 101
"""
LISTS_LOCK_TRIES = 30
LISTS_LOCK_PAUSE_S = 10.0
GLANCE_S = 10.0
TICK_S = 1.0
SHOWN_LINES_OF_A_FAILURE = 25
EXIT_FAILED = 1
EXIT_NOT_FOUND = 127
EXIT_INTERRUPTED = 128 + signal.SIGINT


class SetupError(Exception):
    """The set-up cannot go on; the text is for the person in front of it."""


# --- Facts -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Options:
    """What the command line asks for; `rest` is what stood after ``--``."""

    test: bool = False
    only_setup: bool = False
    rest: tuple[str, ...] = ()

    @property
    def extras(self) -> frozenset[str]:
        """The extras of pyproject.toml that have to be installed."""
        return frozenset({"server", "dev"} if self.test else {"server"})


@dataclass(frozen=True)
class Python:
    """An interpreter, as PROBE described it; for a venv's, `executable` is the one the venv was made from."""

    executable: str
    version: tuple[int, ...]
    bits: int = ENOUGH_BITS
    libc: tuple[str, str] = ("", "")
    has_pip: bool = True
    makes_venvs: bool = True

    @property
    def series(self) -> tuple[int, ...]:
        """Such as (3, 11): a venv and its compiled packages serve one series only."""
        return self.version[:2]


@dataclass(frozen=True)
class Finished:
    """A command that ended: its exit code, and its standard output and error together."""

    code: int
    output: str = ""


@dataclass(frozen=True)
class Check:
    """One of the checks of --test."""

    name: str
    command: tuple[str, ...]


@dataclass(frozen=True)
class Venv:
    """The places in a virtual environment that this script uses."""

    folder: Path
    windows: bool = False

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.script("python")

    @property
    def made_here(self) -> Path:
        """Written first of all in a venv of ours; once the venv is complete it holds its path."""
        return self.folder / "made-by-setup_websockets"

    @property
    def stamp(self) -> Path:
        """Tells what was installed last; absent while pip is at work."""
        return self.folder / "setup_websockets.json"

    def script(self, name: str) -> Path:
        """Return the path of one of its commands."""
        return self.folder / "Scripts" / f"{name}.exe" if self.windows else self.folder / "bin" / name


# --- Decisions -------------------------------------------------------------------------------------------


def parse_arguments(arguments: Sequence[str]) -> Options:
    """Read the command line. Raises SystemExit(2) for wrong usage."""
    own, rest = list(arguments), []
    if "--" in own:
        cut = own.index("--")
        own, rest = own[:cut], own[cut + 1 :]
    parser = argparse.ArgumentParser(
        usage="%(prog)s [--test] [--only-setup] [-- ARGUMENT ...]\n       %(prog)s --server PATH [...]",
        description="Set up ArmGuard Tray in .venv beside this file, then start the demo.",
        epilog="Arguments after -- are passed on: to pytest with --test, else to the demo.",
        allow_abbrev=False,
    )
    parser.add_argument("--test", action="store_true", help="set up for testing, then run every check")
    parser.add_argument("--only-setup", action="store_true", help="set up and end there")
    parser.add_argument(
        "--server",
        metavar="PATH",
        help="add the server app to a Django project; --server PATH --help says more",
    )
    found = parser.parse_args(own)
    return Options(test=found.test, only_setup=found.only_setup, rest=tuple(rest))


def numbers(version: Iterable[int]) -> str:
    """Write a version: (3, 11) is 3.11."""
    return ".".join(str(part) for part in version)


def parse_probe(finished: Finished) -> Python | None:
    """Read what PROBE printed; None if that interpreter did not run."""
    if finished.code != 0:
        return None
    try:
        facts = json.loads(finished.output)
        return Python(
            executable=facts["executable"],
            version=tuple(facts["version"]),
            bits=facts["bits"],
            libc=tuple(facts["libc"]),
            has_pip=facts["has_pip"],
            makes_venvs=facts["makes_venvs"],
        )
    except (ValueError, KeyError, TypeError):
        return None  # something else answers to that name


def python_commands(*, windows: bool) -> list[tuple[str, ...]]:
    """Return the commands that may start a supported Python, the best first."""
    if windows:
        return [("py", f"-{numbers(series)}") for series in SUPPORTED]
    return [(f"python{numbers(series)}",) for series in SUPPORTED]


def python_fault(python: Python) -> str | None:
    """Say why PySide6 cannot be installed for this interpreter; None if it can."""
    if python.bits < ENOUGH_BITS:
        return (
            f"{python.executable} is a {python.bits}-bit Python, and Qt (PySide6) exists for 64 bits only. "
            "Install a 64-bit Python on a 64-bit system."
        )
    name, version = python.libc
    if name == "musl":
        return (
            "Qt (PySide6) does not exist for musl systems such as Alpine. Use one with glibc, such as Debian."
        )
    if name == "glibc" and tuple(int(part) for part in version.split(".")[:2]) < OLDEST_GLIBC:
        return (
            f"This system has glibc {version}, and Qt (PySide6) needs {numbers(OLDEST_GLIBC)} or newer. "
            "Use Debian 12, Ubuntu 22.04 or newer."
        )
    return None


def no_python_sentence(own: Python) -> str:
    """Say which Python is needed, and how to get it."""
    return (
        f"ArmGuard Tray needs Python 3.11, 3.12 or 3.13. This is Python {numbers(own.version)}, and none of "
        "those was found on this machine. Install one and run this script with it. Debian 12 and 13 and "
        "Ubuntu 24.04 have one as python3 (sudo apt-get install python3 python3-venv); for Windows it is at "
        "https://www.python.org/downloads/."
    )


def wanted_packages(python: Python, *, test: bool) -> list[str]:
    """Return the Debian packages that are needed, whether installed or not."""
    wanted = {*QT_LIBRARIES.values(), *CERTIFICATES}
    if not python.makes_venvs:
        wanted.add(venv_package(python))
    if test:
        wanted.update(TEST_PACKAGES)
        if is_debians(python):
            # Debian's interpreter is linked statically, and PyInstaller packs the shared library.
            wanted.add(f"libpython{numbers(python.series)}")
    return sorted(wanted)


def venv_package(python: Python) -> str:
    """Return the Debian package that completes this interpreter's venv module."""
    return f"python{numbers(python.series)}-venv"


def is_debians(python: Python) -> bool:
    """Tell whether the interpreter comes from a Debian package, not from pyenv, uv or a build by hand."""
    return Path(python.executable).parent in {Path("/usr/bin"), Path("/bin")}


def missing_packages(wanted: Iterable[str], dpkg_output: str) -> list[str]:
    """Return which of the wanted packages are not installed, under their own name or as another's Provides.

    `dpkg_output` has lines of status, package and provides, as DPKG_FORMAT asks for. Provides matter since
    Debian 13 and Ubuntu 24.04, where libglib2.0-0 is provided by libglib2.0-0t64.
    """
    present = set()
    for line in dpkg_output.splitlines():
        status, _, names = line.partition("\t")
        if status == "installed":
            package, _, provides = names.partition("\t")
            present.add(package)
            present.update(name.split("(")[0].split(":")[0].strip() for name in provides.split(","))
    return [package for package in wanted if package not in present]


DPKG_FORMAT = "${db:Status-Status}\t${Package}\t${Provides}\n"


def apt_sentence(packages: Sequence[str]) -> str:
    """Say what to type when the packages cannot be installed from here."""
    return (
        "These Debian packages are missing, and installing them needs root: run\n"
        f"  sudo apt-get install --no-install-recommends {' '.join(packages)}\n"
        "and then start this script again."
    )


def libraries_sentence(sonames: Sequence[str]) -> str:
    """Say which libraries Qt lacks on a distribution without apt."""
    packages = ", ".join(f"{soname} (Debian's {QT_LIBRARIES[soname]})" for soname in sonames)
    return (
        f"Qt needs these system libraries, and they are not here: {packages}. "
        "Install them with this system's package manager and run this again."
    )


def apt_failure(output: str) -> str:
    """Say why apt-get failed, as far as its output tells."""
    if "Could not get lock" in output:
        return (
            "Another program, such as a software update, is using apt. "
            "Wait until it has ended and run this again."
        )
    signs = ("Could not resolve", "Could not connect", "Failed to fetch", "Unable to connect")
    if any(sign in output for sign in signs):
        return (
            "apt could not reach its package server. "
            "Check the network (and the proxy, if there is one), then run this again."
        )
    if "Unable to locate package" in output or "has no installation candidate" in output:
        return "This system's apt sources lack a package that is needed; the lines above name it."
    if "No space left on device" in output:
        return "The disk is full. Make room and run this again."
    return "apt could not install the packages; the lines above say why. Mend that and run this again."


def pip_failure(output: str) -> str:
    """Say why pip failed, as far as its output tells."""
    if "CERTIFICATE_VERIFY_FAILED" in output:
        return (
            "The package index's certificate was not trusted. Where a proxy re-signs connections, "
            "name its CA file in the environment variable PIP_CERT and run this again."
        )
    signs = (
        "NewConnectionError",
        "NameResolutionError",
        "ConnectTimeoutError",
        "ReadTimeoutError",
        "ProxyError",
    )
    if any(sign in output for sign in signs) or "connection broken by" in output:
        return (
            "pip could not reach the package index. Check the network, or name the proxy in the environment "
            "variable HTTPS_PROXY, then run this again; it goes on where it stopped."
        )
    if "No space left on device" in output:
        return "The disk is full (about 1 GB is needed). Make room and run this again."
    if "No matching distribution found" in output:
        return "A package does not exist for this Python on this system; the lines above name it."
    return "pip could not install the packages; the lines above say why. Mend that and run this again."


def venv_fault(venv: Venv, own: Python | None, wanted: Python) -> str | None:
    """Say why an existing venv cannot be used; None if it can. `own` describes its interpreter."""
    if own is None or not own.has_pip:
        return "is broken or half made"
    if own.series != wanted.series:
        return f"was made with Python {numbers(own.series)}, not {numbers(wanted.series)}"
    if venv.made_here.exists() and venv.made_here.read_text(encoding="utf-8") != str(venv.folder):
        return "is half made or was moved"  # its commands name, in their first line, where it was made
    return None


def fingerprint(pyproject: bytes, python: Python, root: Path) -> str:
    """Return a hash of everything, but the extras, that decides what pip would install."""
    return hashlib.sha256(repr((pyproject, python.series, str(root))).encode()).hexdigest()


def is_installed(stamp: str, mark: str, extras: frozenset[str]) -> bool:
    """Tell from a stamp's text whether pip has nothing to do."""
    try:
        found = json.loads(stamp)
        return bool(found["fingerprint"] == mark) and extras <= frozenset(found["extras"])
    except (ValueError, KeyError, TypeError):
        return False


def has_screen(platform: str, environment: Mapping[str, str]) -> bool:
    """Tell whether a window could be shown."""
    return platform != "linux" or bool(environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY"))


def demo_command(venv: Venv, rest: Sequence[str], *, screen: bool) -> list[str]:
    """Return the command that starts the demo."""
    return [str(venv.python), "-m", "armguard_tray", "demo", *([] if screen else ["--headless"]), *rest]


def checks(venv: Venv, rest: Sequence[str]) -> list[Check]:
    """Return the checks of --test in order: pytest last, so that its closing line stands near the end."""
    python = str(venv.python)
    mypy = (python, "-m", "mypy", "armguard_tray", "server_setup", "setup_websockets.py")
    return [
        Check("ruff check", (python, "-m", "ruff", "check", ".")),
        Check("ruff format", (python, "-m", "ruff", "format", "--check", ".")),
        Check("mypy", (*mypy, "tests")),
        # Without the tests, which drive a Linux desktop. A cache of its own: one that two platforms share is
        # thrown away at each change.
        Check("mypy for Windows", (*mypy, "--platform", "win32", "--cache-dir", ".mypy_cache/win32")),
        Check("import rules", (str(venv.script("lint-imports")),)),
        # On all cores: half of the time tests wait for something.
        Check("pytest", (python, "-m", "pytest", "-n", "logical", "--dist", "loadgroup", *rest)),
    ]


def duration(seconds: float) -> str:
    """Write a duration for a person: 0.4 s, 12 s, 3 min 5 s."""
    if seconds < 10:  # noqa: PLR2004 - below that a tenth of a second is worth telling
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def last_lines(output: str) -> str:
    """Return the end of a failed command's output, indented."""
    lines = [line for line in output.splitlines() if line.strip()][-SHOWN_LINES_OF_A_FAILURE:]
    return "\n".join(f"    {line}" for line in lines)


# --- The world -------------------------------------------------------------------------------------------


class Machine:
    """Everything this script touches: processes, the terminal, and a few facts about the system."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.platform: str = sys.platform
        self.environment = dict(os.environ)
        # They would mix foreign packages into the venv.
        for name in ("PYTHONPATH", "PYTHONHOME"):
            self.environment.pop(name, None)
        self.service_policy = Path("/usr/sbin/policy-rc.d")

    @property
    def windows(self) -> bool:
        """Whether this is Windows."""
        return self.platform == "win32"

    def is_root(self) -> bool:
        """Whether system packages may be installed without asking."""
        return sys.platform != "win32" and os.geteuid() == 0

    def say(self, text: str) -> None:
        """Print for the person, at once even into a pipe."""
        print(text, flush=True)

    def has_command(self, name: str) -> bool:
        """Whether a command is on the PATH."""
        return shutil.which(name) is not None

    def loads(self, soname: str) -> bool:
        """Whether the dynamic linker finds a shared library."""
        try:
            ctypes.CDLL(soname)
        except OSError:
            return False
        return True

    def has_terminal(self) -> bool:
        """Whether somebody is there who can be asked."""
        return sys.stdin is not None and sys.stdin.isatty() and sys.stdout.isatty()

    def confirm(self, question: str) -> bool:
        """Ask for a yes; whatever else is answered is a no."""
        try:
            return input(f"{question} [y/N] ").strip().lower() in {"y", "yes"}
        except EOFError:
            return False

    def glance(self, command: Sequence[str]) -> Finished:
        """Run a short command that may hang, as one that asks a service can, for some seconds at most."""
        try:
            done = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                encoding="utf-8",
                errors="replace",
                cwd=self.root,
                env=self.environment,
                timeout=GLANCE_S,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return Finished(EXIT_NOT_FOUND, f"{command[0]} did not answer")
        except OSError as error:
            return Finished(EXIT_NOT_FOUND, str(error))
        return Finished(done.returncode, done.stdout)

    def pause(self, seconds: float) -> None:
        """Wait for something outside that cannot be waited for otherwise."""
        time.sleep(seconds)

    def ask(self, command: Sequence[str]) -> Finished:
        """Run a command that ends at once, and keep what it says."""
        return self._collect(command, each=lambda _line: None)

    def work(self, command: Sequence[str]) -> Finished:
        """Run a long command and keep what it says; in a terminal its latest line shows that it is alive."""
        if not sys.stdout.isatty():
            return self.ask(command)
        try:
            return self._collect(command, each=write_over)
        finally:
            write_over("")

    def _collect(self, command: Sequence[str], each: Callable[[str], None]) -> Finished:
        lines: list[str] = []
        try:
            with self._started(command, captured=True) as process:
                for line in process.stdout or ():
                    lines.append(line)
                    each(line.strip())
        except OSError as error:
            return Finished(EXIT_NOT_FOUND, str(error))
        return Finished(process.returncode, "".join(lines))

    def show(self, command: Sequence[str]) -> int:
        """Run a command in the foreground and return its exit code."""
        with self._started(command) as process:
            return process.wait()

    def become(self, command: Sequence[str]) -> NoReturn:
        """Run the last command: in this process's place where that can be done, so that signals reach it."""
        if self.windows:
            raise SystemExit(self.show(command))
        os.chdir(self.root)
        os.execve(command[0], list(command), self.environment)  # noqa: S606 - a list, and meant to replace us

    @contextlib.contextmanager
    def _started(self, command: Sequence[str], *, captured: bool = False) -> Iterator[subprocess.Popen[str]]:
        """Start a command and see it end; told to stop, let it end in order first, as Popen hardly waits."""
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL if captured else None,
            stdout=subprocess.PIPE if captured else None,
            stderr=subprocess.STDOUT if captured else None,
            encoding="utf-8",
            errors="replace",
            cwd=self.root,
            env=self.environment,
        )
        with process:
            try:
                yield process
            except KeyboardInterrupt:  # the terminal has told the command too
                process.communicate()
                raise
            except SystemExit:  # by stop_on_signal: the command does not know yet
                # SIGINT lets pytest take down what its tests started; a job of `sh &` inherits it ignored.
                ignored = signal.getsignal(signal.SIGINT) == signal.SIG_IGN
                process.send_signal(signal.SIGTERM if ignored else signal.SIGINT)
                process.communicate()
                raise


def write_over(line: str) -> None:
    """Write over the terminal's last line, with blanks: not every Windows console knows escape codes."""
    width = max(shutil.get_terminal_size().columns - 7, 10)
    text = line.expandtabs()[:width]
    sys.stdout.write(f"\r      {text:{width}}" if text else f"\r      {'':{width}}\r")
    sys.stdout.flush()


@contextlib.contextmanager
def ticking(doing: str) -> Iterator[None]:
    """Show on the terminal's last line, second by second, how long something goes on."""
    ended = threading.Event()
    began = time.monotonic()

    def tick() -> None:
        write_over(f"{doing} ...")
        while not ended.wait(TICK_S):
            write_over(f"{doing} ... {duration(time.monotonic() - began)}")

    clock = threading.Thread(target=tick, daemon=True)
    clock.start()
    try:
        yield
    finally:
        ended.set()
        clock.join()
        write_over("")


# --- Steps -----------------------------------------------------------------------------------------------


def probe(machine: Machine, command: Sequence[str]) -> Python | None:
    """Ask an interpreter about itself; None if it does not run."""
    return parse_probe(machine.ask([*command, "-I", "-c", PROBE]))


def find_python(machine: Machine) -> Python:
    """Return the interpreter to build with: this one, or else the newest supported one. Raises SetupError."""
    own = probe(machine, [sys.executable])
    if own is None:
        raise SetupError(f"{sys.executable} cannot start itself. Install Python anew and run this again.")
    if own.series not in SUPPORTED:
        others = (probe(machine, command) for command in python_commands(windows=machine.windows))
        found = next((other for other in others if other and other.series in SUPPORTED), None)
        if found is None:
            raise SetupError(no_python_sentence(own))
        own = found
    fault = python_fault(own)
    if fault:
        raise SetupError(fault)
    return own


def install_system_packages(machine: Machine, python: Python, *, test: bool, screen: bool) -> str:
    """Install the system libraries that are missing, and say what was done. Raises SetupError.

    Without a screen nothing loads Qt, so libraries that cannot be installed are no reason to stop.
    """
    if machine.platform != "linux":
        return "none needed"
    if not (machine.has_command("apt-get") and machine.has_command("dpkg-query")):
        return check_foreign_linux(machine, must=test or screen)
    installed = machine.ask(["dpkg-query", "--show", "--showformat", DPKG_FORMAT]).output
    missing = missing_packages(wanted_packages(python, test=test), installed)
    right = root_prefix(machine)
    if not missing:
        lift_policy(machine, right)
        return "all there"
    if right is None:
        if test or screen or not python.makes_venvs:
            raise SetupError(apt_sentence(missing))
        return f"going on without, as nothing opens a window here. {apt_sentence(missing)}"
    machine.say(f"      installing with apt: {' '.join(missing)}")
    with services_kept_still(machine, right) if test else contextlib.nullcontext():
        apt_install(machine, right, missing)
    return "installed"


def check_foreign_linux(machine: Machine, *, must: bool) -> str:
    """Look for the libraries where there is no apt. Raises SetupError if one is missing that is needed."""
    missing = [soname for soname in QT_LIBRARIES if not machine.loads(soname)]
    if not missing:
        return "all there"
    if must:
        raise SetupError(libraries_sentence(missing))
    return f"going on without, as nothing opens a window here. {libraries_sentence(missing)}"


def root_prefix(machine: Machine) -> list[str] | None:
    """Return what to put before a command to run it as root; None if that would ask for a password."""
    if machine.is_root():
        return []
    if machine.has_command("sudo") and machine.ask(["sudo", "-n", "true"]).code == 0:
        return ["sudo", "-n"]
    return None


def apt_install(machine: Machine, right: Sequence[str], packages: Sequence[str]) -> None:
    """Install Debian packages. Raises SetupError."""
    settings = [
        "DEBIAN_FRONTEND=noninteractive",
        "NEEDRESTART_SUSPEND=1",
        "LC_ALL=C",
    ]  # apt_failure reads English
    apt = [*right, "env", *settings, "apt-get", "-q", "-y", "-o", "DPkg::Lock::Timeout=300"]
    update = update_lists(machine, apt)
    # Not fatal by itself: one stale foreign source must not stop us while the lists at hand suffice.
    install = machine.work([*apt, "install", "--no-install-recommends", *packages])
    if install.code != 0:
        output = update.output + install.output  # an update that reached nobody still ends with 0
        machine.say(last_lines(output))
        raise SetupError(apt_failure(output))


def update_lists(machine: Machine, apt: Sequence[str]) -> Finished:
    """Fetch apt's lists, waiting for another apt: DPkg::Lock::Timeout does not cover the lists' own lock."""
    for _ in range(LISTS_LOCK_TRIES):
        update = machine.work([*apt, "update"])
        if update.code == 0 or "lists/lock" not in update.output:
            break
        machine.say("      another program is using apt; waiting for it")
        machine.pause(LISTS_LOCK_PAUSE_S)
    return update


@contextlib.contextmanager
def services_kept_still(machine: Machine, right: Sequence[str]) -> Iterator[None]:
    """Keep Debian's packages from starting services: tests start their own. A policy that is there rules.

    See https://people.debian.org/~hmh/invokerc.d-policyrc.d-specification.txt.
    """
    policy = str(machine.service_policy)
    if not machine.service_policy.exists():
        script = 'printf %s "$1" > "$2" && chmod 755 "$2"'
        if machine.ask([*right, "sh", "-c", script, "sh", POLICY_TEXT, policy]).code != 0:
            raise SetupError(f"{policy} could not be written, which keeps packages from starting services.")
    try:
        yield
    finally:
        lift_policy(machine, right)


def lift_policy(machine: Machine, right: Sequence[str] | None) -> None:
    """Remove our service policy, also one that a killed run left behind."""
    policy = machine.service_policy
    if right is not None and policy.exists() and policy.read_text(encoding="utf-8") == POLICY_TEXT:
        machine.ask([*right, "rm", "-f", str(policy)])


def prepare_venv(machine: Machine, python: Python, venv: Venv) -> str:
    """Make the venv, or make it anew where it is of no use, and say what was done. Raises SetupError."""
    said = "made"
    if venv.folder.exists() or venv.folder.is_symlink():
        fault = venv_fault(venv, probe(machine, [str(venv.python)]), python)
        if fault is None:
            return "ready"
        if venv.folder.is_symlink() or not venv.made_here.exists():
            raise SetupError(
                f"{venv.folder} {fault}, and this script did not make it, so it leaves it alone. "
                "Move it away and run this again."
            )
        shutil.rmtree(venv.folder)
        said = f"it {fault}, so it was made anew"
    venv.folder.mkdir()
    venv.made_here.write_text("in the making", encoding="utf-8")
    made = machine.work([python.executable, "-I", "-m", "venv", str(venv.folder)])
    if made.code != 0:
        machine.say(last_lines(made.output))
        raise SetupError(f"Python could not make {venv.folder}; the lines above say why.")
    venv.made_here.write_text(str(venv.folder), encoding="utf-8")
    return said


def require_venv_module(machine: Machine, python: Python) -> Python:
    """Look again, now that packages were installed, whether venvs can be made. Raises SetupError."""
    if not python.makes_venvs:
        python = probe(machine, [python.executable]) or python
    if python.makes_venvs:
        return python
    advice = (
        f"sudo apt-get install {venv_package(python)}" if is_debians(python) else "install a complete Python"
    )
    raise SetupError(
        f"{python.executable} lacks its venv and ensurepip modules: {advice}, then run this again."
    )


def install_packages(machine: Machine, python: Python, venv: Venv, extras: frozenset[str]) -> str:
    """Install the program and what it needs, unless unchanged, and say what was done. Raises SetupError."""
    mark = fingerprint((machine.root / "pyproject.toml").read_bytes(), python, machine.root)
    if venv.stamp.exists() and is_installed(venv.stamp.read_text(encoding="utf-8"), mark, extras):
        return "unchanged"
    machine.say("      installing with pip; this can take some minutes")
    with contextlib.suppress(FileNotFoundError):
        venv.stamp.unlink()
    target = f".[{','.join(sorted(extras))}]"
    pip = [
        str(venv.python),
        "-I",
        "-m",
        "pip",
        "--disable-pip-version-check",
        "--no-input",
        "install",
        "-e",
        target,
    ]
    done = machine.work(pip)
    if done.code != 0:
        machine.say(last_lines(done.output))
        raise SetupError(pip_failure(done.output))
    venv.stamp.write_text(json.dumps({"fingerprint": mark, "extras": sorted(extras)}), encoding="utf-8")
    return "installed"


def set_up(machine: Machine, options: Options) -> Venv:
    """Bring everything into place that the demo or the checks need. Raises SetupError."""
    venv = Venv(machine.root / ".venv", windows=machine.windows)
    screen = has_screen(machine.platform, machine.environment)

    python = find_python(machine)
    machine.say(f"[1/4] Python: {numbers(python.version)} ({python.executable})")
    machine.say("[2/4] System libraries")
    said = install_system_packages(machine, python, test=options.test, screen=screen)
    machine.say(f"      {said}")
    python = require_venv_module(machine, python)
    machine.say(f"[3/4] Virtual environment: {prepare_venv(machine, python, venv)} ({venv.folder})")
    machine.say("[4/4] Python packages")
    machine.say(f"      {install_packages(machine, python, venv, options.extras)}")
    return venv


def run_checks(machine: Machine, steps: Sequence[Check]) -> int:
    """Run all checks, whatever fails, and return the exit code."""
    began = time.monotonic()
    failed = []
    for step in steps:
        machine.say(f"\n=== {step.name} ===")
        at = time.monotonic()
        good = machine.show(step.command) == 0
        machine.say(
            f"--- {step.name}: {'good' if good else 'FAILED'} after {duration(time.monotonic() - at)}"
        )
        if not good:
            failed.append(step.name)
    verdict = f"These checks failed: {', '.join(failed)}" if failed else "Every check is good"
    machine.say(f"\n{verdict} ({duration(time.monotonic() - began)}).")
    return EXIT_FAILED if failed else 0


def run_demo(machine: Machine, venv: Venv, rest: Sequence[str]) -> NoReturn:
    """Start the demo, in the terminal where there is no screen; its exit code becomes ours."""
    screen = has_screen(machine.platform, machine.environment)
    if not screen:
        machine.say(
            "\nThere is no screen here (neither DISPLAY nor WAYLAND_DISPLAY is set): "
            "the feed is shown in this terminal."
        )
    machine.say("\nStarting the demo; Ctrl+C ends it.")
    machine.become(demo_command(venv, rest, screen=screen))


def run(machine: Machine, options: Options) -> int:
    """Do what was asked and return the exit code. Raises SetupError."""
    try:
        venv = set_up(machine, options)
    except OSError as error:
        raise SetupError(
            f"A file could not be read or written: {error}. Mend that and run this again."
        ) from error
    if options.only_setup:
        machine.say("\nEverything is in place.")
        return 0
    if options.test:
        return run_checks(machine, checks(venv, options.rest))
    run_demo(machine, venv, options.rest)


def is_for_a_server(arguments: Sequence[str]) -> bool:
    """Tell whether a Django project is to be set up, and not this checkout."""
    own = arguments[: arguments.index("--")] if "--" in arguments else arguments
    return any(word == "--server" or word.startswith("--server=") for word in own)


def set_up_server(machine: Machine, arguments: Sequence[str]) -> int:
    """Add the server app to a Django project and return the exit code. Raises SetupError."""
    if sys.version_info[:2] < SUPPORTED[-1]:
        raise SetupError(
            f"Setting up a server needs Python {numbers(SUPPORTED[-1])} or newer, and this is "
            f"{numbers(sys.version_info[:3])}. "
            "Start this with the project's own Python, such as PATH/.venv/bin/python."
        )
    # Its modules import this one by its name, not a second copy of it.
    sys.modules.setdefault("setup_websockets", sys.modules[__name__])
    from server_setup.run import main as run_server_setup  # noqa: PLC0415 - has newer syntax than this file

    return run_server_setup(machine, arguments)


def stop_on_signal(number: int, _frame: FrameType | None) -> NoReturn:
    """End in order on SIGTERM, as after Ctrl+C."""
    raise SystemExit(128 + number)


def main(arguments: Sequence[str]) -> int:
    """Run the script; returns its exit code."""
    for_server = is_for_a_server(arguments)
    options = Options() if for_server else parse_arguments(arguments)
    for stream in (sys.stdout, sys.stderr):
        # pip's output can hold what a Windows console cannot show.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    if sys.platform != "win32":  # where nothing sends it
        signal.signal(signal.SIGTERM, stop_on_signal)
    try:
        machine = Machine(Path(__file__).resolve().parent)
        return set_up_server(machine, arguments) if for_server else run(machine, options)
    except SetupError as error:
        print(f"\nsetup_websockets: {error}", file=sys.stderr)
        return EXIT_FAILED
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return EXIT_INTERRUPTED


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
