"""One transaction, one toast: the server tells of it twice or thrice, on as many streams. Pure.

The transaction comes on one socket and the personal notice about it on another, in either order. Both are in
the log. The transaction says more, so it is always announced; the notice waits a moment for it, and is
announced only if it does not come. A notice that warns neither waits nor is held back.

A server with the live app also tells that the item has become Issued or Available again. That, too, waits for
the transaction; if it comes, announced or not, the move was nobody's doing by hand.
"""

from dataclasses import dataclass

from armguard_tray.messages.event import Category, Event, Level

WITHIN = 1.0
"""Seconds for which a notice waits for its transaction; the two leave the server together."""
LATELY = 30.0
"""Seconds for which an announced transaction is remembered. Numbers come again after a server's reset."""
REMEMBERED = 100
_ISSUED = "Issued"
_WARNINGS = frozenset({Level.WARNING, Level.ERROR})


@dataclass(frozen=True, slots=True)
class _Came:
    """A transaction that came.

    Attributes:
        number: its number, as text.
        item_id: the item that it moved, if it names one.
        announced: whether it was announced.
        at: when, monotonic seconds.

    """

    number: str
    item_id: str | None
    announced: bool
    at: float


@dataclass(frozen=True, slots=True)
class EchoState:
    """Which transactions came lately, oldest first."""

    came: tuple[_Came, ...] = ()


SILENCE = EchoState()


def is_move(event: Event) -> bool:
    """Tell whether an item has become Issued, or is so no longer, as transactions make it."""
    return event.category is Category.STATUS and _ISSUED in {event.status, event.previous_status}


def may_be_echo(event: Event) -> bool:
    """Tell whether this is about a transaction that itself may come, too."""
    if event.category is Category.NOTICE:
        return event.ref is not None and event.level not in _WARNINGS
    return is_move(event)


def is_echo(state: EchoState, event: Event, now: float) -> bool:
    """Tell whether this is about a transaction that was announced lately, or the move that came with one."""
    if not may_be_echo(event):
        return False
    lately = (each for each in state.came if now - each.at < LATELY)
    if is_move(event):
        return any(each.item_id == event.item_id for each in lately)
    return any(each.announced and each.number == event.ref for each in lately)


def seen(state: EchoState, event: Event, now: float, *, announced: bool) -> EchoState:
    """Return what to remember once `event` has come, and was announced or not."""
    if event.transaction_id is None:
        return state
    # A bounded number: in a burst of thousands a second each event pays for what is kept here.
    came = _Came(str(event.transaction_id), event.item_id, announced, now)
    return EchoState((*state.came[1 - REMEMBERED :], came))
