"""A form for one section of the settings."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Generic, TypeVar

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QLineEdit, QWidget

from armguard_tray.settings.model import problems, settings_of
from armguard_tray.ui.settings_dialog.fields import Field, field_for

Section = TypeVar("Section")


class SectionForm(QWidget, Generic[Section]):
    """The fields of a section, one under the other, and what is wrong with them.

    A problem is shown once its field was left or *Save* was pressed, and goes as soon as it is mended.

    Attributes:
        fields: the fields by the names of their settings.

    Signals:
        edited(): a value changed.

    """

    edited = Signal()

    def __init__(self, section: Section, names: Sequence[str] | None = None) -> None:
        """Show the settings of `section`: those with `names` in this order, else all."""
        super().__init__()
        self._section = section
        self.fields: dict[str, Field] = {}
        self._labels: dict[str, QLabel] = {}
        # Not a QFormLayout: it gives wrapped text the height of one line when a row changes.
        self._rows = QGridLayout(self)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setVerticalSpacing(12)
        self._rows.setColumnStretch(1, 1)
        self.add_settings([name for name, _ in settings_of(section)] if names is None else names)

    def add_settings(self, names: Sequence[str]) -> None:
        """Add a row for each of these settings."""
        described = dict(settings_of(self._section))
        for name in names:
            field = field_for(described[name], getattr(self._section, name))
            self.add_field(name, field)

    def add_field(self, name: str, field: Field) -> None:
        """Add a row for a field."""
        self.fields[name] = field
        label = self._labels[name] = QLabel(field.label)
        label.setBuddy(field.editor)
        # In line with the editor, not with the middle of editor and explanation.
        label.setFixedHeight(field.editor.sizeHint().height())
        row = self._rows.rowCount()
        self._rows.addWidget(label, row, 0, Qt.AlignmentFlag.AlignTop)
        self._rows.addWidget(field, row, 1)
        field.edited.connect(partial(self._edited, name))
        if isinstance(field.editor, QLineEdit):
            field.editor.editingFinished.connect(partial(self._finished, name))

    def add_row(self, widget: QWidget, *, whole: bool = False) -> None:
        """Add a widget under the fields; a `whole` row begins where the labels do."""
        row = self._rows.rowCount()
        if whole:
            self._rows.addWidget(widget, row, 0, 1, 2)
        else:
            self._rows.addWidget(widget, row, 1)

    def show_field(self, name: str, *, visible: bool) -> None:
        """Show or hide a field and its label."""
        self._labels[name].setVisible(visible)
        self.fields[name].setVisible(visible)

    @property
    def value(self) -> Section:
        """The section as the user wants it; what has no field stays as it was."""
        names = [name for name, _ in settings_of(self._section) if name in self.fields]
        changes: dict[str, Any] = {name: self.fields[name].value for name in names}
        return replace(self._section, **changes)  # type: ignore[type-var]  # a section is a dataclass

    @property
    def changed(self) -> bool:
        """Whether the user wants something else than there was."""
        return self.value != self._section

    def problems(self) -> dict[str, str]:
        """Return what is wrong: name of the field -> sentence."""
        return {name: text for name, text in problems(self.value).items() if name in self.fields}

    def show_problems(self) -> bool:
        """Say beside each field what is wrong with it, go to the first, and tell whether there is any."""
        for name in self.fields:
            self._tidy(name)
        found = self.problems()
        for name, field in self.fields.items():
            field.show_problem(found.get(name))
        for name, field in self.fields.items():
            if name in found:
                field.editor.setFocus()
                return True
        return False

    def _edited(self, name: str) -> None:
        if self.fields[name].problem:
            self._left(name)
        self.edited.emit()

    def _finished(self, name: str) -> None:
        self._tidy(name)
        self._left(name)

    def _tidy(self, name: str) -> None:
        field = self.fields[name]
        # What is stored stays as it is until the user changes it.
        if field.value != getattr(self._section, name, None):
            field.tidy()

    def _left(self, name: str) -> None:
        self.fields[name].show_problem(self.problems().get(name))
