"""A drawn picture: it is not blank, bears its caption, and takes no text for anything else."""

from dataclasses import replace
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

import pytest
from PySide6.QtGui import QColor, QImage

from armguard_tray.storage.tallies import Moves, Tallies
from armguard_tray.tallies.drawing import Size, pixels, png, svg
from armguard_tray.tallies.look import Look, look_of
from armguard_tray.tallies.making import picture_of
from armguard_tray.tallies.picture import Kind, Picture
from tests.fakes.tallies import asked, at, gap, sums

LIGHT = look_of("#ffffff", "#1b1b1b", dark=False, points=9)
DARK = look_of("#1f2123", "#e9e9e9", dark=True, points=9)
SIZE = Size(700, 420)
HOSTILE = '$\\frac{1}{0}$ <script>alert("x")</script> & ﷽ \N{CJK UNIFIED IDEOGRAPH-69CD}'


def some(duty: str = "Guard Duty") -> Tallies:
    quarters = {at(8): Moves(3, 0), at(17): Moves(1, 2)}
    return sums(quarters, sorts={("M4", duty): Moves(4, 2)}, gaps=[gap(at(9), at(10))])


def picture(kind: Kind, have: Tallies | None = None) -> Picture:
    return picture_of(kind, some() if have is None else have, asked("Guard Duty · today"))


def colours_of(content: bytes) -> set[str]:
    image = QImage.fromData(content)
    assert not image.isNull()
    return {
        image.pixelColor(x, y).name() for x in range(0, image.width(), 3) for y in range(0, image.height(), 3)
    }


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("look", [LIGHT, DARK], ids=["light", "dark"])
def test_a_png_shows_what_was_done_on_the_colour_of_the_desktop(kind: Kind, look: Look) -> None:
    content = png(picture(kind), look, SIZE)

    colours = colours_of(content)
    assert {look.background, look.taken} <= colours
    assert (look.returned in colours) is (kind is not Kind.OUT)
    assert QImage.fromData(content).text("Description") == "\n".join(picture(kind).caption)


@pytest.mark.parametrize("kind", Kind)
def test_an_svg_has_its_caption_as_text(kind: Kind) -> None:
    words = " ".join("".join(ET.fromstring(svg(picture(kind), LIGHT, Size(1200, 800))).itertext()).split())  # noqa: S314 - its own

    for line in (picture(kind).title, *picture(kind).caption):
        assert line in words


def test_the_caption_of_a_small_picture_is_wrapped_and_not_cut() -> None:
    long = replace(picture(Kind.HOUR), caption=["word " * 120 + "end"])

    words = "".join(ET.fromstring(svg(long, LIGHT, SIZE)).itertext())  # noqa: S314 - its own

    assert words.count("word") >= 120
    assert QImage.fromData(png(long, LIGHT, SIZE)).width() == SIZE.width


@pytest.mark.parametrize("kind", [Kind.DAY, Kind.OUT])
def test_what_may_be_missing_is_hatched(kind: Kind) -> None:
    look = replace(LIGHT, faint="#ff00ff")
    tint = QColor.fromRgb(255, round(255 * 0.82), 255)

    def tinted(have: Tallies) -> bool:
        image = QImage.fromData(png(picture(kind, have), look, SIZE))
        place = ((x, y) for x in range(image.width()) for y in range(image.height()))
        return any(image.pixelColor(x, y).rgb() == tint.rgb() for x, y in place)

    assert tinted(some())
    assert not tinted(replace(some(), open_gaps=[]))
    words = "".join(ET.fromstring(svg(picture(kind), LIGHT, SIZE)).itertext())  # noqa: S314 - its own
    assert "Something may be missing" in words


@pytest.mark.parametrize("years", [(1, 9999), (1970, 2999), (2026, 2027)])
@pytest.mark.parametrize("kind", Kind)
def test_absurd_dates_are_drawn_as_well(kind: Kind, years: tuple[int, int]) -> None:
    first, last = datetime(years[0], 1, 1, tzinfo=UTC), datetime(years[1], 12, 31, 23, 45, tzinfo=UTC)
    have = sums({first: Moves(2, 0), last: Moves(0, 1)})

    assert LIGHT.taken in colours_of(png(picture(kind, have), LIGHT, SIZE))


def test_server_text_stays_text() -> None:
    words = "".join(ET.fromstring(svg(picture(Kind.DUTY, some(HOSTILE)), LIGHT, SIZE)).itertext())  # noqa: S314 - its own

    assert "$\\frac{1}{0}$ <script>" in words


def test_a_picture_for_the_screen_is_as_large_as_it_shall_be_in_the_screens_own_pixels() -> None:
    drawn = pixels(picture(Kind.HOUR), LIGHT, Size(500, 300, 2.0))

    assert (drawn.width, drawn.height) == (1000, 600)
    image = QImage(drawn.data, 1000, 600, 4000, QImage.Format.Format_RGBA8888)
    assert image.pixelColor(1, 1) == QColor(LIGHT.background)


@pytest.mark.parametrize("width", [1, 40, 260])
@pytest.mark.parametrize("kind", Kind)
def test_a_picture_fits_anywhere(kind: Kind, width: int) -> None:
    drawn = pixels(picture(kind), DARK, Size(width, max(width // 2, 1)))

    assert drawn.width == width


def test_an_empty_picture_says_so() -> None:
    words = "".join(ET.fromstring(svg(picture(Kind.DAY, sums({})), LIGHT, SIZE)).itertext())  # noqa: S314 - its own

    assert "No transactions match the filter." in words
