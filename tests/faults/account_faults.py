"""Faults of the account that the desk logs in with."""

from typing import Final

from django.contrib.auth.hashers import MD5PasswordHasher

from tests.fakes.demo_server import DemoClient
from tests.faults.fault import Fault, Outage
from tests.faults.stage import USERNAME, Stage

_NEW_PASSWORD = "another-armory"
_TRIES = 5
_REFUSED_WITHIN = 30.0  # seconds
# The desk logs in anew once for each minute of stable life: a server that forgets logins is asked slowly.
_STABLE: Final = 61.0


def _end_session(stage: Stage) -> None:
    """Let an hour without a request go by for the desk."""
    stage.site.change(
        "UPDATE django_session SET expire_date = '2000-01-01 00:00:00' WHERE session_key <> ?",
        stage.traffic.session,
    )


async def _expired(stage: Stage) -> None:
    stage.proxy.go_dark()
    stage.proxy.reset()
    await stage.goes_by(5)
    _end_session(stage)
    stage.proxy.light_up()


async def _password_changed(stage: Stage) -> None:
    """Change it on the server; the desk may try the old one once, then only a person helps."""
    hashed = MD5PasswordHasher().encode(_NEW_PASSWORD, "salt")
    stage.site.change("UPDATE auth_user SET password = ? WHERE username = ?", hashed, USERNAME)
    stage.proxy.reset()
    await stage.until(lambda: not stage.live, _REFUSED_WITHIN)
    await stage.goes_by(10)
    await stage.tray.stop()
    stage.tray.password = _NEW_PASSWORD
    await stage.tray.start()


async def _locked_out(stage: Stage) -> None:
    """Somebody else tries passwords from the same address until the account is locked."""
    server = stage.site.sockets.server
    with DemoClient(server, username=USERNAME, password="wrong") as stranger:
        for _ in range(_TRIES):
            stranger.try_to_log_in()
    _end_session(stage)
    stage.proxy.reset()
    await stage.until(lambda: not stage.live, _REFUSED_WITHIN)
    await stage.goes_by(10)
    # The lock is in the process's memory; a person then tries again.
    await stage.site.sockets.stop()
    await stage.site.sockets.start()
    await stage.tray.stop()
    await stage.tray.start()


ACCOUNT_FAULTS: Final = (
    Fault(name="session expired during an outage", happens=_expired, repeatable=True, lived=_STABLE),
    Fault(name="password changed", happens=_password_changed, outage=Outage.LONG),
    Fault(name="account locked", happens=_locked_out, outage=Outage.LONG),
)
