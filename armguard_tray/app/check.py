"""The checkup in the terminal: progress on standard error, then the answer on standard output."""

import logging
import os
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from typing import Self
from urllib.parse import urlsplit

import msgspec
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.spinner import Spinner
from rich.text import Text

from armguard_tray.app.keeping import keeping_of
from armguard_tray.app.report.from_check import ReportTo, save_report
from armguard_tray.checkup.account import FreshLogin, Secret
from armguard_tray.checkup.audit import Auditor
from armguard_tray.checkup.checkup import Asked, check
from armguard_tray.checkup.daemon_threads import wait_for_no_thread
from armguard_tray.checkup.limits import Limits
from armguard_tray.clock import Clock, SystemClock
from armguard_tray.connection.login import LoginClient, Session
from armguard_tray.desktop.platform_choice import make_quiet, make_session_bus
from armguard_tray.desktop.secrets import SecretStore
from armguard_tray.diagnosis.codes import Code
from armguard_tray.diagnosis.diagnose import as_json, diagnose
from armguard_tray.diagnosis.facts import Facts, Keeping, LoginFound, ToastsFound
from armguard_tray.diagnosis.ladder import Diagnosis, Rung, RungId, Status
from armguard_tray.errors import UserError
from armguard_tray.exit_codes import ExitCode
from armguard_tray.messages.plain_text import escaped
from armguard_tray.redaction.secrets import Secrets
from armguard_tray.redis_probe.find import Candidate, candidates
from armguard_tray.settings.model import ServerSettings

log = logging.getLogger(__name__)

STAYS = 6.5
"""Seconds for which sockets are watched. Where the channel layer's reads from Redis take as long as they may,
the first idle socket is closed after 5 to 6 s, and looks well until then: see `diagnosis.rhythm`."""
KEYRING_WITHIN = 3.5

_SIGNS = {
    Status.OK: ("✓", "green"),
    Status.WARNING: ("!", "yellow"),
    Status.FAILED: ("✗", "bold red"),
    Status.UNKNOWN: ("?", "dim"),
}
_WIDTH = len("Subscription of notifications")
_REFUSALS = {Code.WRONG_PASSWORD, Code.LOCKED_OUT, Code.RATE_LIMITED, Code.CSRF}
_OF_THE_LOGIN = {RungId.HTTP, RungId.LOGIN}
"""The login page, and what becomes of the password: some refuse already the page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckOptions:
    """What to check and how.

    Attributes:
        server: which server, and as whom.
        password: that was given for this run; None: it is in the keyring.
        redis: where the server's Redis is; empty: do not look; None: nobody has said, look for it.
        redis_password: of Redis.
        as_json: one JSON object instead of a ladder.
        report: where a report is to be saved; None: nowhere.

    """

    server: ServerSettings
    password: str | None = field(default=None, repr=False)
    redis: str | None = None
    redis_password: str | None = field(default=None, repr=False)
    as_json: bool = False
    report: ReportTo | None = None


async def run_check(options: CheckOptions) -> ExitCode:
    """Check, print what was found, and return how it is.

    Raises:
        UserError: standard output or the report cannot be written.

    """
    wait_for_no_thread()
    places = asked(options)
    secrets = Secrets([options.password, options.redis_password, *(each.password for each in places.redis)])

    async def secret() -> Secret:
        if options.password is not None:
            return Secret(Keeping.GIVEN, options.password)
        kept = await from_keyring(SecretStore(time_limit=KEYRING_WITHIN), options.server)
        secrets.add(kept.password)
        return kept

    # Now: 170 ms of importing in the middle would be added to the step that is being timed then.
    import armguard_tray.redis_probe.probe  # noqa: F401, PLC0415 - see above

    progress = Progress(Console(stderr=True, soft_wrap=True, highlight=False), secrets)
    with progress:
        facts = await check(
            places,
            _Login(options.server.username, secret, secrets),
            clock=SystemClock(),
            progress=progress.see,
            limits=Limits(stays=STAYS),
        )
    diagnosis = without_secrets(diagnose(facts), secrets)
    _print(diagnosis, as_object=options.as_json)
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


def without_secrets(diagnosis: Diagnosis, secrets: Secrets) -> Diagnosis:
    """Return a diagnosis without what a server may have said back of them."""
    strike = secrets.strike
    return replace(
        diagnosis,
        headline=strike(diagnosis.headline),
        rungs=tuple(replace(rung, evidence=strike(rung.evidence)) for rung in diagnosis.rungs),
        causes=tuple(
            replace(cause, text=strike(cause.text), remedy=strike(cause.remedy), copy=strike(cause.copy))
            for cause in diagnosis.causes
        ),
    )


def asked(options: CheckOptions) -> Asked:
    """Return what is to be looked at."""
    if options.redis is None:
        places = _guessed(options.server)
    else:
        named = candidates(given=options.redis, password=options.redis_password)
        places = named[:1] if options.redis else ()
    return Asked(
        server=options.server,
        redis=places,
        redis_guessed=options.redis is None,
        prove=True,
        # Without a journal it compares with what is heard while the sockets are watched.
        auditor=Auditor(options.server.zone, SystemClock()),
        toasts=toasts_of_this_desktop(),
    )


def _guessed(server: ServerSettings) -> tuple[Candidate, ...]:
    host = urlsplit(server.base_url).hostname or ""
    return candidates(environ=os.environ, server_host=host)


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


def _print(diagnosis: Diagnosis, *, as_object: bool) -> None:
    try:
        if as_object:
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


def report_lines(diagnosis: Diagnosis) -> Iterator[Text]:
    """Yield the answer, the ladder, and what to do, line by line."""
    sign, style = _SIGNS[diagnosis.verdict]
    yield Text(
        f"{sign} {diagnosis.headline}", style=style if diagnosis.verdict is not Status.OK else "bold green"
    )
    yield Text()
    yield from ladder_lines(diagnosis.rungs)
    for cause in diagnosis.causes:
        yield Text()
        yield Text.assemble((cause.text, "bold"), (f"  [{cause.code}]", "dim"))
        for line in [*cause.remedy.splitlines(), *cause.copy.splitlines()]:
            yield Text(f"    {line}")


def ladder_lines(rungs: tuple[Rung, ...]) -> Iterator[Text]:
    """Yield a line for each of `rungs`."""
    for rung in rungs:
        sign, style = _SIGNS[rung.status]
        took = f"{rung.ms:,.0f} ms" if rung.ms is not None else ""
        yield Text.assemble(
            (f"{sign} {rung.status.value:<8}", style),
            f"{rung.name:<{_WIDTH}}  {took:>9}  ",
            (rung.evidence, "dim" if rung.status is Status.UNKNOWN else ""),
        )


class Progress(AbstractContextManager["Progress"]):
    """Shows what is known while the rest is being looked at: redrawn in a terminal, else line by line."""

    def __init__(self, console: Console, secrets: Secrets | None = None) -> None:
        """Show it on `console`, without `secrets`."""
        self._console = console
        self._secrets = secrets or Secrets()
        self._live: Live | None = None
        self._shown: dict[str, Status] = {}
        self._writable = True

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._live = Live(Spinner("dots", "Checking"), console=self._console, transient=True)
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live is not None:
            self._live.stop()

    def see(self, facts: Facts) -> None:
        """Show what `facts` mean so far. Where nothing can be written, the answer still counts."""
        if not self._writable:
            return
        rungs = without_secrets(diagnose(facts), self._secrets).rungs
        try:
            if self._live is not None:
                self._live.update(_so_far(rungs))
            else:
                self._print_new(rungs)
        except OSError as error:
            log.info("progress cannot be shown: %s", error)
            self._writable = False

    def _print_new(self, rungs: tuple[Rung, ...]) -> None:
        new = tuple(rung for rung in rungs if self._is_news(rung))
        self._shown |= {rung.id: rung.status for rung in new}
        for line in ladder_lines(new):
            self._console.print(line)

    def _is_news(self, rung: Rung) -> bool:
        return rung.status is not Status.UNKNOWN and self._shown.get(rung.id) is not rung.status


def _so_far(rungs: tuple[Rung, ...]) -> RenderableType:
    known = tuple(rung for rung in rungs if rung.status is not Status.UNKNOWN)
    return Group(*ladder_lines(known), Spinner("dots", "Looking on"))
