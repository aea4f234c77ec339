"""The *Test* button: the first rungs of the ladder, with what stands in the dialog, and the outcome."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from armguard_tray.checkup.account import FreshLogin, Secret
from armguard_tray.clock import Clock
from armguard_tray.connection.phase import Need
from armguard_tray.diagnosis.codes import Code
from armguard_tray.diagnosis.facts import Facts, Keeping
from armguard_tray.diagnosis.ladder import Cause, Diagnosis, Rung, RungId, Status
from armguard_tray.diagnosis.secrecy import without_secrets
from armguard_tray.redaction.secrets import Secrets
from armguard_tray.settings.model import ServerSettings
from armguard_tray.ui.settings_dialog.test_result import TESTED, Progress, TestResult

if TYPE_CHECKING:
    from armguard_tray.checkup.limits import Limits

NEXT = "Save this; then the page Connection shows whether events come."
_CLIMBED = {*TESTED, RungId.PASSWORD}
"""What may end a test: where there is no password, the login is not reached."""

_NEED_OF = {
    Code.NOT_SET_UP: Need.ADDRESS,
    Code.PLAIN_HTTP: Need.CONSENT,
    Code.NOT_TLS: Need.ADDRESS,
    Code.TLS_NEEDED: Need.ADDRESS,
    Code.TLS_FAILED: Need.ADDRESS,
    Code.CA_UNKNOWN: Need.CERTIFICATE,
    Code.CA_FILE: Need.CERTIFICATE,
    Code.CERTIFICATE_OF_ANOTHER_HOST: Need.ADDRESS,
    Code.CLIENT_CERTIFICATE: Need.ADDRESS,
    Code.NAME_UNKNOWN: Need.ADDRESS,
    Code.NOT_ARMGUARD: Need.ADDRESS,
    Code.HOST_NOT_ALLOWED: Need.ADDRESS,
    Code.CSRF: Need.ADDRESS,
    Code.PASSWORD_MISSING: Need.LOGIN,
    Code.KEYRING_LOCKED: Need.LOGIN,
    Code.WRONG_PASSWORD: Need.LOGIN,
    Code.LOCKED_OUT: Need.LOGIN,
}
"""What can be mended in a field of the dialog; the rest is mended at the server, or by waiting."""

_BESIDE = {
    Code.NOT_TLS: "The server does not speak TLS here: wrong port, or http://?",
    Code.CA_UNKNOWN: "This desk does not trust the CA of the server's certificate.",
    Code.CERTIFICATE_OF_ANOTHER_HOST: "The server's certificate is for another name than this.",
}
"""What stands beside the field where the whole sentence would move the fields under it."""
_NO_PASSWORD = "This desk has no password for {username}.", "Enter it, and test again."


class ServerTest:
    """Climbs up to the session and no further; the password is sent once at most."""

    def __init__(
        self,
        password_of: Callable[[ServerSettings], Awaitable[str | None]],
        clock: Clock,
        limits: "Limits | None" = None,
    ) -> None:
        """Look stored passwords up with `password_of`; `limits` are those of a checkup."""
        self._password_of = password_of
        self._clock = clock
        self._limits = limits

    async def __call__(self, server: ServerSettings, password: str | None, progress: Progress) -> TestResult:
        """Test `server` with `password`, None: the stored one; `progress` is told each rung that is known."""
        # The first time they take a third of a second, in which the window would stand still.
        await asyncio.to_thread(_load)
        from armguard_tray.checkup.checkup import Asked, check  # noqa: PLC0415 - as the comment says
        from armguard_tray.diagnosis.diagnose import diagnose  # noqa: PLC0415 - as above

        secrets = Secrets([password])

        async def secret() -> Secret:
            if password is not None:
                return Secret(Keeping.GIVEN, password)
            stored = await self._password_of(server)
            secrets.add(stored)
            return Secret(Keeping.MISSING if stored is None else Keeping.KEYRING, stored)

        def found(facts: Facts) -> Diagnosis:
            return without_secrets(diagnose(facts), secrets)

        facts = await check(
            Asked(server=server, streams=False),
            FreshLogin(server.username, secret),
            clock=self._clock,
            progress=lambda facts: progress(first_rungs(found(facts))),
            limits=self._limits,
        )
        return result_of(found(facts), server.username)


def first_rungs(diagnosis: Diagnosis) -> tuple[Rung, ...]:
    """Return the rungs that a test climbs."""
    return tuple(rung for rung in diagnosis.rungs if rung.id in TESTED)


def result_of(diagnosis: Diagnosis, username: str) -> TestResult:
    """Return what a test came to: the first rung that failed says it; good is only what was seen to hold."""
    rungs = first_rungs(diagnosis)
    climbed = [rung for rung in diagnosis.rungs if rung.id in _CLIMBED]
    broken = next((rung for rung in climbed if rung.status is Status.FAILED), None)
    if broken is not None:
        return _failed(broken, _cause_of(diagnosis, broken), username, rungs)
    unseen = next((rung for rung in rungs if rung.status is Status.UNKNOWN), None)
    if unseen is not None:
        message = f"Whether the server lets this desk in is not known. {unseen.name}: {unseen.evidence}."
        return TestResult(ok=False, message=message, rungs=rungs)
    warned = next((rung for rung in rungs if rung.status is Status.WARNING), None)
    warning = _cause_of(diagnosis, warned) if warned else None
    remedy = f"{warning.text} {warning.remedy}" if warning else NEXT
    return TestResult(ok=True, message=f"The server accepts {username}.", remedy=remedy, rungs=rungs)


def _failed(broken: Rung, cause: Cause | None, username: str, rungs: tuple[Rung, ...]) -> TestResult:
    if cause is None:
        return TestResult(ok=False, message=f"{broken.name}: {broken.evidence}.", rungs=rungs)
    message, remedy = cause.text, cause.remedy
    if cause.code is Code.PASSWORD_MISSING:
        # Where the program was started from a terminal there are other ways; here is a field for it.
        message, remedy = _NO_PASSWORD[0].format(username=username), _NO_PASSWORD[1]
    return TestResult(
        ok=False,
        message=message,
        remedy=remedy,
        need=_NEED_OF.get(cause.code),
        copy=cause.copy,
        rungs=rungs,
        beside=_BESIDE.get(cause.code, ""),
    )


def _cause_of(diagnosis: Diagnosis, rung: Rung) -> Cause | None:
    return next((cause for cause in diagnosis.causes if cause.code is rung.code), None)


def _load() -> None:
    import armguard_tray.checkup.checkup  # noqa: PLC0415 - late, as the caller says
    import armguard_tray.diagnosis.diagnose  # noqa: F401, PLC0415 - as above
