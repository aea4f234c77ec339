"""Server text made fit to show: plain, on one line, of bounded length.

Names are free text. A newline breaks a table row, an escape sequence drives a terminal, and a bidirectional
override makes a name read backwards (https://www.unicode.org/reports/tr36/#Bidirectional_Text_Spoofing).
A character that nobody sees makes two names look like one. The raw frame keeps them all.
"""

import json
import re

MAX_SHOWN = 1000
_UNFIT = re.compile(
    "["
    "\x00-\x1f\x7f-\x9f"  # controls
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # directions
    "\u2028\u2029"  # ends of lines
    # Unseen: soft hyphen, fillers, zero-width space, word joiner and its like, byte order mark, annotations,
    # tags. The joiners U+200C and U+200D stay: Persian and the scripts of India cannot be written without.
    "\u00ad\u115f\u1160\u3164\uffa0\u180e\u200b\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f"
    "\ud800-\udfff"  # halves of characters
    "]"
)


def plain(text: str) -> str:
    """Return `text` with what is unfit to show as U+FFFD, cut to 1,000 characters with an ellipsis."""
    if len(text) > MAX_SHOWN:
        text = text[: MAX_SHOWN - 1] + "…"
    return _UNFIT.sub("\ufffd", text)


def escaped(line: str) -> str:
    """Return `line`, of JSON, with what is unfit to show as JSON's escapes: to a reader that is the same."""
    return _UNFIT.sub(lambda match: json.dumps(match[0])[1:-1], line)
