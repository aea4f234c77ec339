"""What `check` hands to the checkup, and which exit code comes of it."""

from typing import Any

import pytest

from armguard_tray.app.check import (
    CheckOptions,
    exit_code,
    from_keyring,
    password_of_variable,
    redis_password_of,
)
from armguard_tray.desktop.secrets import Backend, SecretStore
from armguard_tray.diagnosis.codes import Code
from armguard_tray.diagnosis.facts import Keeping
from armguard_tray.diagnosis.ladder import Cause, Diagnosis, Rung, Status
from armguard_tray.diagnosis.secrecy import without_secrets
from armguard_tray.exit_codes import ExitCode
from armguard_tray.redaction.secrets import Secrets
from armguard_tray.redis_probe.find import VARIABLE
from armguard_tray.settings.model import RedisSettings, ServerSettings
from tests.unit.desktop.test_secrets import FakeKeyring, LockedKeyring

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


def options_of(address: str, **more: Any) -> CheckOptions:
    return CheckOptions(server=SERVER, redis=RedisSettings(address=address), redis_keyring=True, **more)


USUAL = RedisSettings().address


async def store_with(address: str, user: str) -> SecretStore:
    backend = FakeKeyring()
    store = SecretStore(lambda: backend)
    await store.set(address, user, "stored")
    return store


@pytest.mark.parametrize(
    ("kept", "options", "password"),
    [
        (("redis://10.0.0.7:6379", "default"), options_of("redis://10.0.0.7/3"), "stored"),
        (("redis://10.0.0.7:6379", "desk"), options_of("redis://desk@10.0.0.7"), "stored"),
        # To no other user, host or port, and not in the clear where it was entered for TLS.
        (("redis://10.0.0.7:6379", "desk"), options_of("redis://10.0.0.7"), None),
        (("redis://10.0.0.7:6379", "default"), options_of("redis://10.0.0.8"), None),
        (("redis://10.0.0.7:6379", "default"), options_of("redis://10.0.0.7:6380"), None),
        (("rediss://10.0.0.7:6379", "default"), options_of("redis://10.0.0.7"), None),
        # That of this run is of what somebody has named.
        (("redis://10.0.0.7:6379", "default"), options_of("redis://10.0.0.7", redis_password="run"), "run"),
        (("redis://127.0.0.1:6379", "default"), options_of(USUAL, redis_password="run"), "stored"),
        (
            ("redis://127.0.0.1:6379", "default"),
            options_of(USUAL, redis_password="run", redis_is_named=True),
            "run",
        ),
        (("redis://127.0.0.1:6379", "default"), options_of(""), None),
    ],
)
async def test_the_password_of_redis_goes_where_it_was_entered_for(
    kept: tuple[str, str], options: CheckOptions, password: str | None
) -> None:
    assert await redis_password_of(options, await store_with(*kept)) == password
    assert "run" not in repr(options)


async def test_where_no_settings_are_the_keyring_is_not_asked() -> None:
    def no_keyring() -> Backend:
        raise AssertionError("it may ask its user to unlock it")

    options = CheckOptions(server=SERVER)
    assert await redis_password_of(options, SecretStore(no_keyring)) is None


def test_a_password_in_the_variable_is_struck_out_too() -> None:
    assert password_of_variable({VARIABLE: "redis://:hunter22@10.0.0.7"}) == "hunter22"
    assert password_of_variable({}) is None
    assert password_of_variable({VARIABLE: "http://[broken"}) is None


def test_nothing_that_was_said_back_is_told() -> None:
    said = diagnosed(
        Status.FAILED,
        rung(Status.FAILED, Code.REFUSED, evidence="it said hunter22"),
        causes=(Cause(Code.REFUSED, "It said hunter22.", "Ask hunter22.", "hunter22"),),
    )
    assert "hunter22" not in repr(without_secrets(said, Secrets(["hunter22"])))
