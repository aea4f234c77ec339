"""What cannot be made here, each with the reason; the table at the end names it."""

from typing import Final

from armguard_tray.diagnosis.codes import Code

NOT_MADE: Final[dict[Code, str]] = {}
STAND_INS: Final[dict[str, str]] = {
    "gunicorn": "the demo server's own WSGI process stands in its place",
    "Redis in protected mode": "never refuses its own machine: a stand-in says its words",
    "Valkey": "looked at where Debian has it; Debian 12 has not",
    "Windows": "certificate store, Credential Manager and toasts cannot be run here",
}
"""What the scenes have only in part."""
