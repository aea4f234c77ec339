"""A project to set up, and a machine on which nothing is run."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

import setup_websockets
from server_setup.machine import ServerMachine
from setup_websockets import Finished
from tests.server.setup.stock_project import write_project

CHECKOUT = Path(setup_websockets.__file__).parent


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Return the folder of a project that looks like the stock server."""
    root = tmp_path / "site"
    write_project(root)
    return root


class FakeMachine(ServerMachine):
    """Runs nothing, except what is to be looked at: commands are written down and answered from a list.

    Attributes:
        answers: how a command ends that holds a word; the first that fits counts.
        ran: the commands.
        said: what was said.
        reply: a person's answer to any question; None where nobody is there.
        during: called with each command.

    """

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.environment = {}
        self.answers: dict[str, Finished] = {}
        self.ran: list[str] = []
        self.said: list[str] = []
        self.asked: list[str] = []
        self.commands: set[str] = set()
        self.reply: bool | None = None
        self.during: Callable[[str], None] = lambda _line: None

    @property
    def text(self) -> str:
        """All that was said."""
        return "\n".join(self.said)

    def say(self, text: str) -> None:
        self.said.append(text)

    def has_command(self, name: str) -> bool:
        return name in self.commands

    def has_terminal(self) -> bool:
        return self.reply is not None

    def confirm(self, question: str) -> bool:
        self.asked.append(question)
        return bool(self.reply)

    def work(self, command: Sequence[str]) -> Finished:
        line = " ".join(command)
        self.ran.append(line)
        self.during(line)
        return next((end for word, end in self.answers.items() if word in line), Finished(0))

    def ask(self, command: Sequence[str]) -> Finished:
        return self.work(command)

    def watch(self, command: Sequence[str], doing: str) -> Finished:  # noqa: ARG002 - for a terminal
        return self.work(command)

    def glance(self, command: Sequence[str]) -> Finished:
        return self.work(command)


@pytest.fixture
def machine(site: Path) -> FakeMachine:
    """Return a machine whose project has all that is needed, and good functional tests."""
    python = site / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.touch()
    (site / ".venv" / "pyvenv.cfg").touch()
    fake = FakeMachine(site)
    packages = ["Django", "msgspec", "channels", "channels-redis", "daphne", "websockets", "cryptography"]
    versions = dict(zip(packages, ["5.2", "0.20", "4.1", "4.2", "4.2.2", "15.0", "42"], strict=True))
    has = {"version": [3, 11, 2], "has_pip": True, "versions": list(versions.items())}
    fake.answers["import json, sys"] = Finished(
        0, json.dumps({**has, "package": str(CHECKOUT / "armguard_tray")})
    )
    names = ["settings", "channel layer of the server", "handshake", "broadcast", "resume", "limit", "flood"]
    good = {"verdict": "good", "detail": "seen", "seconds": 0.1}
    checks = [{"name": name, **good} for name in (*names, "stock paths", "events over HTTP", "status page")]
    fake.answers["check_websockets"] = Finished(0, json.dumps({"verdict": "good", "checks": checks}))
    return fake


def tree(root: Path) -> dict[str, bytes]:
    """Return all files of a project but the backups and the environment."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and not {".armguard-live-backup", ".venv"} & set(path.relative_to(root).parts)
    }
