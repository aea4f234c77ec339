"""From an event, or a summary of many, to what a toast says."""

from armguard_tray.desktop.toast import Toast, ToastKey
from armguard_tray.rules.storm import Single, Summary

LOOK = "look"
"""The key of a toast that says that something needs a look; a click on it opens the log with just that."""

# All have normal urgency. LOW: GNOME keeps such notifications in its list, and a weapon's leaving would go
# unseen. CRITICAL: they stay until they are closed by hand, and errors would pile up; that is for what only
# the user can mend. https://specifications.freedesktop.org/notification-spec/latest/urgency-levels.html


def toast_of(what: Single | Summary) -> Toast:
    """Return the toast."""
    if isinstance(what, Single):
        event = what.event.event
        return Toast(what.event.row, event.title, event.detail)
    return Toast(key_of(what), what.title, what.text)


def key_of(summary: Summary) -> ToastKey:
    """Return what a click opens: all that needs a look, or else the last row; of one event that row."""
    return LOOK if summary.away and summary.worrying and summary.count > 1 else summary.last.row
