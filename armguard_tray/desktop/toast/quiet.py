"""Whether the system holds toasts back, by the will of its user or of its administrator."""

from typing import Final, Protocol

WITHIN: Final = 1.0
"""Seconds that the answer may take."""


class Quiet(Protocol):
    """Knows where the platform keeps that."""

    async def why_quiet(self) -> str:
        """Return why no toast is shown now, in plain words; empty: one would be, or nobody can tell.

        It is looked up anew each time, takes at most `WITHIN` seconds, starts no service and never raises.
        """
        ...
