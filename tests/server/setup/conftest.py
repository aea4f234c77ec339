"""A stock-like project in an environment of its own, set up by the script as an admin would."""

import asyncio
import shutil
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import setup_websockets
from tests.fakes.redis_server import redis_server
from tests.server.setup.stock_project import PASSWORD, write_project

CHECKOUT = Path(setup_websockets.__file__).parent
REDIS_PASSWORD = "of the test's Redis"
USER = "armorer1"
# And what SQLite keeps beside it while somebody writes.
DATABASE = ("db.sqlite3", "db.sqlite3-journal")

# What the stock project's database holds.
POPULATE = f"""
from django.contrib.auth.models import User
from inventory.models import Item
from personnel.models import Personnel
User.objects.create_user({USER!r}, password={PASSWORD!r})
Personnel.objects.create(id="PE-1", firstname="Juan", surname="Dela Cruz")
Item.objects.create(id="IR-1", item_type="M4", serial="00077")
"""


@dataclass(frozen=True)
class Ended:
    """How a run of the script ended: its exit code and all it said."""

    code: int
    said: str


@dataclass(frozen=True)
class Site:
    """A project and the checkout from which it is set up.

    Attributes:
        root: the project's folder.
        checkout: a copy of this one's, which stays as it is while tests run.

    """

    root: Path
    checkout: Path

    @property
    def python(self) -> Path:
        """The project's interpreter."""
        return self.root / ".venv" / "bin" / "python"

    def manage(self, *arguments: str) -> str:
        """Run manage.py in a process of its own and return what it printed."""
        command = [str(self.python), "manage.py", *arguments]
        return subprocess.run(
            command, cwd=self.root, check=True, capture_output=True, text=True, timeout=60
        ).stdout

    def started(self, *options: str) -> "subprocess.Popen[str]":
        """Start the script on it, where nobody can be asked, with a Python that has nothing but itself."""
        command = [
            sys.executable,
            "-S",
            str(self.checkout / "setup_websockets.py"),
            "--server",
            str(self.root),
        ]
        return subprocess.Popen(
            [*command, *options],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def set_up(self, *options: str) -> Ended:
        """Run the script to its end."""
        with self.started(*options) as process:
            said, _ = process.communicate()
        return Ended(process.returncode, said)

    def copied(self, folder: Path) -> "Site":
        """Return a copy, for a test that changes it."""
        shutil.copytree(self.root, folder, symlinks=True)
        return Site(folder, self.checkout)

    def files(self) -> dict[str, bytes]:
        """Return all files but the environment, the database and the backups."""
        return {
            path.relative_to(self.root).as_posix(): path.read_bytes()
            for path in self.root.rglob("*")
            if path.is_file()
            and not {".venv", ".armguard-live-backup", "__pycache__", *DATABASE}
            & set(path.relative_to(self.root).parts)
        }


@pytest.fixture(scope="module")
def redis_port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Run a Redis with a password."""
    folder = tmp_path_factory.mktemp("redis")
    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        running = redis_server(folder, "--requirepass", REDIS_PASSWORD)
        port = runner.run(running.__aenter__())
        try:
            yield port
        finally:
            runner.run(running.__aexit__(None, None, None))


@pytest.fixture(scope="module")
def stock_site(tmp_path_factory: pytest.TempPathFactory, redis_port: int) -> Site:
    """Return a project that runs, and knows nothing of the app."""
    folder = tmp_path_factory.mktemp("stock")
    site = Site(folder / "site", folder / "checkout")
    site.checkout.mkdir()
    for name in ("setup_websockets.py", "pyproject.toml", "README.md"):
        shutil.copy(CHECKOUT / name, site.checkout)
    for name in ("armguard_tray", "server_setup"):
        shutil.copytree(CHECKOUT / name, site.checkout / name, ignore=shutil.ignore_patterns("__pycache__"))
    write_project(site.root, REDIS_PORT=str(redis_port), REDIS_PASSWORD=REDIS_PASSWORD)
    venv.create(site.root / ".venv", symlinks=True)
    # The packages of the tests' environment, lent: Django and the others need not be installed once more.
    lent = sysconfig.get_path("purelib")
    own = sysconfig.get_path("purelib", vars={"base": str(site.root / ".venv")})
    Path(own, "lent.pth").write_text(f"{lent}\n", encoding="utf-8")
    site.manage("migrate", "--run-syncdb")
    site.manage("shell", "-c", POPULATE)
    return site


@pytest.fixture(scope="module")
def set_up(stock_site: Site, tmp_path_factory: pytest.TempPathFactory) -> tuple[Site, Ended]:
    """Set up a copy of the stock site; return it, and how that ended."""
    site = stock_site.copied(tmp_path_factory.mktemp("set-up") / "site")
    return site, site.set_up("--yes")
