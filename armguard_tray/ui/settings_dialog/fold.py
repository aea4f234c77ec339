"""A title that opens to what is under it, and lines to copy."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from armguard_tray.ui.health_panel.cause_box import Snippet
from armguard_tray.ui.health_panel.copy_button import CopyButton
from armguard_tray.ui.health_panel.text_label import TextLabel
from armguard_tray.ui.settings_dialog.redis_options import Option
from armguard_tray.ui.tone_label import Tone, ToneLabel

_INDENT = 20


class Fold(QWidget):
    """Shows its title, and its content once the title was pressed.

    Attributes:
        button: the title.
        content: what is under it.

    """

    def __init__(self, title: str, content: QWidget) -> None:
        """Be closed."""
        super().__init__()
        self.content = content
        self.button = QToolButton()
        self.button.setText(title)
        self.button.setCheckable(True)
        self.button.setAutoRaise(True)
        self.button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.button.setSizePolicy(QSizePolicy.Policy.MinimumExpanding, QSizePolicy.Policy.Fixed)
        self.button.toggled.connect(self._show)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(self.button, alignment=Qt.AlignmentFlag.AlignLeft)
        layout.addWidget(content)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self._show(opened=False)

    def _show(self, opened: bool) -> None:  # noqa: FBT001 - a signal's argument
        self.button.setArrowType(Qt.ArrowType.DownArrow if opened else Qt.ArrowType.RightArrow)
        self.content.setVisible(opened)


class CopyBox(QWidget):
    """Where some lines go, the lines, and a button that copies them.

    Attributes:
        caption, snippet, button: these.

    """

    def __init__(self, caption: str, text: str) -> None:
        """Hold `text`."""
        super().__init__()
        self.caption = ToneLabel(caption, Tone.HELP)
        self.snippet = Snippet(self)
        self.button = CopyButton(self.snippet.toPlainText)
        self.show_text(caption, text)
        row = QHBoxLayout()
        row.addWidget(self.caption, stretch=1)
        row.addWidget(self.button, alignment=Qt.AlignmentFlag.AlignBottom)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(3)
        layout.addLayout(row)
        layout.addWidget(self.snippet)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)

    def show_text(self, caption: str, text: str) -> None:
        """Hold `text` from now on."""
        self.caption.say(caption, Tone.HELP)
        self.snippet.show_text(text)
        self.snippet.setAccessibleName(f"To copy: {caption}")
        self.button.name(caption)
        self.button.reset()


class OptionFold(Fold):
    """Something that can be done, with what there is to copy.

    Attributes:
        boxes: what can be copied.

    """

    def __init__(self, option: Option) -> None:
        """Be closed."""
        content = QWidget()
        super().__init__(option.title, content)
        self._option: Option | None = None
        self._text = TextLabel()
        self.boxes: list[CopyBox] = []
        self._layout = QVBoxLayout(content)
        self._layout.setContentsMargins(_INDENT, 0, 0, 8)
        self._layout.setSpacing(8)
        self._layout.addWidget(self._text)
        self.show_option(option)

    def show_option(self, option: Option) -> None:
        """Show `option` from now on."""
        if option == self._option:
            return
        self._option = option
        self._text.say(option.text)
        self._text.setAccessibleName(option.text)
        while len(self.boxes) < len(option.copies):
            box = CopyBox("", "")
            self.boxes.append(box)
            self._layout.addWidget(box)
        for number, box in enumerate(self.boxes):
            box.setVisible(number < len(option.copies))
            if number < len(option.copies):
                box.show_text(*option.copies[number])
