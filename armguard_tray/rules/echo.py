"""One transaction, one toast: the server tells whoever made it twice, on two streams. Pure.

The transaction comes on one socket and the personal notice about it on another, in either order. Both are in
the log. The transaction says more, so it is always announced; the notice waits a moment for it, and is
announced only if it does not come. A notice that warns neither waits nor is held back.
"""

from dataclasses import dataclass

from armguard_tray.messages.event import Category, Event, Level

WITHIN = 1.0
"""Seconds for which a notice waits for its transaction; the two leave the server together."""
LATELY = 30.0
"""Seconds for which an announced transaction is remembered. Numbers come again after a server's reset."""
REMEMBERED = 100
_WARNINGS = frozenset({Level.WARNING, Level.ERROR})


@dataclass(frozen=True, slots=True)
class EchoState:
    """Which transactions were announced lately, oldest first, and when, monotonic seconds."""

    announced: tuple[tuple[str, float], ...] = ()


SILENCE = EchoState()


def may_be_echo(event: Event) -> bool:
    """Tell whether this is a notice about a transaction that itself may come, too."""
    return event.category is Category.NOTICE and event.ref is not None and event.level not in _WARNINGS


def is_echo(state: EchoState, event: Event, now: float) -> bool:
    """Tell whether this is a notice about a transaction that was announced lately."""
    return may_be_echo(event) and any(
        number == event.ref and now - at < LATELY for number, at in state.announced
    )


def announced(state: EchoState, event: Event, now: float) -> EchoState:
    """Return what to remember once `event` was announced."""
    if event.transaction_id is None:
        return state
    # A bounded number: in a burst of thousands a second each event pays for what is kept here.
    return EchoState((*state.announced[1 - REMEMBERED :], (str(event.transaction_id), now)))
