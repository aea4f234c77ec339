"""A socket of this desk's own, to be looked for in Redis."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from armguard_tray.checkup.proof import NoSocket
from armguard_tray.checkup.rounds import OpenSocket
from armguard_tray.connection.explain import outcome
from armguard_tray.connection.failures import Failure, FailureKind
from armguard_tray.connection.login import LoginClient, Session
from armguard_tray.connection.sockets import Visit, VisitEndedError, VisitRefusedError, visit
from armguard_tray.messages import wire
from armguard_tray.messages.decoding import Decoded, decode
from armguard_tray.messages.streams import Stream
from armguard_tray.settings.model import ServerSettings

WELCOMED_WITHIN = 3.0
"""Seconds for the welcome frame, and for the handshake before it."""


def own_socket(server: ServerSettings, client: LoginClient, session: Session) -> OpenSocket:
    """Return what opens sockets of `/ws/notifications/` for `checkup.proof`, with `session`."""

    @asynccontextmanager
    async def opened() -> AsyncIterator[int]:
        path = Stream.NOTIFICATIONS.path
        try:
            async with visit(server, client.tls, session, path, within=WELCOMED_WITHIN) as visited:
                yield await _user_id(visited)
        except VisitRefusedError as refused:
            raise NoSocket(outcome(refused.failure)) from refused

    return opened


async def _user_id(visited: Visit) -> int:
    try:
        async with asyncio.timeout(WELCOMED_WITHIN):
            while True:
                content = decode(await visited.receive())
                if isinstance(content, Decoded) and isinstance(content.frame, wire.ConnectionEstablished):
                    if content.frame.user_id is None:
                        raise NoSocket("the server does not say who we are")
                    return content.frame.user_id
    except VisitEndedError as ended:
        raise NoSocket(outcome(ended.closure)) from ended
    except TimeoutError as error:
        raise NoSocket(outcome(Failure(FailureKind.UNPROVEN))) from error
