"""PURE: the board in one line, and what stands in its place while it is empty."""

from datetime import datetime, tzinfo

from armguard_tray.catchup.completeness import Completeness
from armguard_tray.clock import in_zone
from armguard_tray.counting import counted
from armguard_tray.holdings.board import Board
from armguard_tray.ui.completeness_words import NOT_KNOWN, claim

READING = ("Reading the log…", "Who holds what is being worked out.")
NO_MATCH = ("Nothing matches", "Nothing that is out has these words in its item, holder, duty or state.")
_NOTHING_OUT = ("Nothing is out", "By the log every weapon is back. What is issued appears here at once.")
_NOTHING_KNOWN = (
    "Nothing is known to be out",
    "It has not been checked yet whether transactions are missing; until then this says little.",
)
_MAYBE_OUT = (
    "Nothing is known to be out",
    "By the log every weapon is back, but for what the sentences below say.",
)


def summary(
    board: Board, completeness: Completeness, now: datetime, zone: tzinfo | None, found: int | None = None
) -> str:
    """Return how much is out, overdue and uncertain, and what that stands on; times in `zone`, this desk's.

    Where the desk is cut off it says as of when. `found` is how much of it a search has found.
    """
    out = len(board.holdings)
    overdue = sum(each.overdue(board.by_server(now)) is not None for each in board.holdings)
    uncertain = sum(not each.is_certain for each in board.holdings)
    parts = [
        "" if found is None else f"{found:,} found",
        f"{counted(out, 'item')} out",
        f"{overdue:,} overdue" if overdue else "",
        f"{uncertain:,} uncertain" if uncertain else "",
        _claim(completeness, now, zone),
    ]
    return " · ".join(part for part in parts if part)


def _claim(completeness: Completeness, now: datetime, zone: tzinfo | None) -> str:
    said = claim(completeness, now, zone)
    if said == NOT_KNOWN:
        return said
    if completeness.is_current:
        return f"{said}, as of {in_zone(now, zone):%H:%M}"
    return f"⚠ {said}; newer transactions may be missing"


def empty_words(board: Board) -> tuple[str, str]:
    """Return a headline and a sentence for a board on which nothing is."""
    if board.ledger is None:
        return _NOTHING_KNOWN
    return _MAYBE_OUT if board.knows_since is not None or board.returned_before_gap else _NOTHING_OUT
