"""The window "Shift report"."""

from armguard_tray.ui.shift_report.window import ShiftReportWindow

__all__ = ["ShiftReportWindow"]
