"""Serves the demo with daphne, as the stock server's sockets are.

Importing this installs Twisted's asyncio reactor.
"""

import asyncio
from random import Random

# First, as it installs the reactor that all other Twisted imports take.
from daphne.server import Server  # type: ignore[import-untyped] # daphne ships no types  # isort: skip
from channels.routing import get_default_application
from twisted.internet import reactor
from twisted.internet.defer import Deferred

from armguard_tray.server.demo import traffic
from armguard_tray.server.demo.run import Options, say_where, when_stdin_closes


def serve(options: Options, random: Random) -> int:
    """Serve until the end; return the exit code."""
    server = Server(
        application=get_default_application(),
        endpoints=[f"tcp:port={options.port}:interface=127.0.0.1"],
        ping_interval=20,
        ping_timeout=30,
    )

    def started() -> None:
        say_where(*server.listening_addresses[0])
        if options.until_stdin_closes:
            when_stdin_closes(lambda: reactor.callFromThread(server.stop))
        if options.rate > 0:
            _play_traffic(random, options.rate)

    reactor.callWhenRunning(started)
    server.run()
    return 0 if server.listening_addresses else 1


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
