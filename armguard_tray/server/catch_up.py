"""The event log over HTTP: what `/ws/live/` would send a client that comes back, and then stop."""

from collections.abc import Iterator
from typing import Final

from armguard_tray.server import event_log
from armguard_tray.server.conf import live_settings
from armguard_tray.server.event_log import Logged
from armguard_tray.server.layers import layer_status
from armguard_tray.server.resume import Gap, HeadState, resume
from armguard_tray.server.sockets.greeting import hello, position_frame, text_of
from armguard_tray.server.sockets.query import LiveQuery

_CHUNK: Final = 500
_LOOKED_AT: Final = 20
"""How many events of others are passed over, at most, for each one that may be returned."""


def frames(query: LiveQuery, user_id: str, limit: int) -> Iterator[str]:
    """Yield hello, a gap if there is one, up to `limit` events, and how far the client has got with them.

    A client that was not told the position of `hello`'s head asks again from where it has got to. Events that
    are missing on the way are told as a gap, as the socket tells them.
    """
    head = event_log.head()
    goes_on = resume(head, query.epoch, query.since)
    yield text_of(hello(head, goes_on.position, live_settings().connections_per_user, layer_status()))
    if goes_on.gap is not None:
        yield text_of(goes_on.gap.frame())
    position, sent = goes_on.position, 0
    for up_to, found in _found_after(position, head, limit * _LOOKED_AT):
        if sent >= limit:
            break
        position = up_to
        if isinstance(found, Gap):
            yield text_of(found.frame())
        elif found.stream in query.streams and found.user_id in {None, user_id}:
            sent += 1
            yield found.body
    yield text_of(position_frame(head.epoch, position))


def _found_after(position: int, head: HeadState, most: int) -> Iterator[tuple[int, Logged | Gap]]:
    """Yield what comes after `position`, and up to which number that goes: events, `most` at most, and holes.

    A hole is where the log was trimmed meanwhile, or where somebody has removed events by hand. Goes at least
    up to `head`, unless the log began anew meanwhile, which the client is told the next time.
    """
    while position < head.seq and most > 0:
        events = event_log.read_after(position, min(_CHUNK, most))
        most -= len(events)
        for event in events:
            if event.epoch != head.epoch:
                return
            if event.seq > position + 1:
                yield event.seq - 1, Gap(head.epoch, position + 1, event.seq - 1, "trimmed")
            position = event.seq
            yield position, event
        if not events:
            yield head.seq, Gap(head.epoch, position + 1, head.seq, "trimmed")
            return
