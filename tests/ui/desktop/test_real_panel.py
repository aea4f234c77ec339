"""A person's way on a desktop with a real panel and notification daemon: icon, click, toast, button."""

import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtGui import QColor, QImage

from armguard_tray.desktop.toast.linux_dbus import LinuxDBusAdapter
from tests.fakes.desktop_session import START_TIMEOUT, DesktopSession, missing_tools
from tests.ui.desktop.programs import ROOT, program
from tests.ui.desktop.tray_program import SHIELD_COLOUR

PICTURE = ROOT / "tests" / "artefacts" / "desktop-toast.png"


@pytest.fixture
def panel_session() -> Iterator[DesktopSession]:
    """Start a desktop with xfce4-panel and xfce4-notifyd."""
    missing = missing_tools(with_panel=True)
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")
    with (
        tempfile.TemporaryDirectory(prefix="panel") as folder,
        DesktopSession(Path(folder), with_panel=True) as private,
    ):
        yield private


def click(session: DesktopSession, *where: str) -> None:
    command = ["xdotool", "mousemove", *where, "click", "1"]
    subprocess.run(command, env=session.env, check=True, timeout=START_TIMEOUT)


def icon_on_screen(session: DesktopSession, file: Path) -> tuple[int, int]:
    """Return where the shield stands in the panel: nothing but the picture itself tells when it is drawn."""
    colour = QColor(SHIELD_COLOUR).rgb()
    deadline = time.monotonic() + START_TIMEOUT
    while time.monotonic() < deadline:
        picture = QImage(str(session.screenshot(file)))
        for y in range(40):
            for x in range(picture.width()):
                if picture.pixel(x, y) == colour:
                    return x + 4, y + 4
    raise AssertionError("the icon does not appear in the panel")


def toast_on_screen(session: DesktopSession) -> tuple[str, int, int]:
    """Return the window of the toast with its width and height, as soon as it is shown."""
    search = [
        "xdotool",
        "search",
        "--sync",
        "--onlyvisible",
        "--class",
        "notifyd",
        "getwindowgeometry",
        "--shell",
    ]
    done = subprocess.run(
        search, env=session.env, check=True, timeout=START_TIMEOUT, capture_output=True, text=True
    )
    facts = dict(line.split("=") for line in done.stdout.split())
    return facts["WINDOW"], int(facts["WIDTH"]), int(facts["HEIGHT"])


async def test_icon_click_toast_button(panel_session: DesktopSession, tmp_path: Path) -> None:
    with program("tests.ui.desktop.tray_program", env=panel_session.env) as tray_program:
        assert (await tray_program.line()).startswith("started")
        x, y = icon_on_screen(panel_session, tmp_path / "icon.png")
        click(panel_session, str(x), str(y))
        window, width, height = toast_on_screen(panel_session)
        panel_session.screenshot(PICTURE)
        click(panel_session, "--window", window, str(width - 60), str(height - 40))
        assert await tray_program.line() == f"opened row 7, shown by {LinuxDBusAdapter.name}"
