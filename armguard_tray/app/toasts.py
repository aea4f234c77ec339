"""From an event, or a summary of many, to what a toast says."""

from armguard_tray.desktop.toast import Toast, Urgency
from armguard_tray.messages.event import Level
from armguard_tray.rules.storm import Single, Summary

# LOW is left unused: GNOME keeps such notifications in its list, and a weapon's leaving would go unseen.
# https://specifications.freedesktop.org/notification-spec/latest/urgency-levels.html
_URGENCY = {
    Level.INFO: Urgency.NORMAL,
    Level.SUCCESS: Urgency.NORMAL,
    Level.WARNING: Urgency.NORMAL,
    Level.ERROR: Urgency.CRITICAL,
}


def toast_of(what: Single | Summary) -> Toast:
    """Return the toast; its key is the row that a click opens."""
    if isinstance(what, Single):
        event = what.event.event
        return Toast(what.event.row, event.title, event.detail, _URGENCY[event.level])
    return Toast(what.last.row, what.title, what.text)
