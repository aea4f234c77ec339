"""Whether the system holds toasts back: real services where there are some, else what they say."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from dbus_fast import Variant

from armguard_tray.app.surroundings import Surroundings
from armguard_tray.desktop.session_bus import SessionBus
from armguard_tray.desktop.toast import quiet_linux
from armguard_tray.desktop.toast.linux_dbus import PATH
from armguard_tray.desktop.toast.quiet_linux import LinuxQuiet
from armguard_tray.diagnosis.facts import ToastsFound
from tests.fakes.desktop_session import DesktopSession
from tests.fakes.notification_service import NOTIFICATIONS
from tests.fakes.private_desktop import PrivateDesktop
from tests.ui.desktop.programs import installed

XFCONF = "org.xfce.Xfconf"
GNOME = "gnome-shell"
AT_PLASMA = "“Do not disturb” is on at the desktop's notification service"


@pytest_asyncio.fixture
async def own_bus(own_session: DesktopSession) -> AsyncIterator[SessionBus]:
    bus = SessionBus(own_session.bus_address)
    yield bus
    await bus.close()


async def pause_dunst(bus: SessionBus, *, paused: bool) -> None:
    arguments = ["org.dunstproject.cmd0", "paused", Variant("b", paused)]
    await bus.call(NOTIFICATIONS, PATH, "org.freedesktop.DBus.Properties", "Set", "ssv", arguments)


async def set_do_not_disturb_of_xfce(bus: SessionBus, *, on: bool) -> None:
    arguments = ["xfce4-notifyd", "/do-not-disturb", Variant("b", on)]
    await bus.call(XFCONF, "/org/xfce/Xfconf", XFCONF, "SetProperty", "ssv", arguments)


async def test_dunst_that_is_paused(own_session: DesktopSession, own_bus: SessionBus) -> None:
    own_session.spawn([installed("dunst")])
    own_session.wait_for_name(NOTIFICATIONS)
    quiet = LinuxQuiet(own_bus)
    assert not await quiet.why_quiet()

    await pause_dunst(own_bus, paused=True)
    assert await quiet.why_quiet() == "dunst is paused; “dunstctl set-paused false” ends that"

    await pause_dunst(own_bus, paused=False)
    assert not await quiet.why_quiet(), "it is looked up each time"


async def test_do_not_disturb_of_xfce(own_session: DesktopSession, own_bus: SessionBus) -> None:
    own_session.spawn([installed("xfconfd", "/usr/lib/*/xfce4/xfconf")])
    own_session.wait_for_name(XFCONF)
    own_session.spawn([installed("xfce4-notifyd", "/usr/lib/*/xfce4/notifyd")])
    own_session.wait_for_name(NOTIFICATIONS)
    quiet = LinuxQuiet(own_bus)
    assert not await quiet.why_quiet(), "it was never set"

    await set_do_not_disturb_of_xfce(own_bus, on=True)
    assert await quiet.why_quiet() == "“Do not disturb” is on in Xfce's notification settings"

    await set_do_not_disturb_of_xfce(own_bus, on=False)
    assert not await quiet.why_quiet()


async def test_plasma_has_a_property(desktop: PrivateDesktop, bus: SessionBus) -> None:
    await desktop.be("Plasma", inhibited=True)
    assert await LinuxQuiet(bus).why_quiet() == AT_PLASMA

    await desktop.be("Plasma", inhibited=False)
    assert not await LinuxQuiet(bus).why_quiet()


async def test_a_service_that_has_no_word_for_it_is_unknown(desktop: PrivateDesktop, bus: SessionBus) -> None:
    await desktop.be("another service")
    assert not await LinuxQuiet(bus).why_quiet()


@pytest.mark.parametrize(("banners", "why"), [("false", "“Do not disturb” is on in GNOME"), ("true", "")])
async def test_gnome_has_a_setting(  # noqa: PLR0917 - fixtures
    desktop: PrivateDesktop,
    bus: SessionBus,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    banners: str,
    why: str,
) -> None:
    installed("gsettings")
    installed("org.gnome.desktop.notifications.gschema.xml", "/usr/share/glib-2.0/schemas")
    # GLib can keep settings in a file too: https://docs.gtk.org/gio/func.keyfile_settings_backend_new.html
    settings = tmp_path / "glib-2.0" / "settings" / "keyfile"
    settings.parent.mkdir(parents=True)
    settings.write_text(f"[org/gnome/desktop/notifications]\nshow-banners={banners}\n")
    monkeypatch.setenv("GSETTINGS_BACKEND", "keyfile")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    await desktop.be(GNOME)
    assert await LinuxQuiet(bus).why_quiet() == why


@pytest.mark.parametrize("program", ["", "exit 1", "exec sleep 60"], ids=["missing", "refuses", "hangs"])
async def test_gnome_without_an_answer(
    desktop: PrivateDesktop,
    bus: SessionBus,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    program: str,
) -> None:
    if program:
        gsettings = tmp_path / "gsettings"
        gsettings.write_text(f"#!/bin/sh\nPATH=/usr/bin:/bin\n{program}\n")
        gsettings.chmod(0o755)
    monkeypatch.setattr(quiet_linux, "WITHIN", 0.2)
    monkeypatch.setenv("PATH", str(tmp_path))
    await desktop.be(GNOME)
    assert not await LinuxQuiet(bus).why_quiet()


async def test_a_service_that_does_not_answer_is_not_waited_for(
    desktop: PrivateDesktop, bus: SessionBus, monkeypatch: pytest.MonkeyPatch
) -> None:
    await desktop.be("Plasma", inhibited=True)
    await desktop.hold_answers(hold=True)
    monkeypatch.setattr(quiet_linux, "WITHIN", 0.2)
    assert not await LinuxQuiet(bus).why_quiet()

    await desktop.hold_answers(hold=False)
    monkeypatch.undo()
    assert await LinuxQuiet(bus).why_quiet() == AT_PLASMA


async def test_nothing_is_started_for_the_question(own_session: DesktopSession, own_bus: SessionBus) -> None:
    marker = own_session.home / "started"
    service = own_session.home.parent / "services" / f"{NOTIFICATIONS}.service"
    service.write_text(f"[D-BUS Service]\nName={NOTIFICATIONS}\nExec=/usr/bin/touch {marker}\n")
    await own_bus.call(
        "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "ReloadConfig"
    )
    assert not await LinuxQuiet(own_bus).why_quiet()
    assert not marker.exists()


async def test_a_tray_tells_it_with_what_shows_its_toasts(
    desktop: PrivateDesktop, session: DesktopSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", session.bus_address)
    around = Surroundings(lambda: None, lambda _: None)
    await around.start()
    assert await around.toasts_found() == ToastsFound(by="the desktop's notification service")

    await desktop.be("Plasma", inhibited=True)
    assert await around.toasts_found() == ToastsFound(by="the desktop's notification service", off=AT_PLASMA)
    await around.close()


async def test_no_bus_at_all(tmp_path: Path) -> None:
    bus = SessionBus(f"unix:path={tmp_path / 'nothing'}")
    assert not await LinuxQuiet(bus).why_quiet()
    await bus.close()
