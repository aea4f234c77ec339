"""One transaction, one toast: the server tells whoever made it twice, on two streams. Pure.

The transaction comes on one socket and the personal notice about it on another, in either order. Both are in
the log. The transaction says more, so the notice waits a moment for it, and is announced only if it does not
come; and never waits if it warns.
"""

from dataclasses import dataclass

from armguard_tray.messages.event import Category, Event, Level

WITHIN = 1.0
"""Seconds for which a notice waits for its transaction; the two leave the server together."""
REMEMBERED = 100
_WARNINGS = frozenset({Level.WARNING, Level.ERROR})


@dataclass(frozen=True, slots=True)
class EchoState:
    """Which transactions were announced lately, oldest first, and by an event of which category."""

    announced: tuple[tuple[str, Category], ...] = ()


SILENCE = EchoState()


def may_be_echo(event: Event) -> bool:
    """Tell whether this is a notice about a transaction that itself may come, too."""
    return event.category is Category.NOTICE and event.ref is not None and event.level not in _WARNINGS


def is_echo(state: EchoState, event: Event) -> bool:
    """Tell whether another event announced the same transaction already."""
    if event.level in _WARNINGS:
        return False
    return any(
        ref == event.ref and (category is Category.NOTICE) != (event.category is Category.NOTICE)
        for ref, category in state.announced
    )


def announced(state: EchoState, event: Event) -> EchoState:
    """Return what to remember once `event` was announced."""
    if event.ref is None or (event.transaction_id is None and event.category is not Category.NOTICE):
        return state
    return EchoState((*state.announced, (event.ref, event.category))[-REMEMBERED:])
