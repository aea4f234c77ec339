"""The way to the server: what its name leads to, and whether anything listens there."""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass

from armguard_tray.checkup.limits import Stopwatch
from armguard_tray.connection.failures import Failure, FailureKind, failure_of
from armguard_tray.diagnosis.facts import NameFound, TcpFound
from armguard_tray.tasks import TaskKeeper


@dataclass(frozen=True, slots=True)
class Place:
    """Where something may listen: an IP address and a port."""

    address: str
    port: int

    def __str__(self) -> str:
        return f"[{self.address}]:{self.port}" if ":" in self.address else f"{self.address}:{self.port}"


async def find_name(host: str, port: int, watch: Stopwatch, within: float) -> NameFound:
    """Ask what addresses `host` has, for at most `within` seconds."""
    try:
        async with asyncio.timeout(within):
            addresses = await _resolve(host, port)
    except OSError as error:
        return NameFound(at=watch.at, ms=watch.ms, host=host, failure=failure_of(error))
    except UnicodeError as error:  # it cannot be written as the name of a host
        failure = Failure(FailureKind.NAME, detail=str(error))
        return NameFound(at=watch.at, ms=watch.ms, host=host, failure=failure)
    return NameFound(at=watch.at, ms=watch.ms, host=host, addresses=addresses)


async def _resolve(host: str, port: int) -> tuple[str, ...]:
    """Return the addresses of `host`, the preferred first.

    A name server that is silent holds the call for half a minute. The loop's own executor would have to be
    waited for at the program's end; a daemon thread need not.
    """
    loop = asyncio.get_running_loop()
    answered: asyncio.Future[tuple[str, ...]] = loop.create_future()

    def tell(outcome: Callable[[], None]) -> None:
        with suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(lambda: None if answered.done() else outcome())

    def ask() -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            failure = error
            tell(lambda: answered.set_exception(failure))
        else:
            addresses = tuple(dict.fromkeys(str(each[4][0]) for each in found))
            tell(lambda: answered.set_result(addresses))

    threading.Thread(target=ask, name="name", daemon=True).start()
    return await answered


# The first of these says the most of the server; an address of a family that this desk has not says nothing.
_TELLING = (FailureKind.REFUSED, FailureKind.NO_ANSWER, FailureKind.TIMED_OUT, FailureKind.UNREACHABLE)


async def knock(places: Iterable[Place], watch: Stopwatch, within: float) -> tuple[TcpFound, Place | None]:
    """Connect to each of `places` at once; return what was found, and the first that answered."""
    keeper = TaskKeeper("knock")
    tasks = {
        place: keeper.start(_try(place, watch, within), name=str(place)) for place in dict.fromkeys(places)
    }
    try:
        failed = []
        for place, task in tasks.items():
            found = await task
            if found.failure is None:
                return found, place
            failed.append(found)
    finally:
        await keeper.close()
    return min(failed, key=_telling), None


def _telling(found: TcpFound) -> int:
    kind = found.failure.kind if found.failure else None
    return _TELLING.index(kind) if kind in _TELLING else len(_TELLING)


async def _try(place: Place, watch: Stopwatch, within: float) -> TcpFound:
    try:
        async with asyncio.timeout(within):
            _, writer = await asyncio.open_connection(place.address, place.port)
    except OSError as error:
        return TcpFound(at=watch.at, ms=watch.ms, where=str(place), failure=failure_of(error))
    source = writer.get_extra_info("sockname")
    found = TcpFound(
        at=watch.at, ms=watch.ms, where=str(place), source=str(source[0]) if source is not None else ""
    )
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()
    return found
