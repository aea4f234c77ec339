"""Passwords go to the keyring or stay in memory, never hang the program and never show themselves."""

import asyncio
import threading
from collections.abc import Iterator

import keyring.backend
import keyring.backends.fail
import keyring.backends.null
import keyring.core
import keyring.errors
import pytest

from armguard_tray.desktop.secrets import Keeping, SecretStore, service_name

SERVER, USER, SECRET = "https://armory.local:8443", "sgt.reyes", "hunter2-\u00e9"


class FakeKeyring:
    """A keyring that works."""

    def __init__(self) -> None:
        self.entries: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.entries[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.entries[service, username]


class LockedKeyring(FakeKeyring):
    """A keyring whose password the user has declined to give."""

    def get_password(self, service: str, username: str) -> str | None:
        raise keyring.errors.KeyringLocked(f"{service}, {username}: failed to unlock the collection")

    def set_password(self, service: str, username: str, password: str) -> None:
        raise keyring.errors.KeyringLocked(f"{service}, {username}: cannot keep {password}")


class HangingKeyring(FakeKeyring):
    """A keyring that waits for the user."""

    def __init__(self) -> None:
        super().__init__()
        self.unlocked = threading.Event()
        self.calls = 0

    def get_password(self, service: str, username: str) -> str | None:
        self.calls += 1
        self.unlocked.wait()
        return super().get_password(service, username)


@pytest.fixture
def hanging() -> Iterator[HangingKeyring]:
    backend = HangingKeyring()
    yield backend
    backend.unlocked.set()
    for thread in threading.enumerate():
        if thread.name == "keyring":
            thread.join()


@pytest.fixture
def restored_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put back what the library keyring has chosen, which is a global of it."""
    monkeypatch.setattr(keyring.core, "_keyring_backend", None)
    monkeypatch.setattr(keyring.backend, "_limit", None)


async def test_a_password_is_kept_in_the_keyring_and_nowhere_else() -> None:
    backend = FakeKeyring()
    store = SecretStore(lambda: backend)
    kept = await store.set(SERVER, USER, SECRET)
    assert kept.keeping is Keeping.PERSISTENT
    assert backend.entries == {("ArmGuard Tray https://armory.local:8443", USER): SECRET}
    assert repr(store) == "<SecretStore, 0 in memory>"
    assert await SecretStore(lambda: backend).get(SERVER, USER) == SECRET


async def test_a_deleted_password_is_gone_and_deleting_it_again_is_harmless() -> None:
    store = SecretStore(FakeKeyring)
    await store.set(SERVER, USER, SECRET)
    await store.delete(SERVER, USER)
    await store.delete(SERVER, USER)
    assert await store.get(SERVER, USER) is None
    assert (await store.availability()).keeping is Keeping.PERSISTENT


async def test_users_and_servers_are_told_apart() -> None:
    store = SecretStore(FakeKeyring)
    await store.set(SERVER, USER, SECRET)
    assert await store.get(SERVER, "armorer1") is None
    assert await store.get("https://armory.local", USER) is None
    assert await store.get(f"{SERVER}/login/", USER) == SECRET


def test_a_password_in_the_address_never_reaches_the_name_of_the_entry() -> None:
    assert service_name("https://user:pw@Armory.Local:8443/x?y") == service_name("HTTPS://armory.local:8443")


async def test_without_a_usable_keyring_it_is_kept_for_this_run_and_said_so(
    caplog: pytest.LogCaptureFixture,
) -> None:
    store = SecretStore(LockedKeyring)
    kept = await store.set(SERVER, USER, SECRET)
    assert kept.keeping is Keeping.THIS_RUN
    assert kept.reason == "A password entered here is kept for this run only: the keyring is locked."
    assert await store.get(SERVER, USER) == SECRET
    assert SECRET not in repr(store) + caplog.text + kept.reason


async def test_what_is_kept_in_memory_moves_to_the_keyring_when_it_works_again() -> None:
    backends = [LockedKeyring(), FakeKeyring()]
    store = SecretStore(lambda: backends[0])
    await store.set(SERVER, USER, SECRET)
    store._backend = backends[1]
    assert (await store.set(SERVER, USER, SECRET)).keeping is Keeping.PERSISTENT
    assert repr(store) == "<SecretStore, 0 in memory>"


async def test_a_keyring_that_waits_for_the_user_is_given_up_and_not_asked_twice(
    hanging: HangingKeyring,
) -> None:
    store = SecretStore(lambda: hanging, time_limit=0.05)
    assert await store.get(SERVER, USER) is None
    assert "did not answer" in (await store.availability()).reason
    assert await store.get(SERVER, USER) is None
    assert hanging.calls == 1
    assert "waits to be unlocked" in (await store.availability()).reason


async def test_the_loop_runs_on_while_the_keyring_waits(hanging: HangingKeyring) -> None:
    store = SecretStore(lambda: hanging)
    hanging.entries[service_name(SERVER), USER] = SECRET

    async def unlock() -> None:
        hanging.unlocked.set()

    answer, _ = await asyncio.gather(store.get(SERVER, USER), unlock())
    assert answer == SECRET


@pytest.mark.usefixtures("restored_keyring")
@pytest.mark.parametrize("backend", [keyring.backends.fail.Keyring, keyring.backends.null.Keyring])
async def test_backends_that_keep_nothing_are_refused(
    monkeypatch: pytest.MonkeyPatch, backend: type[keyring.backend.KeyringBackend]
) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", f"{backend.__module__}.{backend.__qualname__}")
    assert (await SecretStore().availability()).keeping is Keeping.THIS_RUN


async def test_a_backend_that_writes_plain_files_is_refused() -> None:
    plaintext = type("PlaintextKeyring", (FakeKeyring,), {"__module__": "keyrings.alt.file"})
    store = SecretStore(plaintext)
    assert (await store.set(SERVER, USER, SECRET)).keeping is Keeping.THIS_RUN
    assert await store.get(SERVER, USER) == SECRET
