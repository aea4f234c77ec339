"""Server text made fit to show: plain, on one line, of bounded length.

Names are free text. A newline breaks a table row, an escape sequence drives a terminal, and a bidirectional
override makes a name read backwards (https://www.unicode.org/reports/tr36/#Bidirectional_Text_Spoofing).
The raw frame keeps them all.
"""

import re

MAX_SHOWN = 1000
_UNFIT = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def plain(text: str) -> str:
    """Return `text` with what is unfit to show as U+FFFD, cut to 1,000 characters with an ellipsis."""
    if len(text) > MAX_SHOWN:
        text = text[: MAX_SHOWN - 1] + "…"
    return _UNFIT.sub("\ufffd", text)
