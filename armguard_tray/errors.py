"""The errors of this program, and which of them a person gets to read.

::

    ArmGuardTrayError
    └── UserError                   what happened and what to do, in words for the person at the desk
        ├── SettingsError           the settings file cannot be read or written
        ├── FilterError             a filter of the log means nothing here
        ├── ExportError             the log cannot be written into a file
        └── JournalError            the journal cannot be opened or written
            ├── JournalDamagedError its file is damaged
            └── JournalTooNewError  a newer version of the program wrote it

Everything else that is raised is a bug or belongs to a library, and is caught where it is understood.
"""


class ArmGuardTrayError(Exception):
    """Root of the errors that this program raises itself."""


class UserError(ArmGuardTrayError):
    """An error whose text is shown to the user as it stands.

    Attributes:
        message: what happened, one sentence.
        remedy: what the user can do about it, one or two sentences; may be empty.

    """

    def __init__(self, message: str, remedy: str = "") -> None:
        """Keep both sentences; the error reads as both together."""
        super().__init__(f"{message} {remedy}".strip())
        self.message = message
        self.remedy = remedy


class SettingsError(UserError):
    """The settings file cannot be read or written."""


class FilterError(UserError):
    """A filter of the log means nothing here: an absurd time, a condition that this version does not know."""


class ExportError(UserError):
    """The log cannot be written into a file: no permission, no room, no folder."""


class JournalError(UserError):
    """The journal cannot be opened or written: no disk space, no permission, a damaged file."""


class JournalDamagedError(JournalError):
    """The journal's file is damaged; what can be read of it goes into a new one."""


class JournalTooNewError(JournalError):
    """The journal was written by a newer version of the program, which this one must not touch."""
