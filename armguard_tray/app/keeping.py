"""How this desk has the account's password, as the health ladder tells it."""

from armguard_tray.desktop.secrets import Availability
from armguard_tray.desktop.secrets import Keeping as Kept
from armguard_tray.diagnosis.facts import Keeping


def keeping_of(availability: Availability, *, stored: bool, given: bool = False) -> Keeping:
    """Return how the password is kept.

    Args:
        availability: what the keyring is good for.
        stored: whether there is a password.
        given: whether it was given for this run, and is kept nowhere.

    """
    persistent = availability.keeping is Kept.PERSISTENT
    if stored:
        return Keeping.KEYRING if persistent and not given else Keeping.GIVEN
    if persistent:
        return Keeping.MISSING
    return Keeping.LOCKED if availability.has_keyring else Keeping.NO_KEYRING
