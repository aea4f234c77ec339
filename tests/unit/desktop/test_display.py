"""Whether there is a display, found out before Qt aborts for want of one."""

import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from armguard_tray.desktop.display import has_display, named_displays

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere there always is one")

NOBODYS = ":987654"


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def listening(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Return the name of a Wayland display on which somebody listens."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    with socket.socket(socket.AF_UNIX) as compositor:
        compositor.bind(str(tmp_path / "wayland-7"))
        compositor.listen()
        yield "wayland-7"


def test_where_none_is_named_there_is_none() -> None:
    assert not has_display()
    assert named_displays() == ""


@pytest.mark.parametrize("name", [NOBODYS, f"{NOBODYS}.0", f"unix{NOBODYS}"])
def test_an_x_display_that_nobody_serves_is_none(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", name)

    assert not has_display()
    assert named_displays() == f"DISPLAY={name}"


def test_an_x_display_may_listen_at_an_abstract_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", f"{NOBODYS}.0")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(f"\0/tmp/.X11-unix/X{NOBODYS[1:]}")
        server.listen()
        assert has_display()


def test_a_display_over_a_network_is_taken_to_be_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", "desk.armory.local:10.0")

    assert has_display()


def test_a_wayland_display_that_listens(listening: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("wayland-8", "x" * 300):
        monkeypatch.setenv("WAYLAND_DISPLAY", name)
        assert not has_display()

    monkeypatch.setenv("WAYLAND_DISPLAY", listening)
    assert has_display()


def test_qt_may_be_told_to_need_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")

    assert has_display()
