"""Passwords: in the system's keyring, or in memory for this run where there is none; never anywhere else.

The keyring may stop to ask the user to unlock it, and its libraries block. So each call runs in a thread of
its own with a time limit. The thread is a daemon: one that still waits for the user must not keep the
program from ending.
"""

import asyncio
import enum
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar
from urllib.parse import urlsplit

log = logging.getLogger(__name__)

TIME_LIMIT = 60.0
T = TypeVar("T")

# They keep nothing, keep it for anybody to read (keyrings.alt: plain or home-made ciphers in a file), or pass
# it on to others unseen, and to nobody without a word where there is none (chainer).
_REFUSED = ("keyring.backends.fail.", "keyring.backends.null.", "keyring.backends.chainer.", "keyrings.alt.")


class Backend(Protocol):
    """The part of a keyring backend that is used; see keyring.backend.KeyringBackend."""

    def get_password(self, service: str, username: str) -> str | None:
        """Return the password, or None."""
        ...

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keep the password."""
        ...

    def delete_password(self, service: str, username: str) -> None:
        """Forget the password."""
        ...


class Keeping(enum.Enum):
    """How long a secret is kept."""

    PERSISTENT = "persistent"
    THIS_RUN = "this run only"


@dataclass(frozen=True, slots=True)
class Availability:
    """How long a secret is kept here, and why.

    Attributes:
        keeping: until it is deleted, or for this run.
        reason: one sentence for the user.
        has_keyring: whether there is one that keeps a secret safe; if so, and it is not used, it is locked.

    """

    keeping: Keeping
    reason: str
    has_keyring: bool = True


class _KeyringUnusableError(Exception):
    """The keyring cannot be used (now); the text says why, for the user."""


class SecretStore:
    """The passwords of servers and of their Redis.

    Nothing here raises for a keyring that fails: `availability` tells.

    Its representation never shows a secret, and it logs none.
    """

    def __init__(
        self, load_backend: Callable[[], Backend] | None = None, *, time_limit: float = TIME_LIMIT
    ) -> None:
        """Use the backend that `load_backend` returns, by default the best of the library keyring.

        A call to it may take `time_limit` seconds, in which the user may have to unlock the keyring.
        """
        self._load_backend = load_backend or _system_backend
        self._time_limit = time_limit
        self._backend: Backend | None = None
        self._trouble = ""
        self._hanging: threading.Thread | None = None
        self._turn = asyncio.Lock()
        self._memory: dict[tuple[str, str], str] = {}

    def __repr__(self) -> str:
        """Say how many secrets are in memory, and nothing of them."""
        return f"<SecretStore, {len(self._memory)} in memory>"

    async def availability(self) -> Availability:
        """Say whether a secret outlives this run, as far as the last call to the keyring tells."""
        if self._backend is None and not self._trouble:
            await self._ask(lambda _backend: None)
        if self._trouble:
            reason = f"A password entered here is kept for this run only: {self._trouble}."
            return Availability(Keeping.THIS_RUN, reason, has_keyring=self._trouble != _NO_KEYRING)
        return Availability(
            Keeping.PERSISTENT, f"A password entered here is kept in {_describe(self._backend)}."
        )

    async def get(self, server_url: str, username: str) -> str | None:
        """Return the password, or None where there is none or the keyring does not give it out."""
        service = service_name(server_url)
        if (service, username) in self._memory:
            return self._memory[service, username]
        return await self._ask(lambda backend: backend.get_password(service, username))

    async def set(self, server_url: str, username: str, secret: str) -> Availability:
        """Keep the password, in the keyring if possible and else for this run; return which."""
        service = service_name(server_url)
        self._memory[service, username] = secret
        await self._ask(lambda backend: backend.set_password(service, username, secret))
        if not self._trouble:
            self._memory.pop((service, username), None)
        return await self.availability()

    async def delete(self, server_url: str, username: str) -> None:
        """Forget the password, here and in the keyring."""
        service = service_name(server_url)
        self._memory.pop((service, username), None)

        def remove(backend: Backend) -> None:
            if backend.get_password(service, username) is not None:
                backend.delete_password(service, username)

        await self._ask(remove)

    async def _ask(self, action: Callable[[Backend], T]) -> T | None:
        """Return what `action` returns, or None when the keyring cannot be used; `_trouble` then says why."""
        async with self._turn:
            try:
                answer = await self._in_thread(lambda: action(self._loaded()))
            except _KeyringUnusableError as error:
                self._trouble = str(error)
                log.warning("keyring: %s", self._trouble)
                return None
            self._trouble = ""
            return answer

    def _loaded(self) -> Backend:
        if self._backend is None:
            backend = self._load_backend()
            if not _is_acceptable(backend):
                raise _KeyringUnusableError(_NO_KEYRING)
            self._backend = backend
        return self._backend

    async def _in_thread(self, job: Callable[[], T]) -> T:
        if self._hanging is not None and self._hanging.is_alive():
            raise _KeyringUnusableError("the keyring still waits to be unlocked")
        errand = _Errand(job)
        thread = threading.Thread(target=errand.run, name="keyring", daemon=True)
        thread.start()
        try:
            async with asyncio.timeout(self._time_limit):
                await errand.done.wait()
        except TimeoutError as error:
            self._hanging = thread
            raise _KeyringUnusableError(
                f"the keyring did not answer within {self._time_limit:g} s"
            ) from error
        return errand.result()


class _Errand(Generic[T]):
    """One call to the keyring, made in another thread.

    The answer waits in this object and not in a future, whose representation would show it in debug logs.
    """

    def __init__(self, job: Callable[[], T]) -> None:
        self.done = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._job = job
        self._answer: list[T] = []
        self._failure = ""

    def run(self) -> None:
        try:
            self._answer.append(self._job())
        except Exception as error:  # noqa: BLE001 - a backend raises what it likes; the user is told
            self._failure = _in_words(error)
        try:
            self._loop.call_soon_threadsafe(self.done.set)
        except RuntimeError:
            log.info("the keyring answered after the end")

    def result(self) -> T:
        if self._failure:
            raise _KeyringUnusableError(self._failure)
        return self._answer[0]


def service_name(server_url: str) -> str:
    """Return the name under which the keyring lists a server: its address, without user.

    A path counts only where there is nothing else, as of a Unix socket.
    """
    parts = urlsplit(server_url)
    place = parts.netloc.rpartition("@")[2].lower() or parts.path
    return f"ArmGuard Tray {parts.scheme}://{place}"


def _system_backend() -> Backend:
    """Return the best backend of this desktop that keeps a secret from others, or one that is refused."""
    import keyring.core  # noqa: PLC0415 - it costs 10 MiB and a look at every installed package

    keyring.core.init_backend(limit=_is_acceptable)
    return keyring.get_keyring()


def _is_acceptable(backend: object) -> bool:
    kind = type(backend)
    return not f"{kind.__module__}.{kind.__qualname__}".startswith(_REFUSED)


def _describe(backend: object) -> str:
    """Return what the user calls the backend."""
    module = type(backend).__module__.rpartition(".")[2]
    return {
        "SecretService": "the desktop's keyring",
        "libsecret": "the desktop's keyring",
        "kwallet": "KWallet",
        "Windows": "the Windows Credential Manager",
    }.get(module, f"the keyring {module}")


def _in_words(error: Exception) -> str:
    """Return why a call failed; of a foreign error only its kind, since its text might hold a secret."""
    if isinstance(error, _KeyringUnusableError):
        return str(error)
    kind = type(error).__name__
    return _WORDS.get(kind, f"the keyring failed ({kind})")


_NO_KEYRING = "this desktop has no keyring that keeps a password safe"
_WORDS = {
    "NoKeyringError": _NO_KEYRING,
    "KeyringLocked": "the keyring is locked",
    "InitError": "the keyring cannot be opened",
}
