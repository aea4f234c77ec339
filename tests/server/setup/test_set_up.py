"""The script sets up a project, and the result serves; twice is once, and undo is undo."""

import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.sync.client import connect
from websockets.typing import Origin

from tests.fakes.redis_server import free_port
from tests.server.setup.conftest import REDIS_PASSWORD, USER, Ended, Site
from tests.server.setup.stock_project import PASSWORD

TAKE = """
from inventory.models import Item
from personnel.models import Personnel
from transactions.models import Transaction
Transaction.objects.create(
    personnel=Personnel.objects.get(), item=Item.objects.get(), action="Take", mags=3, rounds=90
)
"""
CHANGED = {"core/settings.py", "core/urls.py", "core/asgi.py", "core/notifications.py"}


def changed(before: Site, after: Site) -> set[str]:
    old, new = before.files(), after.files()
    return {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)}


@contextmanager
def serving(site: Site) -> Iterator[str]:
    """Serve a project as its admin does, and yield its address without the scheme."""
    port = free_port()
    command = [str(site.python), "-m", "daphne", "-b", "127.0.0.1", "-p", str(port), "core.asgi:application"]
    with subprocess.Popen(
        command, cwd=site.root, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as daphne:
        assert daphne.stdout is not None
        try:
            assert any("Listening on TCP address" in line for line in daphne.stdout)
            yield f"127.0.0.1:{port}"
        finally:
            daphne.terminate()
            daphne.communicate()


def log_in(address: str) -> str:
    """Log in as a browser would, and return the Cookie header."""
    with httpx.Client(base_url=f"http://{address}", trust_env=False) as http:
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', http.get("/login/").text)
        assert token is not None
        form = {"username": USER, "password": PASSWORD, "csrfmiddlewaretoken": token[1]}
        assert http.post("/login/", data=form).status_code == httpx.codes.FOUND
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in http.cookies.jar)


def next_of(socket: Any, kind: str) -> dict[str, Any]:
    """Return the next frame of this type."""
    while True:
        frame: dict[str, Any] = json.loads(socket.recv(timeout=60))
        if frame["type"] == kind:
            return frame


def test_the_verdict_is_good(set_up: tuple[Site, Ended], stock_site: Site) -> None:
    site, ended = set_up
    assert ended.code == 0, ended.said
    assert "Verdict: good." in ended.said
    assert "Redis 7" in ended.said or "Valkey" in ended.said
    assert changed(stock_site, site) == CHANGED


def test_no_secret_is_said(set_up: tuple[Site, Ended]) -> None:
    _, ended = set_up
    assert REDIS_PASSWORD not in ended.said
    assert "the-key-of-the-stock-project" not in ended.said


def test_what_was_installed_is_a_copy_with_all_it_needs(set_up: tuple[Site, Ended]) -> None:
    site, _ = set_up
    show = "import armguard_tray.server as app, sys; print(app.__file__); print('PySide6' in sys.modules)"
    path, qt = subprocess.run(
        [str(site.python), "-I", "-c", show], check=True, capture_output=True, text=True
    ).stdout.split()
    assert Path(path).is_relative_to(site.root / ".venv")
    assert (Path(path).parent / "templates/armguard_live/status.html").is_file()
    assert (Path(path).parent / "migrations/0001_initial.py").is_file()
    assert qt == "False"


def test_a_transaction_of_another_process_reaches_a_socket(set_up: tuple[Site, Ended]) -> None:
    site, _ = set_up
    with serving(site) as address:
        cookie = log_in(address)
        with connect(
            f"ws://{address}/ws/live/?streams=transactions,inventory&resume=1&client=desk-1",
            additional_headers={"Cookie": cookie},
            origin=Origin(f"http://{address}"),
            proxy=None,
        ) as socket:
            assert next_of(socket, "hello")["layer"]["in_use"] == "redis"
            site.manage("shell", "-c", TAKE)
            made = next_of(socket, "transaction_created")
            assert made.get("transaction", made)["personnel"] == "Juan Dela Cruz"
            assert next_of(socket, "inventory_updated")["status"] == "Issued"


def test_the_status_page_is_there(set_up: tuple[Site, Ended]) -> None:
    site, _ = set_up
    with serving(site) as address:
        answer = httpx.get(
            f"http://{address}/armguard-live/", headers={"Cookie": log_in(address)}, trust_env=False
        )
    assert answer.json()["app"] == "armguard-live"


def test_the_second_run_changes_nothing(set_up: tuple[Site, Ended], tmp_path: Path) -> None:
    site = set_up[0].copied(tmp_path / "site")
    backups = sorted((site.root / ".armguard-live-backup").iterdir())
    ended = site.set_up()  # nobody has to be asked
    assert ended.code == 0, ended.said
    assert "no file is changed" in ended.said
    assert changed(set_up[0], site) == set()
    assert sorted((site.root / ".armguard-live-backup").iterdir()) == backups


def test_undo_brings_back_the_stock_project(
    set_up: tuple[Site, Ended], stock_site: Site, tmp_path: Path
) -> None:
    site = set_up[0].copied(tmp_path / "site")
    ended = site.set_up("--undo", "--yes")
    assert ended.code == 0, ended.said
    assert changed(stock_site, site) == set()
    site.manage("check")


def test_a_redis_that_is_not_there_is_a_bad_verdict(set_up: tuple[Site, Ended], tmp_path: Path) -> None:
    site = set_up[0].copied(tmp_path / "site")
    dotenv = site.root / ".env"
    dotenv.write_text(re.sub(r"REDIS_PORT=\d+", f"REDIS_PORT={free_port()}", dotenv.read_text()))
    ended = site.set_up("--yes")
    assert ended.code == 1
    line = re.search(r"^bad .*The channel layer is as it was chosen.*$", ended.said, re.MULTILINE)
    assert line is not None, ended.said
    assert "--redis=docker" in line[0]


def test_in_memory_on_purpose_is_a_good_verdict(set_up: tuple[Site, Ended], tmp_path: Path) -> None:
    site = set_up[0].copied(tmp_path / "site")
    ended = site.set_up("--yes", "--layer=memory")
    assert ended.code == 0, ended.said


def test_where_nobody_can_be_asked_nothing_is_changed(stock_site: Site) -> None:
    before = stock_site.files()
    ended = stock_site.set_up()
    assert ended.code == 2
    assert "Nobody can be asked here" in ended.said
    assert stock_site.files() == before


def test_a_project_that_fails_its_own_checks_is_left_as_it_was(stock_site: Site, tmp_path: Path) -> None:
    site = stock_site.copied(tmp_path / "site")
    urls = site.root / "core/urls.py"
    urls.write_text(urls.read_text() + "import nothing_of_that_name\n")
    ended = site.set_up("--yes")
    assert ended.code == 1
    assert "nothing_of_that_name" in ended.said
    assert "Nothing was installed or changed." in ended.said
    assert not (site.root / ".armguard-live-backup").exists()
    assert changed(stock_site, site) == {"core/urls.py"}


def test_without_real_time_the_app_lives_on_catching_up(set_up: tuple[Site, Ended], tmp_path: Path) -> None:
    site = set_up[0].copied(tmp_path / "site")
    ended = site.set_up("--yes", "--layer=off")
    assert ended.code == 0, ended.said
    assert "Verdict: good, and real time is off" in ended.said
    for promise in ("Every process hears", "Nothing is lost", "The channel layer"):
        line = next(line for line in ended.said.splitlines() if promise in line)
        assert line.startswith("not used"), line
        assert line.count("switched off") == 1


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
@pytest.mark.parametrize(("number", "undo"), [("SIGTERM", False), ("SIGKILL", True)])
def test_a_run_that_is_cut_off_can_be_put_right(
    set_up: tuple[Site, Ended],
    stock_site: Site,
    tmp_path: Path,
    number: str,
    undo: bool,  # noqa: FBT001 - a table
) -> None:
    site = set_up[0].copied(tmp_path / "site")
    site.set_up("--undo", "--yes")
    with site.started("--yes") as process:
        assert process.stdout is not None
        assert any(line.startswith("Changing the files.") for line in process.stdout)
        process.send_signal(signal.Signals[number])
        process.stdout.read()
    assert process.returncode != 0
    if undo:
        assert site.set_up("--undo", "--yes").code == 0
    assert changed(stock_site, site) == set()
