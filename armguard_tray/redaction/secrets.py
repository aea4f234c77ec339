"""Strikes secrets that this program holds out of texts: whoever got one may say it back."""

import json
import re
from collections.abc import Iterable, Iterator
from html import escape
from urllib.parse import quote, quote_plus

from armguard_tray.redaction.readings import Reading, Span, fold, joined, readings

STRUCK = "***"
_LONG_ENOUGH = 6
"""Characters from which on a secret is struck out wherever it stands: a short one would strike half the text
out, and so give itself away; it is sought as a whole word."""


class Secrets:
    """Those that are held by now; more may come while texts are being made."""

    def __init__(self, known: Iterable[str | None] = ()) -> None:
        """Begin with those `known`; None and an empty one are none."""
        self._held: set[str] = set()
        self._forms: set[str] = set()
        self.add(*known)

    def __repr__(self) -> str:
        """Return none of them."""
        return f"<{len(self._held)} secrets>"

    def __iter__(self) -> Iterator[str]:
        """Yield them, in no order."""
        return iter(tuple(self._held))

    def add(self, *secrets: str | None) -> None:
        """Strike `secrets` out, too, from now on; None and an empty one are none."""
        new = {secret for secret in secrets if secret}
        self._held |= new
        self._forms |= {form for secret in new for form in _forms(secret)}

    def add_cookies(self, header: str) -> None:
        """Strike out the values of a Cookie header, too."""
        self.add(*(cookie.partition("=")[2] for cookie in header.split("; ")))

    def strike(self, text: str) -> str:
        """Return `text` with `***` for each secret, in whatever way it is written."""
        spans = [span for reading in readings(text) for span in self._found(reading)] if self._forms else []
        return replaced(text, [(start, end, STRUCK) for start, end in joined(spans)])

    def _found(self, reading: Reading) -> Iterator[Span]:
        for form in self._forms:
            shape = re.escape(form)
            if len(form) < _LONG_ENOUGH:
                shape = rf"(?<![^\W_]){shape}(?![^\W_])"
            for found in re.finditer(shape, reading.text):
                yield reading.origin(*found.span())


def replaced(text: str, by: Iterable[tuple[int, int, str]]) -> str:
    """Return `text` with other texts in the place of some of its spans, which are in order."""
    pieces = []
    done = 0
    for start, end, instead in by:
        pieces += [text[done:start], instead]
        done = end
    return "".join([*pieces, text[done:]])


def _forms(secret: str) -> set[str]:
    """Return how programs write a secret: itself, as JSON and bytes, in a URL, in HTML.

    Readings undo that; but a secret may itself look like an escape.
    """
    data = secret.encode("utf-8", "surrogatepass")
    forms = {secret, json.dumps(secret)[1:-1], ascii(secret)[1:-1], repr(secret)[1:-1], repr(data)[2:-1]}
    forms |= {quote(data, safe=""), quote_plus(data), escape(secret)}
    return {folded for form in forms if (folded := fold(form))}
