"""The settings dialog; what its fields are called and mean stands in `settings.model`."""

from armguard_tray.ui.settings_dialog.dialog import SettingsDialog, Surroundings
from armguard_tray.ui.settings_dialog.server_form import SecretState
from armguard_tray.ui.settings_dialog.test_result import Progress, Tester, TestResult

__all__ = ["Progress", "SecretState", "SettingsDialog", "Surroundings", "TestResult", "Tester"]
