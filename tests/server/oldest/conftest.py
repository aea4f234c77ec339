"""An environment with the oldest supported versions, made once and kept in `build`."""

import subprocess
import sys
import venv
from hashlib import sha256
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "build" / "oldest-versions"
OLDEST = (
    "Django==4.2.*",
    "channels==4.0.0",
    "channels-redis==4.1.0",
    "daphne==4.2.2",
    "redis==4.6.0",
    # What the app needs besides, in any version.
    "msgspec",
    "cryptography",
    "psycopg2-binary",
)


@pytest.fixture(scope="session")
def oldest_python() -> str:
    """Return the interpreter of that environment."""
    python = FOLDER / "bin" / "python"
    stamp = FOLDER / "made-from"
    made_from = sha256(repr((OLDEST, sys.version_info[:2])).encode()).hexdigest()
    if not stamp.exists() or stamp.read_text() != made_from:
        venv.create(FOLDER, clear=True, with_pip=True)
        pip = (python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input")
        done = subprocess.run([*pip, *OLDEST], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        stamp.write_text(made_from)
    return str(python)


@pytest.fixture
def importable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the checkout be imported there, where it is not installed."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
