"""How the program says in a number how it went."""

from enum import IntEnum


class ExitCode(IntEnum):
    """Exit codes, the same for every command."""

    OK = 0
    """Stopped, or its time was up."""
    FAILED = 1
    """Something on this machine keeps it from running; it was said in words."""
    USAGE = 2
    """Wrong usage."""
    LOGIN_REFUSED = 3
    """The server refused the login."""
    UNREACHABLE = 4
    """The server could not be reached in the given time."""
