"""Serves the demo with uvicorn, where it is installed."""

import asyncio
import signal
import socket
from random import Random

import uvicorn
from channels.routing import get_default_application

from armguard_tray.server.demo import traffic
from armguard_tray.server.demo.run import Options, say_where, when_stdin_closes


def serve(options: Options, random: Random) -> int:
    """Serve until the end; return the exit code."""
    server = uvicorn.Server(
        uvicorn.Config(
            get_default_application(),
            lifespan="off",  # Django has none
            ws_ping_interval=20,
            ws_ping_timeout=30,
            ws_per_message_deflate=False,  # as daphne
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=3,
        )
    )
    # Before uvicorn listens to signals, and when it is done: then it raises the one that ended it once more.
    # An exception would leave the traffic's thread waiting for a loop that runs no more.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: setattr(server, "should_exit", True))
    asyncio.run(_serve(server, options, random))
    return 0


async def _serve(server: uvicorn.Server, options: Options, random: Random) -> None:
    # It listens before uvicorn takes it over, so nobody who is told the address comes too early.
    with socket.create_server(("127.0.0.1", options.port)) as listening:
        say_where(*listening.getsockname())
        if options.until_stdin_closes:
            when_stdin_closes(lambda: setattr(server, "should_exit", True))
        stop = asyncio.Event()
        playing = asyncio.get_running_loop().create_task(_play(stop, random, options.rate), name="traffic")
        await server.serve(sockets=[listening])
        stop.set()
        await playing


async def _play(stop: asyncio.Event, random: Random, rate: float) -> None:
    if rate > 0:
        await traffic.play_until(stop, random, rate)
