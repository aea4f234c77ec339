"""A gap in words, where the windows look for it; see `messages.gap_words`."""

from armguard_tray.messages.gap_words import (
    detail_now,
    gap_line,
    gap_times,
    is_closed_gap,
    text_now,
    title_now,
)

__all__ = ["detail_now", "gap_line", "gap_times", "is_closed_gap", "text_now", "title_now"]
