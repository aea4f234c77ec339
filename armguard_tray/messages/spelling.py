"""PURE: text as it is compared in a search: whatever its case, and however its accents are stored.

Unicode writes an accented letter in two ways that look the same: as one character, or as a letter and a mark
behind it (https://www.unicode.org/reports/tr15/). Names come as each server has them, and keyboards differ.
"""

import unicodedata


def spellings(word: str) -> tuple[str, ...]:
    """Return all ways in which case-folded text may have `word`: as it is, composed, decomposed."""
    folded = word.casefold()
    if folded.isascii():
        return (folded,)
    composed, decomposed = (unicodedata.normalize(form, folded) for form in ("NFC", "NFD"))
    return tuple(dict.fromkeys((folded, composed, decomposed)))


def folded(text: str) -> str:
    """Return the one text that stands for all ways to write `text`."""
    return unicodedata.normalize("NFC", text.casefold())
