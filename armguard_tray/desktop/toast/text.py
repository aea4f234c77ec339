"""PURE: server text made fit for a notification."""

import re
from html import escape

TITLE_LIMIT = 200
BODY_LIMIT = 1000

# Control characters cannot be drawn, NUL ends a D-Bus connection, and most of the rest are not allowed in
# XML, so that a service which reads markup would show the raw escapes. Direction overrides (U+202A-E,
# U+2066-9) can make a name read as another. Lone surrogates have no UTF-8 form.
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufffe\uffff]")
_SURROGATES = re.compile("[\ud800-\udfff]")


def title_text(text: str) -> str:
    """Return `text` as one drawable line of at most `TITLE_LIMIT` characters."""
    return _shorten(" ".join(_drawable(text).split()), TITLE_LIMIT)


def body_text(text: str) -> str:
    """Return `text` drawable, its lines kept, at most `BODY_LIMIT` characters."""
    return _shorten(_drawable(text).strip(), BODY_LIMIT)


def as_markup(text: str) -> str:
    """Return plain `text` so that a service which reads markup shows it as it stands.

    https://specifications.freedesktop.org/notification-spec/latest/markup.html
    """
    return escape(text, quote=True)


def _drawable(text: str) -> str:
    return _SURROGATES.sub("\ufffd", _CONTROLS.sub(" ", text))


def _shorten(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"
