"""What a scene is, and how one is announced."""

import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import Enum
from pathlib import Path
from typing import Final

import trustme

from armguard_tray.diagnosis.codes import Code
from armguard_tray.diagnosis.ladder import Status
from armguard_tray.exit_codes import ExitCode
from armguard_tray.server.demo.process import DemoServer
from tests.fakes.odd_ports import HOST
from tests.fakes.scripted_server import PASSWORD

ARMORER: Final = "armorer1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What a check is pointed at.

    Attributes:
        url: the server; empty where none is given.
        username: the account.
        password: what is given on standard input; None where it is to come from the keyring.
        ca_file: the CA file, empty if none is given.
        redis: the URL of Redis, None if none is given; never with a password.
        redis_password: its password.
        environment: more for the environment of the process.
        happens: what happens once a desk is connected, or now and then while a check runs.
        passes: undoes what happened, where it must be over before the desk ends.
        journal: where a running desk stores what it hears; None: it keeps nothing.

    """

    url: str
    username: str = ARMORER
    password: str | None = field(default=PASSWORD, repr=False)
    ca_file: str = ""
    redis: str | None = None
    redis_password: str | None = field(default=None, repr=False)
    environment: Mapping[str, str] = field(default_factory=dict)
    happens: Callable[[], Awaitable[None]] | None = None
    passes: Callable[[], Awaitable[None]] | None = None
    journal: Path | None = None


@dataclass(frozen=True, slots=True)
class Stage:
    """What scenes are set up with.

    Attributes:
        folder: of this scene alone; short, since sockets may lie in it.
        demo: a silent stock server that all scenes share: they leave it as they found it.
        ca: the armory's own CA.

    """

    folder: Path
    demo: DemoServer
    ca: trustme.CA

    @property
    def ca_file(self) -> str:
        """The CA's certificate."""
        file = self.folder / "armory-ca.pem"
        self.ca.cert_pem.write_to_path(file)
        return str(file)

    def certificate(
        self,
        host: str = HOST,
        *,
        begins: timedelta = timedelta(days=-30),
        ends: timedelta = timedelta(days=300),
    ) -> trustme.LeafCert:
        """Return a certificate for `host`, valid from and to so far from now."""
        now = datetime.now(UTC)
        return self.ca.issue_cert(host, not_before=now + begins, not_after=now + ends)

    def tls(self, host: str = HOST, **valid: timedelta) -> ssl.SSLContext:
        """Return what a server needs to show a `certificate`."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.certificate(host, **valid).configure_cert(context)
        return context


class NotMadeError(Exception):
    """This scene cannot be made on this machine; the text says why."""


class Seen(Enum):
    """Who can see that cause."""

    BY_CHECK = "check"
    """The command, in one run."""
    BY_DESK = "desk"
    """A running tray: what happened before counts."""


Setting = Callable[[Stage], AbstractAsyncContextManager[Scene]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """A scene, and what is to be said of it.

    Attributes:
        name: of the scene.
        setting: makes it.
        code: the cause's code; `or_else`: others that would not be wrong either.
        rung: the id of the rung at which it shows; empty: none.
        status: of that rung.
        exit_code: of the command.
        seen: by whom.
        how: how it is made, where that is not plain.

    """

    name: str
    setting: Setting
    code: Code
    or_else: tuple[Code, ...]
    rung: str
    status: Status
    exit_code: ExitCode
    seen: tuple[Seen, ...]
    how: str

    @property
    def codes(self) -> tuple[Code, ...]:
        """All codes that are right."""
        return (self.code, *self.or_else)


_REFUSES_THE_LOGIN = "login"


def cause(
    code: Code,
    rung: str,
    how: str,
    *,
    or_else: tuple[Code, ...] = (),
    status: Status = Status.FAILED,
    exit_code: ExitCode | None = None,
    seen: tuple[Seen, ...] = (Seen.BY_CHECK,),
) -> Callable[[Callable[[Stage], AsyncIterator[Scene]]], Cause]:
    """Make a generator the scene that shows `code`; `how` says how it is made."""

    def announce(generator: Callable[[Stage], AsyncIterator[Scene]]) -> Cause:
        return Cause(
            name=generator.__name__,
            setting=asynccontextmanager(generator),
            code=code,
            or_else=or_else,
            rung=rung,
            status=status,
            exit_code=exit_code if exit_code is not None else _exit_code(rung, status),
            seen=seen,
            how=how,
        )

    return announce


def _exit_code(rung: str, status: Status) -> ExitCode:
    if status is not Status.FAILED:
        return ExitCode.WARNINGS
    return ExitCode.LOGIN_REFUSED if rung == _REFUSES_THE_LOGIN else ExitCode.BROKEN
