"""The event log over HTTP: what `/ws/live/` would send a client that comes back, and then stop."""

from collections.abc import Iterator
from typing import Final

from armguard_tray.server import event_log
from armguard_tray.server.conf import live_settings
from armguard_tray.server.layers import layer_status
from armguard_tray.server.resume import resume
from armguard_tray.server.sockets.greeting import hello, position_frame, text_of
from armguard_tray.server.sockets.query import LiveQuery

_CHUNK: Final = 500
_LOOKED_AT: Final = 20
"""How many events of others are passed over, at most, for each one that may be returned."""


def frames(query: LiveQuery, user_id: str, limit: int) -> Iterator[str]:
    """Yield hello, a gap if there is one, up to `limit` events, and how far the client has got with them.

    A client that was not told the position of `hello`'s head asks again from where it has got to.
    """
    head = event_log.head()
    goes_on = resume(head, query.epoch, query.since)
    yield text_of(hello(head, goes_on.position, live_settings().connections_per_user, layer_status()))
    if goes_on.gap is not None:
        yield text_of(goes_on.gap.frame())
    position, sent, looked_at = goes_on.position, 0, 0
    while sent < limit and looked_at < limit * _LOOKED_AT:
        events = event_log.read_after(position, min(_CHUNK, limit * _LOOKED_AT - looked_at))
        looked_at += len(events)
        for event in events:
            if sent >= limit or event.seq != position + 1 or event.epoch != head.epoch:
                # In the last two cases the log was trimmed, or began anew, meanwhile: told the next time.
                break
            position = event.seq
            if event.stream in query.streams and event.user_id in {None, user_id}:
                sent += 1
                yield event.body
        else:
            if events:
                continue
        break
    yield text_of(position_frame(head.epoch, position))
