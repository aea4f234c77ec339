"""How the program says in a number how it went."""

from enum import IntEnum


class ExitCode(IntEnum):
    """Exit codes. `check` gives some of them a meaning of its own, under names of its own."""

    OK = 0
    """Stopped, or its time was up. Of `check`: all is well."""
    FAILED = 1
    """Something on this machine keeps it from running; it was said in words."""
    WARNINGS = 1
    """Of `check`: it works with warnings, or too little was seen to call it well."""
    USAGE = 2
    """Wrong usage."""
    LOGIN_REFUSED = 3
    """The server refused the login."""
    UNREACHABLE = 4
    """The server could not be reached in the given time."""
    BROKEN = 4
    """Of `check`: it does not work. Of `verify`: the chain is broken."""
    INTERRUPTED = 130
    """Of `check`, `verify` and `export`: ended before there was an answer; what shells give for Ctrl+C."""
