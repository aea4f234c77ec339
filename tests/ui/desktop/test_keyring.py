"""Passwords in a real Secret Service, and on a desktop without one."""

import json
import subprocess
import sys

from tests.fakes.desktop_session import DesktopSession
from tests.ui.desktop.programs import ROOT

SECRET = "hunter2-é"


def use_keyring(session: DesktopSession, action: str, typed: str = "") -> dict[str, str | None]:
    """Run the program once, a process for each action."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.ui.desktop.keyring_program", action],
        cwd=ROOT,
        env=session.env,
        input=f"{typed}\n",
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert SECRET not in done.stderr
    answer: dict[str, str | None] = json.loads(done.stdout)
    return answer


def test_a_password_outlives_the_program_in_the_desktops_keyring(own_session: DesktopSession) -> None:
    own_session.start_keyring("login password")
    kept = use_keyring(own_session, "set", SECRET)
    assert kept["keeping"] == "persistent"
    assert kept["reason"] == "A password entered here is kept in the desktop's keyring."
    assert use_keyring(own_session, "get")["secret"] == SECRET
    for file in own_session.home.rglob("*"):
        assert not file.is_file() or SECRET.encode() not in file.read_bytes()
    use_keyring(own_session, "delete")
    assert use_keyring(own_session, "get")["secret"] is None


def test_a_desktop_without_a_keyring_says_so(session: DesktopSession) -> None:
    kept = use_keyring(session, "set", SECRET)
    assert kept["keeping"] == "this run only"
    assert "no keyring that keeps a password safe" in (kept["reason"] or "")
    assert use_keyring(session, "get")["secret"] is None
