"""PURE: whether a socket that is open hears nothing any more."""

from armguard_tray.connection.phase import Phase
from armguard_tray.diagnosis.facts import Facts
from armguard_tray.messages.streams import Stream

PROVEN_ON = Stream.NOTIFICATIONS
"""The stream whose membership a proof looks for: its group is this user's alone."""


def is_deaf(facts: Facts) -> bool:
    """Tell whether our membership was seen before, is gone, and the socket that had it is still open."""
    proof = facts.proof
    # A proof by a socket of its own says nothing for the one that runs.
    if proof is None or not proof.was_member:
        return False
    # The socket is named by when it became live: a clock that was set does not tell which time is later.
    return any(
        each.stream is PROVEN_ON and each.phase is Phase.LIVE and each.since == proof.socket_since
        for each in facts.streams
    )
