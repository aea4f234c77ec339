"""What cannot be made here, each with the reason; the table at the end names it."""

from typing import Final

from armguard_tray.diagnosis.codes import Code

NOT_MADE: Final[dict[Code, str]] = {
    Code.DESK_HELD_UP: "needs a running desk that cannot store, which tests/end_to_end has",
}
STAND_INS: Final[dict[str, str]] = {
    "nginx": "its pages are its own words, said by tests.fakes.reverse_proxy",
    "Redis in protected mode": "never refuses its own machine: a stand-in says its words",
    "Valkey": "looked at where Debian has it; Debian 12 has not",
    "Windows": "certificate store, Credential Manager and toasts cannot be run here",
}
"""What the scenes have only in part."""
