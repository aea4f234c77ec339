"""Ctrl+C and SIGTERM: an end in good order at any moment, also before there is anything to put in order."""

import asyncio
import os
import signal
from collections.abc import Callable

ENDING = (signal.SIGINT, signal.SIGTERM)


def end_at_once(code: int) -> None:
    """Let a signal end the process on the spot, with exit code `code`, until `on_signals` takes over.

    While the program starts there is nothing to save, and an exception raised in the middle of an import or
    of one of Qt's callbacks would be swallowed, or be a traceback.
    """
    for number in ENDING:
        signal.signal(number, lambda *_: os._exit(code))


def on_signals(stop: Callable[[], object]) -> None:
    """Call `stop` in the running event loop when a signal asks the program to end."""
    loop = asyncio.get_running_loop()
    for number in ENDING:
        try:
            loop.add_signal_handler(number, stop)
        except NotImplementedError:
            # Windows' loops have no signal handlers; its signals interrupt the main thread instead.
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop))
