"""PURE: the colours of a picture, and the size of its letters."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Look:
    """How a picture looks; colours as `#rrggbb`, the size of letters in points of 1/72 inch.

    Attributes:
        background, text, faint: of the paper, of words and axes, and of what only helps to read.
        taken, returned: of the bars.
        points: the size of letters.

    """

    background: str
    text: str
    faint: str
    taken: str
    returned: str
    points: float


def look_of(background: str, text: str, *, dark: bool, points: float) -> Look:
    """Return the look that goes with a background and the words on it.

    Blue and orange are told apart with any kind of colour blindness (M. Okabe and K. Ito, Color Universal
    Design, 2008); beside that the bars of what was returned are hatched.
    """
    if dark:
        return Look(background, text, "#8a8f96", "#56b4e9", "#e69f00", points)
    return Look(background, text, "#6b7076", "#0072b2", "#b35c00", points)
