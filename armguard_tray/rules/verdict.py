"""The rules: which event is announced, by the user's settings. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from armguard_tray.messages.event import Category, Event, Level
from armguard_tray.settings.model import NotificationSettings

# The switch that each category of the settings has. A gap has none: a loss is always told. The others are
# never announced.
_SWITCHES: dict[Category, Callable[[NotificationSettings], bool]] = {
    Category.ISSUED: lambda settings: settings.issued,
    Category.RETURNED: lambda settings: settings.returned,
    Category.STATUS: lambda settings: settings.status,
    Category.NOTICE: lambda settings: settings.notices,
    Category.GAP: lambda _: True,
}
_LEVELS = tuple(Level)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is done about an event besides storing and listing it.

    Attributes:
        toast: whether it is announced.
        badge: whether it counts as unread until the log is looked at.
        reason: why, in words.

    """

    toast: bool
    badge: bool
    reason: str


def paused(settings: NotificationSettings, now: datetime) -> bool:
    """Tell whether the user wants no toasts at `now`, aware."""
    return settings.paused_until is not None and now < settings.paused_until


def judge(event: Event, settings: NotificationSettings, now: datetime) -> Verdict:
    """Return what is done about `event` at `now`, aware; the reason tells times in the zone of `now`."""
    silent_because = _objection(event, settings, now)
    return Verdict(
        toast=silent_because is None,
        badge=event.category is not Category.PRESENCE,
        reason=silent_because or "announced",
    )


def _objection(event: Event, settings: NotificationSettings, now: datetime) -> str | None:
    switch = _SWITCHES.get(event.category)
    if switch is None:
        return "only listed in the log"
    if not switch(settings):
        return "switched off in the settings"
    if event.category is Category.NOTICE and _LEVELS.index(event.level) < _LEVELS.index(
        Level(settings.minimum_level)
    ):
        return f"below the level {settings.minimum_level}"
    if settings.paused_until is not None and paused(settings, now):
        return f"paused until {settings.paused_until.astimezone(now.tzinfo):%H:%M}"
    return None
