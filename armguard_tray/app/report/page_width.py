"""PURE: the lines of a report in the width of a page, so that any editor shows them whole."""

from textwrap import TextWrapper

WIDTH = 100
"""Characters of a line."""
_HANGS = 4


def wrapped(text: str, hangs: int | None = None) -> str:
    """Return `text` with its long lines broken between words.

    A word that is too long stays whole, since it may be copied: a fingerprint, an address, a path.

    Args:
        text: lines.
        hangs: by how many characters what is left of a line is indented; None: by four more than the line.

    """
    return "\n".join(_wrapped(line, hangs) for line in text.split("\n"))


def _wrapped(line: str, hangs: int | None) -> str:
    if len(line) <= WIDTH:
        return line
    indent = len(line) - len(line.lstrip(" "))
    wrapper = TextWrapper(
        WIDTH,
        subsequent_indent=" " * (indent + _HANGS if hangs is None else hangs),
        expand_tabs=False,
        replace_whitespace=False,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return "\n".join(wrapper.wrap(line))
