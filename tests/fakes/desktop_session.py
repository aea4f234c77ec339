"""A small private desktop: its own home, X server and session bus; with a panel and toasts on request.

Nothing of it touches the desktop of whoever runs the tests, and every process is ended by its own id.
On the private bus no service starts by itself: who should be there is started by name.
"""

import asyncio
import concurrent.futures
import contextlib
import os
import select
import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from armguard_tray.desktop.session_bus import SessionBus
from tests.fakes.mortal import mortal

START_TIMEOUT = 60.0
_TOOLS = ("Xvfb", "dbus-daemon")
_PANEL_TOOLS = ("openbox", "xfce4-panel", "scrot", "xdotool")
_NOTIFYD = "xfce4-notifyd"

_BUS_CONFIG = """\
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={socket}</listen>
  <auth>EXTERNAL</auth>
  <servicedir>{services}</servicedir>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""

_PANEL_CONFIG = """\
<?xml version="1.0" encoding="UTF-8"?>
<channel name="xfce4-panel" version="1.0">
  <property name="configver" type="int" value="2"/>
  <property name="panels" type="array">
    <value type="int" value="1"/>
    <property name="panel-1" type="empty">
      <property name="position" type="string" value="p=6;x=0;y=0"/>
      <property name="position-locked" type="bool" value="true"/>
      <property name="length" type="uint" value="100"/>
      <property name="size" type="uint" value="28"/>
      <property name="plugin-ids" type="array">
        <value type="int" value="1"/>
        <value type="int" value="2"/>
      </property>
    </property>
  </property>
  <property name="plugins" type="empty">
    <property name="plugin-1" type="string" value="separator">
      <property name="expand" type="bool" value="true"/>
      <property name="style" type="uint" value="0"/>
    </property>
    <property name="plugin-2" type="string" value="systray"/>
  </property>
</channel>
"""


def missing_tools(*, with_panel: bool = False) -> list[str]:
    """Return the programs that a session needs and this machine lacks."""
    wanted = (*_TOOLS, *_PANEL_TOOLS) if with_panel else _TOOLS
    missing = [tool for tool in wanted if shutil.which(tool) is None]
    if with_panel and _notifyd_program() is None:
        missing.append(_NOTIFYD)
    return missing


class DesktopSession:
    """A private desktop that lives as long as its `with` block.

    Attributes:
        env: the whole environment for a program that is to run on this desktop.
        display: the X display, like ":3".
        bus_address: the D-Bus address of the session bus.
        home: the user's home on this desktop.

    """

    def __init__(self, folder: Path, *, with_panel: bool = False, size: str = "1280x800") -> None:
        """Keep everything below `folder`, which should be short: sockets lie in it."""
        self._folder = folder
        self._with_panel = with_panel
        self._size = size
        self._processes = contextlib.ExitStack()
        self._bus_process: subprocess.Popen[bytes] | None = None
        self.home = folder / "home"
        self.display = ""
        self.bus_address = f"unix:path={folder / 'run' / 'bus'}"
        self.env: dict[str, str] = {}

    def __enter__(self) -> Self:
        """Start everything; each part is ready when the next one starts."""
        with contextlib.ExitStack() as on_failure:
            on_failure.callback(self._processes.close)
            self._make_folders()
            self.display = self._start_x()
            self.env = self._environment()
            self.start_bus()
            if self._with_panel:
                self._start_panel()
            on_failure.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End every process, the last one first."""
        self._processes.close()

    def spawn(
        self, command: Sequence[str], *, env: Mapping[str, str] | None = None
    ) -> subprocess.Popen[bytes]:
        """Start a program on this desktop; its output goes to a file, and it ends with the session."""
        log = (self._folder / f"{Path(command[0]).name}.log").open("ab")
        with log:
            process = subprocess.Popen(
                mortal(command),
                env=env or self.env,
                cwd=self.home,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self._processes.callback(end_process, process)
        return process

    def start_keyring(self, password: str) -> subprocess.Popen[bytes]:
        """Start a Secret Service (gnome-keyring) whose one collection is unlocked by `password`."""
        command = ["gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets"]
        process = subprocess.Popen(
            mortal(command),
            env=self.env,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._processes.callback(end_process, process)
        if process.stdin is not None:
            with process.stdin as stream:
                stream.write(password.encode())
        self.wait_for_name("org.freedesktop.secrets")
        return process

    def wait_for_name(self, name: str) -> None:
        """Return when somebody owns `name` on the session bus. Raises TimeoutError."""
        # In a thread of its own, since the caller may be inside an event loop.
        with concurrent.futures.ThreadPoolExecutor(1) as thread:
            thread.submit(asyncio.run, _name_owned(self.bus_address, name)).result()

    def screenshot(self, file: Path) -> Path:
        """Take a picture of the whole screen as a PNG and return `file`."""
        file.parent.mkdir(parents=True, exist_ok=True)
        command = ["scrot", "--overwrite", "--silent", str(file)]
        subprocess.run(command, env=self.env, check=True, timeout=START_TIMEOUT)
        return file

    def _make_folders(self) -> None:
        for name in ("home", "run", "services"):
            (self._folder / name).mkdir(mode=0o700)

    def _environment(self) -> dict[str, str]:
        inherited = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("XDG_", "QT_", "WAYLAND_", "XAUTHORITY", "DBUS_", "PYTEST_"))
        }
        return inherited | {
            "HOME": str(self.home),
            "XDG_RUNTIME_DIR": str(self._folder / "run"),
            "DISPLAY": self.display,
            "DBUS_SESSION_BUS_ADDRESS": self.bus_address,
            "QT_QPA_PLATFORM": "xcb",
            "NO_AT_BRIDGE": "1",
            "GTK_A11Y": "none",
            "LANG": "C.UTF-8",
        }

    def _start_x(self) -> str:
        """Start an X server on a display that it finds free by itself, and return that."""
        ready, tell = os.pipe()
        try:
            command = [
                "Xvfb",
                "-displayfd",
                str(tell),
                "-screen",
                "0",
                f"{self._size}x24",
                "-nolisten",
                "tcp",
            ]
            process = subprocess.Popen(
                mortal(command), pass_fds=[tell], stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            self._processes.callback(end_process, process)
            os.close(tell)
            tell = -1
            return f":{_read_line(ready)}"
        finally:
            os.close(ready)
            if tell >= 0:
                os.close(tell)

    def start_bus(self) -> None:
        """Start the session bus; at first that is done, later it is a new one at the old address."""
        config = self._folder / "bus.conf"
        socket = self._folder / "run" / "bus"
        config.write_text(_BUS_CONFIG.format(socket=socket, services=self._folder / "services"))
        ready, tell = os.pipe()
        try:
            command = ["dbus-daemon", f"--config-file={config}", "--nofork", "--nopidfile"]
            process = subprocess.Popen(
                mortal([*command, f"--print-address={tell}"]),
                pass_fds=[tell],
                env=self.env,
                stdin=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            self._processes.callback(end_process, process)
            self._bus_process = process
            os.close(tell)
            tell = -1
            _read_line(ready)
        finally:
            os.close(ready)
            if tell >= 0:
                os.close(tell)

    def stop_bus(self) -> None:
        """End the session bus, as when it crashes."""
        if self._bus_process is not None:
            end_process(self._bus_process)

    def _start_panel(self) -> None:
        # The panel reads its settings from xfconfd, which D-Bus starts for it.
        service = Path("/usr/share/dbus-1/services/org.xfce.Xfconf.service")
        shutil.copy(service, self._folder / "services")
        settings = self.home / ".config/xfce4/xfconf/xfce-perchannel-xml"
        settings.mkdir(parents=True)
        (settings / "xfce4-panel.xml").write_text(_PANEL_CONFIG)
        self.spawn(["openbox", "--sm-disable"])
        notifyd = _notifyd_program()
        if notifyd is None:
            raise FileNotFoundError(_NOTIFYD)
        self.spawn([notifyd])
        self.wait_for_name("org.freedesktop.Notifications")
        self.spawn(["xfce4-panel", "--disable-wm-check", "--sm-client-disable"])
        self.wait_for_name("org.kde.StatusNotifierWatcher")


def end_process(process: subprocess.Popen[bytes]) -> None:
    """End a child process by its id, gently first, and wait until it is gone."""
    if process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.wait()


def _notifyd_program() -> str | None:
    found = sorted(Path("/usr/lib").glob(f"*/xfce4/notifyd/{_NOTIFYD}"))
    return str(found[0]) if found else None


def _read_line(descriptor: int) -> str:
    """Return the first line that comes through a pipe. Raises TimeoutError, RuntimeError if none does."""
    line = b""
    while not line.endswith(b"\n"):
        if not select.select([descriptor], [], [], START_TIMEOUT)[0]:
            raise TimeoutError("a program of the private desktop did not get ready")
        chunk = os.read(descriptor, 256)
        if not chunk:
            raise RuntimeError("a program of the private desktop ended at once")
        line += chunk
    return line.decode().strip()


async def _name_owned(address: str, name: str) -> None:
    bus = SessionBus(address)
    owned = asyncio.Event()
    try:
        async with asyncio.timeout(START_TIMEOUT):
            await bus.watch_owner(name, lambda owner: owned.set() if owner else owned.clear())
            if await bus.name_owner(name) is None:
                await owned.wait()
    finally:
        await bus.close()
