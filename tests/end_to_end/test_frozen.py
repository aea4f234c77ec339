"""The program that PyInstaller builds: complete, alone, and able to do the main job."""

import os
import runpy
import signal
import ssl
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme
from PyInstaller.archive.readers import CArchiveReader  # type: ignore[import-untyped]  # it carries no types

from armguard_tray import __version__
from armguard_tray.app.pictures_beside import PicturesBeside
from armguard_tray.desktop.secrets import service_name
from armguard_tray.server.demo.process import DemoServer
from armguard_tray.storage.journal import Journal
from armguard_tray.storage.log_filter import LogFilter
from armguard_tray.tallies.look import look_of
from armguard_tray.tasks import TaskKeeper
from armguard_tray.ui.pictures.studio import SVG
from tests.end_to_end.desk_process import configure, live_item
from tests.end_to_end.frozen_program import ROOT, bare_environment, frozen_program, running
from tests.end_to_end.watch_process import PATIENCE, WatchProcess
from tests.fakes.demo_server import DemoClient
from tests.fakes.desktop_session import DesktopSession
from tests.fakes.private_desktop import PrivateDesktop
from tests.fakes.scripted_server import PASSWORD, ScriptedServer
from tests.fakes.tallies import asked
from tests.unit.storage.events import SERVER, takes

# The first of them builds, on a slow machine for minutes.
pytestmark = [pytest.mark.frozen, pytest.mark.timeout(600)]

NOT_PART_OF_IT = {"django", "channels", "daphne", "twisted", "autobahn", "pytest", "tkinter", "pygments"}


@pytest.fixture(scope="module")
def program() -> Path:
    return frozen_program()


@pytest.fixture
def session() -> Iterator[DesktopSession]:
    with tempfile.TemporaryDirectory(prefix="fro") as folder, DesktopSession(Path(folder)) as private:
        yield private


def environment_on(session: DesktopSession) -> dict[str, str]:
    """Return an environment that knows of the desktop, and of no Python."""
    names = ("DISPLAY", "DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR", "QT_QPA_PLATFORM")
    return bare_environment(session.home) | {name: session.env[name] for name in names}


def account(server: DemoServer) -> tuple[str, ...]:
    return "--server", server.url, "--username", server.username


def say(program: Path, *arguments: str, home: Path) -> subprocess.CompletedProcess[str]:
    """Run the program to its end and return what it said."""
    return subprocess.run(
        [program, *arguments],
        env=bare_environment(home),
        cwd=home,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )


def test_it_says_its_version_and_how_it_is_used(program: Path, tmp_path: Path) -> None:
    assert say(program, "--version", home=tmp_path).stdout == f"armguard-tray {__version__}\n"
    manual = say(program, "--help", home=tmp_path)
    assert manual.returncode == 0
    assert "exit codes:" in manual.stdout


def test_it_holds_neither_the_server_nor_tools(program: Path) -> None:
    modules = CArchiveReader(str(program)).open_embedded_archive("PYZ.pyz").toc
    packages = {name.partition(".")[0] for name in modules}
    assert {"armguard_tray", "keyring", "websockets"} <= packages
    assert not packages & NOT_PART_OF_IT
    files = {file.name for file in program.parent.rglob("*")}
    assert "armguard-tray.svg" in files
    assert not files & NOT_PART_OF_IT


def test_its_demo_says_where_there_is_one(program: Path, tmp_path: Path) -> None:
    demo = say(program, "demo", "--headless", home=tmp_path)
    assert demo.returncode == 1
    assert "The demo needs the server part" in demo.stderr


async def test_a_transaction_is_a_line_in_the_terminal(
    program: Path, demo_server: DemoServer, armorer: DemoClient, tmp_path: Path
) -> None:
    account = ("--server", demo_server.url, "--username", demo_server.username)
    env = bare_environment(tmp_path)
    async with running(
        program, "watch", "--json", *account, env=env, password=demo_server.password
    ) as process:
        watch = WatchProcess(process)
        await watch.state("live")
        number = armorer.issue()
        line = await watch.event(lambda line: line["kind"] == "transaction_created")
        process.send_signal(signal.SIGTERM)
        assert await watch.end() == 0
    assert line["id"] == number
    assert line["text"].startswith("M4 - 00077 issued · Juan Dela Cruz")


async def test_a_transaction_is_a_toast_on_the_desk(
    program: Path, session: DesktopSession, demo_server: DemoServer, armorer: DemoClient, tmp_path: Path
) -> None:
    configure(tmp_path, demo_server)
    arguments = ("run", f"--data-dir={tmp_path}")
    async with (
        PrivateDesktop(session) as desktop,
        running(program, *arguments, env=environment_on(session), password=demo_server.password) as tray,
    ):
        item = await live_item(desktop)
        assert any(any(pixmap.argb) for pixmap in item.pixmaps), "the icon's drawing is there"
        armorer.issue()
        toast = await desktop.wait_for_notification(lambda toast: "issued" in toast.title)
        assert toast.title == "M4 - 00077 issued"
        tray.send_signal(signal.SIGTERM)
        _, said = await tray.communicate()
        assert tray.returncode == 0
        assert said == b"", "neither Qt nor Python complains"


async def test_it_draws_pictures_in_a_process_of_its_own(program: Path, tmp_path: Path) -> None:
    journal, keeper = await Journal.open(tmp_path / "journal.sqlite3"), TaskKeeper("test")
    await journal.append(SERVER, takes(1, 5))
    command = [str(program), "pictures-order"]
    pictures = PicturesBeside(journal, tmp_path / "fonts", keeper, command=command)
    look = look_of("#ffffff", "#1b1b1b", dark=False, points=9)

    hours, *_ = await pictures.pictures(LogFilter(), asked())
    assert hours.caption[0] == "Everything. 5 issued and 0 returned."
    assert (await pictures.draw(hours, look, (300, 200), 1.0)).width == 300
    assert b"<svg" in await pictures.file(hours, look, SVG)

    await keeper.close()
    await journal.close()


@pytest.fixture
def session_with_password(session: DesktopSession, demo_server: DemoServer) -> DesktopSession:
    """Keep the demo account's password in the desktop's keyring, by the keyring's own command."""
    session.start_keyring("login password")
    subprocess.run(
        [sys.executable, "-m", "keyring", "set", service_name(demo_server.url), demo_server.username],
        env=session.env,
        input=demo_server.password,
        text=True,
        check=True,
        timeout=PATIENCE,
    )
    return session


async def test_a_password_in_the_keyring_is_used(
    program: Path, session_with_password: DesktopSession, demo_server: DemoServer
) -> None:
    arguments = ("watch", "--json", *account(demo_server))
    async with running(program, *arguments, env=environment_on(session_with_password)) as process:
        await WatchProcess(process).state("live")


@pytest.fixture
def ca(tmp_path: Path) -> trustme.CA:
    """Return a CA whose certificate lies in `ca.pem`."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    return authority


def context(ca: trustme.CA) -> ssl.SSLContext:
    """Return what a server needs to show a certificate of `ca`."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("127.0.0.1").configure_cert(tls)
    return tls


@pytest.mark.parametrize(
    ("options", "variables"),
    [(["--ca-file=ca.pem"], {}), ([], {"SSL_CERT_FILE": "ca.pem"})],
    ids=["by the CA file", "by the system's store"],
)
async def test_a_trusted_certificate_lets_it_log_in(
    program: Path, ca: trustme.CA, tmp_path: Path, options: list[str], variables: dict[str, str]
) -> None:
    env = bare_environment(tmp_path) | variables
    async with ScriptedServer().running(context(ca)) as server:
        arguments = ("watch", "--json", "--server", server.url, "--username", "x", *options)
        async with running(program, *arguments, env=env, password=PASSWORD) as process:
            await WatchProcess(process).state("live")
        assert server.passwords == [PASSWORD]


async def test_a_certificate_that_nobody_vouches_for_gets_no_password(
    program: Path, ca: trustme.CA, tmp_path: Path
) -> None:
    async with ScriptedServer().running(context(ca)) as server:
        arguments = ("watch", "--json", "--server", server.url, "--username", "x")
        env = bare_environment(tmp_path)
        async with running(program, *arguments, env=env, password=PASSWORD) as process:
            state = await WatchProcess(process).state("needs you")
        assert state["trouble"] == "server's certificate not trusted"
        assert server.passwords == []


@pytest.mark.parametrize("original", [None, "/opt/other/lib"], ids=["none before", "one before"])
def test_what_it_starts_gets_the_library_path_that_it_was_started_with(
    monkeypatch: pytest.MonkeyPatch, original: str | None
) -> None:
    monkeypatch.setenv("LD_LIBRARY_PATH", "its own folder")
    if original is not None:
        monkeypatch.setenv("LD_LIBRARY_PATH_ORIG", original)
    runpy.run_path(str(ROOT / "resources/installer/give_back_library_path.py"))
    assert os.environ.get("LD_LIBRARY_PATH") == original
    assert "LD_LIBRARY_PATH_ORIG" not in os.environ
