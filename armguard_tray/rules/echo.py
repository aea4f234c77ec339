"""One transaction, one toast: the server tells whoever made it twice, on two streams. Pure.

The transaction comes on one socket and the personal notice about it on another, in either order. Both are in
the log; the second of the two is not announced again, unless it warns.
"""

from dataclasses import dataclass

from armguard_tray.messages.event import Category, Event, Level

REMEMBERED = 100
_WARNINGS = frozenset({Level.WARNING, Level.ERROR})


@dataclass(frozen=True, slots=True)
class EchoState:
    """Which transactions were announced lately, oldest first, and by an event of which category."""

    announced: tuple[tuple[str, Category], ...] = ()


SILENCE = EchoState()


def is_echo(state: EchoState, event: Event) -> bool:
    """Tell whether another event announced the same transaction already."""
    if event.ref is None or event.level in _WARNINGS:
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
