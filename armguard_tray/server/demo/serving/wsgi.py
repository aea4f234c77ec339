"""Serves the demo's pages only, in threads, as gunicorn does beside daphne: no sockets, no traffic."""

import signal
import sys
from random import Random

from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.core.wsgi import get_wsgi_application

from armguard_tray.server.demo.run import Options, say_where, when_stdin_closes


def serve(options: Options, _random: Random) -> int:
    """Serve until the end; return the exit code."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: sys.exit(0))
    with ThreadedWSGIServer(("127.0.0.1", options.port), WSGIRequestHandler) as server:
        server.set_app(get_wsgi_application())
        say_where("127.0.0.1", server.server_port)
        if options.until_stdin_closes:
            when_stdin_closes(server.shutdown)
        server.serve_forever(poll_interval=0.05)
    return 0
