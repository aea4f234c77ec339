"""The checks, in their order: first what the project says, then what its sockets do.

What is published goes, as notifications, to the checks' own visitors only: nobody else is disturbed.
"""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import Any, Final
from uuid import uuid4

from asgiref.sync import sync_to_async
from channels.layers import get_channel_layer
from django.core.checks import ERROR, WARNING, run_checks
from django.db import connections
from django.db.migrations.executor import MigrationExecutor
from django.urls import NoReverseMatch, reverse

from armguard_tray.server.conf import LiveSettings
from armguard_tray.server.layers import layer_status
from armguard_tray.server.layers.options import LayerOptions
from armguard_tray.server.management.checkup import broadcast
from armguard_tray.server.management.checkup.broadcast import Ear
from armguard_tray.server.management.checkup.findings import Bad, Check, Finding, Skipped, Verdict, find
from armguard_tray.server.management.checkup.notices import publish
from armguard_tray.server.management.checkup.server_process import Kind, own_server
from armguard_tray.server.management.checkup.site import Site, json_lines
from armguard_tray.server.management.checkup.visitors import Visitor, Visitors
from armguard_tray.server.management.checkup.wire import LIVE, Line, Refused, open_live, open_socket

UNAUTHORIZED: Final = 4001
REPLACED: Final = 4008
TOO_MUCH: Final = 4029
TOO_MANY: Final = 4030
STOCK_PATHS: Final = ("/ws/notifications/", "/ws/transactions/", "/ws/inventory/", "/ws/presence/")
_MISSED: Final = 5  # events that the check of resuming lets a client miss
_OK: Final = 200


class Examination:
    """Examines a project.

    Attributes:
        findings: what has been found so far.

    """

    def __init__(self, live: LiveSettings, kind: Kind, say: Callable[[Finding], None]) -> None:
        """Examine a project with these settings in a server of a kind; each finding is said as it comes."""
        self.findings: list[Finding] = []
        self._live = live
        self._kind = kind
        self._say = say

    async def examine_project(self) -> None:
        """Check what needs no server."""
        await self._find("settings", sync_to_async(self._settings))
        await self._find("database tables", sync_to_async(self._tables))
        await self._find("channel layer", self._layer)

    @asynccontextmanager
    async def server(self, name: str) -> AsyncIterator[Site | None]:
        """Run a server; that it starts is a check of this name. None if it does not."""
        async with AsyncExitStack() as running:
            site: list[Site] = []

            async def start() -> str:
                site.append(await running.enter_async_context(own_server(self._kind)))
                return f"{self._kind} at {site[0].url}"

            await self._find(name, start)
            yield site[0] if site else None

    async def examine(self, site: Site, second: Site | None, visitors: Visitors) -> None:
        """Check what a server does, and what two processes do together."""
        look = _Look(site, second, visitors, self._live)
        checks: tuple[tuple[str, Check], ...] = (
            ("handshake", look.handshake),
            ("handshake without a session", look.handshake_without_a_session),
            ("handshake without an Origin", look.handshake_without_an_origin),
            ("channel layer of the server", look.layer),
            ("broadcast", look.broadcast),
            ("broadcast across processes", look.broadcast_across_processes),
            ("resume", look.resume),
            ("resume in a log that began anew", look.log_begun_anew),
            (f"limit of {self._live.connections_per_user} connections", look.limit),
            ("replaced by the same client", look.replaced),
            ("garbage", look.garbage),
            ("flood", look.flood),
        )
        for name, check in checks:
            await self._find(name, check if self._live.real_time else _switched_off)
            if name == "handshake" and self.findings[-1].verdict is Verdict.BAD:
                # What follows would only say the same again.
                for other, _ in checks[1:]:
                    await self._find(other, _unreachable)
                break
        await self._find("stock paths", look.stock_paths)
        await self._find("stock pages hear the app", look.relay)
        await self._find("events over HTTP", look.events_over_http)
        await self._find("status page", look.status_page)

    async def _find(self, name: str, check: Check) -> None:
        finding = await find(name, check)
        self.findings.append(finding)
        self._say(finding)

    def _settings(self) -> str:
        said = [each for each in run_checks() if (each.id or "").startswith("armguard_live.")]
        errors = [f"{each.id} {each.msg}" for each in said if each.level >= ERROR]
        if errors:
            raise Bad("; ".join(errors))
        warnings = [f"{each.id} {each.msg}" for each in said if each.level >= WARNING]
        return "warning: " + "; ".join(warnings) if warnings else "the system checks find nothing wrong"

    def _tables(self) -> str:
        connection = connections[self._live.database]
        executor = MigrationExecutor(connection)
        targets = [key for key in executor.loader.graph.leaf_nodes() if key[0] == "armguard_live"]
        missing = executor.migration_plan(targets)
        if missing:
            names = ", ".join(migration.name for migration, _ in missing)
            raise Bad(f"not migrated ({names}): `manage.py migrate armguard_live`")
        return f"migrated, {connection.display_name}"

    async def _layer(self) -> str:
        layer = get_channel_layer()
        if layer is None:
            raise Bad("no channel layer is configured: `CHANNEL_LAYERS = channel_layers()`")
        channel = await layer.new_channel()
        await layer.send(channel, {"type": "armguard_live.check"})
        async with asyncio.timeout(10):
            await layer.receive(channel)
        status = layer_status()
        if status.in_use == "memory" and _wants_redis():
            raise Bad(f'in memory: {status.why} If that is wanted, say so: `channel_layers(use="memory")`')
        return f"{status.in_use}: {status.why}"


class _Look:
    """One look at the sockets of a site."""

    def __init__(self, site: Site, second: Site | None, visitors: Visitors, live: LiveSettings) -> None:
        self._site = site
        self._second = second
        self._visitors = visitors
        self._live = live
        self._sites = (site, second) if second else (site,)

    async def handshake(self) -> str:
        try:
            async with self._visit() as visitor, open_live(self._site, visitor) as line:
                hello = line.first
        except Refused as refused:
            hint = "does asgi.py end with application = with_live(application)?"
            raise Bad(f"{refused}: {hint}") from None
        layer = hello.get("layer") or {}
        return f"{hello['head']:,} events so far, channel layer {layer.get('in_use', 'unknown')}"

    async def handshake_without_a_session(self) -> str:
        async with open_socket(self._site, LIVE, None, streams="notifications") as line:
            (await line.end()).must_be(UNAUTHORIZED)
        return f"closed with {UNAUTHORIZED}, and says why"

    async def handshake_without_an_origin(self) -> str:
        async with self._visit() as visitor:
            try:
                async with open_socket(self._site, LIVE, visitor, origin=False):
                    raise Bad("it was let in: any web page could open a socket in a user's name")
            except Refused as refused:
                return f"refused with HTTP {refused.status}"

    async def layer(self) -> str:
        """See what carries messages to the server's sockets; this process may have something else."""
        seen: dict[str, str] = {}
        async with self._visit() as visitor:
            for site in self._sites:
                async with open_live(site, visitor) as line:
                    layer = line.first.get("layer") or {}
                    seen[site.url] = f"{layer.get('in_use', 'unknown')}: {layer.get('why', '')}"
            # A server may be several processes; who answers here speaks for the worst of them.
            with contextlib.suppress(Bad):
                layer = (await self._status(visitor))["layer"]
                seen["the status page"] = f"{layer['in_use']}: {layer['why']}"
        in_memory = [who for who, said in seen.items() if said.startswith("memory")]
        if in_memory and _wants_redis():
            why = "; ".join(dict.fromkeys(seen[who].rstrip(".") for who in in_memory))
            raise Bad(f"the settings want Redis, but {', '.join(in_memory)} says {why}")
        return seen[self._site.url]

    async def broadcast(self) -> str:
        return await self._broadcast_over((self._site, self._site))

    async def broadcast_across_processes(self) -> str:
        if self._second is None:
            raise Skipped("there is no second server process")
        return await self._broadcast_over(self._sites)

    async def _broadcast_over(self, sites: Sequence[Site]) -> str:
        """Publish in this process, a third one, to a socket at each of the sites."""
        async with AsyncExitStack() as stack:
            ears: list[Ear] = []
            for site in sites:
                visitor = await stack.enter_async_context(self._visit())
                ears.append(Ear(site, visitor, await stack.enter_async_context(open_live(site, visitor))))
            if self._should_be_told(ears):
                return await broadcast.told(ears, self._live)
            return await broadcast.found(ears)

    def _should_be_told(self, ears: Sequence[Ear]) -> bool:
        """Whether events should come through Redis; that a server lacks it is said by another check."""
        return _wants_redis() and all(
            (ear.line.first.get("layer") or {}).get("in_use") != "memory" for ear in ears
        )

    async def resume(self) -> str:
        async with self._visit() as visitor:
            client = uuid4().hex
            async with open_live(self._site, visitor, client=client) as line:
                before = await line.note(await publish(visitor))
            missed = [await publish(visitor) for _ in range(_MISSED)]
            since = {"epoch": before["epoch"], "since": before["seq"]}
            async with open_live(self._second or self._site, visitor, client=client, **since) as line:
                got = await _up_to_position(line)
                got += [await line.note(await publish(visitor))]
        if any(frame.get("type") == "gap" for frame in got):
            raise Bad("a gap was reported although nothing was missing")
        tokens = [frame["data"]["check"] for frame in got[:-1]]
        if tokens != missed:
            raise Bad(f"{_MISSED} events were missed; {len(tokens)} came, {len(set(tokens))} different ones")
        if sorted(frame["seq"] for frame in got) != [frame["seq"] for frame in got]:
            raise Bad("events did not come in their order")
        return f"{_MISSED} missed events came once each and in order"

    async def log_begun_anew(self) -> str:
        async with (
            self._visit() as visitor,
            open_live(self._site, visitor, epoch=uuid4().hex, since=1) as line,
        ):
            gap = await line.next_of("gap")
        if gap.get("reason") != "epoch" or gap.get("epoch") != line.first["epoch"]:
            raise Bad(f"the client was told of a gap, but not that the log began anew: {gap}")
        return "the client is told that events may be missing"

    async def limit(self) -> str:
        limit = self._live.connections_per_user
        self._only_if_alone()
        async with self._visit() as visitor, AsyncExitStack() as stack:
            for _ in range(limit):
                await stack.enter_async_context(open_live(self._site, visitor))
            # Counted over all processes: the one too many may come to either of them.
            for name, site in (("the same process", self._site), ("another process", self._second)):
                if site is None:
                    continue
                async with open_socket(site, LIVE, visitor, streams="notifications") as line:
                    line.first = await line.next()
                    if line.first.get("type") == "hello":
                        raise Bad(f"connection {limit + 1} was let in, at {name}")
                    (await line.end()).must_be(TOO_MANY)
        everywhere = ", at another process too" if self._second else ""
        return f"connection {limit + 1} closed with {TOO_MANY}{everywhere}, and says why"

    async def replaced(self) -> str:
        client = uuid4().hex
        async with (
            self._visit() as visitor,
            open_live(self._site, visitor, client=client) as older,
            open_live(self._site, visitor, client=client),
        ):
            (await older.end()).must_be(REPLACED)
        return f"the older connection closed with {REPLACED}, and says why"

    async def garbage(self) -> str:
        async with self._visit() as visitor, open_live(self._site, visitor) as line:
            await line.send("no JSON")
            while (frame := await line.next()).get("type") != "error":
                pass
            if "code" in frame:
                raise Bad(f"one garbled message was answered with {frame['code']}")
            await line.note(await publish(visitor))
        return "complained about, and the connection lives on"

    async def flood(self) -> str:
        count = self._live.client_burst + 50
        async with self._visit() as visitor, open_live(self._site, visitor) as line:
            for number in range(count):
                await line.send(json.dumps({"type": "ping", "timestamp": number}))
            (await line.end()).must_be(TOO_MUCH)
        return f"{count} messages at once: closed with {TOO_MUCH}, and says why"

    async def stock_paths(self) -> str:
        answered = [path for path in STOCK_PATHS if await self._serves(path)]
        if not answered:
            raise Skipped("the project has none of them")
        return f"{', '.join(path.split('/')[2] for path in answered)} open"

    async def _serves(self, path: str) -> bool:
        """Whether the project has a consumer here: the app answers any other path with error and close."""
        async with self._visit() as visitor:
            try:
                async with open_socket(self._site, path, visitor) as line:
                    # Asked for before anything the consumer may say: a connection that is refused ends first.
                    await line.send(json.dumps({"type": "ping", "timestamp": 1}))
                    pong = await line.socket.ping()
                    async with asyncio.timeout(5):
                        await pong
                    return True
            except (Refused, TimeoutError):
                return False
            except Exception as error:
                if "ConnectionClosed" in {base.__name__ for base in type(error).__mro__}:
                    return False
                raise

    async def relay(self) -> str:
        if not self._live.relay_to_stock:
            raise Skipped("RELAY_TO_STOCK is off")
        if layer_status().in_use != "redis":
            raise Skipped("without Redis they hear only what their own process announces")
        if not await self._serves(STOCK_PATHS[0]):
            raise Skipped(f"the project has no {STOCK_PATHS[0]}")
        async with self._visit() as visitor, open_socket(self._site, STOCK_PATHS[0], visitor) as line:
            await line.next_of("connection_established")
            try:
                await line.note(await publish(visitor))
            except Bad as bad:
                raise Bad(
                    f"what another process announces does not reach {STOCK_PATHS[0]}: {bad}. If the "
                    "broadcast is bad as well, mend that first"
                ) from None
        return f"what the app announces reaches {STOCK_PATHS[0]}"

    async def events_over_http(self) -> str:
        async with self._visit() as visitor:
            head = await self._events(visitor)
            token = await publish(visitor)
            lines = await self._events(visitor, f"&epoch={head[0]['epoch']}&since={head[-1]['seq']}")
        if not any(line.get("data") == {"check": token} for line in lines):
            raise Bad("an event that was published is not there")
        return f"a missed event came, in an answer of {len(lines)} lines"

    async def _events(self, visitor: Visitor, query: str = "") -> list[dict[str, Any]]:
        body = await self._page("armguard_live_events", visitor, f"?streams=notifications{query}")
        return json_lines(body)

    async def status_page(self) -> str:
        async with self._visit() as visitor:
            status = await self._status(visitor)
        return f"version {status['version']}, channel layer {status['layer']['in_use']}"

    async def _status(self, visitor: Visitor) -> dict[str, Any]:
        status: dict[str, Any] = json.loads(await self._page("armguard_live_status", visitor))
        if status.get("app") != "armguard-live":
            raise Bad(f"it is not the app's: {sorted(status)}")
        return status

    async def _page(self, name: str, visitor: Visitor, query: str = "") -> bytes:
        try:
            path = reverse(name)
        except NoReverseMatch:
            raise Bad(
                "the project's addresses lack the app's: "
                'path("armguard-live/", include("armguard_tray.server.urls"))'
            ) from None
        ask = partial(self._site.request, "GET", path + query, {"Cookie": visitor.cookie})
        answer = await asyncio.to_thread(ask)
        if answer.status != _OK:
            where = answer.headers.get("location", "")
            raise Bad(f"{path} answers with HTTP {answer.status} {where}".rstrip())
        return answer.body

    def _only_if_alone(self) -> None:
        if not self._visitors.alone:
            raise Skipped("it would take the places of this user's own connections")

    @asynccontextmanager
    async def _visit(self) -> AsyncIterator[Visitor]:
        """Let a visitor be there, whose database work is done in Django's own thread."""
        visit = self._visitors.visit()
        visitor = await sync_to_async(visit.__enter__)()
        try:
            yield visitor
        finally:
            await sync_to_async(visit.__exit__)(None, None, None)


async def _switched_off() -> str:
    raise Skipped("real time is switched off (REAL_TIME)")


async def _unreachable() -> str:
    raise Skipped("the handshake does not work")


async def _up_to_position(line: Line) -> list[dict[str, Any]]:
    """Return all that comes before the first position frame."""
    frames = []
    while (frame := await line.next()).get("type") != "position":
        frames.append(frame)
    return frames


def _wants_redis() -> bool:
    """Whether the settings want Redis, be it used or not."""
    layer = get_channel_layer()
    options = getattr(layer, "options", None)
    if isinstance(options, LayerOptions):
        return options.use != "memory"
    return layer is not None and layer_status().in_use == "redis"
