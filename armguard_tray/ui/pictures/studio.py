"""Where pictures are made and drawn, as the window sees it: somewhere else, so that it never waits itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from armguard_tray.storage.log_filter import LogFilter
from armguard_tray.tallies.look import Look
from armguard_tray.tallies.making import Asked
from armguard_tray.tallies.picture import Picture

PNG, SVG = "png", "svg"


@dataclass(frozen=True, slots=True)
class Drawing:
    """A drawn picture: RGBA, 8 bits each, row by row from the top; sizes in the screen's pixels."""

    width: int
    height: int
    data: bytes


class Studio(Protocol):
    """Makes and draws pictures, one order after the other. Any of it may raise UserError.

    What nobody waits for any more is broken off.
    """

    async def pictures(self, log_filter: LogFilter, asked: Asked) -> Sequence[Picture]:
        """Read the log, and return a picture of each kind of what matches."""
        ...

    async def draw(self, picture: Picture, look: Look, size: tuple[int, int], scale: float) -> Drawing:
        """Return a picture so many pixels of 1/96 inch wide and high, each `scale` of the screen's."""
        ...

    async def file(self, picture: Picture, look: Look, form: str) -> bytes:
        """Return a picture as the content of a file, PNG or SVG, with its caption."""
        ...

    def rest(self) -> None:
        """Let go of what is held for a next order: there will be none for now."""
        ...
