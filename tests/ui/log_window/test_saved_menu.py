"""Filters under names."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QMessageBox, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from armguard_tray.errors import FilterError
from armguard_tray.filtering.wanted import Wanted
from armguard_tray.ui.log_window.filter_store import FilterStore
from armguard_tray.ui.log_window.name_dialog import NameDialog
from armguard_tray.ui.log_window.saved_menu import SavedMenu
from tests.fakes.signals import Recorder

REYES = Wanted(text="reyes")
GUARD = Wanted(duties=frozenset({"Guard Duty"}))


class Desk:
    """A window with the button, and what it works with."""

    def __init__(self, file: Path) -> None:
        self.settings = QSettings(str(file), QSettings.Format.IniFormat)
        self.window = QWidget()
        self.wanted = REYES
        self.saved = SavedMenu(FilterStore(self.settings), lambda: self.wanted, self.window)
        self.window.show()
        self.saved.load()

    def actions(self, menu: QMenu | None = None) -> dict[str, QAction]:
        if menu is None:
            self.saved.fill()
            menu = self.saved.menu()
        return {action.text(): action for action in menu.actions() if action.text()}

    def choose(self, title: str, name: str) -> None:
        menu = self.actions()[title].menu()
        assert isinstance(menu, QMenu)
        self.actions(menu)[name].trigger()

    def answer(self, name: str) -> None:
        dialog = self.window.findChildren(NameDialog)[-1]
        dialog.line.setText(name)
        dialog.accept()

    def press(self, text: str) -> None:
        box = self.window.findChildren(QMessageBox)[-1]
        button = next(each for each in box.buttons() if each.text() == text)
        assert isinstance(button, QPushButton)
        button.click()

    def save(self, name: str, wanted: Wanted) -> None:
        self.wanted = wanted
        self.actions()["&Save this filter as…"].trigger()
        self.answer(name)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "looks.ini"


@pytest.fixture
def desk(qtbot: QtBot, file: Path) -> Iterator[Desk]:
    desk = Desk(file)
    yield desk
    desk.window.close()
    desk.window.deleteLater()
    qtbot.wait(0)


def test_at_first_there_is_only_what_can_be_saved(desk: Desk) -> None:
    actions = desk.actions()
    assert not actions["No filter is saved yet"].isEnabled()
    assert actions["&Save this filter as…"].isEnabled()
    assert not actions["&Rename"].isEnabled()
    desk.wanted = Wanted()
    assert not desk.actions()["&Save this filter as…"].isEnabled()


def test_a_saved_filter_is_picked(desk: Desk) -> None:
    desk.save("Mine & yours", REYES)
    desk.wanted = Wanted()
    heard = Recorder(desk.saved.picked)
    desk.actions()["Mine && yours"].trigger()
    assert heard.calls == [(REYES,)]


def test_the_one_that_is_on_is_marked(desk: Desk) -> None:
    desk.save("reyes", REYES)
    desk.save("guards", GUARD)
    assert {text: a.isChecked() for text, a in desk.actions().items() if a.isCheckable()} == {
        "guards": True,
        "reyes": False,
    }


def test_saved_filters_are_there_after_a_restart(desk: Desk, file: Path, qtbot: QtBot) -> None:
    desk.save("reyes", REYES)
    again = Desk(file)
    qtbot.addWidget(again.window)
    heard = Recorder(again.saved.picked)
    again.actions()["reyes"].trigger()
    assert heard.calls == [(REYES,)]


def test_a_name_that_is_taken_is_told_and_overwrites(desk: Desk) -> None:
    desk.save("mine", REYES)
    desk.wanted = GUARD
    desk.saved.ask_for_name()
    dialog = desk.window.findChildren(NameDialog)[-1]
    dialog.line.setText("mine")
    assert "Takes the place" in dialog.note.text()
    dialog.accept()
    assert FilterStore(desk.settings).saved.get("mine") == GUARD


def test_a_filter_is_saved_over_another_once_that_is_confirmed(desk: Desk) -> None:
    desk.save("mine", REYES)
    desk.wanted = GUARD
    desk.choose("Save this filter &over", "mine")
    assert FilterStore(desk.settings).saved.get("mine") == REYES
    desk.press("&Save over")
    assert FilterStore(desk.settings).saved.get("mine") == GUARD


def test_without_a_name_nothing_is_saved(desk: Desk) -> None:
    desk.saved.ask_for_name()
    desk.answer("  ")
    dialog = desk.window.findChildren(NameDialog)[-1]
    assert dialog.isVisible()
    assert "needs a name" in dialog.note.text()
    dialog.reject()
    assert FilterStore(desk.settings).saved.names == []


def test_a_filter_is_renamed_but_not_into_another(desk: Desk) -> None:
    desk.save("a", REYES)
    desk.save("b", GUARD)
    desk.choose("&Rename", "a")
    desk.answer("b")
    dialog = desk.window.findChildren(NameDialog)[-1]
    assert "already" in dialog.note.text()
    desk.answer("c")
    assert FilterStore(desk.settings).saved.names == ["b", "c"]


def test_a_filter_is_deleted_once_that_is_confirmed(desk: Desk) -> None:
    desk.save("a", REYES)
    desk.choose("&Delete", "a")
    assert FilterStore(desk.settings).saved.names == ["a"]
    desk.press("&Delete")
    assert FilterStore(desk.settings).saved.names == []


def test_a_filter_of_a_newer_version_is_told_and_kept(desk: Desk) -> None:
    desk.settings.setValue("log_window/saved_filters", '{"night":{"version":2,"mood":"sunny"}}')
    desk.saved.load()
    picked, troubled = Recorder(desk.saved.picked), Recorder(desk.saved.troubled)
    desk.actions()["night"].trigger()
    assert picked.calls == []
    assert "newer version" in str(troubled.last)
    desk.save("mine", REYES)
    assert FilterStore(desk.settings).saved.names == ["mine", "night"]


def test_damaged_filters_are_told_and_set_aside(desk: Desk) -> None:
    desk.settings.setValue("log_window/saved_filters", "{damaged")
    troubled = Recorder(desk.saved.troubled)
    desk.saved.load()
    assert "are damaged" in str(troubled.last)
    desk.save("mine", REYES)
    assert FilterStore(desk.settings).saved.names == ["mine"]
    assert desk.settings.value("log_window/saved_filters_damaged") == "{damaged"


def test_what_cannot_be_written_is_told(desk: Desk, file: Path) -> None:
    file.mkdir()
    troubled = Recorder(desk.saved.troubled)
    desk.save("mine", REYES)
    assert "cannot be written" in str(troubled.last)
    assert "mine" in desk.actions()


def test_a_last_filter_is_kept(desk: Desk) -> None:
    store = FilterStore(desk.settings)
    assert store.last == Wanted()
    store.keep_last(GUARD)
    assert store.last == GUARD
    desk.settings.setValue("log_window/filter", ["a", "b"])
    with pytest.raises(FilterError):
        _ = store.last
