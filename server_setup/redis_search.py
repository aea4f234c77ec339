"""Is there a Redis, where does it run, and does it let us in? Asked with a few raw commands, read only."""

import contextlib
import re
import socket
import ssl
from dataclasses import dataclass
from io import BufferedRWPair
from typing import Final, Literal
from urllib.parse import unquote, urlsplit

from armguard_tray.server.layers.address import RedisAddress
from setup_websockets import Machine

State = Literal["ready", "absent", "password needed", "password wrong", "not allowed", "not redis", "busy"]
TIMEOUT_S: Final = 2.0
_LONGEST: Final = 64 * 1024
_WRONG_PASSWORD: Final = ("-WRONGPASS", "-ERR invalid password")
_REFUSALS: Final[dict[str, State]] = {
    "-NOAUTH": "password needed",
    "-NOPERM": "not allowed",
    "-DENIED": "not allowed",
    "-LOADING": "busy",
    "-BUSY": "busy",
    "-MASTERDOWN": "busy",
    "-ERR max number": "busy",
}
_CONTAINER: Final = re.compile(r":(?P<port>\d+)->\d+/tcp")


@dataclass(frozen=True, slots=True)
class Answer:
    """What was found at an address.

    Attributes:
        state: in a word.
        what: product and version, such as `Redis 7.0.15`; empty if it was not said.
        detail: what the system or the server said, where there is no Redis to use.
        system: on which it says it runs, such as `Linux 6.1.0 x86_64`: seen from Windows, WSL or Docker.

    """

    state: State
    what: str = ""
    detail: str = ""
    system: str = ""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the system tells of the places where a Redis may run.

    Attributes:
        containers: lines of a Docker container's name, image and ports, between tabs.
        memurai: what Windows says of the service Memurai.
        distributions: those of WSL.

    """

    containers: str = ""
    memurai: str = ""
    distributions: tuple[str, ...] = ()


def ask_redis(address: RedisAddress) -> Answer:
    """Ask what is at an address; takes a few seconds at most."""
    try:
        with contextlib.closing(_connect(address)) as connection, connection.makefile("rwb") as stream:
            return _talk(stream, address.url)
    except ssl.SSLError as error:
        return Answer("not redis", detail=f"no TLS there, or a certificate that is not trusted: {error}")
    except TimeoutError:
        return Answer("absent", detail="no answer")
    except ConnectionRefusedError:
        return Answer("absent", detail="nothing listens there")
    except OSError as error:
        return Answer("absent", detail=error.strerror or str(error))


def place(answer: Answer, address: RedisAddress, around: Surroundings) -> str:
    """Tell where a Redis that answered runs, as far as that shows."""
    if not address.local:
        return f"on another machine, {address.shown}"
    for line in around.containers.splitlines():
        name, image, ports = (*line.split("\t"), "", "")[:3]
        if any(int(match["port"]) == address.port for match in _CONTAINER.finditer(ports)):
            return f"in the Docker container {name} ({image})"
    if "RUNNING" in around.memurai:
        return "as the Windows service Memurai"
    own = [name for name in around.distributions if "docker" not in name.lower()]
    if own and answer.system.startswith("Linux"):
        return f"probably in WSL ({', '.join(own)})"
    return "on this machine"


def look_around(machine: Machine) -> Surroundings:
    """Ask the system what `place` wants to know."""
    listing = ["docker", "ps", "--format", "{{.Names}}\t{{.Image}}\t{{.Ports}}"]
    containers = machine.glance(listing) if machine.has_command("docker") else None
    memurai = machine.glance(["sc", "query", "Memurai"]) if machine.windows else None
    wsl = machine.glance(["wsl", "-l", "-q"]) if machine.windows else None
    return Surroundings(
        containers=containers.output if containers and containers.code == 0 else "",
        memurai=memurai.output if memurai else "",
        # Windows' wsl.exe writes UTF-16.
        distributions=tuple(wsl.output.replace("\0", "").split()) if wsl and wsl.code == 0 else (),
    )


def read_info(text: str) -> Answer:
    """Read what INFO said of the server."""
    facts = dict(line.split(":", 1) for line in text.splitlines() if ":" in line)
    for key, product in (
        ("valkey_version", "Valkey"),
        ("memurai_version", "Memurai"),
        ("redis_version", "Redis"),
    ):
        if key in facts:
            return Answer("ready", f"{product} {facts[key]}", system=facts.get("os", ""))
    return Answer("ready")


def _connect(address: RedisAddress) -> socket.socket:
    if address.host is None or address.port is None:
        if not hasattr(socket, "AF_UNIX"):
            raise OSError("this system has no unix sockets")
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(TIMEOUT_S)
        try:
            connection.connect(address.path)
        except OSError:
            connection.close()
            raise
        return connection
    connection = socket.create_connection((address.host, address.port), TIMEOUT_S)
    if not address.tls:
        return connection
    return ssl.create_default_context().wrap_socket(connection, server_hostname=address.host)


def _talk(stream: BufferedRWPair, url: str) -> Answer:
    login = urlsplit(url)
    if login.password:
        who = [unquote(login.username)] if login.username else []
        said = _ask(stream, "AUTH", *who, unquote(login.password))
        if said.startswith(_WRONG_PASSWORD):
            return Answer("password wrong", detail=said[1:])
        # A Redis without a password complains of one, and lets us in all the same.
    said = _ask(stream, "PING")
    if said.startswith("+PONG"):
        info = _ask(stream, "INFO", "server")
        return Answer("ready") if info.startswith("-") else read_info(info)
    states = [state for start, state in _REFUSALS.items() if said.startswith(start)]
    state = states[0] if states else "not redis"
    return Answer(state, detail=said.lstrip("-")[:200])


def _ask(stream: BufferedRWPair, *words: str) -> str:
    """Send one command and return its answer: simple strings with their first sign, bulk strings without."""
    parts = [f"*{len(words)}\r\n".encode()]
    for word in words:
        parts += [f"${len(word.encode())}\r\n".encode(), word.encode(), b"\r\n"]
    stream.write(b"".join(parts))
    stream.flush()
    line = stream.readline(_LONGEST)
    if not line.startswith(b"$"):
        return line.decode(errors="replace").strip()
    length = line[1:].strip()
    if not length.isdigit() or int(length) > _LONGEST:
        return "-not a Redis"
    return stream.read(int(length) + 2).decode(errors="replace")
