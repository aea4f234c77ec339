"""How a diagnosis is told in the terminal."""

import io
from datetime import UTC, datetime

import pytest
from rich.console import Console

from armguard_tray.app.check import (
    CheckOptions,
    Progress,
    asked,
    exit_code,
    from_keyring,
    report_lines,
    without_secrets,
)
from armguard_tray.desktop.secrets import Backend, SecretStore
from armguard_tray.diagnosis.codes import Code
from armguard_tray.diagnosis.facts import Facts, Keeping, NameFound
from armguard_tray.diagnosis.ladder import Cause, Diagnosis, Rung, Status
from armguard_tray.exit_codes import ExitCode
from armguard_tray.redaction.secrets import Secrets
from armguard_tray.settings.model import ServerSettings
from tests.unit.desktop.test_secrets import FakeKeyring, LockedKeyring

NOW = datetime(2026, 11, 24, 3, 25, 26, tzinfo=UTC)
SERVER = ServerSettings(address="https://armory.local:8443", username="reyes")


def diagnosed(verdict: Status, *rungs: Rung, causes: tuple[Cause, ...] = ()) -> Diagnosis:
    return Diagnosis(verdict, "So it is.", rungs, causes)


def rung(status: Status, code: Code | None = None, *, id: str = "tcp", evidence: str = "seen") -> Rung:  # noqa: A002 - the rung's own name for it
    return Rung(id=id, name=id.upper(), status=status, evidence=evidence, code=code, ms=1234.4)


def failed(code: Code, at: str) -> Rung:
    return rung(Status.FAILED, code, id=at)


@pytest.mark.parametrize(
    ("diagnosis", "code"),
    [
        (diagnosed(Status.OK), ExitCode.OK),
        (diagnosed(Status.WARNING), ExitCode.WARNINGS),
        (diagnosed(Status.UNKNOWN), ExitCode.WARNINGS),
        (diagnosed(Status.FAILED, rung(Status.FAILED, Code.REFUSED)), ExitCode.BROKEN),
        (diagnosed(Status.FAILED, failed(Code.WRONG_PASSWORD, "login")), ExitCode.LOGIN_REFUSED),
        # The login page itself.
        (diagnosed(Status.FAILED, failed(Code.LOCKED_OUT, "http")), ExitCode.LOGIN_REFUSED),
        (diagnosed(Status.FAILED, failed(Code.RATE_LIMITED, "http")), ExitCode.LOGIN_REFUSED),
        # What became of the password is not known.
        (diagnosed(Status.FAILED, failed(Code.LOGIN_UNCLEAR, "login")), ExitCode.BROKEN),
        # The login was well.
        (diagnosed(Status.FAILED, failed(Code.RATE_LIMITED, "handshake:transactions")), ExitCode.BROKEN),
        (
            diagnosed(Status.FAILED, failed(Code.NAME_UNKNOWN, "name"), failed(Code.LOCKED_OUT, "login")),
            ExitCode.BROKEN,
        ),
    ],
)
def test_the_exit_code_is_that_of_the_first_failed_rung(diagnosis: Diagnosis, code: ExitCode) -> None:
    assert exit_code(diagnosis) is code


def test_the_codes_are_those_that_are_promised() -> None:
    codes = (ExitCode.OK, ExitCode.WARNINGS, ExitCode.LOGIN_REFUSED, ExitCode.BROKEN)
    assert [int(code) for code in codes] == [0, 1, 3, 4]


def test_the_answer_comes_first_and_what_to_do_last() -> None:
    cause = Cause(
        Code.REFUSED, "Nothing listens there.", "Start ArmGuard.", "sudo systemctl start daphne\nand"
    )
    diagnosis = diagnosed(Status.FAILED, rung(Status.FAILED, Code.REFUSED), causes=(cause,))
    assert [line.plain for line in report_lines(diagnosis)] == [
        "✗ So it is.",
        "",
        "✗ failed  TCP                             1,234 ms  seen",
        "",
        "Nothing listens there.  [refused]",
        "    Start ArmGuard.",
        "    sudo systemctl start daphne",
        "    and",
    ]


def test_markup_in_what_a_server_says_is_text() -> None:
    lines = report_lines(diagnosed(Status.OK, rung(Status.OK, evidence="[bold]José[/bold] :smile:")))
    console = Console(file=io.StringIO(), width=40, soft_wrap=True, highlight=False)
    for line in lines:
        console.print(line)
    assert isinstance(console.file, io.StringIO)
    assert "[bold]José[/bold] :smile:" in console.file.getvalue()


def name_found(ms: float = 2.0) -> NameFound:
    return NameFound(at=NOW, ms=ms, host="armory.local", addresses=("10.0.0.7",))


def test_progress_tells_each_rung_once() -> None:
    err = io.StringIO()
    with Progress(Console(file=err, soft_wrap=True, highlight=False)) as progress:
        progress.see(Facts(now=NOW))
        progress.see(Facts(now=NOW, name=name_found()))
        progress.see(Facts(now=NOW, name=name_found()))
    assert err.getvalue().count("armory.local → 10.0.0.7") == 1
    assert "unknown" not in err.getvalue()


def test_progress_is_redrawn_in_a_terminal() -> None:
    err = io.StringIO()
    with Progress(Console(file=err, force_terminal=True, width=120, highlight=False)) as progress:
        progress.see(Facts(now=NOW, name=name_found()))
    assert "armory.local" in err.getvalue()
    assert "\x1b[2K" in err.getvalue(), "and is gone when the answer comes"


def test_progress_that_cannot_be_written_does_not_matter() -> None:
    class Full(io.StringIO):
        def write(self, _: str) -> int:
            raise OSError(28, "No space left on device")

    with Progress(Console(file=Full(), soft_wrap=True)) as progress:
        progress.see(Facts(now=NOW, name=name_found()))
        progress.see(Facts(now=NOW, name=name_found()))


class NoKeyring(FakeKeyring):
    """What the library keyring falls back to."""


NoKeyring.__module__ = "keyring.backends.fail"


@pytest.mark.parametrize(
    ("backend", "keeping"),
    [
        (FakeKeyring, Keeping.MISSING),
        (LockedKeyring, Keeping.LOCKED),
        (NoKeyring, Keeping.NO_KEYRING),
    ],
)
async def test_why_there_is_no_password(backend: type[Backend], keeping: Keeping) -> None:
    secret = await from_keyring(SecretStore(backend), SERVER)
    assert (secret.keeping, secret.password) == (keeping, None)


async def test_a_password_of_the_keyring() -> None:
    backend = FakeKeyring()
    store = SecretStore(lambda: backend)
    await store.set(SERVER.base_url, SERVER.username, "armory-demo")
    secret = await from_keyring(store, SERVER)
    assert (secret.keeping, secret.password) == (Keeping.KEYRING, "armory-demo")
    assert "armory-demo" not in repr(secret)


def test_a_named_redis_is_the_only_place_to_look_at() -> None:
    options = CheckOptions(server=SERVER, redis="redis://10.0.0.7:6379/0", redis_password="secret")
    look = asked(options)
    assert [each.address for each in look.redis] == ["redis://10.0.0.7:6379/0"]
    assert not look.redis_guessed
    assert "secret" not in repr(look)
    assert "secret" not in repr(options)


def test_no_redis_is_looked_at_where_that_is_asked() -> None:
    look = asked(CheckOptions(server=SERVER, redis=""))
    assert (look.redis, look.redis_guessed) == ((), False)


def test_else_it_is_looked_for_where_the_server_is() -> None:
    look = asked(CheckOptions(server=SERVER))
    assert look.redis_guessed
    assert "redis://armory.local:6379/0" in {each.address for each in look.redis}


def test_nothing_that_was_said_back_is_told() -> None:
    said = diagnosed(
        Status.FAILED,
        rung(Status.FAILED, Code.REFUSED, evidence="it said hunter22"),
        causes=(Cause(Code.REFUSED, "It said hunter22.", "Ask hunter22.", "hunter22"),),
    )
    assert "hunter22" not in repr(without_secrets(said, Secrets(["hunter22"])))
