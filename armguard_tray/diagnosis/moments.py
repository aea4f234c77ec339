"""PURE: moments in words, as seen from one moment in one time zone."""

from dataclasses import dataclass
from datetime import datetime, tzinfo

from armguard_tray.clock import in_zone
from armguard_tray.durations import length


@dataclass(frozen=True, slots=True)
class Moments:
    """How moments are said.

    Attributes:
        now: the moment that is spoken from, aware.
        zone: in which the reader's clocks run; None: this machine's.

    """

    now: datetime
    zone: tzinfo | None = None

    def at(self, moment: datetime) -> str:
        """Return a moment of today as 07:58, of another day as 23/11/26 07:58."""
        said = in_zone(moment, self.zone)
        today = said.date() == in_zone(self.now, self.zone).date()
        return f"{said:%H:%M}" if today else f"{said:%d/%m/%y %H:%M}"

    def second(self, moment: datetime) -> str:
        """Return a moment of today as 07:58:12, of another day as 23/11/26 07:58:12."""
        return f"{self.at(moment)}:{in_zone(moment, self.zone):%S}"

    def day(self, moment: datetime) -> str:
        """Return the day of a moment: 23/11/26."""
        return f"{in_zone(moment, self.zone):%d/%m/%y}"

    def age(self, moment: datetime) -> str:
        """Return how long ago a moment was: `52 min`."""
        return length(self.now - moment)
