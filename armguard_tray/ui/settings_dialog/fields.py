"""One field for each type of setting, made from the setting's own description."""

from abc import abstractmethod
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QLineEdit, QSpinBox, QVBoxLayout, QWidget

from armguard_tray.settings.model import Setting
from armguard_tray.ui.tone_label import Tone, ToneLabel


class Field(QWidget):
    """An editor over its explanation, or over what is wrong with its value: in one place, so nothing moves.

    Attributes:
        setting: the description that it was made from.
        editor: the widget that has the focus.

    Signals:
        edited(): the user changed the value.

    """

    edited = Signal()

    def __init__(self, setting: Setting, editor: QWidget) -> None:
        """Lay the editor out over its explanation."""
        super().__init__()
        self.setting = setting
        self.editor = editor
        self._help_tone = Tone.HELP
        self._problem = ""
        self._words = ToneLabel()
        self._row = QHBoxLayout()
        self._row.addWidget(editor)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(3)
        layout.addLayout(self._row)
        layout.addWidget(self._words)
        layout.addStretch()
        editor.setAccessibleName(self.name)
        self.show_problem(None)
        self.setFocusProxy(editor)

    @property
    def name(self) -> str:
        """The label without its access key."""
        return self.setting.label.replace("&", "")

    @property
    def label(self) -> str:
        """The text that stands left of the editor."""
        return self.setting.label

    @property
    def problem(self) -> str:
        """What is shown to be wrong; empty if nothing is."""
        return self._problem

    def show_problem(self, problem: str | None) -> None:
        """Say beside the field what is wrong with it; None: nothing is."""
        self._problem = problem or ""
        self._words.say(*((problem, Tone.PROBLEM) if problem else (self.setting.help, self._help_tone)))
        self.editor.setAccessibleDescription(
            f"{problem} {self.setting.help}" if problem else self.setting.help
        )

    def show_note(self, note: str) -> None:
        """Say beside the field what is being done with its value, until the next thing is said there."""
        self._words.say(note, Tone.HELP)

    def explain(self, tone: Tone) -> None:
        """Say the explanation in a tone of its own."""
        self._help_tone = tone
        self.show_problem(self._problem)

    def add_beside(self, widget: QWidget) -> None:
        """Put a widget at the right of the editor."""
        self._row.addWidget(widget)
        QWidget.setTabOrder(self.editor, widget)

    def tidy(self) -> None:
        """Put a text as the setting understands it; most fields have nothing to tidy."""

    @property
    @abstractmethod
    def value(self) -> Any:
        """What the user chose, as the setting has it."""

    @value.setter
    @abstractmethod
    def value(self, value: Any) -> None: ...


class TextField(Field):
    """A line of text."""

    editor: QLineEdit

    def __init__(self, setting: Setting) -> None:
        """Make an empty line."""
        super().__init__(setting, QLineEdit())
        self.editor.textChanged.connect(self.edited)

    @property
    def value(self) -> str:
        """The text without spaces at its ends: they come with what is pasted."""
        return self.editor.text().strip()

    @value.setter
    def value(self, value: str) -> None:
        self.editor.setText(value)

    def tidy(self) -> None:
        """Put what was pasted as the setting understands it."""
        tidied = self.setting.tidy(self.value) if self.setting.tidy is not None else self.value
        if tidied != self.value:
            self.value = tidied


class SwitchField(Field):
    """A check box, which bears its label itself."""

    editor: QCheckBox

    def __init__(self, setting: Setting) -> None:
        """Make an open box."""
        super().__init__(setting, QCheckBox(setting.label))
        self.editor.toggled.connect(self.edited)

    @property
    def label(self) -> str:
        """Nothing stands left of a check box."""
        return ""

    @property
    def value(self) -> bool:
        """Whether it is checked."""
        return self.editor.isChecked()

    @value.setter
    def value(self, value: bool) -> None:
        self.editor.setChecked(value)


class NumberField(Field):
    """A whole number with its unit, within the setting's bounds."""

    editor: QSpinBox

    def __init__(self, setting: Setting) -> None:
        """Make a spin box with the bounds of the setting."""
        super().__init__(setting, QSpinBox())
        if setting.minimum is not None:
            self.editor.setMinimum(setting.minimum)
        if setting.maximum is not None:
            self.editor.setMaximum(setting.maximum)
        self.editor.setSuffix(setting.suffix)
        self._row.addStretch()
        self.editor.valueChanged.connect(self.edited)

    @property
    def value(self) -> int:
        """The number."""
        return self.editor.value()

    @value.setter
    def value(self, value: int) -> None:
        self.editor.setValue(value)


class ChoiceField(Field):
    """One of a few words."""

    editor: QComboBox

    def __init__(self, setting: Setting) -> None:
        """Offer the setting's choices."""
        super().__init__(setting, QComboBox())
        for choice in setting.choices:
            self.editor.addItem(choice.capitalize(), choice)
        self._row.addStretch()
        self.editor.currentIndexChanged.connect(self.edited)

    @property
    def value(self) -> str:
        """The word, as the setting has it."""
        return str(self.editor.currentData())

    @value.setter
    def value(self, value: str) -> None:
        self.editor.setCurrentIndex(self.editor.findData(value))


def field_for(setting: Setting, value: object) -> Field:
    """Return the field that fits a setting, holding `value`."""
    field: Field = _field_type(setting, value)(setting)
    field.value = value
    return field


def _field_type(setting: Setting, value: object) -> type[TextField | SwitchField | NumberField | ChoiceField]:
    if setting.choices:
        return ChoiceField
    if isinstance(value, bool):
        return SwitchField
    if isinstance(value, int):
        return NumberField
    return TextField
