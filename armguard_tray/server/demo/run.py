"""Runs the demo server in this process: database, sockets or pages only, traffic, and a clean end.

Django must be set up.
"""

import json
import logging
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from django.core.management import call_command
from django.core.management.commands import migrate
from django.db import connections
from django.utils import timezone

from armguard_tray.server.demo import traffic
from armguard_tray.server.demo.accounts import PASSWORD, TRAY_ACCOUNT
from armguard_tray.server.demo.population import populate

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Options:
    """How to run.

    Attributes:
        server: daphne and uvicorn serve all; wsgi serves pages only, as gunicorn does beside daphne.
        port: on loopback; 0 for a free one.
        rate: events a minute; 0 for no traffic.
        seed: of the traffic; None for different traffic each time.
        history: transactions of the past days, made at the first start on a database.
        until_stdin_closes: end when whoever holds the other end of standard input has gone.

    """

    server: str
    port: int
    rate: float
    seed: int | None
    history: int
    until_stdin_closes: bool


def serve(options: Options) -> int:
    """Serve until a signal comes or, if asked for, standard input closes. Return the exit code."""
    random = Random(options.seed)  # noqa: S311 - not for cryptography
    _prepare_database(random, options.history)
    # Only the one that is wanted: importing daphne installs an event loop, and uvicorn may be missing.
    match options.server:
        case "daphne":
            from armguard_tray.server.demo.serving import daphne as serving  # noqa: PLC0415
        case "uvicorn":
            from armguard_tray.server.demo.serving import uvicorn as serving  # type: ignore[no-redef] # noqa: PLC0415
        case _:
            from armguard_tray.server.demo.serving import wsgi as serving  # type: ignore[no-redef] # noqa: PLC0415
    code = serving.serve(options, random)
    connections.close_all()
    return code


def _prepare_database(random: Random, history: int) -> None:
    # The command itself and not its name: a frozen program has no folder to look the name up in.
    call_command(migrate.Command(), run_syncdb=True, verbosity=0)
    fresh = populate()
    if fresh:
        traffic.play_history(random, history, timezone.localtime())


def say_where(host: str, port: int) -> None:
    """Tell the parent, in the one line that goes to standard output, where to connect and as whom."""
    line = {
        "url": f"http://{host}:{port}",
        "username": TRAY_ACCOUNT.username,
        "password": PASSWORD,
        "pid": os.getpid(),
    }
    print(json.dumps(line), flush=True)  # noqa: T201 - this line is the interface


def when_stdin_closes(stop: Callable[[], object]) -> None:
    """Call `stop`, in a thread of its own, when standard input closes."""

    def wait() -> None:
        # os.read and not sys.stdin: a daemon thread that holds the lock of a buffered reader when the
        # interpreter ends makes it abort (https://github.com/python/cpython/issues/87135).
        while os.read(0, 4096):
            pass
        log.info("standard input closed: stopping")
        stop()

    threading.Thread(target=wait, name="stdin", daemon=True).start()
