"""PURE: how complete the log is, in words: the same in status line, tray and terminal.

Nothing is called complete without evidence: what was true once is said with its time, and what is not known
is said to be unknown. Times are this desk's.
"""

from datetime import datetime, tzinfo

from armguard_tray.catchup.completeness import Completeness, Progress
from armguard_tray.clock import in_zone
from armguard_tray.counting import counted
from armguard_tray.messages.plain_text import plain
from armguard_tray.ui.wording import since

NOT_KNOWN = "completeness not known yet"


def claim(completeness: Completeness, now: datetime, zone: tzinfo | None) -> str:
    """Return up to which transaction all is in the log: `complete to #48211`, `… at 11:02` if it was then.

    If somebody did not want the time before, also from which one on.
    """
    begins, reached = completeness.begins, completeness.complete_to
    if begins is None or reached is None:
        return NOT_KNOWN
    if reached < begins:
        # There has been none yet that it could answer for.
        return f"complete from #{begins}" if completeness.is_current else NOT_KNOWN
    # Who did not want the time before is not to believe that it is there.
    which = f"#{begins}\N{EN DASH}#{reached}" if completeness.lacks_the_time_before else f"to #{reached}"
    if completeness.is_current:
        return f"complete {which}"
    if completeness.as_of is None:
        return NOT_KNOWN
    return f"complete {which} at {since(completeness.as_of, now, zone)}"


def claims(completeness: Completeness, now: datetime, zone: tzinfo | None) -> list[str]:
    """Return the claim and all that belongs to it, what matters most first."""
    failure = _on_one_line(completeness.failure)
    return _parts(completeness, now, zone, f"history not checked: {failure}" if failure else "")


def short_claims(completeness: Completeness, now: datetime, zone: tzinfo | None) -> list[str]:
    """Return the same for where there is little room: not why the history could not be read."""
    return _parts(completeness, now, zone, "history not checked" if completeness.failure else "")


def progress_words(progress: Progress, zone: tzinfo | None) -> str:
    """Return what is being fetched: `fetching the last month: 1,240 transactions, back to 12/11/26`."""
    if not progress.backlog:
        return f"catching up: {progress.fetched:,} fetched" if progress.fetched else "catching up"
    return f"fetching the last month{_how_much(progress, zone)}"


def brought_words(brought: Progress, zone: tzinfo | None) -> str:
    """Return what has been fetched: `The last month is there: 1,240 transactions, back to 31/10/26`."""
    return f"The last month is there{_how_much(brought, zone)}"


def _how_much(progress: Progress, zone: tzinfo | None) -> str:
    parts = []
    if progress.fetched:
        parts.append(counted(progress.fetched, "transaction"))
    if progress.back_to is not None:
        parts.append(f"back to {in_zone(progress.back_to, zone):%d/%m/%y}")
    return f"{': ' if parts else ''}{', '.join(parts)}"


def evidence(completeness: Completeness, now: datetime, zone: tzinfo | None) -> str:
    """Return sentences on what is claimed, since which number, and how it is known."""
    lines = [_whole_claim(completeness, now, zone)]
    if completeness.checked is not None:
        lines.append(f"The server's history was last read at {since(completeness.checked, now, zone)}.")
    elif completeness.failure or completeness.complete_to is not None:
        lines.append("The server's history has not been read since the start.")
    if completeness.failure:
        lines.append(f"Last time it could not be read: {_on_one_line(completeness.failure)}.")
    if count := completeness.unannounced_today:
        them, were = ("it", "One transaction was") if count == 1 else ("them", f"{count:,} transactions were")
        lines.append(f"{were} found there today; the server announced {them} to nobody.")
    return "\n".join(lines)


def kind_of_claim(completeness: Completeness) -> tuple[object, ...]:
    """Return what a reader who is told of changes wants to hear of, not each transaction that moves it up."""
    reached = None if completeness.is_current else completeness.complete_to
    progress = completeness.progress
    return (
        completeness.complete_to is None,
        completeness.is_current,
        reached,
        completeness.failure,
        completeness.gaps_today,
        completeness.unannounced_today,
        None if progress is None else progress.backlog,
        completeness.lacks_the_time_before,
    )


def _parts(completeness: Completeness, now: datetime, zone: tzinfo | None, failure: str) -> list[str]:
    gaps, unannounced = completeness.gaps_today, completeness.unannounced_today
    progress = completeness.progress
    candidates = (
        claim(completeness, now, zone),
        f"{counted(gaps, 'gap')} today" if gaps else "",
        f"{unannounced:,} not announced today" if unannounced else "",
        failure,
        progress_words(progress, zone) if progress is not None and not progress.backlog else "",
    )
    return [part for part in candidates if part]


def _whole_claim(completeness: Completeness, now: datetime, zone: tzinfo | None) -> str:
    if claim(completeness, now, zone) == NOT_KNOWN:
        return "It is not known yet whether transactions are missing."
    begins, reached, as_of = completeness.begins, completeness.complete_to, completeness.as_of
    if begins is None or reached is None or reached < begins:
        return f"All transactions from #{begins} on are in the log; there has been none yet."
    said = f"All transactions from #{begins} to #{reached} are in the log, or in a gap that it shows."
    if completeness.is_current or as_of is None:
        return said
    return f"{said} That was seen at {since(as_of, now, zone)}; whether there are newer ones is not known."


def _on_one_line(text: str) -> str:
    return plain(text).rstrip(".")
