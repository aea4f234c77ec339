"""The *Test* button: one login with what stands in the dialog, and its outcome in words."""

from armguard_tray.connection.explain import explain
from armguard_tray.connection.failures import Failure, FailureKind
from armguard_tray.connection.login import LoginClient
from armguard_tray.settings.model import ServerSettings
from armguard_tray.ui.settings_dialog import TestResult


async def test_login(server: ServerSettings, password: str | None) -> TestResult:
    """Log in once to `server` and say how it went; a wrong password is sent this once and not again."""
    if server.plain_http_refused:
        return _failed(Failure(FailureKind.NO_CONSENT))
    if password is None:
        return _failed(Failure(FailureKind.NO_PASSWORD))
    try:
        client = LoginClient(server)
    except OSError:
        return TestResult(ok=False, message="The CA file cannot be used.", remedy="Choose another one.")
    result = await client.log_in(password)
    if isinstance(result, Failure):
        return _failed(result)
    return TestResult(ok=True, message=f"The server accepts {server.username}.")


def _failed(failure: Failure) -> TestResult:
    trouble = explain(failure)
    summary = f"{trouble.summary[0].upper()}{trouble.summary[1:]}."
    return TestResult(ok=False, message=summary, remedy=trouble.remedy, need=trouble.need)
