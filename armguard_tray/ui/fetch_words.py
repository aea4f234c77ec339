"""PURE: what has come of fetching a gap again, in words that stand beside the button."""

from datetime import datetime

from armguard_tray.catchup.search import Searched
from armguard_tray.clock import in_zone
from armguard_tray.messages.gap import Gap
from armguard_tray.messages.plain_text import plain
from armguard_tray.ui.models.clocks import Clocks
from armguard_tray.ui.wording import since

LOOKING = "Looking\N{HORIZONTAL ELLIPSIS}"
TOO_OLD = "The server's history does not go back that far"


def fetched_words(before: Gap, after: Gap, searched: Searched, now: datetime, clocks: Clocks) -> str:
    """Return what a search has brought of a gap.

    Args:
        before: the gap as it was.
        after: the gap as it is now.
        searched: what the search came to.
        now: the time, aware.
        clocks: times of transactions are told by the server's, when it was looked by the desk's.

    """
    at = since(searched.at, now, clocks.desk)
    came = _came(before, after)
    if came:
        return came
    if searched.failure:
        return f"Could not look: {plain(searched.failure).rstrip('.')} ({at})"
    if before.first is None:
        return f"All that the server's history shows is in the log ({at})"
    if searched.is_too_old:
        return TOO_OLD
    if searched.back_to is None:
        return f"Still not there ({at})"
    return f"Looked back to {in_zone(searched.back_to, clocks.server):%d/%m/%y %H:%M}: still not there ({at})"


def _came(before: Gap, after: Gap) -> str:
    if before.missing is None or after.missing is None or after.missing >= before.missing:
        return ""
    count = before.missing - after.missing
    if after.missing:
        return f"{count:,} of {before.missing:,} came"
    return "It came" if count == 1 else f"All {count:,} came"
