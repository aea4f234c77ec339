"""PURE: when the desk was live, as its log tells."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

_BEGINS = "armguard_tray.storage.journal: journal "
_CHANGE = re.compile(
    r"^(?P<at>\S+Z) \S+ +armguard_tray\.connection\.runner: "
    r"(?P<stream>[\w ]+): [\w ]+ -> (?P<phase>[\w ]+) on \w+"
)


@dataclass(frozen=True, slots=True)
class Moment:
    """From then on the desk was live, or was not."""

    at: datetime
    live: bool


class Phases:
    """What the streams do, from line to line of the log.

    Attributes:
        moments: each change, in order.

    """

    def __init__(self) -> None:
        """Know nothing yet."""
        self.moments: list[Moment] = []
        self._phases: dict[str, str] = {}

    def read(self, lines: Iterable[str]) -> None:
        """Take more of the log."""
        for line in lines:
            if _BEGINS in line:
                self._phases.clear()
                self._note(datetime.fromisoformat(line.split(" ", 1)[0]))
            elif change := _CHANGE.match(line):
                self._phases[change["stream"]] = change["phase"]
                self._note(datetime.fromisoformat(change["at"]))

    @property
    def live(self) -> bool:
        """Whether all streams that are not stopped are live, and there are any."""
        phases = set(self._phases.values()) - {"stopped"}
        return phases == {"live"}

    def _note(self, at: datetime) -> None:
        if not self.moments or self.moments[-1].live is not self.live:
            self.moments.append(Moment(at, self.live))

    def noticed(self, since: datetime) -> datetime | None:
        """Return when it was first not live after that; None if it was live all the time."""
        return next((moment.at for moment in self.moments if moment.at >= since and not moment.live), None)

    def lived(self, now: datetime) -> float:
        """Return for how many seconds it has been live; 0.0 while it is not."""
        return (now - self.moments[-1].at).total_seconds() if self.moments and self.live else 0.0

    def __str__(self) -> str:
        """Return what each stream does, and since when the desk is as it is."""
        since = f" since {self.moments[-1].at:%H:%M:%S}" if self.moments else ""
        return ", ".join(f"{stream} {phase}" for stream, phase in self._phases.items()) + since

    def recovered(self, since: datetime) -> datetime | None:
        """Return from when on it was live to the end, not before `since`; None if it is not live."""
        return max(since, self.moments[-1].at) if self.moments and self.live else None
