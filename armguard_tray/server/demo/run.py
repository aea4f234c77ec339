"""Runs the demo server in this process: database, daphne, traffic, and a clean end.

Importing this installs Twisted's asyncio reactor; Django must be set up.
"""

import asyncio
import json
import logging
import os
import threading
from dataclasses import dataclass
from random import Random

# First, as it installs the reactor that all other Twisted imports take.
from daphne.server import Server  # type: ignore[import-untyped] # daphne ships no types  # isort: skip
from django.core.management import call_command
from django.core.management.commands import migrate
from django.db import connections
from django.utils import timezone
from twisted.internet import reactor
from twisted.internet.defer import Deferred

from armguard_tray.server.demo import traffic
from armguard_tray.server.demo.accounts import PASSWORD, TRAY_ACCOUNT
from armguard_tray.server.demo.asgi import build_application
from armguard_tray.server.demo.population import populate

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Options:
    """How to run.

    Attributes:
        port: on loopback; 0 for a free one.
        rate: events a minute; 0 for no traffic.
        seed: of the traffic; None for different traffic each time.
        history: transactions of the past days, made at the first start on a database.
        until_stdin_closes: end when whoever holds the other end of standard input has gone.

    """

    port: int
    rate: float
    seed: int | None
    history: int
    until_stdin_closes: bool


def serve(options: Options) -> int:
    """Serve until a signal comes or, if asked for, standard input closes. Return the exit code."""
    random = Random(options.seed)  # noqa: S311 - not for cryptography
    _prepare_database(random, options.history)
    server = Server(
        application=build_application(),
        endpoints=[f"tcp:port={options.port}:interface=127.0.0.1"],
        ping_interval=20,
        ping_timeout=30,
    )
    _when_running(server, random, options)
    server.run()
    connections.close_all()
    return 0 if server.listening_addresses else 1


def _prepare_database(random: Random, history: int) -> None:
    # The command itself and not its name: a frozen program has no folder to look the name up in.
    call_command(migrate.Command(), run_syncdb=True, verbosity=0)
    fresh = populate()
    if fresh:
        traffic.play_history(random, history, timezone.localtime())


def _when_running(server: Server, random: Random, options: Options) -> None:
    """Arrange for what begins with the server and ends with it."""

    def started() -> None:
        _say_where(server)
        if options.until_stdin_closes:
            threading.Thread(target=_stop_with_stdin, args=(server,), name="stdin", daemon=True).start()
        if options.rate > 0:
            _play_traffic(random, options.rate)

    reactor.callWhenRunning(started)


def _say_where(server: Server) -> None:
    """Tell the parent, in the one line that goes to standard output, where to connect and as whom."""
    host, port = server.listening_addresses[0]
    line = {
        "url": f"http://{host}:{port}",
        "username": TRAY_ACCOUNT.username,
        "password": PASSWORD,
        "pid": os.getpid(),
    }
    print(json.dumps(line), flush=True)  # noqa: T201 - this line is the interface


def _stop_with_stdin(server: Server) -> None:
    # os.read and not sys.stdin: a daemon thread that holds the lock of a buffered reader when the
    # interpreter ends makes it abort (https://github.com/python/cpython/issues/87135).
    while os.read(0, 4096):
        pass
    log.info("standard input closed: stopping")
    reactor.callFromThread(server.stop)


def _play_traffic(random: Random, rate: float) -> None:
    """Play traffic from now on; the reactor waits for its end before it shuts down."""
    stop = asyncio.Event()
    playing = asyncio.get_event_loop().create_task(
        traffic.play_until(stop, random, rate), name="demo-traffic"
    )

    def end() -> Deferred[None]:
        stop.set()
        return Deferred.fromFuture(playing)

    # Twisted's interfaces lack `self`, which mypy takes amiss.
    reactor.addSystemEventTrigger("before", "shutdown", end)  # type: ignore[arg-type]
