"""The log's own menu leads to the pictures."""

import pytest
from PySide6.QtWidgets import QWidget

from armguard_tray.ui.log_window.row_menu import RowMenu
from tests.fakes.signals import Recorder


@pytest.mark.usefixtures("qapp")
def test_the_menu_of_a_row_offers_pictures_of_all_rows() -> None:
    parent = QWidget()
    menu = RowMenu(None, parent)
    wanted = Recorder(menu.picturesWanted)

    action = next(each for each in menu.actions() if each.text() == "&Pictures of all that is shown")
    action.trigger()

    assert len(wanted.calls) == 1
    assert action.shortcut().toString() == "Ctrl+Shift+P"
    parent.deleteLater()
