"""What a toast says. All text is plain: an adapter escapes it where its platform reads markup."""

import enum
from dataclasses import dataclass
from typing import TypeAlias

HelpKey: TypeAlias = str
"""What a toast about the program itself asks for, in a word; such a toast can be withdrawn."""

ToastKey: TypeAlias = int | HelpKey
"""What a click on the toast opens: the row of the journal, or what helps.

What happened stays so: the toast of an event, whose key is a number, is never withdrawn.
"""


class Urgency(enum.IntEnum):
    """How much a toast may disturb; the values are those of the Desktop Notifications Specification."""

    LOW = 0
    NORMAL = 1
    CRITICAL = 2


class Picture(enum.StrEnum):
    """What a toast shows beside its text, as far as the platform lets it; the name of a drawing."""

    PROGRAM = "armguard-tray"
    OFFLINE = "offline"
    NEEDS_YOU = "needs-you"


@dataclass(frozen=True, slots=True)
class Toast:
    """One notification.

    Attributes:
        key: handed back when the toast is clicked; a toast with the key of one that is still on the screen
            replaces it where the platform can.
        title: what happened, one line, plain text.
        body: the particulars, plain text.
        urgency: how much it may disturb.
        action_label: the word on its one button, where the platform has buttons.
        picture: what it shows beside the text.

    """

    key: ToastKey
    title: str
    body: str
    urgency: Urgency = Urgency.NORMAL
    action_label: str = "Show"
    picture: Picture = Picture.PROGRAM
