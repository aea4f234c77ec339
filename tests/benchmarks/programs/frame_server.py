"""Sends so many transactions to the one client that follows them, at a rate or (0) as fast as it reads.

It waits for a line on standard input before it begins.
"""

import argparse
import asyncio
import sys
import time

from websockets.frames import Frame, Opcode

from armguard_tray.messages.streams import Stream
from tests.benchmarks.programs.frames import now, transaction
from tests.benchmarks.programs.telling import tell
from tests.fakes.scripted_server import Peer, ScriptedServer

SESSION = "a-session-for-those-who-do-not-log-in"
_TURN = 0.002  # seconds; what is due is sent once a turn
_CHUNK = 100


async def serve(count: int, rate: int) -> None:
    """Serve until killed."""
    server = ScriptedServer()
    server.sessions.add(SESSION)
    async with server.running():
        tell(url=server.url)
        peer = await server.peer(Stream.TRANSACTIONS)
        await asyncio.to_thread(sys.stdin.readline)
        await (_send_steadily(peer, count, rate) if rate else _send_flat_out(peer, count))
        await asyncio.Event().wait()  # the socket stays open


async def _send_steadily(peer: Peer, count: int, rate: int) -> None:
    start = time.perf_counter()
    sent = 0
    while sent < count:
        due = min(count, int((time.perf_counter() - start) * rate))
        await _send(peer, sent, due)
        sent = due
        await asyncio.sleep(_TURN)


async def _send_flat_out(peer: Peer, count: int) -> None:
    for first in range(0, count, _CHUNK):
        await _send(peer, first, min(count, first + _CHUNK))


async def _send(peer: Peer, first: int, end: int) -> None:
    at = now()
    frames = (transaction(number, at).encode() for number in range(first, end))
    await peer.send_bytes(b"".join(Frame(Opcode.TEXT, frame).serialize(mask=False) for frame in frames))


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("count", type=int)
    parser.add_argument("rate", type=int)
    options = parser.parse_args()
    asyncio.run(serve(options.count, options.rate))


if __name__ == "__main__":
    main()
