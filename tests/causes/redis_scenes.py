"""What goes wrong with Redis, beside a server that is well: a real redis-server in each of its moods."""

from collections.abc import AsyncIterator, Callable

from redis.asyncio import Redis

from armguard_tray.diagnosis.codes import Code
from armguard_tray.diagnosis.ladder import Status
from tests.causes.scene import Cause, Scene, Stage, cause
from tests.fakes.odd_ports import (
    HOST,
    NO_ROUTE,
    http_page,
    mute_port,
    port_that_greets,
    port_that_hangs_up,
    port_that_says,
    swallowing_port,
)
from tests.fakes.redis_moods import (
    crowded_redis,
    evicting_redis,
    full_redis,
    loading_redis,
    replica_redis,
    tls_redis,
)
from tests.fakes.redis_server import controlled_redis, free_port, redis_server

PROTECTED = (
    b"-DENIED Redis is running in protected mode because protected mode is enabled and no password is set\r\n"
)
PASSWORD = "correct horse"
ALMOST_FULL_HOUSE = 1


def redis_cause(
    code: Code, how: str, status: Status = Status.WARNING
) -> Callable[[Callable[[Stage], AsyncIterator[Scene]]], Cause]:
    """Make a generator the scene that shows `code` of Redis; the desk is covered, so it is but a warning."""
    return cause(code, "redis", how, status=status)


def _at(
    stage: Stage, port: int, *, scheme: str = "redis", user: str = "", password: str | None = None
) -> Scene:
    url = f"{scheme}://{user}{HOST}:{port}/0"
    return Scene(url=stage.demo.url, redis=url, redis_password=password)


@redis_cause(Code.REDIS_NAME_UNKNOWN, "A name below .invalid (RFC 6761).")
async def redis_at_a_name_that_does_not_resolve(stage: Stage) -> AsyncIterator[Scene]:
    yield Scene(url=stage.demo.url, redis="redis://redis.invalid:6379/0")


@redis_cause(Code.REDIS_DOWN, "A free port: the connection is refused.")
async def redis_where_nothing_listens(stage: Stage) -> AsyncIterator[Scene]:
    yield _at(stage, free_port())


@redis_cause(Code.REDIS_DOWN, "A real redis-server that was there, and was stopped.")
async def redis_that_was_stopped(stage: Stage) -> AsyncIterator[Scene]:
    async with controlled_redis(stage.folder) as redis:
        await redis.stop()
        yield _at(stage, redis.port)


@redis_cause(Code.REDIS_UNREACHABLE, "The loopback network's broadcast address: ENETUNREACH.")
async def redis_without_a_route(stage: Stage) -> AsyncIterator[Scene]:
    yield Scene(url=stage.demo.url, redis=f"redis://{NO_ROUTE}:6379/0")


@redis_cause(Code.REDIS_TIMED_OUT, "A listening socket whose queue is full, as behind a firewall.")
async def redis_at_a_port_that_swallows(stage: Stage) -> AsyncIterator[Scene]:
    with swallowing_port() as port:
        yield _at(stage, port)


@redis_cause(Code.REDIS_TIMED_OUT, "Something that accepts and never speaks.")
async def redis_at_a_port_that_is_mute(stage: Stage) -> AsyncIterator[Scene]:
    async with mute_port() as port:
        yield _at(stage, port)


@redis_cause(
    Code.REDIS_TIMED_OUT,
    "A real redis-server under SIGSTOP: its connections are taken by the kernel, and nobody answers.",
)
async def redis_that_is_frozen(stage: Stage) -> AsyncIterator[Scene]:
    async with controlled_redis(stage.folder) as redis:
        redis.freeze()
        yield _at(stage, redis.port)


@redis_cause(Code.REDIS_HUNG_UP, "Something that ends each connection without a word.")
async def redis_that_hangs_up(stage: Stage) -> AsyncIterator[Scene]:
    async with port_that_hangs_up() as port:
        yield _at(stage, port)


@redis_cause(Code.REDIS_PASSWORD_NEEDED, "A real redis-server with requirepass, and no password given.")
async def redis_that_needs_a_password(stage: Stage) -> AsyncIterator[Scene]:
    async with redis_server(stage.folder, "--requirepass", PASSWORD) as port:
        yield _at(stage, port)


@redis_cause(Code.REDIS_PASSWORD_WRONG, "The same, and another password given.")
async def redis_with_another_password(stage: Stage) -> AsyncIterator[Scene]:
    async with redis_server(stage.folder, "--requirepass", PASSWORD) as port:
        yield _at(stage, port, password="wrong horse")


@redis_cause(Code.REDIS_PASSWORD_UNEXPECTED, "A real redis-server without one, and a password given.")
async def redis_without_a_password(stage: Stage) -> AsyncIterator[Scene]:
    async with redis_server(stage.folder) as port:
        yield _at(stage, port, password=PASSWORD)


@redis_cause(Code.REDIS_NO_PERMISSION, "A real redis-server whose ACL lets the account in, and do nothing.")
async def redis_that_permits_nothing(stage: Stage) -> AsyncIterator[Scene]:
    async with redis_server(stage.folder, "--user", "desk", "on", f">{PASSWORD}", "-@all") as port:
        yield _at(stage, port, user="desk@", password=PASSWORD)


@redis_cause(
    Code.REDIS_PROTECTED,
    "Redis's own words, said by a stand-in: a real one never says them to its own machine.",
)
async def redis_in_protected_mode(stage: Stage) -> AsyncIterator[Scene]:
    async with port_that_greets(PROTECTED) as port:
        yield _at(stage, port)


@redis_cause(Code.REDIS_TLS_NEEDED, "A real redis-server with TLS, as redis://.")
async def redis_that_speaks_tls_only(stage: Stage) -> AsyncIterator[Scene]:
    async with tls_redis(stage.folder, stage.ca) as (port, _):
        yield _at(stage, port)


@redis_cause(Code.REDIS_NOT_TLS, "A real redis-server without TLS, as rediss://.")
async def redis_that_speaks_no_tls(stage: Stage) -> AsyncIterator[Scene]:
    async with redis_server(stage.folder) as port:
        yield _at(stage, port, scheme="rediss")


@redis_cause(
    Code.REDIS_CERTIFICATE,
    "A real redis-server with TLS and a certificate of a CA that this desk does not know.",
)
async def redis_of_an_unknown_ca(stage: Stage) -> AsyncIterator[Scene]:
    async with tls_redis(stage.folder, stage.ca) as (port, _):
        yield _at(stage, port, scheme="rediss")


@redis_cause(
    Code.REDIS_CLIENT_CERTIFICATE,
    "A real redis-server with TLS that demands a certificate of each client, as it does unless told.",
)
async def redis_that_demands_a_certificate(stage: Stage) -> AsyncIterator[Scene]:
    async with tls_redis(stage.folder, stage.ca, demands=True) as (port, _):
        redis = f"rediss://{HOST}:{port}/0"
        yield Scene(url=stage.demo.url, redis=redis, ca_file=stage.ca_file)


@redis_cause(Code.REDIS_NOT_REDIS, "A web server, and what it says to a command of Redis.")
async def something_that_is_not_redis(stage: Stage) -> AsyncIterator[Scene]:
    async with port_that_says(http_page(400, "<h1>Bad Request</h1>")) as port:
        yield _at(stage, port)


@redis_cause(Code.REDIS_LOADING, "A real redis-server that is still reading its data from disk.")
async def redis_that_is_loading(stage: Stage) -> AsyncIterator[Scene]:
    async with loading_redis(stage.folder) as port:
        async with Redis(port=port) as client:
            assert (await client.info("persistence"))["loading"] == 1
        yield _at(stage, port)


@redis_cause(Code.REDIS_REPLICA, "A real redis-server that follows another one, and takes no writes.")
async def redis_that_is_a_replica(stage: Stage) -> AsyncIterator[Scene]:
    async with replica_redis(stage.folder) as port:
        yield _at(stage, port)


@redis_cause(Code.REDIS_FULL, "A real redis-server with noeviction that refuses writes.", Status.FAILED)
async def redis_whose_memory_is_full(stage: Stage) -> AsyncIterator[Scene]:
    async with full_redis(stage.folder) as port:
        yield _at(stage, port)


@redis_cause(Code.REDIS_EVICTING, "A real redis-server that throws keys away, with allkeys-lru.")
async def redis_that_evicts(stage: Stage) -> AsyncIterator[Scene]:
    async with evicting_redis(stage.folder) as port:
        yield _at(stage, port)


@redis_cause(Code.REDIS_TOO_MANY_CLIENTS, "A real redis-server with as many clients as it allows.")
async def redis_that_turns_clients_away(stage: Stage) -> AsyncIterator[Scene]:
    async with crowded_redis(stage.folder, left=0) as port:
        yield _at(stage, port)


@redis_cause(Code.REDIS_TOO_MANY_CLIENTS, "The same with one connection left: it answers still.")
async def redis_that_is_almost_crowded(stage: Stage) -> AsyncIterator[Scene]:
    async with crowded_redis(stage.folder, left=ALMOST_FULL_HOUSE) as port:
        yield _at(stage, port)


@redis_cause(Code.REDIS_ERROR, "A real redis-server that has no database of that number.")
async def redis_without_that_database(stage: Stage) -> AsyncIterator[Scene]:
    async with redis_server(stage.folder) as port:
        yield Scene(url=stage.demo.url, redis=f"redis://{HOST}:{port}/99")
