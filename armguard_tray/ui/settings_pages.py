"""The pages of the settings, by name: known without importing the dialog."""

from enum import IntEnum


class PageName(IntEnum):
    """The pages in their order."""

    SERVER = 0
    NOTIFICATIONS = 1
    CONNECTION = 2
    REDIS = 3
    SHIFTS = 4
    JOURNAL = 5
    ABOUT = 6
