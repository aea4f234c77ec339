"""The icons: told apart in grey at 16 px, on light and dark panels; the badge; the installer's files."""

import re
import struct
from itertools import combinations
from pathlib import Path

import pytest
from PySide6.QtGui import QColor, QImage, QPainter, QPixmap
from pytestqt.qtbot import QtBot

from armguard_tray.paths import resource
from armguard_tray.ui import icons
from armguard_tray.ui.state_words import TrayState

LIGHT, DARK = "#f3f3f3", "#222629"


def luminance(colour: QColor) -> float:
    """Return the relative luminance (https://www.w3.org/TR/WCAG21/#dfn-relative-luminance)."""
    parts = (colour.redF(), colour.greenF(), colour.blueF())
    red, green, blue = (v / 12.92 if v <= 0.03928 else ((v + 0.055) / 1.055) ** 2.4 for v in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted(luminance(QColor(colour)) for colour in (one, other))
    return (light + 0.05) / (dark + 0.05)


def grey_on(panel: str, image: QImage) -> list[float]:
    """Return the lightness of each pixel of an icon that lies on a panel."""
    laid = QImage(image.size(), QImage.Format.Format_RGB32)
    laid.fill(QColor(panel))
    painter = QPainter(laid)
    painter.drawImage(0, 0, image)
    painter.end()
    return [
        laid.pixelColor(x, y).lightnessF() * 255 for y in range(image.height()) for x in range(image.width())
    ]


@pytest.mark.parametrize("panel", [LIGHT, DARK])
@pytest.mark.parametrize("state", TrayState)
def test_every_colour_stands_out_from_the_panel(state: TrayState, panel: str) -> None:
    drawing = resource("icons", f"{state.icon}.svg").read_text(encoding="utf-8")
    colours = set(re.findall(r"#[0-9a-f]{6}", drawing))

    assert colours
    # WCAG 2.1, 1.4.11: 3 to 1 for what one must see to understand.
    assert all(contrast(colour, panel) >= 3 for colour in colours)


@pytest.mark.parametrize("panel", [LIGHT, DARK])
def test_the_forms_are_told_apart_at_16_px_in_grey(panel: str) -> None:
    for one, other in combinations(TrayState, 2):
        pairs = zip(
            grey_on(panel, icons.image(one.icon, 16)),
            grey_on(panel, icons.image(other.icon, 16)),
            strict=True,
        )
        different = sum(abs(a - b) > 48 for a, b in pairs)
        assert different >= 20, f"{one} looks like {other}"


@pytest.mark.parametrize(
    ("unread", "text"), [(-1, ""), (0, ""), (1, "1"), (9, "9"), (10, "9+"), (4000, "9+")]
)
def test_the_badge_says_nine_plus_at_most(unread: int, text: str) -> None:
    assert icons.badge_text(unread) == text


def test_every_digit_looks_different() -> None:
    drawn = [icons.image("live", 32, str(digit)) for digit in range(1, 10)]

    assert all(one != other for one, other in combinations(drawn, 2))


@pytest.mark.parametrize("size", icons.SIZES)
def test_the_badge_leaves_most_of_the_shield_to_be_seen(size: int) -> None:
    plain, badged = icons.image("offline", size), icons.image("offline", size, "9+")
    changed = sum(plain.pixel(x, y) != badged.pixel(x, y) for x in range(size) for y in range(size))

    assert 0 < changed < size * size / 5


@pytest.mark.parametrize("size", [16, 22, 24])
def test_a_small_icon_has_a_dot_for_any_number(size: int) -> None:
    assert icons.image("live", size, "1") == icons.image("live", size, "9+") != icons.image("live", size)


@pytest.mark.parametrize("panel", [LIGHT, DARK])
@pytest.mark.parametrize("size", [16, 22, 24])
def test_the_forms_are_told_apart_beneath_the_badge(size: int, panel: str) -> None:
    for one, other in combinations(TrayState, 2):
        pairs = zip(
            grey_on(panel, icons.image(one.icon, size, "9+")),
            grey_on(panel, icons.image(other.icon, size, "9+")),
            strict=True,
        )
        different = sum(abs(a - b) > 48 for a, b in pairs)
        assert different >= size * size / 14, f"{one} looks like {other}"


def test_an_icon_has_all_sizes(qtbot: QtBot) -> None:  # noqa: ARG001 - makes the application
    for icon in (icons.tray_icon(TrayState.LIVE, 3), icons.app_icon()):
        assert {size.width() for size in icon.availableSizes()} == set(icons.SIZES)


def test_an_icon_that_comes_again_is_not_read_anew(
    qtbot: QtBot,  # noqa: ARG001 - makes the application
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_parts: str) -> Path:
        pytest.fail("it is read again")

    state = next(iter(TrayState))
    first = icons.tray_icon(state, 3)
    monkeypatch.setattr(icons, "resource", refuse)

    again = icons.tray_icon(state, 3)

    assert again.pixmap(16).toImage() == first.pixmap(16).toImage()


def test_a_drawing_that_does_not_exist_is_not_shown_as_nothing() -> None:
    with pytest.raises(FileNotFoundError):
        icons.image("no-such-drawing", 16)


def test_the_windows_icon_holds_every_size(tmp_path: Path) -> None:
    data = icons.ico()

    _, kind, count = struct.unpack_from("<HHH", data)
    assert (kind, count) == (1, len(icons.ICO_SIZES))
    (tmp_path / "icon.ico").write_bytes(data)
    assert QImage(str(tmp_path / "icon.ico")).height() in icons.ICO_SIZES
    for index, size in enumerate(icons.ICO_SIZES):
        *_, length, offset = struct.unpack_from("<BBBBHHII", data, 6 + 16 * index)
        assert QImage.fromData(data[offset : offset + length]).width() == size


def test_a_contact_sheet_for_people(qtbot: QtBot) -> None:  # noqa: ARG001 - pixmaps need the application
    sheet = contact_sheet()
    folder = Path(__file__).parents[1] / "artefacts"
    folder.mkdir(exist_ok=True)

    assert sheet.save(str(folder / "icons.png"))


def contact_sheet() -> QPixmap:
    """Draw every form at its sizes and eight times as large, on both panels, in colour and in grey."""
    sizes, magnified, forms = (16, 22, 32), 8, [(s.icon, b) for b in ("", "3", "9+") for s in TrayState]
    column = max(sizes) * magnified + 30
    row = sum(size * magnified + 10 for size in sizes) + 50
    sheet = QPixmap(column * len(forms), row * 4)
    painter = QPainter(sheet)
    for index, (panel, grey) in enumerate((p, g) for p in (LIGHT, DARK) for g in (False, True)):
        painter.fillRect(0, index * row, sheet.width(), row, QColor(panel))
        for place, (name, badge) in enumerate(forms):
            x, y = place * column + 10, index * row + 10
            for offset, size in zip((0, 30, 70), sizes, strict=True):
                image = icons.image(name, size, badge)
                image = greyed(image) if grey else image
                painter.drawImage(x + offset, index * row + 10, image)
                painter.drawImage(x, y + 40, image.scaled(size * magnified, size * magnified))
                y += size * magnified + 10
    painter.end()
    return sheet


def greyed(image: QImage) -> QImage:
    grey = image.convertToFormat(QImage.Format.Format_ARGB32)
    for y in range(grey.height()):
        for x in range(grey.width()):
            colour = grey.pixelColor(x, y)
            value = round(0.299 * colour.red() + 0.587 * colour.green() + 0.114 * colour.blue())
            grey.setPixelColor(x, y, QColor(value, value, value, colour.alpha()))
    return grey
