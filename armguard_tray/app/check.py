"""The checkup in the terminal: from the command's options to its exit code."""

import logging
import os
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

import msgspec
from rich.console import Console

from armguard_tray.app.check_output import (
    Progress,
    growing_ladder,
    newest_rung,
    print_on_terminal,
    report_lines,
)
from armguard_tray.app.keeping import keeping_of
from armguard_tray.app.report.from_check import ReportTo, save_report
from armguard_tray.checkup.account import FreshLogin, Secret
from armguard_tray.checkup.audit import Auditor
from armguard_tray.checkup.checkup import Asked, check
from armguard_tray.checkup.daemon_threads import wait_for_no_thread
from armguard_tray.checkup.limits import Limits
from armguard_tray.checkup.redis_search import RedisWanted
from armguard_tray.checkup.redis_watch import kept_under
from armguard_tray.clock import Clock, SystemClock
from armguard_tray.connection.login import LoginClient, Session
from armguard_tray.desktop.platform_choice import make_quiet, make_session_bus
from armguard_tray.desktop.secrets import SecretStore
from armguard_tray.diagnosis.codes import Code
from armguard_tray.diagnosis.diagnose import as_json, diagnose
from armguard_tray.diagnosis.facts import Facts, Keeping, LoginFound, ToastsFound
from armguard_tray.diagnosis.ladder import Diagnosis, RungId, Status
from armguard_tray.diagnosis.secrecy import without_secrets
from armguard_tray.errors import UserError
from armguard_tray.exit_codes import ExitCode
from armguard_tray.messages.plain_text import escaped
from armguard_tray.redaction.secrets import Secrets
from armguard_tray.redis_probe.address import without_password
from armguard_tray.redis_probe.find import VARIABLE
from armguard_tray.settings.model import RedisSettings, ServerSettings

log = logging.getLogger(__name__)

STAYS = 6.5
"""Seconds for which sockets are watched. Where the channel layer's reads from Redis take as long as they may,
the first idle socket is closed after 5 to 6 s, and looks well until then: see `diagnosis.rhythm`."""
KEYRING_WITHIN = 3.5

_REFUSALS = {Code.WRONG_PASSWORD, Code.LOCKED_OUT, Code.RATE_LIMITED, Code.CSRF}
_OF_THE_LOGIN = {RungId.HTTP, RungId.LOGIN}
"""The login page, and what becomes of the password: some refuse already the page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckOptions:
    """What to check and how.

    Attributes:
        server: which server, and as whom.
        password: that was given for this run; None: it is in the keyring.
        redis: where the server's Redis is, with its CA file and prefix; without an address: do not look.
        redis_is_named: whether it was said for this run that it is there.
        redis_password: of that address, for this run.
        redis_keyring: whether the keyring may have the password of that address.
        as_json: one JSON object instead of a ladder.
        report: where a report is to be saved; None: nowhere.

    """

    server: ServerSettings
    password: str | None = field(default=None, repr=False)
    redis: RedisSettings = field(default_factory=RedisSettings)
    redis_is_named: bool = False
    redis_password: str | None = field(default=None, repr=False)
    redis_keyring: bool = False
    as_json: bool = False
    report: ReportTo | None = None


async def run_check(options: CheckOptions) -> ExitCode:
    """Check, print what was found, and return how it is.

    Raises:
        UserError: standard output or the report cannot be written.

    """
    wait_for_no_thread()
    secrets = Secrets([options.password, options.redis_password, password_of_variable(os.environ)])
    store = SecretStore(time_limit=KEYRING_WITHIN)

    async def secret() -> Secret:
        if options.password is not None:
            return Secret(Keeping.GIVEN, options.password)
        kept = await from_keyring(store, options.server)
        secrets.add(kept.password)
        return kept

    async def redis_password() -> str | None:
        kept = await redis_password_of(options, store)
        secrets.add(kept)
        return kept

    # Now: 170 ms of importing in the middle would be added to the step that is being timed then.
    import armguard_tray.redis_probe.probe  # noqa: F401, PLC0415 - see above

    out = Console(highlight=False)
    on_terminal = out.is_terminal and not options.as_json

    def diagnosed(facts: Facts) -> Diagnosis:
        return without_secrets(diagnose(facts), secrets)

    # On a terminal the ladder grows where it then stands; else the output is a reader's that is no person.
    with (
        Progress(out, growing_ladder)
        if on_terminal
        else Progress(Console(stderr=True, highlight=False), newest_rung)
    ) as progress:
        facts = await check(
            asked(options, redis_password),
            _Login(options.server.username, secret, secrets),
            clock=SystemClock(),
            progress=lambda facts: progress.see(diagnosed(facts)),
            limits=Limits(stays=STAYS),
        )
    diagnosis = diagnosed(facts)
    _print(diagnosis, out if on_terminal else None, as_object=options.as_json)
    if options.report is not None:
        save_report(options.report, diagnosis, secrets, SystemClock())
    return exit_code(diagnosis)


class _Login(FreshLogin):
    """Tells which cookies are to be struck out, before anybody can say them back."""

    def __init__(self, username: str, secret: Callable[[], Awaitable[Secret]], secrets: Secrets) -> None:
        """Add to `secrets`; the others are those of a FreshLogin."""
        super().__init__(username, secret)
        self._secrets = secrets

    async def log_in(
        self, client: LoginClient, clock: Clock, within: float
    ) -> tuple[LoginFound | None, Session | None]:
        """Send the login form, once; without a password nothing is found."""
        found, session = await super().log_in(client, clock, within)
        if session is not None:
            self._secrets.add_cookies(session.cookie)
        return found, session


def asked(options: CheckOptions, redis_password: Callable[[], Awaitable[str | None]]) -> Asked:
    """Return what is to be looked at."""
    return Asked(
        server=options.server,
        redis=RedisWanted(settings=options.redis, is_named=options.redis_is_named, password=redis_password),
        prove=True,
        # Without a journal it compares with what is heard while the sockets are watched.
        auditor=Auditor(options.server.zone, SystemClock()),
        toasts=toasts_of_this_desktop(),
    )


async def redis_password_of(options: CheckOptions, store: SecretStore) -> str | None:
    """Return the password of the Redis that is to be looked at: that of this run, else the stored one.

    The one of this run is of a Redis that somebody has named. The keyring keeps each under the address and
    the user that it was entered for.
    """
    settings = options.redis
    is_named = options.redis_is_named or settings.address != RedisSettings().address
    if options.redis_password is not None and is_named:
        return options.redis_password
    place = kept_under(settings) if options.redis_keyring else None
    return await store.get(*place) if place is not None else None


def password_of_variable(environ: Mapping[str, str]) -> str | None:
    """Return the password in the variable that names a Redis, to be struck out wherever it is said."""
    try:
        return without_password(environ.get(VARIABLE, ""))[1]
    except ValueError:
        return None  # there is none, or none that is looked at


def toasts_of_this_desktop() -> Callable[[], Awaitable[ToastsFound | None]]:
    """Return what looks up whether they are held back; nothing is known of them where they are not.

    What shows them only a running tray knows, and over SSH there may be no desktop at all.
    """
    bus = make_session_bus()
    quiet = make_quiet(bus)

    async def look() -> ToastsFound | None:
        try:
            off = await quiet.why_quiet() if quiet is not None else ""
        finally:
            if bus is not None:
                await bus.close()
        return ToastsFound(by="", off=off) if off else None

    return look


async def from_keyring(store: SecretStore, server: ServerSettings) -> Secret:
    """Return the password of the account, and how this desk has it."""
    password = await store.get(server.base_url, server.username)
    if password is not None:
        return Secret(Keeping.KEYRING, password)
    return Secret(keeping_of(await store.availability(), stored=False))


def exit_code(diagnosis: Diagnosis) -> ExitCode:
    """Return the exit code that a diagnosis is."""
    if diagnosis.verdict is Status.OK:
        return ExitCode.OK
    if diagnosis.verdict is not Status.FAILED:
        return ExitCode.WARNINGS
    first = next(rung for rung in diagnosis.rungs if rung.status is Status.FAILED)
    refused = first.id in _OF_THE_LOGIN and first.code in _REFUSALS
    return ExitCode.LOGIN_REFUSED if refused else ExitCode.BROKEN


# What is printed.


def _print(diagnosis: Diagnosis, terminal: Console | None, *, as_object: bool) -> None:
    try:
        if terminal is not None:
            print_on_terminal(diagnosis, terminal)
        elif as_object:
            sys.stdout.buffer.write(
                escaped(msgspec.json.encode(as_json(diagnosis)).decode()).encode() + b"\n"
            )
        else:
            out = Console(soft_wrap=True, highlight=False)
            for line in report_lines(diagnosis):
                out.print(line)
        sys.stdout.flush()
    except BrokenPipeError:
        log.info("whoever read the output has gone")
        _to_nowhere()
    except OSError as error:
        _to_nowhere()
        raise UserError(f"The answer cannot be written to standard output: {error.strerror}.") from error


def _to_nowhere() -> None:
    """Send what standard output still holds to the null device: the last flush would fail."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, sys.stdout.fileno())
    os.close(null)
