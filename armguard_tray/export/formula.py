"""PURE: texts that no spreadsheet takes for a formula.

A text that begins with a sign that begins a formula is run by whoever opens the file, with what it calls
(https://owasp.org/www-community/attacks/CSV_Injection). An apostrophe before it makes it a text. So that it
can be undone without a doubt, a text that begins with an apostrophe has another one put before it.
"""

import re

_SIGNS = "=+-@'\uff1d\uff0b\uff0d\uff20"
_FIRST = frozenset(_SIGNS + " ")
# A spreadsheet whose separator is the semicolon begins a new cell behind one in the middle of a text.
_CELL = re.compile(rf"(^|[;\t\r\n])(?=[\s\x00-\x20\ufeff\u200b]*[{re.escape(_SIGNS)}])|^(?=[\t\r\n])")
_UNDONE = re.compile(r"(^|[;\t\r\n])'")


def harmless(text: str) -> str:
    """Return `text` with an apostrophe before each beginning of a cell that could begin a formula."""
    # Nearly all texts end here, and there are ten million of them. No space but the common one is printable.
    if text.isprintable() and text[:1] not in _FIRST and ";" not in text:
        return text
    return _CELL.sub(lambda found: f"{found[1] or ''}'", text)


def original(text: str) -> str:
    """Return the text that `harmless` made `text` of."""
    return _UNDONE.sub(r"\1", text)
