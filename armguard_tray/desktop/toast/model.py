"""What a toast says. All text is plain: an adapter escapes it where its platform reads markup."""

import enum
from dataclasses import dataclass
from typing import TypeAlias

ToastKey: TypeAlias = int | str
"""What a click on the toast opens, for example the row of the journal."""


class Urgency(enum.IntEnum):
    """How much a toast may disturb; the values are those of the Desktop Notifications Specification."""

    LOW = 0
    NORMAL = 1
    CRITICAL = 2


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

    """

    key: ToastKey
    title: str
    body: str
    urgency: Urgency = Urgency.NORMAL
    action_label: str = "Show"
