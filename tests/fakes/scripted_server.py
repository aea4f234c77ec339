"""An ArmGuard of which each answer can be scripted: the login pages, and what becomes of each handshake.

By default it behaves: it logs in whoever knows the password, refuses strangers with 403, welcomes, and
answers pings. A test queues deviations: `server.on_handshake(Stream.INVENTORY, status(503))` applies to the
next handshake of that stream, `server.on_page("POST", "/login/", page(504))` to the next such request, and
`server.on_connect(…)` to the next TCP connection. What a live socket does is told to its `Peer`.
"""

import asyncio
import contextlib
import json
import ssl
import uuid
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from http.cookies import SimpleCookie
from urllib.parse import parse_qs, parse_qsl

from websockets.frames import Frame, Opcode
from websockets.http11 import Request as Handshake
from websockets.protocol import OPEN
from websockets.server import ServerProtocol

from armguard_tray.connection.live_app import SOCKET_PATH
from armguard_tray.messages.streams import Stream

PASSWORD = "armory-demo"
SESSION_COOKIE = "armguard_sessionid"
CSRF_TOKEN = "csrf-token-of-the-scripted-server"
LOGIN_PAGE = (
    f'<form method="post"><input type="hidden" name="csrfmiddlewaretoken" value="{CSRF_TOKEN}"></form>'
)
WELCOME = '{"type": "connection_established", "message": "Connected"}'


@dataclass(frozen=True)
class Request:
    """A request as it came in.

    Attributes:
        method, path: what was asked for, without the query.
        query: the fields of the query.
        headers: by lower-case name.
        form: the fields of a form that was sent.

    """

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str] = field(repr=False)
    form: Mapping[str, str] = field(repr=False)

    @property
    def session(self) -> str | None:
        """The session cookie that came with it."""
        morsel = SimpleCookie(self.headers.get("cookie", "")).get(SESSION_COOKIE)
        return morsel.value if morsel is not None else None


class Link:
    """One TCP (or TLS) connection from a client."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve the connection of `reader` and `writer`."""
        self.reader = reader
        self.writer = writer

    async def write(self, data: bytes) -> None:
        """Send bytes as they are."""
        self.writer.write(data)
        await self.writer.drain()

    async def gone(self) -> None:
        """Wait, without an answer to anything, until the client has gone."""
        while await self.reader.read(1 << 16):
            pass

    def drop(self) -> None:
        """Break the connection at once, with a TCP reset."""
        self.writer.transport.abort()


Act = Callable[[Link, Request], Awaitable[None]]


# What a server can do with a request instead of answering it well.


def page(status: int, text: str = "", headers: Mapping[str, str] | None = None) -> Act:
    """Answer over HTTP."""

    async def answer(link: Link, _: Request) -> None:
        await link.write(_response(status, text, headers or {}))

    return answer


def raw(data: bytes) -> Act:
    """Send bytes that need not be HTTP, and hang up."""

    async def answer(link: Link, _: Request) -> None:
        await link.write(data)
        link.writer.close()

    return answer


def drip(data: bytes, every: float) -> Act:
    """Send a byte now and then, for as long as the client stays."""

    async def answer(link: Link, _: Request) -> None:
        for number in range(len(data)):
            await link.write(data[number : number + 1])
            await asyncio.sleep(every)

    return answer


async def hang(link: Link, _: Request) -> None:
    """Never answer."""
    await link.gone()


async def drop(link: Link, _: Request) -> None:
    """Break the connection."""
    link.drop()


def status(code: int, headers: Mapping[str, str] | None = None) -> Act:
    """Refuse a handshake as daphne does: plain HTTP with an empty body."""
    return page(code, headers={"Connection": "close", **(headers or {})})


def accept(
    *frames: str | bytes,
    welcome: bool | None = None,
    pongs: bool = True,
    close: int | None = None,
    reason: str = "",
) -> Act:
    """Accept a handshake.

    Args:
        frames: sent after the welcome; bytes as a binary frame.
        welcome: whether to greet; None as the stream does it.
        pongs: whether pings are answered, and whatever else the protocol demands.
        close: the code to close with at once after that.
        reason: what is said with it.

    """

    async def answer(link: Link, request: Request) -> None:
        peer = Peer(link, request, pongs=pongs)
        has_welcome = peer.stream is not None and peer.stream.has_welcome
        greets = has_welcome if welcome is None else welcome
        for frame in ((WELCOME,) if greets else ()) + frames:
            await peer.send(frame)
        if close is not None:
            await peer.close(close, reason)
        await peer.listen()

    return answer


class Peer:
    """The server's end of an open WebSocket.

    Attributes:
        stream: which one; None for the live app's socket, which has several.
        link: the connection under it.
        heard: the text frames that the client has sent and the test has not taken yet.

    """

    def __init__(self, link: Link, request: Request, *, pongs: bool = True) -> None:
        """Accept the handshake in `request`; without `pongs` the peer is deaf and dumb unless told."""
        name = request.path.removeprefix("/ws/").strip("/")
        self.stream = None if request.path == SOCKET_PATH else Stream(name)
        self.link = link
        self.heard: asyncio.Queue[str] = asyncio.Queue()
        self._pongs = pongs
        self._ponged = asyncio.Event()
        self._protocol = ServerProtocol()
        self._protocol.receive_data(_head(request))
        (handshake,) = self._protocol.events_received()
        assert isinstance(handshake, Handshake)
        self._protocol.send_response(self._protocol.accept(handshake))
        assert self._protocol.state is OPEN, "a handshake that the protocol refuses"

    async def send(self, frame: str | bytes) -> None:
        """Send a text frame, or bytes as a binary frame; a lone surrogate goes out as it is."""
        if isinstance(frame, str):
            await self.send_text(frame.encode("utf-8", "surrogatepass"))
        else:
            self._protocol.send_binary(frame)
            await self._flush()

    async def send_text(self, data: bytes) -> None:
        """Send a text frame whose bytes need not be UTF-8."""
        self._protocol.send_text(data)
        await self._flush()

    async def send_bytes(self, data: bytes) -> None:
        """Send bytes that need not be a frame."""
        await self.link.write(data)

    async def everything_has_arrived(self) -> None:
        """Wait until the client has answered a ping, and thus read what was sent before it."""
        self._ponged.clear()
        self._protocol.send_ping(b"")
        await self._flush()
        await self._ponged.wait()

    async def close(self, code: int, reason: str = "") -> None:
        """Begin the closing handshake."""
        self._protocol.send_close(code, reason)
        await self._flush()

    def fall_silent(self) -> None:
        """Answer nothing any more, as a server behind a broken link."""
        self._pongs = False

    async def listen(self) -> None:
        """Do what the protocol demands until the connection ends."""
        await self._flush()
        while data := await self.link.reader.read(1 << 16):
            self._protocol.receive_data(data)
            for event in self._protocol.events_received():
                if isinstance(event, Frame) and event.opcode is Opcode.PONG:
                    self._ponged.set()
                if isinstance(event, Frame) and event.opcode is Opcode.TEXT:
                    self.heard.put_nowait(bytes(event.data).decode())
            if self._pongs:
                await self._flush()
        # Twice the end: TCP's, and what the protocol still has to say.
        self._protocol.receive_eof()
        self.link.writer.close()

    async def _flush(self) -> None:
        pieces = self._protocol.data_to_send()
        await self.link.write(b"".join(pieces))
        if b"" in pieces:  # the protocol's sign for the end of the connection
            self.link.writer.close()


class ScriptedApp:
    """The live app: an event log, and who follows it. Set it as `server.app`.

    Attributes:
        epoch, oldest, seq: where the log stands; `seq` is the newest number.
        real_time: whether it serves its socket.
        layer: what it says of its channel layer.
        protocol: which version of the protocol it says it speaks.

    """

    def __init__(self) -> None:
        """Begin with an empty log."""
        self.epoch = "first"
        self.oldest = 1
        self.seq = 0
        self.real_time = True
        self.layer: dict[str, str | None] = {"in_use": "redis", "why": "it answers", "warning": None}
        self.protocol = 1
        self._bodies: dict[int, str] = {}
        self._followers: list[Peer] = []

    async def publish(self, frame: str, stream: Stream = Stream.TRANSACTIONS) -> str:
        """Add the event of a stock frame to the log, send it to all who follow, and return its text."""
        self.seq += 1
        content = json.loads(frame)
        place = {"stream": stream.value, "id": uuid.uuid4().hex, "epoch": self.epoch, "seq": self.seq}
        aware = {"timestamp": content["timestamp"] + "+08:00"}
        body = json.dumps({"type": content["type"], **place, **content, **aware}, ensure_ascii=False)
        self._bodies[self.seq] = body
        for peer in self._followers:
            await peer.send(body)
        return body

    def trim(self, oldest: int) -> None:
        """Forget what is older."""
        self.oldest = oldest

    def begin_anew(self, epoch: str) -> None:
        """Forget everything, under another epoch; the numbers go on."""
        self.epoch, self.oldest = epoch, self.seq + 1

    def answer_to(self, query: Mapping[str, str]) -> list[str]:
        """Return what a client is sent that comes with `query`: hello, gap, what it missed, position."""
        epoch, since = query.get("epoch"), query.get("since")
        after, gap = self.seq, None
        if epoch is not None and since is not None:
            after, gap = self._after(epoch, int(since))
        hello = {
            "type": "hello",
            "resume": 1,
            "epoch": self.epoch,
            "head": self.seq,
            "oldest": self.oldest,
            "limit": 3,
            "retry_ms": 2000,
            "position": after,
            "layer": self.layer,
        }
        missed = [self._bodies[seq] for seq in range(after + 1, self.seq + 1)]
        said = [hello, *([] if gap is None else [gap])]
        return [*map(json.dumps, said), *missed, self.position()]

    def position(self) -> str:
        """Return the frame that says: that is all."""
        return json.dumps({"type": "position", "epoch": self.epoch, "seq": self.seq, "layer": self.layer})

    def _after(self, epoch: str, since: int) -> tuple[int, dict[str, object] | None]:
        gap: dict[str, object] = {"type": "gap", "epoch": self.epoch, "from": None, "to": None}
        if epoch != self.epoch:
            first = min(since + 1, self.oldest)
            known = {"from": first, "to": self.oldest - 1} if first < self.oldest else {}
            return self.oldest - 1, {**gap, **known, "reason": "epoch"}
        if since > self.seq:
            return self.seq, {**gap, "from": self.seq + 1, "to": since, "reason": "ahead"}
        if since < self.oldest - 1:
            return self.oldest - 1, {**gap, "from": since + 1, "to": self.oldest - 1, "reason": "trimmed"}
        return since, None

    async def status(self, link: Link, request: Request) -> None:
        """Answer `GET /armguard-live/`."""
        facts = {
            "app": "armguard-live",
            "protocol": self.protocol,
            "version": "1.0",
            "epoch": self.epoch,
            "real_time": self.real_time,
            "head": self.seq,
            "oldest": self.oldest,
            "layer": self.layer,
        }
        await page(200, json.dumps(facts), {"Content-Type": "application/json"})(link, request)

    async def events(self, link: Link, request: Request) -> None:
        """Answer `GET /armguard-live/events/`."""
        lines = "".join(f"{frame}\n" for frame in self.answer_to(request.query))
        await page(200, lines, {"Content-Type": "application/x-ndjson"})(link, request)

    async def follow(self, peer: Peer, query: Mapping[str, str]) -> None:
        """Send a client what it missed, and from now on what is published."""
        self._followers.append(peer)
        for frame in self.answer_to(query):
            await peer.send(frame)

    def leave(self, peer: Peer) -> None:
        """Send that client nothing any more."""
        self._followers.remove(peer)


class ScriptedServer:
    """The server. Start it with `running`.

    Attributes:
        url: its address, without a path.
        requests: every request, handshakes included, in order.
        connections: how many TCP connections it has accepted.
        sessions: the session cookies it knows.
        origins: the Origins it accepts; None for its own url only.
        app: the live app; None for a stock server.

    """

    def __init__(self) -> None:
        """Prepare; nothing listens before `running`."""
        self.url = ""
        self.requests: list[Request] = []
        self.connections = 0
        self.sessions: set[str] = set()
        self.origins: set[str] | None = None
        self.app: ScriptedApp | None = None
        self._logins = 0
        self._on_connect: deque[Callable[[Link], Awaitable[None]]] = deque()
        self._on_page: defaultdict[tuple[str, str], deque[Act]] = defaultdict(deque)
        self._on_handshake: defaultdict[str, deque[Act]] = defaultdict(deque)
        self._peers: defaultdict[str, asyncio.Queue[Peer]] = defaultdict(asyncio.Queue)
        self._links: set[Link] = set()
        self._serving: set[asyncio.Task[None]] = set()

    @contextlib.asynccontextmanager
    async def running(
        self, tls: ssl.SSLContext | None = None, port: int = 0, host: str = "127.0.0.1"
    ) -> AsyncIterator["ScriptedServer"]:
        """Listen on loopback; at the end, end everything."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", port, ssl=tls)
        scheme = "https" if tls is not None else "http"
        self.url = f"{scheme}://{host}:{server.sockets[0].getsockname()[1]}"
        try:
            yield self
        finally:
            server.close()
            for link in self._links:
                link.drop()
            for task in self._serving:
                task.cancel()
            await asyncio.gather(*self._serving, return_exceptions=True)
            await server.wait_closed()

    # What the test asks for.

    def on_connect(self, *acts: Callable[[Link], Awaitable[None]]) -> None:
        """Let the next TCP connections meet `acts`, whatever they ask for."""
        self._on_connect.extend(acts)

    def on_page(self, method: str, path: str, *acts: Act) -> None:
        """Answer the next such requests with `acts`."""
        self._on_page[method, path].extend(acts)

    def on_handshake(self, stream: Stream | None, *acts: Act) -> None:
        """Answer the next handshakes of `stream`, or of the live app's socket (None), with `acts`."""
        self._on_handshake[_path_of(stream)].extend(acts)

    async def peer(self, stream: Stream | None) -> Peer:
        """Wait for the next handshake of `stream`, or of the live app, that is accepted in the usual way."""
        return await self._peers[_path_of(stream)].get()

    @property
    def passwords(self) -> list[str]:
        """The passwords that were sent, in order."""
        return [each.form.get("password", "") for each in self.requests if each.method == "POST"]

    def handshakes(self, stream: Stream | None) -> list[Request]:
        """Return the handshakes of `stream`, or of the live app's socket (None), so far."""
        return self.asked(_path_of(stream))

    def asked(self, path: str) -> list[Request]:
        """Return the requests for `path` so far."""
        return [each for each in self.requests if each.path == path]

    # How it serves.

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        link = Link(reader, writer)
        self._serving.add(task)
        self._links.add(link)
        self.connections += 1
        try:
            # A client that hangs up, or breaks off in the middle, is no fault of the script's. Nor is the
            # end, of which asyncio makes an error when it looks at a cancelled handler.
            with contextlib.suppress(
                ConnectionError, asyncio.IncompleteReadError, ssl.SSLError, asyncio.CancelledError
            ):
                await (self._on_connect.popleft() if self._on_connect else self._converse)(link)
        finally:
            self._serving.discard(task)
            self._links.discard(link)
            writer.close()

    async def _converse(self, link: Link) -> None:
        while not link.writer.is_closing():
            request = await _read_request(link.reader)
            self.requests.append(request)
            await self._act_for(request)(link, request)

    def _act_for(self, request: Request) -> Act:
        if request.path.startswith("/ws/"):
            script = self._on_handshake[request.path]
            return script.popleft() if script else self._handshake
        page_script = self._on_page[request.method, request.path]
        return page_script.popleft() if page_script else self._page

    async def _handshake(self, link: Link, request: Request) -> None:
        origins = {self.url} if self.origins is None else self.origins
        if request.session not in self.sessions or request.headers.get("origin") not in origins:
            await status(403)(link, request)
            return
        if request.path == SOCKET_PATH:
            await self._live(link, request)
            return
        peer = Peer(link, request)
        if peer.stream is not None and peer.stream.has_welcome:
            await peer.send(WELCOME)
        self._peers[request.path].put_nowait(peer)
        await peer.listen()

    async def _live(self, link: Link, request: Request) -> None:
        if self.app is None:
            await status(500)(link, request)  # as the stock server answers a path that it does not know
            return
        peer = Peer(link, request)
        await self.app.follow(peer, request.query)
        self._peers[request.path].put_nowait(peer)
        try:
            await peer.listen()
        finally:
            self.app.leave(peer)

    async def _page(self, link: Link, request: Request) -> None:
        match request.method, request.path:
            case "GET", "/login/":
                await page(200, LOGIN_PAGE, {"Set-Cookie": f"csrftoken={CSRF_TOKEN}; Path=/"})(link, request)
            case "POST", "/login/" if not _has_token(request):
                await page(403, "<h1>CSRF verification failed.</h1>")(link, request)
            case "POST", "/login/" if request.form.get("password") != PASSWORD:
                await page(200, LOGIN_PAGE)(link, request)
            case "POST", "/login/":
                await page(302, headers={"Location": "/", "Set-Cookie": self._new_session()})(link, request)
            case "GET", "/" if request.session in self.sessions:
                await page(200, "<h1>Armory</h1>")(link, request)
            case "GET", "/" | "/armguard-live/" | "/armguard-live/events/" if self._wants_login(request):
                await page(302, headers={"Location": "/login/?next=/"})(link, request)
            case "GET", "/armguard-live/" if self.app is not None:
                await self.app.status(link, request)
            case "GET", "/armguard-live/events/" if self.app is not None:
                await self.app.events(link, request)
            case _:
                await page(404)(link, request)

    def _wants_login(self, request: Request) -> bool:
        known = request.path == "/" or self.app is not None
        return known and request.session not in self.sessions

    def _new_session(self) -> str:
        self._logins += 1
        session = f"secret-session-{self._logins}"
        self.sessions.add(session)
        return f"{SESSION_COOKIE}={session}; HttpOnly; Path=/; Max-Age=3600; SameSite=Lax"


def _path_of(stream: Stream | None) -> str:
    return SOCKET_PATH if stream is None else stream.path


def _has_token(request: Request) -> bool:
    cookie = SimpleCookie(request.headers.get("cookie", "")).get("csrftoken")
    token = request.form.get("csrfmiddlewaretoken")
    return cookie is not None and cookie.value == token == CSRF_TOKEN


def _response(status_code: int, text: str, headers: Mapping[str, str]) -> bytes:
    body = text.encode()
    lines = [
        f"HTTP/1.1 {status_code} {HTTPStatus(status_code).phrase}",
        f"Content-Length: {len(body)}",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    return "\r\n".join([*lines, "", ""]).encode() + body


def _head(request: Request) -> bytes:
    lines = [
        f"{request.method} {request.path} HTTP/1.1",
        *(f"{name}: {value}" for name, value in request.headers.items()),
    ]
    return "\r\n".join([*lines, "", ""]).encode()


async def _read_request(reader: asyncio.StreamReader) -> Request:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.rstrip("\r\n").split("\r\n")
    method, target, _ = first.split(" ")
    path, _, query = target.partition("?")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
    return Request(method, path, dict(parse_qsl(query)), headers, form)
