"""PURE: how many there are of something, in words."""


def counted(count: int, what: str) -> str:
    """Return a number and what it is of: `1 gap`, `2 gaps`, `50,000 events`."""
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"
