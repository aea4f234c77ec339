"""PURE: which events a person should look at."""

from armguard_tray.messages.event import Event, Level, Source

ALARMING = frozenset({Level.WARNING, Level.ERROR})
"""The levels that stand out; gaps and changes of the server's record are warnings, too."""


def needs_a_look(event: Event) -> bool:
    """Tell whether it is a warning, an error, or a transaction that was announced to nobody.

    A gap of which nothing is missing any more needs none.
    """
    if event.gap is not None and not event.gap.is_open:
        return False
    return event.level in ALARMING or event.source is Source.UNANNOUNCED
