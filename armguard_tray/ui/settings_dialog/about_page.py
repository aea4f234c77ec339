"""About: versions and places, to be read out to whoever helps."""

import platform

import PySide6
from PySide6.QtCore import Qt, qVersion

from armguard_tray import __version__
from armguard_tray.paths import Paths
from armguard_tray.ui.settings_dialog.page import Page, facts_grid
from armguard_tray.ui.tone_label import ToneLabel

LICENCE = "Qt and PySide6 are used under the LGPL, version 3."


class AboutPage(Page):
    """The page of versions and paths; each can be selected and copied."""

    def __init__(self, paths: Paths) -> None:
        """Show the versions that run, and where `paths` are."""
        super().__init__("About", "ArmGuard Tray: live armory transactions on this desk.")
        facts = {}
        for name, text in (
            ("Version", __version__),
            ("Python", f"{platform.python_version()} on {platform.platform()}"),
            ("Qt", f"{qVersion()}, PySide6 {PySide6.__version__}"),
            ("Settings", str(paths.settings_file)),
            ("Journal", str(paths.journal_file)),
            ("Log", str(paths.log_file)),
            ("Licence", LICENCE),
        ):
            label = facts[name] = ToneLabel(text)
            label.setTextInteractionFlags(
                Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
            )
        self.body.addLayout(facts_grid(facts))
        self.body.addStretch()
